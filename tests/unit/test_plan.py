"""The plan: which trials an experiment comes to, and in what order."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import SEQUENTIAL, cell
from made_plans import CORES, DESIGN, LAB, asked_for, facts, planned, strategy, workload

from gil_lab.analysis.speedups import baseline_of
from gil_lab.measuring.machine import Limits
from gil_lab.model.errors import UsageError
from gil_lab.model.records import Cell, Trial
from gil_lab.sessions.csv_table import columns, decoded, encoded, encoded_row
from gil_lab.sessions.options import MAX_SEED, Options, check
from gil_lab.sessions.plan import MODELS, Design, blocks, cells, filled_in, settings, trials, workloads
from gil_lab.sessions.schedule import MAX_GENERATIONS
from gil_lab.sessions.worker_limits import MAX_BLOCK_CELLS, MAX_BLOCK_PROCESSES, PIDS_A_CHILD, PIDS_OF_THE_LAB
from gil_lab.suite.catalogue import Catalogue


def test_the_same_seed_gives_the_same_order():
    """A session can be repeated trial by trial."""
    assert planned(Options(seed=7)) == planned(Options(seed=7))


def test_another_seed_gives_another_order_of_the_same_trials():
    """Only the order is random."""
    one, other = planned(Options(seed=7)), planned(Options(seed=8))
    assert [trial.cell for trial in one] != [trial.cell for trial in other]
    assert Counter((trial.round, trial.cell) for trial in one) == Counter((trial.round, trial.cell) for trial in other)


@given(st.integers(0, MAX_SEED), st.integers(1, 9))
def test_every_generation_is_a_permutation_of_all_cells(seed, count):
    """A randomised complete block: cells that are compared are neighbours in time."""
    listed = planned(Options(seed=seed, rounds=count, workers=(2, 3)))
    made = asked_for(workers=(2, 3))
    generations = range(1, min(count, MAX_GENERATIONS) + 1)
    assert [trial.number for trial in listed] == list(range(1, len(listed) + 1))
    assert [trial.round for trial in listed] == [number for number in generations for _ in made]
    for number in generations:
        assert Counter(trial.cell for trial in listed if trial.round == number) == Counter(made)


@pytest.mark.parametrize("options", [{}, {"budget_s": 5.0}, {"precision": 0.05}, {"quick": True}, {"rounds": 1000}])
def test_there_are_never_more_than_a_few_generations(options):
    """However long it is measured: more of them would only start processes. Time decides how many are run."""
    assert max(trial.round for trial in planned(Options(seed=1, **options))) == MAX_GENERATIONS


def test_each_generation_has_an_order_of_its_own():
    """No cell always comes first, when the machine is still cool."""
    listed = planned(Options(seed=1, rounds=4))
    orders = {tuple(trial.cell for trial in listed if trial.round == number) for number in range(1, 5)}
    assert len(orders) == 4


def test_without_options_the_design_decides():
    """All its strategies in its order, on as many workers as it takes from the cores."""
    design = Design("mine", ("primes",), ("threading", "sequential"), lambda cores: (cores, 2 * cores))
    assert [(made.strategy, made.workers) for made in asked_for(design=design)] == [
        ("threading", CORES),
        ("threading", 2 * CORES),
        ("sequential", 1),
    ]


@pytest.mark.parametrize(("cores", "workers"), [(1, 2), (2, 2), (6, 6)])
def test_pools_have_a_worker_for_each_core_and_never_one_alone(cores, workers):
    """A pool of one is not concurrent."""
    made = cells(settings(DESIGN, Options(), LAB, cores), LAB, ("3.11",))
    assert {each.workers for each in made if each.strategy not in SEQUENTIAL} == {workers}


def test_cells_come_by_workload_then_strategy_then_workers():
    """In the order in which they were named."""
    made = asked_for(workloads=("sleep", "primes"), strategies=("threading",), workers=(3, 2))
    assert [(each.workload, each.strategy, each.workers) for each in made] == [
        (name, *rest)
        for name in ("sleep", "primes")
        for rest in (("sequential", 1), ("threading", 3), ("threading", 2))
    ]


@pytest.mark.parametrize("asked", [(2,), (8,), (2, 4, 8), (1, 3)])
def test_sequential_strategies_have_one_worker_whatever_is_asked(asked):
    """One after the other is the same with any number of workers, so it is measured once."""
    made = asked_for(workers=asked)
    assert [each.workers for each in made if each.strategy == "sequential"] == [1]
    assert [each.workers for each in made if each.strategy == "numba-sequential"] == [1]
    assert tuple(each.workers for each in made if each.strategy == "threading") == asked


@pytest.mark.parametrize(
    ("chosen", "measured"),
    [
        (("threading",), ["sequential", "threading"]),
        (("numba-parallel",), ["sequential", "numba-sequential", "numba-parallel"]),
        (("joblib", "numba-nogil"), ["sequential", "numba-sequential", "joblib", "numba-nogil"]),
        (("numba-nogil", "sequential"), ["sequential", "numba-sequential", "numba-nogil"]),
        (("sequential",), ["sequential"]),
    ],
)
def test_chosen_strategies_bring_their_references(chosen, measured):
    """Without what it is compared with, a strategy has no speed-up."""
    assert [made.strategy for made in asked_for(strategies=chosen)] == measured


def test_the_reference_of_a_users_strategy_comes_too():
    """The contract of a strategy names it."""
    own = Catalogue(strategies={"mine": strategy(reference="yours"), "yours": strategy(workers_are=None)})
    made = asked_for(own, strategies=("mine",), workers=(3,))
    assert [(each.strategy, each.workers) for each in made] == [("sequential", 1), ("yours", 1), ("mine", 3)]


def test_duplicates_collapse():
    """What is named twice is measured once a round."""
    twice = asked_for(workloads=("primes", "primes"), strategies=("threading", "threading"), workers=(2, 2))
    assert twice == asked_for(strategies=("threading",), workers=(2,))


def test_each_size_is_a_cell_of_its_own():
    """In the order in which they are named, as the experiment has them or the user."""
    own = Catalogue(workloads={"mine": workload(size=10)})
    chosen = asked_for(own, workloads=("mine",), sizes=(99, 3, 99), strategies=("sequential",))
    assert [each.size for each in chosen] == [99, 3]


def test_a_variant_brings_along_what_it_is_told_against():
    """The work as it is, one task after the other, of the same size."""
    found = asked_for(workloads=("counter+lock",), strategies=("threading",), sizes=(50,), workers=(2,))
    assert Cell("counter", "sequential", 1, "3.11", found[0].tasks, 50) in found
    assert {each.workload for each in found if each.strategy == "threading"} == {"counter+lock"}


def test_tasks_and_size_are_the_workloads_unless_asked_for():
    """And then they hold for every cell."""
    own = Catalogue(workloads={"mine": workload(size=10, tasks=7)})
    assert {(each.tasks, each.size) for each in asked_for(own, workloads=("mine",))} == {(7, 10)}
    assert {(each.tasks, each.size) for each in asked_for(own, workloads=("mine",), tasks=3, sizes=(99,))} == {(3, 99)}


def skips(catalogue):
    """Of the workload `mine`, by strategy."""
    return {one.cell.strategy: one.skip for one in planned(Options(workloads=("mine",), rounds=1), catalogue=catalogue)}


def test_a_cell_that_cannot_be_run_is_listed_once_with_its_reason():
    """It is a row of the results, and no other generation has it."""
    known = facts(joblib="joblib is not installed here; python -m pip install joblib")
    listed = planned(Options(seed=1, rounds=3), known=known)
    assert [(trial.round, trial.skip) for trial in listed if trial.cell.strategy == "joblib"] == [
        (1, "joblib is not installed here; python -m pip install joblib")
    ]
    assert Counter(trial.round for trial in listed if not trial.skip) == {n: len(MODELS) - 1 for n in (1, 2, 3)}
    assert [trial.number for trial in listed] == list(range(1, len(listed) + 1))


def test_a_form_that_is_left_out_has_the_workloads_reason():
    """Who wrote the workload knows why there is none."""
    own = Catalogue(workloads={"mine": workload(why_not={"coroutine": "it waits for nothing"})})
    assert skips(own)["asyncio"] == "it waits for nothing"


def test_a_form_that_is_left_out_without_a_reason_is_explained():
    """In the words of the lab: the workload, the form, and the strategy that needs it."""
    reasons = skips(Catalogue(workloads={"mine": workload()}))
    assert reasons["asyncio"] == "mine is not written in the form coroutine, which asyncio runs"
    assert reasons["threading"] == ""


@pytest.mark.parametrize("name", LAB.workload_names())
def test_every_reason_to_skip_is_a_sentence_for_a_student(name):
    """Not a word, not a traceback, and it fits one cell of a table."""
    listed = planned(Options(workloads=(name,), strategies=tuple(LAB.strategy_names()), rounds=1))
    for reason in {trial.skip for trial in listed if trial.skip}:
        assert len(reason.split()) >= 5
        assert reason.isprintable()
        assert len(reason) <= 200
        assert "Error" not in reason
    assert [trial.skip for trial in listed if trial.cell.strategy == "sequential"] == [""]


def test_times_reach_every_trial():
    """The child and its guard learn them from there."""
    listed = planned(Options(min_time_s=0.25, timeout_s=9.0))
    assert {(trial.min_time_s, trial.timeout_s) for trial in listed} == {(0.25, 9.0)}


def test_planning_the_lab_names_cells_as_the_factories_do():
    """What other tests take for a cell of the lab is one."""
    made = asked_for(workers=(2,), tasks=32, sizes=(6500,))
    assert {cell(each.strategy) for each in made} == set(made)


def test_a_workload_named_twice_is_one_workload():
    """So a size for it is a size for one workload."""
    options = Options(workloads=("primes", "primes"), sizes=(5,), strategies=("threading",))
    made = cells(settings(Design("any", ("primes",)), options, LAB, 2), LAB, ("3.11",))
    assert [one.strategy for one in made] == ["sequential", "threading"]


def test_an_experiment_without_its_references_gets_them():
    """A user's own design that names no sequential strategy still has speed-ups."""
    design = Design("any", ("primes",), ("numba-nogil", "threading"))
    made = cells(settings(design, Options(), LAB, 2), LAB, ("3.11",))
    assert [one.strategy for one in made] == ["sequential", "numba-sequential", "numba-nogil", "threading"]


