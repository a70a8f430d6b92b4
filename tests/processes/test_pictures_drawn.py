"""Pictures as image files have them: drawn by the engine itself, and not wider than a page."""

import json

import pytest
from drawn_pictures import DRAWN, DRAWN_OF_TIME, case_id, drawn

WIDEST = 660
"""Pixels of a picture, labels and all: what a page has room for."""
VERSION = "5.20"
"""The newest that notebooks read."""


@pytest.mark.parametrize(("name", "case"), [*DRAWN, *DRAWN_OF_TIME], ids=case_id)
def test_a_picture_is_drawn_and_fits_a_page(name, case):
    """Labels and all."""
    engine = pytest.importorskip("vl_convert", reason="vl-convert is not installed")
    svg = engine.vegalite_to_svg(json.dumps(drawn(name, case).spec, allow_nan=False), vl_version=VERSION)
    assert 300 < float(svg.split('width="')[1].split('"')[0]) <= WIDEST
