"""A page as PDF, printed by Chromium where there is one.

Rejected: WeasyPrint, which needs Pango and draws SVG by an engine of its own; a browser that a package brings
(Playwright), of some 300 MB.
"""

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from gil_lab.model.errors import GilLabError
from gil_lab.model.text import one_line

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
"""Programs that print a page without a window, by the names that Linux distributions and macOS give them."""
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
    "--virtual-time-budget=60000",  # of its own clock, which runs ahead while nothing is to do: the page draws first
)
TIMEOUT_S = 120
"""Eighty slides take seconds; a browser that asks for something would never end."""


class PrintError(GilLabError):
    """The page is there, and no PDF of it; the message says how to get one."""

    exit_code = 4


def printed(page: Path) -> bytes:
    """The PDF. Nothing is fetched, and the profile is empty and removed. Raises PrintError."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise PrintError(f"no Chromium was found that prints it; open {page} and print it to a file")
    # Chromium refuses its sandbox to root; the page is the lab's own, and its policy lets nothing in.
    unboxed = ["--no-sandbox"] if os.geteuid() == 0 else []
    with TemporaryDirectory() as folder:
        file = Path(folder, "printed.pdf")
        options = [*FLAGS, *unboxed, f"--user-data-dir={folder}/profile", f"--print-to-pdf={file}"]
        try:
            subprocess.run(
                [program, *options, page.resolve().as_uri()], check=True, capture_output=True, timeout=TIMEOUT_S
            )
            return file.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            why = one_line(str(getattr(error, "strerror", None) or type(error).__name__), 200)
            raise PrintError(f"{program} did not print it ({why}); open {page} and print it to a file") from error
