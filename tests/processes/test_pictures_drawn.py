"""Pictures as others read them: by the schema of Vega-Lite, and drawn by the engine that writes image files."""

import json

import pytest
from drawn_pictures import DRAWN, DRAWN_OF_TIME, case_id, drawn
from examples import thorough
from made_of_cells import session, twenty
from made_of_pythons import scaled_pythons, seven_pythons
from vega_lite import check

from gil_lab.report.drawing.picture import NARROW, WIDTH

MORE = 20
"""Pixels that a picture may be wider than it was asked for: the widths of texts are estimates."""
VERSION = "5.20"
"""The newest that notebooks read."""


EVERY = [*DRAWN, *DRAWN_OF_TIME]
every_drawn_case = pytest.mark.parametrize(("name", "case"), EVERY, ids=case_id)


@every_drawn_case
def test_a_specification_is_vega_lite_5(name, case):
    """To the last key."""
    check(drawn(name, case).spec)


ON_A_PHONE = [one for one in EVERY if thorough() or one[1] in (session, twenty, seven_pythons, scaled_pythons)]


@pytest.mark.parametrize(
    ("name", "case", "width"),
    [*((*one, WIDTH) for one in EVERY), *((*one, NARROW) for one in ON_A_PHONE)],
    ids=case_id,
)
def test_a_picture_is_drawn_and_fits_a_page_or_a_phone(name, case, width):
    """Labels and all."""
    engine = pytest.importorskip("vl_convert", reason="vl-convert is not installed")
    svg = engine.vegalite_to_svg(json.dumps(drawn(name, case, width).spec, allow_nan=False), vl_version=VERSION)
    assert width / 2 < float(svg.split('width="')[1].split('"')[0]) <= width + MORE
