"""Pictures as others read them: by the schema of Vega-Lite, and drawn by the engine that writes image files."""

import json

import pytest
from drawn_pictures import DRAWN, DRAWN_OF_TIME, case_id, drawn
from vega_lite import check

from gil_lab.report.drawing.picture import NARROW, WIDTH

MORE = 20
"""Pixels that a picture may be wider than it was asked for: the widths of texts are estimates."""
VERSION = "5.20"
"""The newest that notebooks read."""


every_drawn_case = pytest.mark.parametrize(("name", "case"), [*DRAWN, *DRAWN_OF_TIME], ids=case_id)


@every_drawn_case
def test_a_specification_is_vega_lite_5(name, case):
    """To the last key."""
    check(drawn(name, case).spec)


@pytest.mark.parametrize("width", [WIDTH, NARROW])
@every_drawn_case
def test_a_picture_is_drawn_and_fits_a_page_and_a_phone(name, case, width):
    """Labels and all."""
    engine = pytest.importorskip("vl_convert", reason="vl-convert is not installed")
    svg = engine.vegalite_to_svg(json.dumps(drawn(name, case, width).spec, allow_nan=False), vl_version=VERSION)
    assert width / 2 < float(svg.split('width="')[1].split('"')[0]) <= width + MORE
