"""The plan: which trials an experiment comes to, in what order, and what is refused before anything is touched."""

from collections import Counter
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import SEQUENTIAL, cell

from gil_lab.catalogue import Catalogue
from gil_lab.errors import UsageError
from gil_lab.plan import (
    MAX_ROUNDS,
    MAX_SEED,
    MAX_TASKS,
    MODELS,
    Design,
    Options,
    cells,
    check,
    check_name,
    max_workers,
    trials,
)
from gil_lab.strategies import Strategy
from gil_lab.wire import Facts, Refusal
from gil_lab.workloads import Workload

CORES = 4


LAB = Catalogue()


DESIGN = Design("cpu-bound", ("primes",))


@contextmanager
def nothing(*arguments):
    yield []


def facts(**refusals):
    """An interpreter that refuses these strategies, for these reasons."""
    refused = tuple(Refusal(name, reason) for name, reason in refusals.items())
    return Facts(
        label="3.11",
        version="3.11.7",
        implementation="CPython",
        compiler="",
        configured=(),
        free_threaded=False,
        gil=True,
        gil_after_imports=True,
        bytecode="beside",
        start_methods=("fork", "spawn"),
        packages=(),
        refusals=refused,
    )


def workload(**changes):
    usual = {"summary": "", "bound": "cpu", "inputs": nothing, "forms": {"call": print}, "verify": print}
    return Workload(**{**usual, "size": 10, "size_unit": "numbers", "max_size": 99, "tasks": 7, **changes})


def strategy(**changes):
    return Strategy(**{"summary": "", "form": "call", "open": nothing, "workers_are": "threads", **changes})


def planned(options=None, design=DESIGN, catalogue=LAB, known=None):
    """The trials, by way of every check that a session makes."""
    asked = options or Options(seed=1)
    check(asked, CORES)
    made = cells(design, asked, catalogue, CORES, ("3.11",))
    return trials(made, asked, catalogue, {"3.11": known or facts()})


def asked_for(catalogue=LAB, design=DESIGN, **options):
    return cells(design, Options(**options), catalogue, CORES, ("3.11",))


def refused(**options):
    """The message with which the options are refused: one line that names what is wrong."""
    with pytest.raises(UsageError) as caught:
        planned(Options(**options))
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 300
    return message


def test_the_same_seed_gives_the_same_order():
    """A session can be repeated trial by trial."""
    assert planned(Options(seed=7)) == planned(Options(seed=7))


def test_another_seed_gives_another_order_of_the_same_trials():
    """Only the order is random."""
    one, other = planned(Options(seed=7)), planned(Options(seed=8))
    assert [trial.cell for trial in one] != [trial.cell for trial in other]
    assert Counter((trial.round, trial.cell) for trial in one) == Counter((trial.round, trial.cell) for trial in other)


@given(st.integers(0, MAX_SEED), st.integers(1, 5))
def test_every_round_is_a_permutation_of_all_cells(seed, count):
    """A randomised complete block: cells that are compared are neighbours in time."""
    listed = planned(Options(seed=seed, rounds=count, workers=(2, 3)))
    made = asked_for(workers=(2, 3))
    assert [trial.number for trial in listed] == list(range(1, len(listed) + 1))
    assert [trial.round for trial in listed] == [number for number in range(1, count + 1) for _ in made]
    for number in range(1, count + 1):
        assert Counter(trial.cell for trial in listed if trial.round == number) == Counter(made)


def test_each_round_has_an_order_of_its_own():
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
    made = cells(DESIGN, Options(), LAB, cores, ("3.11",))
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


def test_tasks_and_size_are_the_workloads_unless_asked_for():
    """And then they hold for every cell."""
    own = Catalogue(workloads={"mine": workload(size=10, tasks=7)})
    assert {(each.tasks, each.size) for each in asked_for(own, workloads=("mine",))} == {(7, 10)}
    assert {(each.tasks, each.size) for each in asked_for(own, workloads=("mine",), tasks=3, size=99)} == {(3, 99)}


def skips(catalogue):
    """Of the workload `mine`, by strategy."""
    return {one.cell.strategy: one.skip for one in planned(Options(workloads=("mine",), rounds=1), catalogue=catalogue)}


def test_a_cell_that_cannot_be_run_is_listed_once_with_its_reason():
    """It is a row of the results, and no round is spent on it."""
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


