"""Options: what is refused before anything is touched, and what is filled in."""

from dataclasses import replace

import pytest
from made_plans import CORES, DESIGN, LAB, asked_for, planned, refused, strategy, workload

from gil_lab.model.errors import UsageError
from gil_lab.sessions.options import MAX_ROUNDS, MAX_SEED, MAX_TASKS, Options, check, check_name
from gil_lab.sessions.plan import MIN_TIME_S, settings, with_library_threads
from gil_lab.sessions.worker_limits import max_workers
from gil_lab.suite.catalogue import Catalogue


@pytest.mark.parametrize("value", [0, -1, 2.0, True, False, "2", 10**30, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["tasks", "rounds"])
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
    assert "on this machine" in message


@pytest.mark.parametrize("value", [0, -1, 2.0, True, "2", None, 10**30])
@pytest.mark.parametrize("others", [(), (2,)])
def test_each_size_is_checked(value, others):
    """Also if the first ones are fine."""
    assert refused(sizes=(*others, value)).startswith(f"size is {repr(value)[:10]}")


@pytest.mark.parametrize("value", [-1, 2.0, True, "2", 2**63, float("nan")])
def test_a_seed_is_a_whole_number(value):
    """Zero is one, too."""
    assert refused(seed=value).startswith("seed is")
    assert planned(Options(seed=0)) == planned(Options(seed=0))


@pytest.mark.parametrize("value", [0, 0.0, -0.5, True, "1", float("nan"), float("inf"), 86_401, 10**30])
@pytest.mark.parametrize(
    ("name", "shown"), [("min_time_s", "min-time"), ("timeout_s", "timeout"), ("budget_s", "budget")]
)
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
    most = replace(most, workers=(1, max_workers(CORES)), sizes=(LAB.workload("primes").max_size,))
    assert {trial.cell.workers for trial in planned(most)} == {1, max_workers(CORES)}
    assert refused(tasks=MAX_TASKS + 1).endswith(f"from 1 to {MAX_TASKS}")
    assert refused(rounds=MAX_ROUNDS + 1).endswith(f"from 1 to {MAX_ROUNDS}")


def test_a_size_that_would_take_minutes_is_refused():
    """The workload knows its limit and its unit."""
    most = LAB.workload("primes").max_size
    assert refused(sizes=(1, most + 1)) == f"size is {most + 1}; primes takes at most {most} numbers"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tasks": 0}, "tasks of mine is 0"),
        ({"tasks": MAX_TASKS + 1}, f"tasks of mine is {MAX_TASKS + 1}; it takes a whole number from 1 to {MAX_TASKS}"),
        ({"tasks": 2.5}, "tasks of mine is 2.5"),
        ({"size": 0}, "size of mine is 0"),
        ({"size": "large"}, "size of mine is 'large'"),
        ({"size": 100}, "size is 100; mine takes at most 99 numbers"),
    ],
)
def test_what_stands_in_a_user_s_file_is_checked_like_an_option(changes, message):
    """Before anything is started."""
    own = Catalogue(workloads={"mine": workload(**changes)})
    with pytest.raises(UsageError, match=f"^{message}"):
        asked_for(own, workloads=("mine",))


def test_more_tasks_than_a_list_has_inputs_are_refused():
    """Of fewer, the first ones are taken."""
    own = Catalogue(workloads={"mine": workload(inputs=[1, 2, 3])})
    assert {each.tasks for each in asked_for(own, workloads=("mine",))} == {3}
    assert {each.tasks for each in asked_for(own, workloads=("mine",), tasks=2)} == {2}
    with pytest.raises(UsageError, match=r"^tasks is 4; mine has a list of 3 inputs"):
        asked_for(own, workloads=("mine",), tasks=4)


