"""Answers are compared as their types mean it, in whichever process they were made."""

import pickle
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import partial
from io import StringIO
from random import Random
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gil_lab.suite.answers import BETWEEN_FORMS, DEEPEST, differing, same

NAN = float("nan")


class Point(NamedTuple):
    x: float
    y: int


@dataclass
class Measured:
    name: str
    values: object


class Plain:
    """It has no `__eq__`."""

    def __init__(self, values):
        self.values = values


class Slotted:
    """Neither has it `__dict__`."""

    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value

    def __reduce__(self):
        return Slotted, (self.value,)


class Stubborn:
    """It equals nothing, and says so."""

    def __eq__(self, other):
        return False

    def __hash__(self):
        return 1


ARRAY = np.array([0.5, NAN, 2.0])
FRAME = pd.DataFrame({"a": [1, 2], "b": [0.5, NAN]}, index=["x", "y"])
ANSWERS = {
    "number": 7,
    "float": 0.1,
    "NaN": NAN,
    "infinity": float("inf"),
    "complex": complex(NAN, 1.0),
    "text": "text",
    "bytes": b"bytes",
    "nothing": None,
    "decimal": Decimal("0.3"),
    "fraction": Fraction(1, 3),
    "array": ARRAY,
    "empty array": np.array([]),
    "structured array": np.array([(1, 0.5)], dtype=[("a", int), ("b", float)]),
    "array of objects": np.array([{"a": 1.0}, [NAN]], dtype=object),
    "array of texts": np.array(["a", "b"]),
    "array of times": np.array(["2026-01-01"], dtype="datetime64[D]"),
    "scalar of an array": np.float32(0.5),
    "frame": FRAME,
    "series": FRAME["b"],
    "list": [1, [0.5, NAN], ARRAY],
    "named tuple": Point(NAN, 1),
    "mapping": {"a": ARRAY, "b": {NAN, 1.0}},
    "set": {0.5, NAN},
    "frozen set": frozenset({"a", ("b", 1)}),
    "dataclass": Measured("a", ARRAY),
    "object": Plain([ARRAY, NAN]),
    "object with slots": Slotted(1),
    "exception": ValueError("no", 1),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_the_same_as_itself_from_another_process(name):
    """Where nothing is identical any more."""
    answer = ANSWERS[name]
    assert same(answer, pickle.loads(pickle.dumps(answer)))
    assert differing([answer], [pickle.loads(pickle.dumps(answer))]) is None


@pytest.mark.parametrize("one", ANSWERS)
def test_different_answers_are_not_the_same(one):
    """Whatever is compared with whatever, in both directions, and nothing is raised."""
    for name, other in ANSWERS.items():
        if name != one:
            assert not same(ANSWERS[one], other), name
            assert not same([ANSWERS[one]], [other]), name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ARRAY, np.array([0.5, NAN, 2.1])),
        (ARRAY, ARRAY[:2]),
        (FRAME, FRAME.rename(columns={"a": "c"})),
        (FRAME, FRAME.rename(index={"x": "z"})),
        (FRAME, FRAME.replace(2, 3)),
        (FRAME["a"], FRAME["a"].rename("c")),
        ({0.5, NAN}, {0.6, NAN}),
        ([1, 2], [2, 1]),
        ([1], (1,)),
        ({"a": 1}, {"a": 1, "b": 2}),
        (Measured("a", ARRAY), Measured("a", ARRAY + 1)),
        (Measured("a", ARRAY), Measured("b", ARRAY)),
        (Plain([1]), Plain([2])),
        (Slotted(1), Slotted(2)),
        (Stubborn(), Stubborn()),
        (ValueError("no"), ValueError("yes")),
        (ValueError("no"), TypeError("no")),
        (1.0, 1.0 + 1e-6),
        (0.0, 1e-300),
        (10**400, 1e300),
        (NAN, 0.0),
        (1, "1"),
        (1.0, "1.0"),
    ],
)
def test_a_difference_anywhere_is_one(one, other):
    """In a value, a label, a length, an order or a type."""
    assert not same(one, other)
    assert not same(other, one)
    assert differing([0, one], [0, other]).startswith("task 1 answered ")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (0.1 + 0.2, 0.3),
        (1, 1.0),
        (1, np.int64(1)),
        (0.5, np.float32(0.5)),
        ([1.0, 2.0], np.array([1.0, 2.0])),
        (np.array([0.1 + 0.2]), np.array([0.3])),
        (pd.Series([0.1 + 0.2]), pd.Series([0.3])),
    ],
)
def test_what_threads_add_up_in_another_order_is_the_same(one, other):
    """And so is a number of another type."""
    assert same(one, other)
    assert same(other, one)


