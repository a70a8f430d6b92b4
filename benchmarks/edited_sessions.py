"""Does a report survive whatever stands in a session? `python benchmarks/edited_sessions.py [EDITS] [SEED]`.

Each edit changes one thing in one file of one of the reference sessions, or puts another session's file in its place;
then one command is run on it. It must end with 0, or with an error of one line. Prints the counts, and the seeds of
those that ended otherwise, with which they can be repeated: `edited_sessions.py 1 SEED`.
"""

import contextlib
import io
import multiprocessing
import random
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

from gil_lab.cli.app import execute
from gil_lab.model.errors import GilLabError

REFERENCE = Path(__file__).parents[1] / "results" / "reference"
SESSIONS = sorted(REFERENCE.glob("*/2*"))
ODD = (
    *("", "0", "-1", "1e300", "nan", "inf", "-inf", "9" * 400, "0x10", "1_000", "٣", "ok", "skipped", "[red]", "=cmd"),
    *("null", "true", "[]", "{}", '"', "a,b", "\x1b[31m", "\u202e", "x" * 70_000, "sequential", "threading", "3.13t"),
)
SWAPPED = 0.1
"""Share of edits that put another session's file in a file's place."""
COMMANDS = (
    *(
        ("report", "{}"),
        ("report", "{}", "-v"),
        ("claims", "{experiment}", "--results", "{home}"),
        ("report", "{}", "{whole}"),
    ),
    *(("report", "{}", "--format", name) for name in ("csv", "json", "md", "html", "trace")),
)


def edited(content: bytes, chance: random.Random) -> bytes:
    """With one change of any kind."""
    lines = content.split(b"\n")
    at = chance.randrange(len(lines))
    kind = chance.choice(("byte", "cut", "drop", "double", "swap", "field", "field", "field", "fields", "json"))
    if kind == "byte" and content:
        place = chance.randrange(len(content))
        return content[:place] + bytes([chance.randrange(256)]) + content[place + 1 :]
    if kind == "cut":
        return content[: chance.randrange(len(content) + 1)]
    if kind == "swap":
        other = chance.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    elif kind in ("drop", "double"):
        lines[at : at + 1] = [] if kind == "drop" else [lines[at]] * 2
    else:
        apart = b":" if kind == "json" else b","
        fields = lines[at].split(apart)
        place = chance.randrange(len(fields))
        fields[place] = fields[-1 - place] if kind == "fields" else chance.choice(ODD).encode()
        lines[at] = apart.join(fields)
    return b"\n".join(lines)


def outcome(seed: int) -> tuple[int, str]:
    """The seed, and how the command ended: `0`, `error`, or what went wrong."""
    chance = random.Random(seed)
    session, another = chance.sample(SESSIONS, 2)
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home, session.parent.name, session.name)
        shutil.copytree(session, folder)
        file = chance.choice(sorted(folder.iterdir()))
        if chance.random() < SWAPPED and (another / file.name).exists():
            shutil.copy(another / file.name, file)
        else:
            file.write_bytes(edited(file.read_bytes(), chance))
        words = {"{}": str(folder), "{home}": home, "{whole}": str(session), "{experiment}": session.parent.name}
        command = [words.get(word, word) for word in chance.choice(COMMANDS)]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                code = execute(command)
            except GilLabError as error:
                return seed, "error" if "\n" not in str(error) else f"error of several lines: {error!r:.200}"
            except BaseException:
                return seed, traceback.format_exc()[-700:]
        return seed, f"exit code {code}" if code else "0"


def main(edits: int = 10_000, first: int = 1) -> int:
    seeds = range(first, first + edits)
    with multiprocessing.Pool() as pool:
        found = list(pool.imap_unordered(outcome, seeds, chunksize=10)) if edits > 1 else [outcome(first)]
    wrong = [(seed, end) for seed, end in found if end not in ("0", "error")]
    print(f"{edits} edits from seed {first}: {dict(Counter(end for _, end in found if end in ('0', 'error')))}, ")
    print(f"{len(wrong)} wrong")
    for seed, end in sorted(wrong)[:20]:
        print(f"--- seed {seed}\n{end}")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(bool(main(*map(int, sys.argv[1:]))))
