"""Whether two answers are the same, as their types mean it: arrays, data frames, NaN, containers of them, objects.

`==` alone is not enough: of arrays it is an array, of data frames a frame, NaN differs from itself, and objects of a
class without `__eq__` are equal to themselves only, so that what came back from another process never would be.
"""

import math
import pickle
import sys
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

from gil_lab.model.text import described

OWN_STATE = ("__reduce__", "__reduce_ex__", "__getstate__")
DEEPEST = 50
"""Containers within containers; deeper ones are compared by how they are pickled."""


class How(NamedTuple):
    """How answers are compared."""

    relative: float
    """Difference of two floats that counts as none."""
    depth: int = 0
    """Of the containers that they are in."""


WITHIN = How(1e-9)
"""Answers of one form: of sums that threads add up in any order. A float64 has 16 digits."""
BETWEEN_FORMS = How(1e-5)
"""Answers of different forms: compiled code may round otherwise, and use float32, which has 7 digits."""


def differing(expected: Sequence[Any], outputs: Sequence[Any], how: How = WITHIN) -> str | None:
    """The first difference between `outputs` and `expected`, in one line; None if there is none."""
    if len(outputs) != len(expected):
        return f"{len(outputs)} answers for {len(expected)} tasks"
    for number, (right, answer) in enumerate(zip(expected, outputs, strict=True)):
        if not same(right, answer, how):
            return f"task {number} answered {_shown(answer)} instead of {_shown(right)}"
    return None


def _shown(answer: Any) -> str:
    """Its beginning; the type of what cannot be shown."""
    try:
        return f"{answer!r:.40}"
    except Exception:
        return f"a {type(answer).__name__}"


def same(one: Any, other: Any, how: How = WITHIN) -> bool:
    """Whether these are the same answer. Numbers of different types may be, and so may a list and an array.

    What is too deep to be looked through, or contains itself, is if it is pickled alike.
    """
    try:
        return _alike(one, other, how)
    except RecursionError:
        return _pickled_alike(one, other)


def _alike(one: Any, other: Any, how: How) -> bool:
    """Raises RecursionError for what is too deep."""
    if one is other or _equal(one, other) or (type(one) is type(other) and _is_missing(one) and _is_missing(other)):
        return True
    if how.depth == DEEPEST:
        raise RecursionError
    compare = next(compare for applies, compare in _COMPARISONS if applies(one) or applies(other))
    return compare(one, other, How(how.relative, how.depth + 1))


def _equal(one: Any, other: Any) -> bool:
    """By `==`, which is fast; of what cannot be compared so, False."""
    try:
        return (one == other) is True
    except Exception:
        return False


MISSING = ("Decimal", "datetime64", "timedelta64", "NaTType", "NAType")
"""Types that have a value which is not equal to itself, beside floats; or of which that cannot be asked."""


def _is_missing(value: Any) -> bool:
    """Whether it is NaN of the decimal numbers, NaT, or what pandas calls NA."""
    if (name := type(value).__name__) not in MISSING:
        return False
    return name == "NAType" or bool(value != value)  # noqa: PLR0124 - that is the question


def _is_float(value: Any) -> bool:
    return isinstance(value, float | complex)


def _same_numbers(one: Any, other: Any, how: How) -> bool:
    if isinstance(one, complex) and isinstance(other, complex):
        return _alike(one.real, other.real, how) and _alike(one.imag, other.imag, how)
    try:
        return (math.isnan(one) and math.isnan(other)) or math.isclose(one, other, rel_tol=how.relative)
    except (TypeError, ValueError, OverflowError):  # the other one is no number
        return False


def _is_array(value: Any) -> bool:
    """Of NumPy, or of a library of which it makes arrays: CuPy, JAX, PyTorch; their scalars too."""
    return hasattr(value, "__array__") and hasattr(value, "shape") and not hasattr(value, "to_numpy")


