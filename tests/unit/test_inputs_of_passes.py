"""Tasks may change their inputs: then each pass has fresh ones, and no clock runs while they are made."""

import pickle
import threading
from array import array
from collections import Counter, OrderedDict, defaultdict, deque
from io import StringIO
from random import Random

import numpy as np
import pandas as pd
import pytest

from gil_lab.child import inputs as inputs_module
from gil_lab.child import trial
from gil_lab.child.inputs import Inputs, unchanging


def pass_over(inputs, pass_s=0.01):
    """A first pass that sorts each of them in place."""
    given = inputs.take()
    for numbers in given:
        numbers.sort()
    inputs.look_for_changes(pass_s)


def test_inputs_that_nothing_changes_are_the_same_in_each_pass():
    """Neither copied nor kept twice."""
    given = [[1, 2], [3]]
    inputs = Inputs(given)
    pass_over(inputs)
    assert inputs.take() is inputs.take() is inputs.given is given
    assert not inputs.used_up


def test_inputs_that_a_task_changes_are_fresh_in_each_pass():
    """As they were at first, also for whoever checks the answers."""
    inputs = Inputs([[3, 1, 2]])
    pass_over(inputs)
    assert inputs.given == [[3, 1, 2]]
    for _ in range(3):
        taken = inputs.take()
        assert taken == [[3, 1, 2]]
        taken[0].sort()
    assert inputs.given == [[3, 1, 2]]


@pytest.mark.parametrize(("pass_s", "copies"), [(10.0, 1), (0.1, 2), (0.02, 10), (0.0, 1000)])
def test_a_turn_has_as_many_passes_as_there_are_copies(pass_s, copies):
    """Made before it: for the time that a turn may take, and one at least."""
    inputs = Inputs([[3, 1, 2]])
    pass_over(inputs, pass_s)
    sort = lambda given: [numbers.sort() for numbers in given]  # noqa: E731
    done, _ = trial.passes("timed", sort, inputs, 60.0, trial.MAX_PASSES)
    assert len(done) == copies
    assert inputs.used_up
    inputs.refill()
    assert not inputs.used_up
    assert len(trial.passes("timed", sort, inputs, 60.0, trial.MAX_PASSES)[0]) == copies


def test_copies_do_not_fill_the_memory(monkeypatch):
    """One, of inputs that are large."""
    monkeypatch.setattr(inputs_module, "MOST_BYTES", 1000)
    inputs = Inputs([list(range(1000, 0, -1))])
    pass_over(inputs, 1e-6)
    assert len(trial.passes("timed", lambda given: [], inputs, 60.0, trial.MAX_PASSES)[0]) == 1


class Held:
    """A plain object."""

    def __init__(self):
        self.numbers = [2, 1]


class Deadly:
    """To copy it would run its own code."""

    def __reduce__(self):
        raise SystemExit("copied")


class Slotted:
    """An object without a dictionary."""

    __slots__ = ("numbers",)

    def __init__(self):
        self.numbers = [2, 1]


def rewound(stream):
    """A stream that stands at its beginning."""
    stream.seek(0)
    return stream


def state(value):
    """Of a stream, what is in it and where it stands, which are not pickled alike."""
    return (value.getvalue(), value.tell()) if isinstance(value, StringIO) else pickle.dumps(value)


@pytest.mark.parametrize(
    ("make", "change"),
    [
        (lambda: deque([1, 2]), lambda queue: queue.popleft()),
        (lambda: OrderedDict(a=1, b=2), lambda held: held.move_to_end("a")),
        (lambda: defaultdict(list, a=[1]), lambda held: held["b"].append(1)),
        (lambda: Counter("aab"), lambda held: held.update("b")),
        (lambda: array("i", [1, 2]), lambda held: held.append(3)),
        (lambda: Random(1), lambda held: held.random()),
        (lambda: np.random.default_rng(1), lambda held: held.random()),
        (lambda: rewound(StringIO("some text")), lambda held: held.read()),
        (lambda: pd.DataFrame({"a": [2, 1]}), lambda held: held.insert(1, "b", 3)),
        (Slotted, lambda held: held.numbers.sort()),
    ],
)
def test_inputs_of_every_common_type_are_fresh_in_each_pass(make, change):
    """Containers, arrays, frames, streams, sources of random numbers, objects."""
    inputs = Inputs([make()])
    change(inputs.take()[0])
    inputs.look_for_changes(0.01)
    first, second = inputs.take()[0], inputs.take()[0]
    assert first is not second
    assert state(first) == state(make())


def test_a_stream_that_nothing_reads_is_the_same_in_each_pass():
    """To copy it again and again would take time for nothing."""
    inputs = Inputs([rewound(StringIO("some text")), Random(1)])
    inputs.look_for_changes(0.01)
    assert inputs.take() is inputs.take()


def test_inputs_that_cannot_be_copied_are_named():
    """So that whoever reads that answers differ knows where to look."""
    assert Inputs([[1], iter([1])]).uncopied == "list_iterator"
    assert Inputs([[1]]).uncopied == ""


@pytest.mark.parametrize("change", [lambda held: held.numbers.sort(), lambda held: setattr(held, "more", 1)])
def test_objects_are_watched_too(change):
    """Whatever they hold."""
    inputs = Inputs([Held()])
    change(inputs.take()[0])
    inputs.look_for_changes(0.01)
    assert vars(inputs.take()[0]) == {"numbers": [2, 1]}


def test_arrays_are_watched_too():
    """Element by element."""
    inputs = Inputs([np.array([2.0, 1.0])])
    inputs.take()[0].sort()
    inputs.look_for_changes(0.01)
    assert inputs.take()[0].tolist() == [2.0, 1.0]


@pytest.mark.parametrize(
    "given", [[threading.Lock()], [lambda: 1], [iter([1])], [Deadly()], [[Deadly()]], [{1: Deadly()}]]
)
def test_what_would_run_code_of_its_own_to_be_copied_is_left_alone(given):
    """Handles, functions, iterators, whatever people wrote, and what contains itself."""
    inputs = Inputs(given)
    inputs.look_for_changes(0.01)
    assert inputs.take() is given


def test_who_depends_on_which_inputs_they_are_gets_the_same_ones():
    """Tasks that wait for others know those by their inputs."""
    given = [[2, 1]]
    inputs = Inputs(given, watched=False)
    pass_over(inputs)
    assert inputs.take() is given


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, True),
        ((1, ("a", b"b", None, 1.0, range(3))), True),
        (frozenset({(1, 2)}), True),
        ([1], False),
        ((1, [2]), False),
        (bytearray(b"a"), False),
        (object(), False),
        (type("Number", (int,), {})(1), False),
    ],
)
def test_what_nothing_can_change(value, expected):
    """Such inputs are not even pickled."""
    assert unchanging(value) is expected


@pytest.mark.parametrize(
    ("outputs", "most"),
    [([1, 2, 3], 1000), ([bytes(1_000_000)] * 4, 33), ([bytes(40_000_000)] * 4, 1), ([], 1000)],
)
def test_a_turn_has_no_more_passes_than_answers_have_room_for(outputs, most):
    """Also where they are memory that was never touched, and so takes none as long as it is not compared."""
    assert trial.most_passes(outputs) == most


def test_answers_that_do_not_tell_their_size_have_room():
    class Odd:
        def __sizeof__(self):
            raise RuntimeError

    assert trial.most_passes([Odd()]) == trial.MAX_PASSES
