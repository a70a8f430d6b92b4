"""What the bars of the speed-ups consist of."""

from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext_noop

COMPILING, ANOTHER_WAY = gettext_noop("compiling"), gettext_noop("another way to do the work")
TOGETHER = gettext_noop("running at the same time")
UNSPLIT, LOST = gettext_noop("not split"), gettext_noop("lost")
VISIBLE = 1.0005
"""Ratio of the ends of the shortest part that is drawn."""


@frozen
class Part:
    """Of a bar: from one speed-up to another one."""

    what: str
    begin: float
    end: float


def parts(overall: float, parallel: float | None, by: str = COMPILING) -> list[Part]:
    """A bar from 1 to the overall speed-up: what compiling (or else `by`) gains, then running at the same time.

    What made it slower is no part of the gain. The gains end at `overall`, and what was lost stands beyond it, up to
    where the bar would end without the loss.
    """
    if parallel is None:
        found = [Part(UNSPLIT, 1, overall), Part(LOST, overall, 1)]
    else:
        compiled = overall / parallel
        gains = max(1.0, compiled) * max(1.0, parallel)
        middle = max(1.0, min(compiled, overall))
        found = [Part(by, 1, middle), Part(TOGETHER, middle, overall), Part(LOST, overall, gains)]
    return [part for part in found if part.end > part.begin * VISIBLE]
