"""The errors that gil-lab raises on purpose. Each message is one line: the cause, then the next step."""


class GilLabError(Exception):
    """Any error of the lab; `exit_code` is what the command line ends with."""

    exit_code = 1


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