@pytest.mark.parametrize("value", [0, -1, 2.0, True, False, "2", 10**30, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["tasks", "rounds", "size"])
def test_what_is_no_whole_number_in_reach_is_refused(name, value):
    """The message names the option and the value, and says what it takes."""
    message = refused(**{name: value})
    assert message.startswith(f"{name} is {repr(value)[:10]}")
    assert "whole number" in message or "at most" in message


@pytest.mark.parametrize("value", [0, -1, 2.0, True, "2", None, 10**30, float("nan"), max_workers(CORES) + 1])
@pytest.mark.parametrize("others", [(), (2,)])
def test_each_number_of_workers_is_checked(value, others):
    """Also if the first ones are fine."""
    message = refused(workers=(*others, value))
    assert message.startswith(f"workers is {repr(value)[:10]}")
    assert message.endswith("on this machine")


@pytest.mark.parametrize("value", [-1, 2.0, True, "2", 2**63, float("nan")])
def test_a_seed_is_a_whole_number(value):
    """Zero is one, too."""
    assert refused(seed=value).startswith("seed is")
    assert planned(Options(seed=0)) == planned(Options(seed=0))


@pytest.mark.parametrize("value", [0, 0.0, -0.5, True, "1", float("nan"), float("inf"), 86_401, 10**30])
@pytest.mark.parametrize(("name", "shown"), [("min_time_s", "min-time"), ("timeout_s", "timeout")])
def test_what_are_no_seconds_is_refused(name, shown, value):
    """By the name that the option has on the command line."""
    message = refused(**{name: value})
    assert message.startswith(f"{shown} is {repr(value)[:10]}")
    assert "seconds above 0" in message


@pytest.mark.parametrize("name", ["workers", "strategies", "workloads"])
def test_an_empty_choice_is_refused(name):
    """Nothing chosen is not everything chosen."""
    assert refused(**{name: ()}) == f"no {name} given; name at least one, or leave the option out"


def test_the_limits_themselves_are_taken():
    """What is refused lies beyond them."""
    most = Options(tasks=MAX_TASKS, rounds=1, seed=MAX_SEED, min_time_s=86_400, timeout_s=86_400)
    most = replace(most, workers=(1, max_workers(CORES)), size=LAB.workload("primes").max_size)
    assert {trial.cell.workers for trial in planned(most)} == {1, max_workers(CORES)}
    assert refused(tasks=MAX_TASKS + 1).endswith(f"from 1 to {MAX_TASKS}")
    assert refused(rounds=MAX_ROUNDS + 1).endswith(f"from 1 to {MAX_ROUNDS}")


def test_a_size_that_would_take_minutes_is_refused():
    """The workload knows its limit and its unit."""
    most = LAB.workload("primes").max_size
    assert refused(size=most + 1) == f"size is {most + 1}; primes takes at most {most} numbers"


def test_one_size_for_two_workloads_is_refused():
    """It means numbers in one and milliseconds in the other."""
    assert "means something else in each of primes, sleep" in refused(workloads=("primes", "sleep"), size=5)


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"strategies": ("treading",)}, "unknown strategy 'treading'; did you mean 'threading'?"),
        ({"strategies": ("threading", "Threading")}, "unknown strategy 'Threading'; did you mean 'threading'?"),
        ({"strategies": ("numba_nogil",)}, "unknown strategy 'numba_nogil'; did you mean 'numba-nogil'?"),
        ({"workloads": ("prime",)}, "unknown workload 'prime'; did you mean 'primes'?"),
    ],
)
def test_an_unknown_name_gets_the_nearest_one(options, hint):
    """A typing error costs one look."""
    assert refused(**options) == hint


@pytest.mark.parametrize("name", ["", "qqqqqq", "../../etc", "a\nb\x1b[31m", "\ud800"])
@pytest.mark.parametrize("kind", ["strategies", "workloads"])
def test_an_unknown_name_without_a_near_one_gets_the_list(kind, name):
    """In one printable line, whatever the name holds."""
    message = refused(**{kind: (name,)})
    assert f"unknown {'strategy' if kind == 'strategies' else 'workload'} {name!a}" in message
    assert "there are" in message
    assert ("threading" if kind == "strategies" else "primes") in message


