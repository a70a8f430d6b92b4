"""Options that are a share of something: 0.05, which the command line writes as 5%."""

from typing import Any

from gil_lab.model.errors import UsageError


def is_share(value: Any) -> bool:
    """Whether it is a number between 0 and 1, both excluded."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1


def check_share(name: str, value: Any) -> None:
    """Raises UsageError for what is none."""
    if is_share(value):
        return
    try:
        shown = f"{value!r:.40}"
    except ValueError:  # Python refuses to print whole numbers of thousands of digits
        shown = "a huge number"
    raise UsageError(f"{name} is {shown}; it takes a share between 0 and 100 %, such as 5%")


def percent(share: float) -> str:
    """`2 %`, with the digits that were written."""
    return f"{100 * share:.4g} %"