def _same_arrays(one: Any, other: Any, how: How) -> bool:
    import numpy as np

    try:
        first, second = np.asarray(one), np.asarray(other)
        if first.shape != second.shape:
            return False
        if first.dtype.kind == "O":
            return all(_alike(a, b, how) for a, b in zip(first.flat, second.flat, strict=True))
        if first.dtype.kind in "fc" or second.dtype.kind in "fc":
            return bool(np.allclose(first, second, rtol=how.relative, atol=0.0, equal_nan=True))
        return bool(np.array_equal(first, second, equal_nan=first.dtype.kind in "mM"))
    except (TypeError, ValueError):  # the other one is no array, or not of numbers
        return False


def _is_frame(value: Any) -> bool:
    return hasattr(value, "equals") and hasattr(value, "to_numpy")


def _same_frames(one: Any, other: Any, how: How) -> bool:
    """Data frames and series, of pandas and polars: the same labels, and the same values as arrays."""
    if type(one) is not type(other):
        return False
    labels = [name for name in ("columns", "index", "name") if hasattr(one, name)]
    pairs = [(_listed(getattr(one, name)), _listed(getattr(other, name))) for name in labels]
    alike = all(_alike(first, second, how) for first, second in pairs)
    return alike and _same_arrays(one.to_numpy(), other.to_numpy(), how)


def _listed(labels: Any) -> Any:
    return list(labels) if hasattr(labels, "__iter__") else labels


def _is_container(value: Any) -> bool:
    return isinstance(value, tuple | list | Mapping | AbstractSet)


def _same_containers(one: Any, other: Any, how: How) -> bool:
    if not _of_one_class(one, other) or len(one) != len(other):
        return False
    if isinstance(one, OrderedDict) and list(one) != list(other):
        return False
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(_alike(one[key], other[key], how) for key in one)
    if isinstance(one, AbstractSet):  # NaN is in a set by its identity, which it does not keep in another process
        return _alike(_sorted(one), _sorted(other), how)
    return all(_alike(a, b, how) for a, b in zip(one, other, strict=True))


def _sorted(values: AbstractSet[Any]) -> list[Any]:
    return sorted(values, key=lambda value: (type(value).__name__, repr(value)))


def _of_one_class(one: Any, other: Any) -> bool:
    """Also where a file was imported twice, under two names, so that there are two classes of one definition."""
    first, second = type(one), type(other)
    if first is second:
        return True
    return first.__qualname__ == second.__qualname__ and _file_of(first) == _file_of(second) != ""


def _file_of(kind: type) -> str:
    return str(getattr(sys.modules.get(kind.__module__), "__file__", None) or "")


def _same_objects(one: Any, other: Any, how: How) -> bool:
    """By what they hold, where `==` knows no more than the object itself, or meets arrays; else they are not."""
    if not _of_one_class(one, other):
        return False
    if isinstance(one, BaseException):
        return _alike((one.args, vars(one)), (other.args, vars(other)), how)
    if is_dataclass(one):
        return all(_alike(getattr(one, field.name), getattr(other, field.name), how) for field in fields(one))
    if any(set(OWN_STATE) & vars(kind).keys() for kind in type(one).__mro__[:-1]):  # not all of it in attributes
        return _pickled_alike(one, other)
    if "__eq__" in {name for kind in type(one).__mro__[:-1] for name in vars(kind)}:
        return _equal_by_itself(one, other)
    return _alike(vars(one), vars(other), how) if hasattr(one, "__dict__") else _pickled_alike(one, other)


def _equal_by_itself(one: Any, other: Any) -> bool:
    """By its own `==`. Raises TypeError for one that raises: the answer is neither right nor wrong then."""
    try:
        return (one == other) is True
    except RecursionError:
        raise
    except Exception as error:
        kind, why = type(one).__name__, described(error)
        raise TypeError(f"__eq__ of {kind}, which tasks answer with, raises {why}; fix it, or give verify") from error


def _pickled_alike(one: Any, other: Any) -> bool:
    try:
        return pickle.dumps(one) == pickle.dumps(other)
    except Exception:
        return False


_COMPARISONS: tuple[tuple[Callable[[Any], bool], Callable[[Any, Any, How], bool]], ...] = (
    (_is_float, _same_numbers),
    (_is_array, _same_arrays),
    (_is_frame, _same_frames),
    (_is_container, _same_containers),
    (lambda _: True, _same_objects),
)
"""The first that applies to one of both."""
