"""What the extra `report` brings, imported when a page or a picture file is asked for.

vl-convert (Vega-Lite and Vega inside a JavaScript engine, no browser and no network) and jinja2 (templates).
"""

import importlib
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from gil_lab.model.errors import GilLabError
from gil_lab.model.language import gettext, ngettext, tag
from gil_lab.report.code_spans import with_code, without_backticks

if TYPE_CHECKING:
    import jinja2

INSTALL = "python -m pip install 'gil-lab[{}]'"
REPORT = "report"


class ExtraError(GilLabError):
    """What an extra brings is not there; the message says how to get it."""

    exit_code = 2


def imported(module: str, extra: str) -> ModuleType:
    """A module that an extra brings. Raises ExtraError if it cannot be imported."""
    install = INSTALL.format(extra)
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise ExtraError(f"{error.name or module} is not installed; {install}") from None
    except Exception as error:  # a broken install fails in its own ways: a missing symbol, another libc, a torn file
        raise ExtraError(f"{module} does not import ({error!s:.120}); {install} --force-reinstall") from error


def vl_convert() -> ModuleType:
    """The engine that draws. Raises ExtraError if it cannot be imported."""
    return imported("vl_convert", REPORT)


def environment() -> "jinja2.Environment":
    """Templates in which every value is escaped, and an unknown name is an error. Raises ExtraError.

    What stands in `{% trans %}` is in the language that is spoken, and `language` is the tag of that. `code` is a
    filter for sentences with code in them, `plain` the same without markup.
    """
    templates, markup = imported("jinja2", REPORT), imported("markupsafe", REPORT)
    made: jinja2.Environment = templates.Environment(
        autoescape=True,
        undefined=templates.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # of the extension
    made.globals["language"] = tag()
    made.filters["code"] = lambda text: markup.Markup(with_code(text))
    made.filters["plain"] = without_backticks
    return made


def vega_lite(engine: ModuleType) -> str:
    """The engine's newest Vega-Lite, such as `6.4`.

    The pictures are written in the language of Vega-Lite 5, which notebooks have; 6 draws the same. Rejected: 5, whose
    results vega-embed's Vega 6 warns of on the console of every page.
    """
    return str(max(engine.get_vegalite_versions(), key=lambda version: [int(part) for part in version.split(".")]))


def drawable(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A specification without the version it was written for: the engine's own is the one that draws it."""
    return {key: value for key, value in spec.items() if key != "$schema"}
