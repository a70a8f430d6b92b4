"""Vega, Vega-Lite and vega-embed as one script, made by vl-convert once and then kept in the user's cache folder.

Making it takes one to four seconds, reading it a few milliseconds. What is read is put into pages as code, so a file
is only believed if it is ours alone (owner and rights, as ssh asks of its keys) and whole (its own first line holds
the SHA-256 of the rest). Whoever can forge that can act as the user already. Anything else is made anew.
"""

import hashlib
import os
import re
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from gil_lab.report.extra import vega_lite, vl_convert

SNIPPET = "window.vegaEmbed = vegaEmbed;"
LARGEST_BYTES = 8_000_000
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def bundle(cache: Path | None = None) -> str:
    """The script, fit to stand in a `<script>` element; it sets `window.vegaEmbed`.

    `cache` is the folder in which it is kept, by default the user's. A folder that cannot be used only costs time.
    Raises ExtraError without the extra `report`.
    """
    engine = vl_convert()
    version = vega_lite(engine)
    name = f"vega-embed-{engine.__version__}-{version}-{_digest(SNIPPET)[:8]}.js"
    folder = cache or cache_folder()
    if folder and (kept := _kept(folder, name)):
        return kept
    made = harmless(engine.javascript_bundle(SNIPPET, vl_version=version))
    if folder:
        _keep(folder, name, made)
    return made


def cache_folder() -> Path | None:
    """Of this user on this system; None if there is no home."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(given):  # noqa: PTH117 - an empty or relative one is to be ignored (XDG Base Directory, 0.8)
        return Path(given) / "gil-lab"
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "gil-lab"


def harmless(script: str) -> str:
    r"""The same program, without what would end or change the element that it stands in (HTML, 13.2.5.4).

    Those signs stand in texts and patterns only, where `\x3c` means the same. A browser reads, and hashes, every end of
    a line as one `\n`.
    """
    lines = script.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"<(?=/script|script|!--)", r"\\x3c", lines, flags=re.IGNORECASE)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _ours_alone(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid() and not found.st_mode & OTHERS_WRITE


def _kept(folder: Path, name: str) -> str | None:
    """The script in the cache; None if there is none, or none to be believed."""
    try:
        if not _ours_alone(folder.lstat()):
            return None
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe must not hold us up
        with os.fdopen(os.open(folder / name, flags), "rb") as file:
            found = os.fstat(file.fileno())
            if not (stat.S_ISREG(found.st_mode) and _ours_alone(found) and found.st_size < LARGEST_BYTES):
                return None
            first, _, script = file.read().decode().partition("\n")
    except (OSError, UnicodeDecodeError):
        return None
    return script if first == _first_line(script) else None


def _first_line(script: str) -> str:
    return f"// sha256 {_digest(script)}"


def _keep(folder: Path, name: str, script: str) -> None:
    """Put it into the cache in one step; whoever cannot write there does without."""
    with suppress(OSError):
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        if not _ours_alone(folder.lstat()):
            return
        descriptor, beside = tempfile.mkstemp(dir=folder, prefix=".")  # mode 0600
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(f"{_first_line(script)}\n{script}")
            Path(beside).replace(folder / name)
        finally:
            Path(beside).unlink(missing_ok=True)
