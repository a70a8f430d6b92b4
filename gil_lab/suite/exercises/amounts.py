"""Numbers whose addition is a call of Python code, as that of fractions and of many other objects is."""

import time

PAUSE_S = 0.0002
"""In which other threads run, whatever the switch interval."""


class Amount(int):
    """A number at whose addition another thread gets its turn: what is not protected is interrupted there each time."""

    def __add__(self, other: int) -> int:
        time.sleep(PAUSE_S)
        return int(self) + int(other)

    __radd__ = __add__
