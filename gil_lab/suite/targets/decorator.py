"""`@gil_lab.workload`: makes a workload of a function, with its inputs; everything else has a default."""

from collections.abc import Callable, Sequence
from typing import Any

from gil_lab.suite.targets import as_task
from gil_lab.suite.targets.calls import Awaited, is_coroutine
from gil_lab.suite.workloads import Workload


def workload(inputs: Sequence[Any], **more: Any) -> Callable[[Callable[..., Any]], Workload]:
    """Decorates a function of one input, or of the items of a tuple; `more` are fields of `Workload`.

        @gil_lab.workload(inputs=range(100))
        def squared(number):
            return number * number

    Answers are those of sequential work, unless `verify` says more. An `async def` gets a plain form as well, so that
    it is compared with threads and processes. Raises TypeError or ValueError as `Workload` does.
    """
    if callable(inputs):
        what = "the decorated function" if not isinstance(inputs, type) else inputs.__name__
        raise TypeError(
            f"@gil_lab.workload is given {what}; write @gil_lab.workload(inputs=[...]), with a list of inputs"
        )

    def made(function: Callable[..., Any]) -> Workload:
        task = as_task(function, inputs[0], seedable=False) if len(inputs) else function
        forms = {"call": Awaited(task), "coroutine": task} if is_coroutine(function) else {"call": task}
        summary = (function.__doc__ or function.__name__).strip().splitlines()[0]
        return Workload(**{"summary": summary, "bound": "both", "inputs": inputs, "forms": forms, **more})

    return made