def test_a_nearest_name_can_be_a_users_own():
    """The names of the file are known as the lab's are."""
    own = Catalogue(workloads={"my-sums": workload()}, strategies={"my-pool": strategy()})
    with pytest.raises(UsageError, match="did you mean 'my-sums'"):
        asked_for(own, workloads=("my-sum",))
    with pytest.raises(UsageError, match="did you mean 'my-pool'"):
        asked_for(own, strategies=("my-pol",))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (Options(), (3, 0.5)),
        (Options(quick=True), (1, 0.2)),
        (Options(quick=True, rounds=5), (5, 0.2)),
        (Options(quick=True, min_time_s=2.0), (1, 2.0)),
        (Options(rounds=1, min_time_s=0.1), (1, 0.1)),
    ],
)
def test_what_is_left_open_is_resolved(options, expected):
    """Quick is one round of short timings; what was asked for stays."""
    settled = options.resolved()
    assert (settled.rounds, settled.min_time_s) == expected
    assert settled.resolved() == settled


def test_a_seed_is_kept_or_drawn():
    """A drawn one is in reach of what may be asked for, and two are not the same."""
    assert Options(seed=0).resolved().seed == 0
    drawn = {Options().resolved().seed for _ in range(4)}
    assert len(drawn) > 1
    assert all(0 <= seed <= MAX_SEED for seed in drawn)


def test_times_reach_every_trial():
    """The child and its guard learn them from there."""
    listed = planned(Options(min_time_s=0.25, timeout_s=9.0))
    assert {(trial.min_time_s, trial.timeout_s) for trial in listed} == {(0.25, 9.0)}


def test_planning_the_lab_names_cells_as_the_factories_do():
    """What other tests take for a cell of the lab is one."""
    made = asked_for(workers=(2,), tasks=32, size=6500)
    assert {cell(each.strategy) for each in made} == set(made)


@pytest.mark.parametrize("wrong", [{"tasks": 10**5000}, {"size": 10**5000}, {"timeout_s": None}, {"strategies": (5,)}])
def test_what_cannot_even_be_printed_or_compared_is_refused_in_one_line(wrong):
    """A number of five thousand digits, no timeout at all, a number for a name."""
    with pytest.raises(UsageError) as refused:
        check(Options(**wrong), 2)
    assert len(str(refused.value)) < 200


def test_a_workload_named_twice_is_one_workload():
    """So a size for it is a size for one workload."""
    options = Options(workloads=("primes", "primes"), size=5, strategies=("threading",))
    made = cells(Design("any", ("primes",)), options, Catalogue(), 2, ("3.11",))
    assert [one.strategy for one in made] == ["sequential", "threading"]


def test_an_experiment_without_its_references_gets_them():
    """A user's own design that names no sequential strategy still has speed-ups."""
    made = cells(Design("any", ("primes",), ("numba-nogil", "threading")), Options(), Catalogue(), 2, ("3.11",))
    assert [one.strategy for one in made] == ["sequential", "numba-sequential", "numba-nogil", "threading"]


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "a/b", "..", "", " ", "a\nb", "=1+1", "x" * 65, "\u202eabc", 5])
def test_an_experiment_s_name_cannot_lead_out_of_the_results(name):
    """It becomes a folder, so it is made of letters, digits, dots and dashes."""
    with pytest.raises(UsageError, match="cannot be called"):
        check_name(name)


@pytest.mark.parametrize("name", ["cpu-bound", "my.file", "A1", "x" * 64])
def test_usual_names_are_fine(name):
    """Among them those that are made of the names of files."""
    check_name(name)


def test_every_interpreter_has_each_cell_beside_those_of_the_others():
    """Strategies in the experiment's order, and in each the interpreters in theirs: what is compared is together."""
    made = cells(DESIGN, Options(strategies=("threading",), workers=(2, 3)), LAB, CORES, ("3.14", "3.13t+gil"))
    told = [(one.strategy, one.interpreter, one.workers) for one in made]
    pythons = ("3.14", "3.13t+gil")
    pooled = [("threading", python, workers) for python in pythons for workers in (2, 3)]
    assert told == [*[("sequential", python, 1) for python in pythons], *pooled]


def test_what_one_interpreter_cannot_run_another_one_can():
    """Each is asked about its own cells."""
    made = cells(DESIGN, Options(strategies=("threading",), workers=(2,)), LAB, CORES, ("3.11", "3.14"))
    listed = trials(made, Options(seed=1, rounds=1), LAB, {"3.11": facts(threading="no"), "3.14": facts()})
    assert {(one.cell.interpreter, one.skip) for one in listed if one.cell.strategy == "threading"} == {
        ("3.11", "no"),
        ("3.14", ""),
    }


@pytest.mark.parametrize("pythons", [(), (5,), (None,)])
def test_pythons_are_names(pythons):
    """At least one, if the option is given."""
    assert "python" in refused(pythons=pythons)
