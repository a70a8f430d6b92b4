"""A call that forks and returns in both processes, as `os.fork()` does: the copy must not go on measuring."""

import os
from collections.abc import Callable
from typing import Any


def here_only(call: Callable[[Any], Any], say: Callable[[], None] = lambda: None) -> Callable[[Any], Any]:
    """The same call, which returns in this process only: a copy of it says so by `say`, and ends."""
    process = os.getpid()

    def called(given: Any) -> Any:
        try:
            return call(given)
        finally:
            if os.getpid() != process:
                say()
                os._exit(0)

    return called
