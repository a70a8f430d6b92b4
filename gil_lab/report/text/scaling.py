"""What the laws of scaling say of a sweep over the number of workers, in sentences."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.scaling import LEAST_SIZES, RIGHT, Check, Scaling
from gil_lab.analysis.scaling_laws import Fit
from gil_lab.measuring.core_kinds import PERFORMANCE, PHYSICAL
from gil_lab.model.cell_names import naming_everywhere
from gil_lab.model.language import gettext, gettext_noop, listed, ngettext
from gil_lab.model.shares import percent
from gil_lab.model.text import number

HEADING = "How it scales, by the universal scalability law"
SIZES = "1,2,3,4,6,8"
MAX_FITTED = 2
"""That the answer has room for."""
HARDLY = 1.1
"""Times as fast as one worker: a law whose best number of workers gains no more says that there is nothing to gain."""
NOTHING = 1e-4
"""A share that is shown as 0."""
NOT_ALIKE = {
    PHYSICAL: gettext_noop(
        "With more than {workers} workers two share a physical core (SMT), which counts as serial: compare with "
        "--python this+cores=physical."
    ),
    PERFORMANCE: gettext_noop(
        "With more than {workers} workers some run on slower cores, which counts as serial: compare with --python "
        "this+cores=performance."
    ),
}


def lines(scalings: Sequence[Scaling]) -> list[tuple[str, str]]:
    """What each sweep is called, and what the laws say of it, or why they say nothing; what is the same once."""
    called = _calling(scalings)
    alike: dict[str, list[str]] = {}
    for one in scalings:
        alike.setdefault(_sentences(one) if one.fits else refusal(one), []).append(called(one))
    found = [(listed(names), text) for text, names in alike.items()]
    return found + [(kind, text) for kind, text in dict.fromkeys(note for one in scalings for note in _not_alike(one))]


def briefly(scalings: Sequence[Scaling]) -> list[str]:
    """A line for each of the first that a law fits; if there is none, why."""
    called = _calling(scalings)
    text = gettext("{name} by the law of scaling: {law} {checked}.")
    fitted = [
        text.format(name=called(one), law=_law(one.fits[0]), checked=_checked(one.checks[0]))
        for one in scalings
        if one.fits
    ]
    if fitted or not scalings:
        return fitted[:MAX_FITTED]
    text = gettext("No law of scaling is fitted to {name}: {reason}")
    return [text.format(name=called(scalings[0]), reason=refusal(scalings[0]))]


def refusal(scaling: Scaling) -> str:
    """Why no law is fitted, and what to do."""
    if scaling.flagged:
        text = gettext(
            "of {flagged} numbers of workers too few rounds are without a flag, and a law takes {least} numbers: "
            "measure again on a quiet machine."
        )
        return text.format(flagged=len(scaling.flagged), least=LEAST_SIZES)
    if not scaling.short_of_cores or scaling.cores is None:
        sizes = len(scaling.cells)
        text = gettext("{sizes} numbers of workers were measured, and a law takes {least}: use --workers {workers}.")
        return text.format(sizes=sizes, least=LEAST_SIZES, workers=SIZES)
    first, cores = scaling.short_of_cores[0].cell.workers, scaling.cores
    text = ngettext(
        "from {first} workers on it wants more than the {cores} core, about which no law is: measure it on {least} "
        "cores or more.",
        "from {first} workers on it wants more than the {cores} cores, about which no law is: measure it on {least} "
        "cores or more.",
        cores,
    )
    if cores >= LEAST_SIZES:
        text = gettext(
            "from {first} workers on it wants more than the {cores} cores, about which no law is: use --workers with "
            "{least} numbers up to {cores}."
        )
    return text.format(first=first, cores=cores, least=LEAST_SIZES)


def _calling(scalings: Sequence[Scaling]) -> Callable[[Scaling], str]:
    """By strategy, and by what else they differ in."""
    called = naming_everywhere(replace(one.first, workers=1) for one in scalings)
    return lambda scaling: called(replace(scaling.first, workers=1))


def _sentences(scaling: Scaling) -> str:
    universal, *others = scaling.checks
    off = listed([percents(universal.off), *(f"{gettext(one.law)} {percents(one.off)}" for one in others)])
    if (trusted := scaling.trusted_up_to) is None:
        text = gettext("{law} {checked}, off by {off}: more than {right}, so predict nothing beyond {most} workers.")
    else:
        text = gettext("{law} {checked}, off by {off}: so it may be trusted up to {trusted} workers.")
    return text.format(
        law=_law(scaling.fits[0]),
        checked=_checked(universal),
        off=off,
        right=percent(RIGHT),
        most=scaling.workers[-1],
        trusted=trusted,
    )


def _not_alike(scaling: Scaling) -> list[tuple[str, str]]:
    """From how many workers on not all have a core of that kind to themselves."""
    return [
        (gettext("{kind} cores").format(kind=gettext(kind)), gettext(NOT_ALIKE[kind]).format(workers=count))
        for kind, count in scaling.alike.items()
    ]


def _law(fit: Fit) -> str:
    """The parameters, and the number of workers that follows from them."""
    crosstalk = fit.crosstalk
    assert crosstalk is not None
    text = gettext("serial share {serial}, crosstalk {crosstalk}: {fastest}.")
    return text.format(serial=_shares(fit.serial), crosstalk=_shares(crosstalk), fastest=_fastest(fit))


def _fastest(fit: Fit) -> str:
    fastest, serial = fit.fastest, fit.serial.value
    assert fastest is not None
    assert fastest.low is not None
    assert fastest.high is not None
    limit = 1 / serial if serial > 0 else math.inf
    most = fit.wall(1) / fit.wall(fastest.value) if math.isfinite(fastest.value) else limit
    if most < HARDLY:
        return gettext("more workers gain nothing")
    if math.isinf(fastest.value):
        if not math.isfinite(most):
            return gettext("more workers always gain")
        return gettext("more workers always gain, up to {most}x").format(most=number(most))
    high = gettext("more") if math.isinf(fastest.high) else math.ceil(fastest.high)
    ends = f"{math.floor(fastest.low)}, {high}"
    text = gettext("fastest with {workers} workers [{ends}], {times} times one worker")
    return text.format(workers=round(fastest.value), ends=ends, times=number(most))


def _checked(check: Check) -> str:
    """What was predicted, and what came."""
    predicted = check.predicted
    assert predicted.low is not None
    assert predicted.high is not None
    within = f"{number(predicted.value)}x [{_end(predicted.low)}, {_end(predicted.high)}]"
    text = gettext("From up to x{few}, x{workers} was predicted at {within}; it was {measured}x")
    return text.format(few=check.from_workers, workers=check.workers, within=within, measured=number(check.measured))


def _shares(estimate: Estimate) -> str:
    """`3.1 % [1.2, 5.0]`."""
    assert estimate.low is not None
    assert estimate.high is not None
    return f"{percents(estimate.value)} [{_points(estimate.low)}, {_points(estimate.high)}]"


def percents(share: float) -> str:
    """In two digits."""
    return f"{_points(share)} %"


def _points(share: float) -> str:
    return gettext("any") if math.isinf(share) else "0" if share < NOTHING else number(100 * share, 2)


def _end(value: float) -> str:
    return gettext("any") if math.isinf(value) else number(value)
