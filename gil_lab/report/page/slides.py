"""Slides as one page that needs nothing else, for a projector, a phone, and paper.

Rejected: `marimo export html`, whose page loads marimo from a network, and `marimo export pdf`, which needs nbconvert
and a browser of its own; reveal.js, which no package brings and whose styles the policy of the page forbids.
"""

from collections.abc import Sequence

from gil_lab.model.frozen import frozen
from gil_lab.report.bundle import bundle
from gil_lab.report.page.figures import Figure
from gil_lab.report.page.parts import MESSAGES, policy, templates, text_of
from gil_lab.report.page.replay import SCRIPT as REPLAY_SCRIPT
from gil_lab.report.page.replay import ReplayData, section

SCRIPT, STYLE, TEMPLATE = "slides.js", "slides.css", "slides.html"


@frozen
class Slide:
    """One thing to look at."""

    heading: str
    above: str = ""
    """What it is part of."""
    lines: Sequence[str] = ()
    text: str = ""
    """The same as Markdown."""
    answers: Sequence[str] = ()
    """To a question, with letters."""
    pairs: Sequence[tuple[str, str, str]] = ()
    """A word, a sentence, and what stands below that in small."""
    figure: Figure | None = None
    """Beside a replay: what stands for it on paper. Each name is that of one figure only."""
    replay: ReplayData | None = None
    source: str = ""
    """Where and when its numbers were measured."""
    opening: bool = False
    """Whether it begins a part."""


def slides_page(title: str, slides: Sequence[Slide]) -> str:
    """One page. Raises ExtraError without the extra `report`."""
    replays = [text_of(REPLAY_SCRIPT)] if any(slide.replay for slide in slides) else []
    scripts = [bundle(), text_of(MESSAGES), text_of("figures.js"), *replays, text_of(SCRIPT)]
    style = text_of("page.css") + text_of(STYLE)
    made = templates()
    made.filters["markdown"] = _as_html
    template = made.get_template(TEMPLATE)
    replayed = {
        number: section(slide.replay, f"replay-{number}") for number, slide in enumerate(slides, 1) if slide.replay
    }
    return template.render(
        title=title, slides=slides, replayed=replayed, policy=policy(scripts, style), scripts=scripts, style=style
    )


def _as_html(text: str) -> str:
    from markdown_it import MarkdownIt  # rich brings it
    from markupsafe import Markup

    return Markup(MarkdownIt("js-default").render(text))  # noqa: S704 - HTML in the text is escaped by that preset
