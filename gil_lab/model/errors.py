"""The errors that gil-lab raises on purpose. Each message is one line: the cause, then the next step."""


class GilLabError(Exception):
    """Any error of the lab; `exit_code` is what the command line ends with."""

    exit_code = 1

    def _render_traceback_(self) -> list[str]:
        """What IPython and Jupyter show: the message, in the place of the lab's own calls (`InteractiveShell`)."""
        return [f"{type(self).__name__}: {self}", *getattr(self, "__notes__", ())]


class UsageError(GilLabError):
    """The request makes no sense; nothing has been started or written."""

    exit_code = 2


class StoreError(GilLabError):
    """Results cannot be read or written."""

    exit_code = 4


class NothingMeasuredError(GilLabError):
    """No trial of the session could be measured."""

    exit_code = 5


class ProtocolError(GilLabError):
    """A line on the pipe between controller and child violates the protocol."""
