"""Labels beside the marks that they name, so that none covers another, a mark or what else has its place already."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random

from gil_lab.report.pictures.boxes import Box, Line, Squares, along, around, text_box

GAP = 3.0
"""Pixels between a mark and its label."""
NEAR = 6.0
"""Pixels from a mark up to which a label needs no line to it."""
FARTHEST = 260
"""Pixels from a mark beyond which its label is rather left out."""
CROWD, CLEARINGS = 3, (0, 16, 34)
"""Marks upon each other that make a crowd, and the pixels that are tried to keep free around one: labels close by
would bar the way of the lines to the others."""
ASIDE = (10, 24, 42, 64, 90, 120, 160, 200)
"""Pixels to the right or left of a mark at which its label is tried."""
STEP = 7
"""Pixels up and down between the heights that are tried."""
OVER_AVOIDED, OVER_MARK, ABROAD = 40.0, 8.0, 70.0
"""How many pixels farther a label rather stands than over what it should avoid, with a bit of its line over another
mark, or outside its home."""
EASY, LEFT_OUT = 5.0, 500.0
"""Cost of a label that is near enough to look no further, and of one without a place."""
MIXED_ORDERS = 8
MOST_TRIED = 30
"""Spots of which several orders are tried: of more each takes a second, and none has room for all."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A mark that wants a label; pixels."""

    x: float
    y: float
    text: str
    reach: float
    """Half the size of the mark."""
    home: Box | None = None
    """Where the label belongs, if anywhere."""


@dataclass(frozen=True, slots=True)
class Label:
    """Where the label of a spot is drawn, and the line from its mark if it had to move away from it."""

    text: str
    box: Box
    leader: Line | None


def place(
    spots: Sequence[Spot], plot: Box, taken: Sequence[Box] = (), avoided: Sequence[Box] = ()
) -> list[Label | None]:
    """A label for each spot, inside `plot`, over no mark, no other label, no line to one, and nothing that is `taken`.

    Greedy: the nearest free place wins, where to keep off what is `avoided` and other marks is worth a way. Which spot
    comes first decides what is left for the others, so several orders are tried, of which the one counts that leaves
    the fewest labels out and the others nearest. None for a spot that has no free place. The same spots always get the
    same places. Rejected: simulated annealing, as labels would jump when a cell is measured again.
    """
    ground = _Ground.of(spots, plot, taken, avoided)
    best, least = list[Label | None](), math.inf
    few = len(spots) <= MOST_TRIED
    for clearing in CLEARINGS[: None if ground.crowded and few else 1]:
        for order in islice(_orders(spots), None if few else 1):
            placed, cost = _in_order(order, spots, ground, clearing)
            if cost < least:
                best, least = placed, cost
            if least <= EASY * len(spots):
                return best
    return best


@dataclass(frozen=True, slots=True)
class _Ground:
    """What is the same whatever the order of the spots."""

    plot: Box
    busy: Squares
    avoided: Squares
    marks: Squares
    crowded: frozenset[Spot]
    places: dict[Spot, list[tuple[float, Box]]]

    @classmethod
    def of(cls, spots: Sequence[Spot], plot: Box, taken: Sequence[Box], avoided: Sequence[Box]) -> "_Ground":
        marks = [around(spot.x, spot.y, spot.reach) for spot in spots]
        upon = [sum(map(mark.overlaps, marks)) for mark in marks]  # itself included
        crowded = frozenset(spot for spot, count in zip(spots, upon, strict=True) if count >= CROWD)
        places = {spot: _places(spot, plot) for spot in spots}
        busy = Squares(plot, (*taken, *marks))
        return cls(plot, busy, Squares(plot, avoided), Squares(plot, marks), crowded, places)


def _orders(spots: Sequence[Spot]) -> Iterator[list[int]]:
    """As given, from each side, and some more that mix them well."""
    order = list(range(len(spots)))
    yield order
    for key in (lambda i: spots[i].y, lambda i: -spots[i].y, lambda i: spots[i].x, lambda i: -spots[i].x):
        yield sorted(order, key=key)
    mixed = Random(len(spots))
    for _ in range(MIXED_ORDERS):
        yield mixed.sample(order, len(order))


