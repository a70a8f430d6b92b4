"""The message for a mistyped command or option, with a suggestion."""

import difflib
import re
from collections.abc import Sequence


def with_suggestion(error: Exception, arguments: Sequence[str], commands: Sequence[str]) -> str:
    """A usage error's message in one line, with the nearest command or option if one was mistyped."""
    text = getattr(error, "format_message", lambda: str(error))()
    message = re.split(r" Did you mean| \(Possible options", text)[0].rstrip(".")
    if "No such command" in message:
        typed = next((argument for argument in arguments if not argument.startswith("-")), "")
        near = difflib.get_close_matches(typed, commands, n=1)
    else:
        typed = getattr(error, "option_name", "")
        near = difflib.get_close_matches(typed, getattr(error, "possibilities", None) or [], n=1, cutoff=0.0)
    command = f"{arguments[0]} " if arguments and arguments[0] in commands else ""
    return f"{message}; did you mean {near[0]!r}?" if near else f"{message}; see gil-lab {command}--help"