def test_as_many_answers_as_tasks():
    """One that is missing is said so."""
    assert differing([1, 2], [1]) == "1 answers for 2 tasks"


def test_what_contains_itself_ends():
    """And what is deeper than anybody would answer: both are the same if they are pickled alike."""
    one, other, longer = [], [], [1]
    for each in (one, other, longer):
        each.append(each)
    assert same(one, other)
    assert not same(one, longer)
    nested = ()
    for _ in range(100_000):
        nested = (nested,)
    assert differing([nested], [()]) == "task 0 answered () instead of a tuple"
    deep = [NAN]
    for _ in range(DEEPEST + 1):
        deep = [deep]
    assert same(deep, deep)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
        max_leaves=10,
    )
)
def test_whatever_python_answers_is_the_same_after_pickling(answer):
    """NaN wherever it stands."""
    assert same(answer, pickle.loads(pickle.dumps(answer)))


MISSING = [float("nan"), Decimal("NaN"), np.datetime64("NaT"), pd.NaT, pd.NA]


@pytest.mark.parametrize("value", MISSING, ids=repr)
def test_what_is_missing_is_the_same_as_itself_from_another_process(value):
    """Although none of them is equal to itself."""
    other = pickle.loads(pickle.dumps((value, 1)))
    assert differing([(value, 1)], [other]) is None
    assert differing([value], [1]) is not None


def test_forms_may_round_differently_and_passes_of_one_form_may_not():
    """Compiled code may use float32, and add in another order."""
    assert differing([1.0, [2.0]], [1.000001, [2.000001]], BETWEEN_FORMS) is None
    assert differing([1.0], [1.001], BETWEEN_FORMS) is not None
    assert differing([1.0], [1.000001]) is not None
    assert differing([10**17], [10**17 + 1], BETWEEN_FORMS) is not None


class Tree:
    """With a way back to where one came from."""

    def __init__(self, number, parent=None):
        self.number, self.parent = number, parent
        self.kids = [Tree(number - 1, self) for _ in range(2)] if number else []


def test_a_tree_with_parents_is_compared_in_time():
    """It contains itself many times over."""
    assert same(Tree(5), Tree(5))
    assert not same(Tree(5), Tree(4))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Random(3), Random(4)),
        (StringIO("a"), StringIO("b")),
        (partial(max, 1), partial(max, 2)),
        (np.array(["2020-01-01", "NaT"], "M8[D]"), np.array(["2020-01-02", "NaT"], "M8[D]")),
    ],
)
def test_state_that_no_attribute_has_is_looked_at(one, other):
    """And what is the same is the same, after a journey too."""
    assert not same(one, other)
    assert same(one, pickle.loads(pickle.dumps(one)))


def test_dates_that_are_missing_are_the_same_in_frames_and_arrays():
    """As bare ones are."""
    frame = pd.DataFrame({"a": pd.to_datetime(["2020-01-01", None]), "b": ["x", None]})
    assert same(frame, frame.copy())


class Incomparable:
    """A mistake of its author."""

    def __eq__(self, other):
        raise RuntimeError("no comparing")

    __hash__ = None


@pytest.mark.parametrize("held", [lambda one: one, lambda one: [1, one], lambda one: {"answer": one}])
def test_a_comparison_that_raises_is_reported_with_its_exception(held):
    """Nothing is known of such answers: neither that they are the same nor that they differ."""
    cause = "__eq__ of Incomparable, which tasks answer with, raises RuntimeError: no comparing; fix it, or give verify"
    with pytest.raises(TypeError, match=cause):
        same(held(Incomparable()), held(Incomparable()))


def test_what_is_of_another_type_is_not_compared():
    """It is another answer in any case."""
    assert not same(Incomparable(), 3)
