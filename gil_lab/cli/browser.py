"""Shows a page in the user's browser."""

import sys


def show(address: str) -> None:
    import webbrowser

    if not webbrowser.open(address):
        print("gil-lab: note: no browser could be opened; open the page yourself", file=sys.stderr)
