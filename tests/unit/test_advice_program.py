"""What a whole program does, by what it used."""

import pytest

from gil_lab.advice.program import WORTH_A_TRY, ProgramState, lines, state
from gil_lab.measuring.program import ProgramUse


def use(busy=1.0, ready=0.0, computing=1, processes=1, wall_s=10.0, cores=2):
    return ProgramUse(wall_s, busy * wall_s, ready * wall_s, 3, 5, computing, busy / processes, processes, cores, 0)


@pytest.mark.parametrize(
    ("used", "found"),
    [
        (use(0.05, computing=0), ProgramState.WAITING),
        (use(1.0), ProgramState.ONE_CORE),
        (use(1.0, computing=3), ProgramState.TAKING_TURNS),
        (use(0.7, 0.4, computing=3), ProgramState.TAKING_TURNS),
        (use(1.9, 2.0, computing=4), ProgramState.SHORT_OF_CORES),
        (use(0.8, 2.7, processes=4), ProgramState.SHORT_OF_CORES),
        (use(0.3, 0.6), ProgramState.ONE_CORE),
        (use(3.0, 0.1, processes=3, cores=8), ProgramState.PARALLEL),
        (use(1.0, wall_s=0.5), ProgramState.TOO_SHORT),
    ],
)
def test_the_state_is_what_it_kept_busy_and_what_it_waited_for(used, found):
    """Also beside others, which leave it a part of a core."""
    assert state(used) is found
    assert found in lines(used)[0]


def test_there_is_something_worth_a_try_in_every_state():
    """One sentence each."""
    assert set(WORTH_A_TRY) == set(ProgramState)
