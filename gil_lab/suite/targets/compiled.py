"""What Numba makes of a function as it stands: the builders of its compiled forms."""

from collections.abc import Callable, Mapping
from typing import Any


def nogil(function: Any, one: Any) -> Callable[..., Any]:
    """Builds the function, of an input like `one`, compiled to release the GIL."""

    def build() -> Any:
        import numba

        return numba.njit(nogil=True)(_of_one(getattr(function, "py_func", function), one))

    return build


def parallel(_function: Any, one: Any) -> Callable[..., Any]:
    """Builds the loop over inputs like `one`, a number or an array. Raises TypeError for others, in the end."""

    def build(task: Any) -> Any:
        import numba

        if isinstance(one, tuple | dict):
            raise TypeError("a loop with prange goes over numbers or arrays, not over tuples")

        def loop(inputs: Any, outputs: Any) -> None:
            for number in numba.prange(len(inputs)):
                outputs[number] = task(inputs[number])

        return numba.njit(parallel=True)(loop)

    return build


def _of_one(function: Any, one: Any) -> Any:
    """The function, or one that hands it the items of a tuple."""
    from gil_lab.suite.targets.calls import takes_several

    if not takes_several(function, one):
        return function
    import numba

    inner = numba.njit(nogil=True)(function)
    scope: dict[str, Any] = {"inner": inner}
    exec(f"def unpacked(item):\n    return inner({', '.join(f'item[{k}]' for k in range(len(one)))})", scope)  # noqa: S102
    return scope["unpacked"]


BUILDERS: Mapping[str, Callable[[Any, Any], Callable[..., Any]]] = {"nogil": nogil, "parallel": parallel}
"""By the names of the forms, in the order in which they are tried."""
