"""Frozen records are frozen dataclasses for everything that works with those."""

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, is_dataclass, replace

import pytest

from gil_lab.model.frozen import frozen


@frozen
class Point:
    """Two coordinates, and a remark that does not matter."""

    x: int
    y: float = 0.5
    remark: str = field(default="", compare=False)

    @property
    def double(self) -> int:
        return 2 * self.x


@frozen
class Single:
    only: tuple[int, ...]


@frozen
class Empty:
    pass


@frozen
class Positive:
    number: int

    def __post_init__(self) -> None:
        if self.number <= 0:
            raise ValueError("not positive")


@frozen
class Basket:
    items: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Standard:
    x: int
    y: float = 0.5


def test_arguments_are_assigned_by_place_and_by_name_and_defaults_stand_for_the_rest() -> None:
    assert (Point(1).y, Point(1, 2).y, Point(y=3.5, x=1).y, Point(4).double) == (0.5, 2, 3.5, 8)


@pytest.mark.parametrize("arguments", [(), (1, 2, "", 4)])
def test_a_wrong_number_of_arguments_is_told_of_the_class(arguments: tuple[object, ...]) -> None:
    with pytest.raises(TypeError, match=r"Point.__init__\(\)"):
        Point(*arguments)  # type: ignore[arg-type]


def test_a_field_cannot_be_assigned_or_deleted_and_another_one_cannot_be_added() -> None:
    point = Point(1)
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'x'"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'x'"):
        del point.x
    with pytest.raises(AttributeError):
        point.other = 2  # type: ignore[attr-defined]
    assert not hasattr(point, "__dict__")


def test_records_are_equal_and_hashed_by_the_fields_that_are_compared() -> None:
    assert Point(1, 2.0, "a") == Point(1, 2.0, "b") != Point(2, 2.0)
    assert len({Point(1, 2.0, "a"), Point(1, 2.0, "b"), Point(2)}) == 2
    assert Single((1,)) == Single((1,)) != Single((2,))
    assert hash(Single((1,))) == hash(Single((1,)))
    assert Empty() == Empty()
    assert Point(1) != Standard(1)
    assert Point(1) != (1, 0.5, "")


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
@pytest.mark.parametrize("record", [Point(1, 2.0, "a"), Single((1, 2)), Empty()])
def test_a_record_can_be_copied_and_pickled(record: object, copied: object) -> None:
    assert repr(copied(record)) == repr(record)  # type: ignore[operator]


def test_the_functions_for_dataclasses_work_with_it() -> None:
    assert is_dataclass(Point)
    assert [each.name for each in fields(Point)] == ["x", "y", "remark"]
    assert asdict(Point(1)) == {"x": 1, "y": 0.5, "remark": ""}
    assert replace(Point(1), y=3) == Point(1, 3)


def test_its_text_is_that_of_a_dataclass_unless_it_has_its_own() -> None:
    assert repr(Standard(1)) == "Standard(x=1, y=0.5)"
    assert repr(Point(1)) == "Point(x=1, y=0.5, remark='')"

    @frozen
    class Named:
        name: str

        def __repr__(self) -> str:
            return self.name

    assert repr(Named("a")) == "a"


def test_what_checks_its_fields_is_called() -> None:
    with pytest.raises(ValueError, match="not positive"):
        Positive(0)
    with pytest.raises(ValueError, match="not positive"):
        replace(Positive(1), number=-1)


def test_a_pattern_takes_it_apart() -> None:
    match Point(1, 2.5):
        case Point(x, y):
            assert (x, y) == (1, 2.5)


def test_a_default_factory_makes_a_value_for_each_record() -> None:
    one, other = Basket(), Basket()
    one.items.append(1)
    assert (one.items, other.items, Basket([2]).items) == ([1], [], [2])
