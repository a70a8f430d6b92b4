"""Whether this machine has a font for a language: without one, letters are drawn as empty boxes, and no engine says so.

It is asked only where a file is drawn here, a PNG or a PDF: all else is drawn by the reader's browser.
"""

import shutil
import subprocess

from gil_lab.model.language import ENGLISH, spoken, tag

TIMEOUT_S = 10.0
"""fontconfig builds its cache of fonts where it has none, which takes seconds."""


def lacking() -> str:
    """What is to be said of the language that is spoken: a line with the next step; empty if it has a font.

    Empty as well for English, whose letters the engine of PNG files brings, and where fontconfig is not there to be
    asked: macOS and Windows have fonts for all scripts.
    """
    program = shutil.which("fc-list")
    if program is None or spoken() == ENGLISH:
        return ""
    try:
        asked = [program, f":lang={tag().lower()}", "family"]
        found = subprocess.run(asked, capture_output=True, text=True, timeout=TIMEOUT_S, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    return "" if found.strip() else f"no font for {tag()} is installed, so its letters are drawn as boxes; install one"