def test_every_interpreter_has_each_cell_beside_those_of_the_others():
    """Strategies in the experiment's order, and in each the interpreters in theirs: what is compared is together."""
    options = Options(strategies=("threading",), workers=(2, 3))
    made = cells(settings(DESIGN, options, LAB, CORES), LAB, ("3.14", "3.13t+gil"))
    told = [(one.strategy, one.interpreter, one.workers) for one in made]
    pythons = ("3.14", "3.13t+gil")
    pooled = [("threading", python, workers) for python in pythons for workers in (2, 3)]
    assert told == [*[("sequential", python, 1) for python in pythons], *pooled]


def test_what_one_interpreter_cannot_run_another_one_can():
    """Each is asked about its own cells."""
    chosen = settings(DESIGN, Options(strategies=("threading",), workers=(2,), seed=1, rounds=1), LAB, CORES)
    made = cells(chosen, LAB, ("3.11", "3.14"))
    listed = trials(made, chosen, LAB, {"3.11": facts(threading="no"), "3.14": facts()})
    assert {(one.cell.interpreter, one.skip) for one in listed if one.cell.strategy == "threading"} == {
        ("3.11", "no"),
        ("3.14", ""),
    }


# Blocks: what is measured side by side


def in_blocks(design=DESIGN, pythons=("3.11",), **options):
    """The cells, and the blocks that they are put into."""
    chosen = settings(design, Options(**options), LAB, CORES)
    made = cells(chosen, LAB, pythons)
    return made, blocks(made, chosen, LAB)


