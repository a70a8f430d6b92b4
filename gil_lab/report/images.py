"""Single pictures as files: SVG for papers and slides, PNG for everything else."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gil_lab.model.errors import GilLabError
from gil_lab.model.language import gettext
from gil_lab.report.drawing.picture import Picture
from gil_lab.report.extra import drawable, vega_lite, vl_convert


class DrawingError(GilLabError):
    """The engine refused a picture: a fault of gil-lab's own."""


def svg(picture: Picture) -> str:
    """One SVG document. Raises ExtraError without the extra `report`, DrawingError if it cannot be drawn."""
    return str(_drawn(vl_convert().vegalite_to_svg, picture))


def png(picture: Picture, scale: float = 2) -> bytes:
    """One PNG with `scale` pixels for each of the picture's. Raises as `svg`.

    A browser takes a font for each letter that the first one lacks; this engine takes any, and so needs the name of one
    that has them.
    """
    config = dict(picture.spec.get("config", {}))
    if "font" in config:
        config["font"] = gettext(config["font"])
    in_its_font = replace(picture, spec={**picture.spec, "config": config})
    return bytes(_drawn(vl_convert().vegalite_to_png, in_its_font, scale=scale))


def _drawn(draw: Callable[..., object], picture: Picture, **options: float) -> Any:
    try:
        # no URL is allowed: everything that is drawn is in the specification
        return draw(drawable(picture.spec), vl_version=vega_lite(vl_convert()), allowed_base_urls=[], **options)
    except ValueError as error:
        reason = " ".join(str(error).split("\n    at ")[0].split())  # without the engine's stack
        raise DrawingError(f"the picture {picture.name!a} cannot be drawn ({reason:.200}); please report it") from error
