"""Made-up sessions for the claims about calls that let go of the GIL."""

from made_claims import of, session

from gil_lab.analysis.gil_release import GilRelease
from gil_lab.suite.workloads.released import CALLS

AS_SAID = "More than nine in ten calls are seen to do what their sources say"
YES = "Calls whose sources let go of the GIL leave it free for more than four fifths of their time"
NO = "Calls whose sources never let go of the GIL hold it all the time"
SEEN = {GilRelease.YES: 0.02, GilRelease.PARTLY: 0.6, GilRelease.NO: 1.0}
"""Held share of calls that do what their sources say."""


def calls(**others):
    """All of them, made by one thread, as their sources say but for some, of which the held share is given."""
    held = {name: SEEN[GilRelease(call.releases)] for name, call in CALLS.items()}
    held |= {name.replace("_", "-"): share for name, share in others.items()}
    return session(
        *(
            of("sequential", gil_held_share=share, gil=True, work={"workload": f"released+{name}"})
            for name, share in held.items()
        )
    )


def wrong(release, share):
    """All calls of which the sources say so do something else."""
    return {name.replace("-", "_"): share for name, call in CALLS.items() if call.releases == release}


HOLDS = {AS_SAID: calls(stat=1.0), YES: calls(sha256=0.5), NO: calls(json_dumps=0.9)}
FAILS = {
    AS_SAID: calls(**wrong("yes", 0.5)),
    YES: calls(**wrong("yes", 0.5)),
    NO: calls(**wrong("no", 0.5)),
}
