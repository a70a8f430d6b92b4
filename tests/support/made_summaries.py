"""Summaries that tests of reports share: of each verdict, sped up and failed, and names that look like markup."""

from made import failed, summary

from gil_lab.analysis.verdicts import Verdict
from gil_lab.model.records import Status

MARKUP = ["[red]", "[/tmp/x]", "[/]", "[bold]x[/bold]", "[link=file:///etc]y[/link]", ":smile:", "<script>", "\\[x]"]


def sped_up(value, low, high, parallel=None, strategy="multiprocessing", **changes):
    """A cell with this speed-up; with another one, `parallel`, against its own form."""
    own = parallel or (value, low, high)
    names = ("parallel_speedup", "parallel_speedup_low", "parallel_speedup_high")
    fields = {"speedup": value, "speedup_low": low, "speedup_high": high, **dict(zip(names, own, strict=True))}
    return summary(strategy, **fields, **changes)


PARALLEL = sped_up(1.93, 1.9, 1.97, in_flight=2.0, cores_busy=1.9, verdict=Verdict.PARALLEL)
COMPILED = sped_up(15.44, 15.2, 15.76, parallel=(1.93, 1.9, 1.97), strategy="numba-nogil", verdict=Verdict.PARALLEL)
SEQUENTIAL = sped_up(1, 1, 1, strategy="sequential", in_flight=1.0, verdict=Verdict.ONE_AT_A_TIME)
EVERY = [SEQUENTIAL, summary(), PARALLEL, COMPILED, failed(), failed("joblib", Status.CRASHED, "SIGSEGV, =1")]