def test_one_size_for_two_workloads_is_refused():
    """It means numbers in one and milliseconds in the other."""
    assert "means something else in each of primes, sleep" in refused(workloads=("primes", "sleep"), sizes=(5,))


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
def test_an_unknown_name_without_a_near_one_gets_the_command_that_lists_them(kind, name):
    """In one printable line, whatever the name holds: there are too many for it."""
    message = refused(**{kind: (name,)})
    assert f"unknown {'strategy' if kind == 'strategies' else 'workload'} {name!a}" in message
    count = len(LAB.strategy_names() if kind == "strategies" else LAB.workload_names())
    assert f"there are {count} of them: gil-lab list" in message


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
        (Options(), (None, None, MIN_TIME_S)),
        (Options(quick=True), (None, None, MIN_TIME_S)),
        (Options(quick=True, rounds=5), (5, None, MIN_TIME_S)),
        (Options(budget_s=90.0, min_time_s=2.0), (None, 90.0, 2.0)),
        (Options(rounds=1, min_time_s=0.1), (1, None, 0.1)),
    ],
)
def test_what_is_left_open_is_resolved(options, expected):
    """Without a number of rounds there is none, and time decides; what was asked for stays."""
    chosen = settings(DESIGN, options, LAB, CORES)
    assert (chosen.rounds, chosen.budget_s, chosen.min_time_s) == expected


@pytest.mark.parametrize("other", [{"budget_s": 60.0}, {"precision": 0.05}, {"budget_s": 60.0, "precision": 0.05}])
def test_exact_rounds_and_a_budget_exclude_each_other(other):
    """One of them would have to be ignored; the message says what can be left out."""
    message = refused(rounds=3, **other)
    assert message == "--rounds is exact; leave it out, or leave out --budget and --precision"
    assert planned(Options(seed=1, **other)) == planned(Options(seed=1))


@pytest.mark.parametrize("value", [0, -0.05, 1, 5, True, "5%", float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["precision", "threshold"])
def test_a_precision_and_a_threshold_are_shares(name, value):
    """Of nothing and of all there would be no end, and none is what the user means by 5 instead of 5%."""
    assert refused(**{name: value}).startswith(f"{name} is {repr(value)[:10]}; it takes a share between 0 and 100 %")


def test_a_seed_is_kept_or_drawn():
    """A drawn one is in reach of what may be asked for, and two are not the same."""
    assert settings(DESIGN, Options(seed=0), LAB, CORES).seed == 0
    drawn = {settings(DESIGN, Options(), LAB, CORES).seed for _ in range(4)}
    assert len(drawn) > 1
    assert all(0 <= seed <= MAX_SEED for seed in drawn)


@pytest.mark.parametrize(
    "wrong", [{"tasks": 10**5000}, {"sizes": (10**5000,)}, {"timeout_s": None}, {"strategies": (5,)}]
)
def test_what_cannot_even_be_printed_or_compared_is_refused_in_one_line(wrong):
    """A number of five thousand digits, no timeout at all, a number for a name."""
    with pytest.raises(UsageError) as refused:
        check(Options(**wrong), 2)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "a/b", "..", "", " ", "a\nb", "=1+1", "x" * 65, "\u202eabc", 5])
def test_an_experiment_s_name_cannot_lead_out_of_the_results(name):
    """It becomes a folder, so it is made of letters, digits, dots and dashes."""
    with pytest.raises(UsageError, match="cannot be called"):
        check_name(name)


@pytest.mark.parametrize("name", ["cpu-bound", "my.file", "A1", "x" * 64])
def test_usual_names_are_fine(name):
    """Among them those that are made of the names of files."""
    check_name(name)


@pytest.mark.parametrize("pythons", [(), (5,), (None,)])
def test_pythons_are_names(pythons):
    """At least one, if the option is given."""
    assert "python" in refused(pythons=pythons)


def test_threads_of_libraries_are_a_setting_of_each_python():
    """Of those that the experiment names, and of those that the user does."""
    design, options = with_library_threads(4, replace(DESIGN, pythons=("this", "3.13t+gil")), Options())
    assert (design.pythons, options.pythons) == (("this+threads=4", "3.13t+gil+threads=4"), None)
    _, options = with_library_threads(4, DESIGN, Options(pythons=("3.14",)))
    assert options.pythons == ("3.14+threads=4",)
    with pytest.raises(UsageError, match=r"^library-threads is 0; it takes a whole number from 1 to 1024"):
        with_library_threads(0, DESIGN, Options())