def test_cells_of_one_work_are_one_block():
    """All that a speed-up compares, under every interpreter and with every number of workers."""
    made, found = in_blocks(pythons=("3.11", "3.14"), workers=(2, 4))
    assert [Counter(block) for block in found] == [Counter(made)]


def test_works_that_are_not_compared_are_blocks_of_their_own():
    """Other tasks, another size or another workload: each with its references."""
    options = {"workloads": ("primes", "sleep"), "strategies": ("threading",), "workers": (2,)}
    _, found = in_blocks(**options)
    assert [[(each.workload, each.strategy) for each in block] for block in found] == [
        [("primes", "sequential"), ("primes", "threading")],
        [("sleep", "sequential"), ("sleep", "threading")],
    ]
    _, by_size = in_blocks(sizes=(50, 60), strategies=("threading",), workers=(2,))
    assert [[(each.size, each.strategy) for each in block] for block in by_size] == [
        [(50, "sequential"), (50, "threading")],
        [(60, "sequential"), (60, "threading")],
    ]


def test_a_variant_is_in_the_block_of_what_it_is_compared_with():
    """They do the same work, written otherwise."""
    _, found = in_blocks(workloads=("counter", "counter+lock"), strategies=("threading",), workers=(2,))
    assert [{each.workload for each in block} for block in found] == [{"counter", "counter+lock"}]


MANY = tuple(range(1, 61))
"""Numbers of workers: more cells than may be alive at the same time."""


