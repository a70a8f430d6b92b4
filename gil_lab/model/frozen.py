"""Frozen dataclasses that are cheap to define: thousands of short processes define them before they can do anything.

`dataclass(frozen=True, slots=True)` compiles six methods for each class (`dataclasses._process_class` of CPython 3.11),
which was more than half of what importing the measured process took. Here `__init__` alone is compiled; what the others
do does not depend on the class. Rejected: attrs and msgspec, as the measured process has the standard library alone.
"""

from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, dataclass, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

Class = TypeVar("Class")


@dataclass_transform(frozen_default=True)
def frozen(cls: type[Class]) -> type[Class]:
    """The class as a dataclass with slots whose fields cannot be assigned again; `dataclasses` functions work with it.

    `field(compare=False)` and `field(repr=False)` are honoured, and default factories.
    """
    own_repr = "__repr__" in vars(cls)
    cls.__doc__ = cls.__doc__ or cls.__name__  # else `dataclass` takes a millisecond to write the signature there
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    every = fields(made)
    values = _values([field.name for field in every])
    compared = _values([field.name for field in every if field.compare])
    shown = [field.name for field in every if field.repr]

    def as_text(self: Any) -> str:
        return f"{made.__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    def equal(self: Any, other: object) -> bool:
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash(compared(self))

    def state(self: Any) -> tuple[Any, ...]:
        return values(self)

    def set_state(self: Any, state: tuple[Any, ...]) -> None:
        for field, value in zip(every, state, strict=True):
            object.__setattr__(self, field.name, value)

    if not own_repr:
        made.__repr__ = as_text
    made.__init__, made.__eq__, made.__hash__ = _init(made), equal, hashed
    made.__setattr__, made.__delattr__ = _refuse_to_assign, _refuse_to_delete
    made.__getstate__, made.__setstate__ = state, set_state  # as pickle cannot assign either
    return made  # type: ignore[no-any-return]


def _refuse_to_assign(self: object, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _values(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda record: tuple(getattr(record, name) for name in names)


def _init(made: Any) -> Callable[..., None]:
    """Its `__init__`: assigns all fields at once, then calls `__post_init__`, if there is one."""
    scope: dict[str, Any] = {"_set": object.__setattr__, "_MISSING": MISSING}
    parameters, body = ["self"], []
    for field in fields(made):
        parameter = value = field.name
        if field.default_factory is not MISSING:
            scope[f"_make_{field.name}"] = field.default_factory
            parameter = f"{field.name}=_MISSING"
            value = f"_make_{field.name}() if {field.name} is _MISSING else {field.name}"
        elif field.default is not MISSING:
            scope[f"_default_{field.name}"] = field.default
            parameter = f"{field.name}=_default_{field.name}"
        parameters.append(parameter)
        body.append(f"_set(self, {field.name!r}, {value})")
    if hasattr(made, "__post_init__"):
        body.append("self.__post_init__()")
    exec(f"def __init__({', '.join(parameters)}):\n " + "\n ".join(body or ["pass"]), scope)  # noqa: S102
    init: Callable[..., None] = scope["__init__"]
    init.__qualname__ = f"{made.__qualname__}.__init__"
    return init
