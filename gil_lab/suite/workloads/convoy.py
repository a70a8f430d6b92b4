"""Convoy: count primes, as `primes` does, beside a heartbeat: an I/O-bound service in the same process.

What to watch: how late each beat is taken. A thread that has waited for I/O needs the GIL again, and gets it from a
computing thread only after the switch interval (5 ms by default); from several threads, after several intervals. This
is the convoy effect (https://bugs.python.org/issue7946). Without a GIL a thread waits for a core only; the same holds
beside processes, interpreters with a GIL each, and compiled code that releases it. In an event loop a beat waits for
one step of each task in flight, here about a millisecond, or longer if a task does not yield.
"""

from dataclasses import replace

from gil_lab.suite.workloads import primes

PERIOD_MS = 7
"""Neither a multiple nor a divisor of the switch interval, so that beats fall into every phase of it."""

WORKLOAD = replace(primes.WORKLOAD, summary="count primes beside a heartbeat", heartbeat_ms=PERIOD_MS)