def processes(block):
    """Of a block, all that would be alive at the same time."""
    return sum(each.workers if LAB.strategy(each.strategy).workers_are == "processes" else 1 for each in block)


@pytest.mark.parametrize("strategies", [("threading", "numba-nogil"), ("multiprocessing", "numba-nogil"), MODELS])
def test_a_block_is_bounded_and_brings_its_references(strategies):
    """What does not fit goes into others, each cell but the references into one; each block has all references."""
    made, found = in_blocks(strategies=strategies, workers=MANY)
    references = [each for each in made if each.strategy in SEQUENTIAL]
    assert len(references) == 2
    assert len(found) > 1
    for block in found:
        assert [each for each in block if each.strategy in SEQUENTIAL] == references
        assert len(block) <= MAX_BLOCK_CELLS
        assert processes(block) <= MAX_BLOCK_PROCESSES
    others = [each for block in found for each in block if each not in references]
    assert others == [each for each in made if each not in references]


def test_a_cell_that_is_too_large_for_any_block_has_one_with_its_references():
    """It is measured all the same: a block of one is a trial by itself, and it needs what it is compared with."""
    _, found = in_blocks(strategies=("multiprocessing",), workers=(2, 500, 3))
    assert [[(each.strategy, each.workers) for each in block] for block in found] == [
        [("sequential", 1), ("multiprocessing", 2)],
        [("sequential", 1), ("multiprocessing", 500)],
        [("sequential", 1), ("multiprocessing", 3)],
    ]


def test_without_speedups_a_block_brings_nothing():
    """An experiment that compares nothing has no references."""
    design = Design("alone", ("primes",), ("threading",), compared=False)
    made, found = in_blocks(design=design, workers=MANY)
    assert [each for block in found for each in block] == made
    assert [len(block) for block in found] == [MAX_BLOCK_CELLS, len(MANY) - MAX_BLOCK_CELLS]


def test_trials_know_their_block_and_come_block_by_block():
    """The generations of a block have its cells, each generation in an order of its own; plan.csv keeps the number."""
    options = Options(seed=1, rounds=2, workloads=("primes", "sleep"), strategies=("threading", "joblib"), workers=(2,))
    listed = planned(options)
    assert [(trial.round, trial.block) for trial in listed] == [
        (generation, block) for generation in (1, 2) for block in (1, 2) for _ in range(3)
    ]
    assert {(trial.block, trial.cell.workload) for trial in listed} == {(1, "primes"), (2, "sleep")}
    written = encoded(columns(Trial)) + "".join(map(encoded_row, listed))
    assert decoded(written, Trial, "plan.csv").rows == listed
    assert [line.split(",")[-2] for line in written.splitlines()] == ["block", *(str(one.block) for one in listed)]


def test_the_chunk_that_was_asked_for_is_that_of_each_trial():
    """Of all strategies: those that take tasks one by one leave it alone."""
    listed = planned(Options(strategies=("threading", "joblib"), chunk=50))
    assert {(trial.cell.strategy, trial.chunk) for trial in listed} == {
        ("sequential", "50"),
        ("threading", "50"),
        ("joblib", "50"),
    }
    assert {trial.chunk for trial in planned(Options(strategies=("joblib",)))} == {None}
    written = encoded(columns(Trial)) + "".join(map(encoded_row, listed))
    assert decoded(written, Trial, "plan.csv").rows == listed


def test_a_chunk_that_no_strategy_would_use_is_refused():
    """It would change nothing, and say nothing about it."""
    with pytest.raises(UsageError, match=r"^chunk is for strategies with chunks \(dask, joblib, .*multiprocessing"):
        planned(Options(strategies=("threading", "asyncio"), chunk=50))
    with pytest.raises(UsageError, match=r"^chunk is 0; it takes a whole number from 1 to"):
        check(Options(chunk=0), 2)


def test_a_reference_of_two_blocks_is_a_trial_in_each():
    """It is started anew beside those that it is compared with."""
    listed = planned(Options(seed=1, rounds=1, strategies=("threading",), workers=MANY))
    counts = Counter((trial.block, trial.cell) for trial in listed)
    assert set(counts.values()) == {1}
    assert [trial.block for trial in listed if trial.cell.strategy == "sequential"] == [1, 2]


