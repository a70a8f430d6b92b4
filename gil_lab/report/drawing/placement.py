"""Labels beside the marks that they name, so that none covers another, a mark or what else has its place already.

Vega has such a transform (`label`), Vega-Lite, which notebooks draw, has none.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random

from gil_lab.model.frozen import frozen
from gil_lab.report.drawing.boxes import Box, Line, around, text_box

GAP = 3.0
"""Pixels between a mark and its label."""
MARGIN = 2.0
"""Pixels between a label and the line to another one."""
NEAR = 6.0
"""Pixels from a mark up to which a label needs no line to it."""
FARTHEST = 260
"""Pixels from a mark beyond which its label is rather left out."""
ASIDE, STEP = (10, 24, 42, 64, 90, 120, 160, 200), 7
"""Pixels to the right or left of a mark at which its label is tried, and between the heights that are tried."""
OVER_LINE, OVER_MARK, ABROAD = 40.0, 30.0, 70.0
"""How many pixels farther a label rather stands than over a line, with a line to it over another mark, or outside the
region of its mark."""
LEFT_OUT = 500.0
"""Cost of a label without a place."""
EASY = 5.0
"""Cost of a label that is near enough to look no further."""
MIXED_ORDERS, MAX_TRIED = 8, 30
"""Orders that are tried beside those from each side, and spots of which several are: none has room for more."""
CROWD, CLEARINGS = 3, (0, 16, 34)
"""Marks upon each other that make a crowd, and the pixels that are tried to keep free around one: labels close by
would bar the way of the lines to the others."""


@frozen
class Spot:
    """A mark that wants a label; pixels."""

    x: float
    y: float
    text: str
    reach: float
    """Half the size of the mark."""
    home: Box | None = None
    """Where the label belongs, if anywhere."""

    @property
    def mark(self) -> Box:
        return around(self.x, self.y, self.reach)


@frozen
class Label:
    """Where the label of a spot is drawn, and the line from its mark if it had to move away from it."""

    text: str
    box: Box
    leader: Line | None


@dataclass(frozen=True)
class _Place:
    """Where a label may be, as far as other labels have no say in it."""

    spot: Spot
    distance: float
    box: Box
    taken: Sequence[Box]
    """What no label may cover."""
    marks: Sequence[Box]
    lines: Sequence[Line]
    """What a label should not cover."""

    @cached_property
    def free(self) -> bool:
        return not any(map(self.box.overlaps, self.taken))

    @cached_property
    def margin(self) -> Box:
        """Around the label, where no line to another one runs."""
        return self.box.grown(MARGIN)

    @cached_property
    def leader(self) -> Line | None:
        return _leader(self.spot, self.box) if self.distance >= NEAR else None

    @cached_property
    def least_cost(self) -> float:
        """Without what it might stand over."""
        home = self.spot.home
        return self.distance + ABROAD * (home is not None and not self.box.inside(home))

    @cached_property
    def cost(self) -> float:
        cost = self.least_cost
        if leader := self.leader:
            cost += OVER_MARK * any(one.crossed(leader) and not one.overlaps(self.spot.mark) for one in self.marks)
        return cost + OVER_LINE * any(map(self.box.grown(GAP).crossed, self.lines))


@dataclass
class _Drawn:
    """What is on the plot so far, beside marks and lines."""

    busy: list[Box] = field(default_factory=list)
    """What other labels may not cover of it."""
    labels: dict[int, Label] = field(default_factory=dict)
    """By the number of the spot."""
    margins: list[Box] = field(default_factory=list)
    """Around the labels, where no line to another one runs."""
    leaders: list[Line] = field(default_factory=list)
    cost: float = 0.0
    """Pixels between marks and labels, and more for what is not as it should be."""

    def add(self, number: int, places: Sequence[_Place]) -> None:
        best, least = None, LEFT_OUT
        for place in places:
            if place.distance >= least:
                break
            if not place.free or place.least_cost >= least or any(map(place.box.overlaps, self.busy)):
                continue
            if not self._crosses_labels(place.margin, place.leader) and place.cost < least:
                best, least = Label(place.spot.text, place.box, place.leader), place.cost
        self.cost += least
        if best:
            self.labels[number] = best
            self.margins.append(best.box.grown(MARGIN))
            if best.leader:
                self.leaders.append(best.leader)
            self.busy.append(replace(best.box, left=best.box.left - 2 * GAP, right=best.box.right + 2 * GAP))

    def _crosses_labels(self, margin: Box, leader: Line | None) -> bool:
        """Whether the line to another label runs through it, or its own line through another label."""
        if any(map(margin.crossed, self.leaders)):
            return True
        return leader is not None and any(margin.crossed(leader) for margin in self.margins)


SIDES: tuple[Callable[[Spot], float], ...] = (
    *(lambda spot: spot.y, lambda spot: -spot.y, lambda spot: spot.x, lambda spot: -spot.x),
)
"""Orders from the top, from the bottom, from the left, from the right."""


def place(
    spots: Sequence[Spot], plot: Box, taken: Sequence[Box] = (), lines: Sequence[Line] = ()
) -> list[Label | None]:
    """A label for each spot, inside `plot`, over no mark, no other label, no line to one, and nothing that is `taken`.

    Greedy: the nearest free place wins, where to keep off `lines` is worth a way. Which spot comes first decides what
    is left for the others, so some orders are tried. None for a spot that has no free place. The same spots always get
    the same places. Rejected: simulated annealing, as labels would jump when a cell is measured again.
    """
    numbers, mixed = range(len(spots)), Random(len(spots))
    orders = [numbers, *(sorted(numbers, key=lambda i: key(spots[i])) for key in SIDES)]
    orders += [mixed.sample(numbers, len(spots)) for _ in range(MIXED_ORDERS)]
    marks = [spot.mark for spot in spots]
    fixed = [*taken, *marks]
    places = [[_Place(spot, *each, fixed, marks, lines) for each in _places(spot, plot)] for spot in spots]
    crowded = {i for i in numbers if sum(map(marks[i].overlaps, marks)) >= CROWD}
    best: _Drawn | None = None
    for clearing in CLEARINGS if crowded else CLEARINGS[:1]:
        away = [[each for each in places[i] if each.distance >= clearing or i not in crowded] for i in numbers]
        for order in orders:
            drawn = _Drawn()
            for number in order:
                drawn.add(number, away[number])
                if best and drawn.cost >= best.cost:
                    break  # it only grows
            best = drawn if best is None or drawn.cost < best.cost else best
            if best.cost <= EASY * len(spots) or len(spots) > MAX_TRIED:
                return [best.labels.get(number) for number in numbers]
    return [best.labels.get(number) for number in numbers] if best else []


def _places(spot: Spot, plot: Box) -> list[tuple[float, Box]]:
    """Where the label may be, the nearest places first, and how far each is from the mark.

    Of equally near ones the first: right of the mark, left of it, above, below.
    """
    return sorted(_around(spot, plot), key=lambda place: place[0])


def _around(spot: Spot, plot: Box) -> Iterator[tuple[float, Box]]:
    size = text_box(spot.text, 0, 0)
    width, height = size.right, size.bottom - size.top
    away = spot.reach + GAP
    lefts = [spot.x - width / 2, spot.x + away, spot.x - away - width, spot.x, spot.x - width]
    lefts += [left for aside in ASIDE for left in (spot.x + away + aside, spot.x - away - aside - width)]
    steps = range(0, FARTHEST, STEP)
    for down in (0, -STEP, STEP, *(side * (away + height / 2 + step) for step in steps for side in (-1, 1))):
        for left in lefts:
            top = spot.y + down - height / 2
            box = Box(left, top, left + width, top + height).pushed_into(plot)
            distance = max(0.0, math.dist((spot.x, spot.y), box.nearest(spot.x, spot.y)) - away)
            if distance <= FARTHEST and box.inside(plot):
                yield distance, box


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
