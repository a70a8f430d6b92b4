"""Properties of the planner: whatever is asked for comes to a plan that holds its rules, or to a UsageError."""

from collections import Counter

from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from made import SEQUENTIAL
from made_plans import CORES, DESIGN, LAB, facts

from gil_lab.model.errors import UsageError
from gil_lab.sessions.options import MAX_ROUNDS, MAX_SEED, MAX_SIZE, MAX_TASKS, MAX_TIME_S, Options, check
from gil_lab.sessions.plan import Design, cells, settings, trials
from gil_lab.sessions.worker_limits import MAX_BLOCK_CELLS
from gil_lab.suite.strategies import BASELINE

PYTHONS = ("3.11", "3.13t", "3.14t+gil")
STRATEGIES = tuple(LAB.strategy_names())
CPU = ("primes", "sha256", "mandelbrot", "sleep")


def some(values, most=3):
    return st.none() | st.lists(st.sampled_from(values), min_size=1, max_size=most).map(tuple)


VALID = st.builds(
    Options,
    workers=some((1, 2, 3, 64), 4),
    strategies=some(STRATEGIES, 5),
    workloads=some(CPU, 2),
    tasks=st.none() | st.sampled_from([1, 7, MAX_TASKS]),
    sizes=st.none(),
    rounds=st.integers(1, 4),
    min_time_s=st.none() | st.floats(1e-6, MAX_TIME_S),
    timeout_s=st.floats(1e-3, MAX_TIME_S),
    seed=st.integers(0, MAX_SEED),
    quick=st.booleans(),
).filter(lambda options: options.min_time_s is None or options.min_time_s <= options.timeout_s)
DESIGNS = st.builds(
    Design, st.just("cpu-bound"), st.just(("primes",)), some(STRATEGIES, 4).map(lambda one: one or STRATEGIES)
)
REFUSED = st.dictionaries(st.sampled_from(STRATEGIES), st.just("not here"), max_size=3)


def planned(options, design=DESIGN, refused=(), pythons=PYTHONS):
    """By way of every check that a session makes."""
    check(options, CORES)
    chosen = settings(design, options, LAB, CORES)
    made = cells(chosen, LAB, pythons)
    return made, trials(made, chosen, LAB, {python: facts(**dict(refused)) for python in pythons})


def work(cell):
    return cell.workload, cell.tasks, cell.size


@examples(70)
@given(VALID, DESIGNS, REFUSED)
def test_every_plan_holds_the_rules_of_plans(options, design, refused):
    """Numbers from 1 without gaps; each cell once a generation, only references in several blocks of it; what cannot
    run in the first one only; the references of speed-ups under each interpreter, in the same block; nothing beyond
    what was asked for.
    """
    made, listed = planned(options, design, refused)
    assert [trial.number for trial in listed] == list(range(1, len(listed) + 1))
    assert len(set(made)) == len(made)
    for number in range(1, options.rounds + 1):
        generation = [trial for trial in listed if trial.round == number]
        assert max(Counter((trial.block, trial.cell) for trial in generation).values(), default=1) == 1
        counts = Counter(trial.cell for trial in generation)
        references = {BASELINE, *(LAB.strategy(cell.strategy).reference for cell in made)}
        assert references >= {cell.strategy for cell, count in counts.items() if count > 1}
        assert {trial.cell for trial in generation} == {
            trial.cell for trial in listed if trial.round == 1 and (number == 1 or not trial.skip)
        }
    assert {trial.cell for trial in listed} == set(made)
    for cell in made:
        assert cell.strategy in SEQUENTIAL or cell.workers <= 64
        for reference in (BASELINE, LAB.strategy(cell.strategy).reference):
            assert any(
                (one.workload, one.strategy, one.workers, one.interpreter, one.tasks, one.size)
                == (cell.workload, reference, 1, cell.interpreter, cell.tasks, cell.size)
                for one in made
            )
    for number in {trial.block for trial in listed}:
        block = {trial.cell for trial in listed if (trial.round, trial.block) == (1, number)}
        assert len(block) <= MAX_BLOCK_CELLS
        references = {BASELINE, *(LAB.strategy(cell.strategy).reference for cell in block)}
        assert block >= {cell for cell in made if cell.strategy in references and work(cell) in map(work, block)}
    assert {trial.min_time_s for trial in listed} == {settings(design, options, LAB, CORES).min_time_s}
    assert [trial.round for trial in listed] == sorted(trial.round for trial in listed)


@examples(25)
@given(VALID, REFUSED)
def test_the_seed_repeats_the_plan(options, refused):
    """Trial by trial."""
    assert planned(options, refused=refused) == planned(options, refused=refused)


ODD = st.sampled_from(
    [0, -1, True, 1.5, "4", "", None, (), [], {}, float("nan"), float("inf"), 10**30, 10**5000, b"1", "\ud800", "٤"]
)
NUMBERS = {
    "tasks": MAX_TASKS,
    "rounds": MAX_ROUNDS,
    "seed": MAX_SEED,
    "min_time_s": MAX_TIME_S,
    "timeout_s": MAX_TIME_S,
}


@examples(200)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(NUMBERS, ODD),
            "workers": ODD.map(lambda one: (one,)) | st.just(()),
            "sizes": ODD.map(lambda one: (one,)) | st.just((MAX_SIZE,)),
            **{name: ODD.map(lambda one: (one,)) | st.just(()) for name in ("strategies", "workloads", "pythons")},
        },
    )
)
def test_options_of_any_type_come_to_a_plan_or_to_a_usage_error(changes):
    """Of one line: nothing else leaves the planner."""
    usual = {"rounds": 1, "strategies": ("threading",)}
    try:
        _, listed = planned(Options(**{**usual, **changes}), pythons=("3.11",))
    except UsageError as error:
        assert str(error).isprintable()
        assert len(str(error)) < 400
    else:
        assert 0 < len(listed) <= MAX_ROUNDS * 10
