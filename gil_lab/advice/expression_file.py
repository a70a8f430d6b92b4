"""The file that an expression and its set-up are written to, and messages about it in the words of who gave them."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

from gil_lab.model.errors import UsageError
from gil_lab.model.frozen import frozen
from gil_lab.model.text import one_line

FILE, NAME = "expression.py", "call"
HEAD = "#\n#\n"
"""In the first two lines a comment of the set-up would be taken for the encoding of the file (PEP 263)."""
MOST_SHOWN = 60
"""Characters of an expression, or of a line."""
PLACE = re.compile(rf", in line (?P<number>\d+) of {re.escape(FILE)}: (?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")")
"""As `gil_lab.suite.own_lines` writes it."""
SETUP, EXPRESSION = "--setup", "the expression"


@frozen
class ExpressionFile:
    """A function without arguments, `call`, that answers with the expression, below the set-up."""

    expression: str
    setup: str
    """Statements, in lines."""

    @property
    def called(self) -> str:
        """In one line, also if it was given in several."""
        text = self.expression.strip()
        if "\n" in text:
            try:
                text = ast.unparse(ast.parse(text, mode="eval"))
            except (SyntaxError, ValueError, RecursionError):
                text = " ".join(text.split())
        return one_line(text, MOST_SHOWN)

    @property
    def _above(self) -> str:
        return f"{HEAD}{self.setup}\n\n\ndef {NAME}():\n    return (\n"

    def check(self) -> None:
        """Raises UsageError if either is no Python, or if the expression calls nothing."""
        if all(line.strip().startswith("#") for line in self.expression.splitlines() if line.strip()):
            raise UsageError(f"{EXPRESSION} is empty; give a call: 'sorted(data)' --setup 'data = [3, 1, 2]'")
        _check(EXPRESSION, self.expression, self._compiled_expression)
        _check(SETUP, self.setup, lambda: compile(self.setup, SETUP, "exec"))
        body = ast.parse(self.expression.strip(), mode="eval").body
        if isinstance(body, ast.Lambda):
            raise UsageError(f"{self.called} calls nothing; give ({self.called})() with its arguments")
        if isinstance(body, ast.Constant):
            raise UsageError(f"{self.called} calls nothing; give a call: 'sorted(data)' --setup 'data = [3, 1, 2]'")
        if isinstance(body, ast.Name | ast.Attribute):
            raise UsageError(
                f"{self.called} calls nothing; give {self.called}() with its arguments, or (lambda: {self.called})() "
                "to read it"
            )

    def _compiled_expression(self) -> None:
        above = self._leading_lines * "\n"
        compile(above + self.expression.strip(), EXPRESSION, "eval")

    @property
    def _leading_lines(self) -> int:
        """Empty ones, which are left out of the file."""
        return self.expression[: -len(self.expression.lstrip()) or None].count("\n")

    def write(self, folder: Path) -> Path:
        file = folder / FILE
        file.write_text(f"{self._above}{self.expression.strip()}\n    )\n", encoding="utf-8")
        return file

    def in_users_words(self, message: str) -> str:
        """Who gave them knows neither the file nor the function that they were made into."""
        message = PLACE.sub(self._place, message)
        message = message.replace(f"{FILE} does not import", f"{SETUP} fails")
        message = message.replace(f"{FILE} exits when it is imported", f"{SETUP} exits")
        message = message.replace("; move what runs below: if __name__ == '__main__':", "; leave that out")
        for step in ("return instead of sys.exit", "return instead of exiting", "return instead"):
            message = re.sub(f"; {re.escape(step)}$", "; give a call that returns", message)
        message = message.replace("; name the async function, or what it calls", f"; give asyncio.run({self.called})")
        message = message.replace(
            "; name a function that returns a list of what is in it", f"; give list({self.called})"
        )
        if not message.startswith(f"{NAME} "):
            return message
        if " (importing it" in message:  # the expression was not reached
            message = message.replace(" (importing it)", "").replace("importing it: ", "")
            message = message.replace("; give a call that returns", "; leave that out")
            return f"{SETUP}{message.removeprefix(NAME)}"
        message = f"{self.called}{message.removeprefix(NAME)}"
        return re.sub(
            "; fix it$", "; import or define it with --setup" if " raises NameError" in message else "; fix it", message
        )

    def _place(self, found: re.Match[str]) -> str:
        """Of a line of the file. An expression of one line stands in the message already."""
        number, first = int(found["number"]), self._above.count("\n") + 1
        if number < first:
            in_setup = number - HEAD.count("\n")
            if in_setup <= self.setup.count("\n") + 1:
                return f", in line {in_setup} of {SETUP}: {found['text']}"
            return ""  # the lines between, of the function that they were made into
        if "\n" not in self.expression.strip():
            return ""
        return f", in line {number - first + 1 + self._leading_lines} of {EXPRESSION}: {found['text']}"


def _check(what: str, text: str, compiled: Callable[[], object]) -> None:
    try:
        compiled()
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:  # the last two of what is nested too deeply
        cause = getattr(error, "msg", None) or str(error) or "nested too deeply"
        lines, number = text.split("\n"), getattr(error, "lineno", None) or 1
        shown = one_line(lines[min(number, len(lines)) - 1].strip(), MOST_SHOWN)
        where = f", in line {number}" if "\n" in text.strip() else ""
        raise UsageError(
            f"{what} is no Python ({cause}{where}): {shown!a}; fix it, and quote it for the shell"
        ) from None
