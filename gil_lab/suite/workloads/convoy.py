"""Convoy: count primes, as `primes` does, beside a heartbeat: an I/O-bound service in the same process.

What to watch: how late each beat is taken. A thread that has waited for I/O needs the GIL again, and gets it from a
thread that computes only after the switch interval (5 ms by default); from several, after several. This is the convoy
effect (https://bugs.python.org/issue7946). Without a GIL nobody waits but for a core; nor does anybody beside
processes, interpreters with a GIL each, and compiled code that lets go of it. In an event loop a beat waits for a step
of each task in flight, here about a millisecond, and for as long as a task does not give way.
"""

from dataclasses import replace

from gil_lab.suite.workloads import primes

PERIOD_MS = 7
"""No multiple or part of the switch interval, so that the beats meet every phase of it."""

WORKLOAD = replace(primes.WORKLOAD, summary="count primes beside a heartbeat", heartbeat_ms=PERIOD_MS)
