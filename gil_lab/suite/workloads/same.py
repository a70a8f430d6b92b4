"""Same: the primes of `primes` under several names, for `gil-lab calibrate`.

What to watch: nothing. The work is identical whatever its name, so every difference that is found between two of the
names is a false positive, and the width of an interval is the smallest difference that could have been found.

A pass takes some 50 ms, one turn, so that most of the time goes into turns, of which there are many.
"""

from dataclasses import replace

from gil_lab.suite.workloads import primes

COPIES = "bcdefgh"
"""The names beside the plain one."""
PLAIN = "a calibration compares the work with itself, and plain Python is enough for that; choose primes"

WORKLOAD = replace(
    primes.WORKLOAD,
    summary="the work of primes, to be compared with itself (gil-lab calibrate)",
    forms={"call": primes.count_primes},
    why_not=dict.fromkeys(primes.WORKLOAD.forms.keys() - {"call"}, PLAIN),
    tasks=16,
    size=250,
)

VARIANTS = {name: replace(WORKLOAD, summary="the same under another name") for name in COPIES}