@pytest.mark.parametrize(
    ("limits", "at_most"), [(Limits(pids=40), 5), (Limits(open_files=68), 6), (Limits(pids=40, open_files=62), 5)]
)
def test_a_block_stays_within_what_the_system_allows(limits, at_most):
    """Processes and threads of a control group, and open files: so many cells at the same time."""
    options = Options(strategies=("threading", "multiprocessing", "joblib", "asyncio", "numba-nogil"), workers=(2, 3))
    chosen = settings(DESIGN, options, LAB, CORES, limits)
    made = cells(chosen, LAB, ("3.11",))
    found = blocks(made, chosen, LAB)
    assert len(found) > 1
    assert {each for block in found for each in block} == set(made)
    for block in found:
        assert len(block) <= at_most
        if limits.pids is not None:
            pids = [PIDS_A_CHILD + (each.strategy != "asyncio") * each.workers for each in block]
            assert sum(pids) <= limits.pids - PIDS_OF_THE_LAB


def test_a_quick_look_has_fewer_variants_where_there_are_many():
    """Unless they are named; without `quick` all are run."""
    design = Design("made", ("counter", "counter+lock", "counter+local"), quick_workloads=("counter+lock",))
    assert workloads(design, Options(quick=True)) == ("counter+lock",)
    assert workloads(design, Options()) == design.workloads
    assert workloads(design, Options(quick=True, workloads=("counter",))) == ("counter",)
    plain = Design("made", ("counter",))
    assert workloads(plain, Options(quick=True)) == ("counter",)


def test_a_quick_look_has_fewer_pools_where_there_are_many():
    """Unless they are named."""
    design = Design("made", ("primes",), workers=lambda cores: (2, cores, 2 * cores), quick_workers=(2,))
    assert filled_in(design, Options(quick=True), CORES).workers == (2,)
    assert filled_in(design, Options(), CORES).workers == (2, CORES, 2 * CORES)
    assert filled_in(design, Options(quick=True, workers=(3,)), CORES).workers == (3,)


def test_variants_that_are_work_of_their_own_are_compared_with_themselves():
    """Each has a block with its own sequential cells; ways to do the same work share one."""
    variants = ("contention", "contention+lock", "contention+set-add")
    made, found = in_blocks(Design("made", variants, ("threading",)), workers=(2,))
    assert [{each.workload for each in block} for block in found] == [{name} for name in variants]
    assert all(baseline_of(each) in block for block in found for each in block)
    assert {each.workload for each in made if each.strategy == "sequential"} == set(variants)
    _, found = in_blocks(Design("made", ("counter", "counter+lock"), ("threading",)), workers=(2,))
    assert len(found) == 1


def sizes_of(options, **design):
    made = Design("made", ("counter",), ("threading",), compared=False, sizes=(10, 20, 30), **design)
    return [cell.size for cell in cells(settings(made, options, LAB, CORES), LAB, ("3.11",))]


def test_a_quick_look_has_fewer_sizes_where_there_are_many():
    """Unless they are named; without `quick` all are run."""
    assert sizes_of(Options(quick=True), quick_sizes=(10, 30)) == [10, 30]
    assert sizes_of(Options(), quick_sizes=(10, 30)) == sizes_of(Options(quick=True)) == [10, 20, 30]
    assert sizes_of(Options(quick=True, sizes=(20,)), quick_sizes=(10, 30)) == [20]


def test_a_design_may_run_some_work_under_some_strategies_only():
    """And still beside the sequential work of the same size; strategies that the user names are for all of it."""
    only = {"counter+lock": ("multiprocessing",)}
    design = Design("made", ("counter", "counter+lock"), ("sequential", "threading"), strategies_of=only)
    found = [(cell.workload, cell.strategy) for cell in asked_for(design=design, sizes=(7,))]
    assert found == [("counter", "sequential"), ("counter", "threading"), ("counter+lock", "multiprocessing")]
    named = asked_for(design=design, sizes=(7,), strategies=("threading",))
    assert ("counter+lock", "threading") in [(cell.workload, cell.strategy) for cell in named]


def test_a_design_may_say_how_many_tasks_are_handed_over_at_a_time():
    """Unless the user does."""
    design = Design("made", ("primes",), chunk=3)
    assert {trial.chunk for trial in planned(Options(seed=1), design)} == {"3"}
    assert {trial.chunk for trial in planned(Options(seed=1, chunk=5), design)} == {"5"}
    assert {trial.chunk for trial in planned()} == {None}


@pytest.mark.parametrize(
    ("only", "message"),
    [({"counter+lok": ("threading",)}, "none of the workloads of made"), ({"counter": ("thread",)}, "'threading'")],
)
def test_what_a_design_names_there_must_be(only, message):
    """Its own workloads, and strategies of the lab or of the user's file."""
    with pytest.raises(UsageError, match=message):
        asked_for(design=Design("made", ("counter",), strategies_of=only))
