"""Whether the running clusters that labels name can be used: asked from the Pythons that would use them."""

from collections.abc import Iterable, Sequence

from gil_lab.interpreters import Interpreter
from gil_lab.interpreters.dialogue import NoAnswerError
from gil_lab.interpreters.examiner import examination
from gil_lab.interpreters.names import cluster_in
from gil_lab.model.errors import UsageError
from gil_lab.model.text import one_line
from gil_lab.model.wire import Failed, Prepared

CHECK_TIMEOUT_S = 45.0
"""Each step of the check gives up after 10 s, and dask needs seconds to be imported from a cold disk."""


def check_clusters(interpreters: Iterable[Interpreter], workers: int, modules: Sequence[str]) -> None:
    """`modules`: what tasks there need. Raises UsageError with the cause, and the next step."""
    for interpreter in interpreters:
        if address := cluster_in(interpreter.label):
            _check(interpreter, address, [str(workers), *modules])


def _check(interpreter: Interpreter, address: str, arguments: Sequence[str]) -> None:
    def command(write_fd: int) -> list[str]:
        return [interpreter.executable, "-m", "gil_lab.child.cluster", str(write_fd), address, *arguments]

    try:
        with examination(command, interpreter.environment, None) as dialogue:
            reply = dialogue.receive(CHECK_TIMEOUT_S)
    except TimeoutError:
        raise UsageError(
            f"cluster: {address} did not answer within {CHECK_TIMEOUT_S:g} s; are its workers stopped or cut off?"
        ) from None
    except (EOFError, NoAnswerError) as error:
        raise UsageError(f"cluster: {address} cannot be asked ({one_line(str(error))}); try again") from None
    if isinstance(reply, Failed):
        raise UsageError(f"cluster: {one_line(reply.detail)}")
    if not isinstance(reply, Prepared):
        raise UsageError(f"cluster: {address} cannot be asked (invalid answer); try again")