def _in_order(
    order: Sequence[int], spots: Sequence[Spot], ground: _Ground, clearing: float
) -> tuple[list[Label | None], float]:
    """The labels in the order of the spots, and what they cost: pixels of distance, more for one that is left out."""
    busy, labels, total = ground.busy.copy(), Squares(ground.plot), 0.0
    placed: list[Label | None] = [None] * len(spots)
    for index in order:
        spot = spots[index]
        label, cost = _best(spot, ground, busy, labels, clearing if spot in ground.crowded else 0)
        total += cost
        if label:
            placed[index] = label
            for box in (label.box, *(along(label.leader) if label.leader else [])):
                busy.fill(box)
            labels.fill(label.box)
    return placed, total


def _best(spot: Spot, ground: _Ground, busy: Squares, labels: Squares, nearest: float) -> tuple[Label | None, float]:
    best, least = None, LEFT_OUT
    for distance, box in ground.places[spot]:
        if distance >= least:
            break
        if distance < nearest or busy.hit(box):
            continue
        cost = distance + OVER_AVOIDED * ground.avoided.hit(box)
        cost += ABROAD * (spot.home is not None and not box.inside(spot.home))
        leader = None if distance < NEAR or cost >= least else _leader(spot, box)
        if leader and labels.crossed(leader):
            continue
        cost += OVER_MARK * ground.marks.crossed(leader) if leader else 0
        if cost < least:
            best, least = Label(spot.text, box, leader), cost
    return best, least


def _places(spot: Spot, plot: Box) -> list[tuple[float, Box]]:
    """Where the label may be, the nearest places first, and how far each is from the mark.

    Of equally near ones the first: right of the mark, left of it, above, below.
    """
    size = text_box(spot.text, 0, 0)
    width, height = size.right, size.bottom - size.top
    away = spot.reach + GAP
    beside = away + height / 2
    lefts = [spot.x - width / 2, spot.x + away, spot.x - away - width, spot.x, spot.x - width]
    for aside in ASIDE:
        lefts += [spot.x + away + aside, spot.x - away - aside - width]
    steps = range(0, FARTHEST + 1, STEP)
    downs = [0.0, *(down for step in steps for down in (-beside - step, beside + step)), -STEP, STEP]
    found = dict[Box, float]()
    for down in downs:
        for left in lefts:
            top = spot.y + down - height / 2
            box = Box(left, top, left + width, top + height).pushed_into(plot)
            distance = max(0.0, math.dist((spot.x, spot.y), box.nearest(spot.x, spot.y)) - away)
            if distance <= FARTHEST and box.inside(plot):
                found.setdefault(box, distance)
    return sorted(((distance, box) for box, distance in found.items()), key=lambda place: place[0])


def _leader(spot: Spot, box: Box) -> Line:
    """From the mark's edge to the middle of the label's side, or to the nearest point of one above or below."""
    x, y = box.nearest(spot.x, spot.y)
    if abs(x - spot.x) >= spot.reach:
        y = box.middle
    part = min(1.0, spot.reach / math.dist((spot.x, spot.y), (x, y)))
    return spot.x + part * (x - spot.x), spot.y + part * (y - spot.y), x, y


def stack(heights: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Heights of labels in one column, as near to those wanted as a distance of `gap` lets them, within low to high.

    In the order given. Where there is no room for all, they start at `low` with `gap` between them and leave it at the
    other end: whoever draws makes the column high enough.
    """
    order = sorted(range(len(heights)), key=lambda index: (heights[index], index))
    stacked = [0.0] * len(heights)
    least = low
    for place_in_order, index in enumerate(order):
        room_below = gap * (len(order) - 1 - place_in_order)
        stacked[index] = max(least, min(heights[index], high - room_below))
        least = stacked[index] + gap
    return stacked
