"""Loops in any code whose jumps are known: bytecode, LLVM IR and machine code follow the same rule.

A loop is a natural loop: a jump back to an instruction, its head, which dominates the loop (Aho, Lam, Sethi, Ullman,
Compilers, 9.6). The count is of one iteration: the instructions on a path from the head back to it. Branches inside
make several such paths, so that an iteration has a fewest and a most. It is one iteration of the loop as written,
unless an optimiser has unrolled or vectorised it.

Rejected: the span of the shortest jump back. Compilers move blocks, and parts of other loops may lie in between.
"""

from collections.abc import Callable, Sequence

from gil_lab.model.frozen import frozen


@frozen
class Step:
    """One instruction, and those that may follow it."""

    text: str
    follows: tuple[int, ...]
    """Positions in the sequence."""
    counted: bool = True
    """False if it only names values and does nothing."""


@frozen
class Loop:
    """A loop without another loop inside."""

    members: tuple[int, ...]
    """Positions of its instructions, from its head on."""
    depth: int
    """1 if it is in no other loop."""
    fewest: int
    """Counted instructions on the shortest path through an iteration, and on the longest."""
    most: int


def innermost(steps: Sequence[Step]) -> list[Loop]:
    """All loops without another one inside, in the order of their heads. Unreachable code is ignored."""
    order = _reachable(steps)
    place = {step: number for number, step in enumerate(order)}
    before = _predecessors(steps, place)
    dominators = _dominators(order, before)
    bodies: dict[int, set[int]] = {}
    for step in order:
        for head in steps[step].follows:
            if dominators[step] >> head & 1:
                bodies.setdefault(head, {head}).update(_body(head, step, before))
    return [
        _loop(steps, head, body, place, depth=sum(head in other for other in bodies.values()))
        for head, body in sorted(bodies.items())
        if not any(inner != head and inner in body for inner in bodies)
    ]


def select(loops: Sequence[Loop], better: Callable[[Loop], bool] | None = None) -> Loop | None:
    """The loop to report: a `better` one before others, then the deepest, then the shortest. None if there are none.

    Beside a vectorised loop there is a plain one for the remaining elements, which is not the one to report.
    """
    return min(loops, key=lambda loop: (not (better and better(loop)), -loop.depth, loop.most), default=None)


def _reachable(steps: Sequence[Step]) -> list[int]:
    """Steps reachable from the first, in reverse postorder: except for jumps back, each precedes its successors."""
    if not steps:
        return []
    seen, finished = {0}, []
    waiting = [(0, iter(steps[0].follows))]
    while waiting:
        step, following = waiting[-1]
        fresh = next((after for after in following if after not in seen), None)
        if fresh is None:
            waiting.pop()
            finished.append(step)
        else:
            seen.add(fresh)
            waiting.append((fresh, iter(steps[fresh].follows)))
    return finished[::-1]


def _predecessors(steps: Sequence[Step], reachable: dict[int, int]) -> dict[int, list[int]]:
    before: dict[int, list[int]] = {step: [] for step in reachable}
    for step in reachable:
        for after in steps[step].follows:
            before[after].append(step)
    return before


def _dominators(order: Sequence[int], before: dict[int, list[int]]) -> dict[int, int]:
    """For each step, as bits of an integer, the steps that dominate it."""
    everything = sum(1 << step for step in order)
    known = dict.fromkeys(order, everything)
    changed = True
    while changed:
        changed = False
        for step in order:
            common = everything if step != order[0] else 0
            for earlier in before[step] if common else ():
                common &= known[earlier]
            if (updated := common | 1 << step) != known[step]:
                known[step], changed = updated, True
    return known


def _body(head: int, last: int, before: dict[int, list[int]]) -> set[int]:
    """The steps that lead to `last` without passing the head again."""
    body, waiting = {head}, [last]
    while waiting:
        step = waiting.pop()
        if step not in body:
            body.add(step)
            waiting += before[step]
    return body


def _loop(steps: Sequence[Step], head: int, body: set[int], place: dict[int, int], depth: int) -> Loop:
    members = tuple(sorted(body, key=place.__getitem__))
    fewest, most = {head: int(steps[head].counted)}, {head: int(steps[head].counted)}
    ends = []
    for step in members:
        for after in steps[step].follows:
            if after == head:
                ends.append(step)
            elif after in body and place[after] > place[step]:
                more = int(steps[after].counted)
                fewest[after] = min(fewest.get(after, len(steps)), fewest[step] + more)
                most[after] = max(most.get(after, 0), most[step] + more)
    return Loop(members, depth, min(fewest[end] for end in ends), max(most[end] for end in ends))
