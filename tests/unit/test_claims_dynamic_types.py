"""Made-up sessions for the claims about what numbers that are objects cost."""

from made_claims import of, session

from experiments import dynamic_types
from gil_lab.analysis.claims import Outcome


def way(variant, wall_s=0.02, **observed):
    """One way to add up; `size` is bytes an element, `allocations` those of one."""
    names = {"size": "bytes an element", "allocations": "allocations an element"}
    reported = {names[name]: value for name, value in observed.items()}
    return of("sequential", wall_s, observed=reported, work={"workload": f"sum{variant}"})


BYTES = "A number takes more than four times the memory in a list than in an array"
ELEMENTS = "NumPy, element by element, is slower than a list"
TYPED = "A loop over numbers of one type is more than ten times as fast, in NumPy or compiled by Numba"
OBJECT_MODE = "Compiled without types, the loop is no faster than in the interpreter"
OBJECTS = "Element by element each number becomes an object; in a loop over one type, none does"


def objects(elements, typed):
    return session(
        way("+numpy-elements", allocations=elements), way("+numpy", allocations=typed), way("+numba", allocations=0.0)
    )


HOLDS = {
    BYTES: session(way("", size=36.0), way("+array", size=8.0), way("+numpy", size=8.0)),
    ELEMENTS: session(way(""), way("+numpy-elements", 0.06)),
    TYPED: session(way(""), way("+numpy", 0.0002), way("+numba", 0.0003)),
    OBJECT_MODE: session(way("+numpy-elements", 0.06), way("+numba-object", 0.1)),
    OBJECTS: objects(2.0, 0.0001),
}
FAILS = {
    BYTES: session(way("", size=8.0), way("+array", size=8.0), way("+numpy", size=8.0)),
    ELEMENTS: session(way(""), way("+numpy-elements", 0.01)),
    TYPED: session(way(""), way("+numpy", 0.0002), way("+numba", 0.01)),
    OBJECT_MODE: session(way("+numpy-elements", 0.06), way("+numba-object", 0.0003)),
    OBJECTS: objects(2.0, 1.0),
}


def test_a_session_of_two_pythons_leaves_the_claims_open():
    """They are about one list: which of the two is meant is for the student to say."""
    under = [of("sequential", work={"workload": "sum", "interpreter": python}) for python in ("3.11", "3.14")]
    checked = dynamic_types.EXPERIMENT.check(session(*under))
    assert {one.judgement.outcome for one in checked} == {Outcome.INCONCLUSIVE}
