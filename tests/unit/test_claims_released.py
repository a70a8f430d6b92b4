"""Made-up sessions for the claims about calls that let go of the GIL."""

from made_claims import of, session

YES = "Calls whose sources let go of the GIL leave it free for more than four fifths of their time"
NO = "Calls whose sources never do hold it all the time"
PARTLY = "Calls that let go for each small piece hold it for a part of their time"


def calls(**held):
    """Calls that one thread makes, with the share of the time for which it holds the GIL."""
    return session(
        *(
            of("sequential", gil_held_share=share, gil=True, work={"workload": f"released+{name.replace('_', '-')}"})
            for name, share in held.items()
        )
    )


HOLDS = {
    YES: calls(sha256=0.02, sleep=0.001, json_dumps=1.0),
    NO: calls(json_dumps=0.999, sorted=0.99, sha256=0.02),
    PARTLY: calls(socket=0.5, sqlite_rows=0.7),
}
FAILS = {
    YES: calls(sha256=0.02, sleep=0.5),
    NO: calls(json_dumps=0.999, sorted=0.4),
    PARTLY: calls(socket=0.99, sqlite_rows=0.7),
}
