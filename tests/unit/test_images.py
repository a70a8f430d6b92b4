"""Single pictures as files, drawn by the real engine; and what is said where that is not installed."""

import struct
import sys
import xml.etree.ElementTree as ET
from types import SimpleNamespace

import pytest

from gil_lab.report.bundle import bundle
from gil_lab.report.drawing.picture import SCHEMA, Picture
from gil_lab.report.extra import ExtraError, environment
from gil_lab.report.images import DrawingError, png, svg

HOSTILE = "</script><img src=x onerror=alert(1)>{{7*7}}&amp;"


def picture(*names, **spec):
    """A bar for each name."""
    bars = {
        "width": 200,
        "data": {"values": [{"name": name} for name in names]},
        "mark": "bar",
        "encoding": {"y": {"field": "name", "type": "nominal", "axis": {"labelLimit": 0}}, "x": {"aggregate": "count"}},
    }
    return Picture("bars", "Names", {"$schema": SCHEMA, **bars, **spec})


def size(image):
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", image[16:24])


def test_an_svg_has_every_name_as_text():
    """Also one that looks like markup."""
    texts = {element.text for element in ET.fromstring(svg(picture("threading", HOSTILE))).iter() if element.text}
    assert {"threading", HOSTILE} <= texts


def test_a_png_has_as_many_pixels_as_asked_for():
    small, large = size(png(picture("threading"), scale=1)), size(png(picture("threading")))
    assert large == (2 * small[0], 2 * small[1])


@pytest.mark.parametrize("draw", [svg, png])
@pytest.mark.parametrize(
    "spec",
    [
        {"mark": "nonsense"},
        {"data": {"url": "http://127.0.0.1:9/data.json"}},
    ],
    ids=["no such mark", "data that would have to be fetched"],
)
def test_a_picture_that_cannot_be_drawn_is_an_error_of_one_line(draw, spec):
    with pytest.raises(DrawingError, match=r"^the picture 'bars' cannot be drawn \(.*\); please report it$") as caught:
        draw(picture("threading", **spec))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("make", [lambda: svg(picture()), lambda: png(picture()), bundle])
def test_without_the_extra_an_error_says_what_to_install(make, monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(ExtraError, match=r"^vl_convert is not installed; python -m pip install 'gil-lab\[report\]'$"):
        make()


def test_templates_need_the_extra_too(monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ExtraError, match=r"^jinja2 is not installed; python -m pip install 'gil-lab\[report\]'$"):
        environment()


def test_a_broken_install_is_told_from_none(monkeypatch, tmp_path):
    """A compiled module may have been made for another system."""
    (tmp_path / "vl_convert.py").write_text("raise ImportError('/lib/libm.so.6: version `GLIBC_2.38` not found')")
    monkeypatch.delitem(sys.modules, "vl_convert", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ExtraError, match=r"^vl_convert does not import \(.*GLIBC_2.38.*\); .* --force-reinstall$"):
        svg(picture())


def test_an_engine_that_fails_in_its_own_way_is_an_error_of_one_line(monkeypatch):
    def fail(*arguments, **options):
        raise ValueError("conversion failed:\n  Error: out of memory\n    at https://x\n    at y")

    broken = SimpleNamespace(vegalite_to_svg=fail, get_vegalite_versions=lambda: ["6.4"])
    monkeypatch.setitem(sys.modules, "vl_convert", broken)
    with pytest.raises(DrawingError, match=r"cannot be drawn \(conversion failed: Error: out of memory\); please"):
        svg(picture())
