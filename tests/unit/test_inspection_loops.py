"""Loops are found by the jumps back alone, and one turn is counted on every way round."""

from hypothesis import given
from hypothesis import strategies as st

from gil_lab.suite.compilers.inspection.loops import Step, innermost, select


def steps(*follows):
    """Instructions by what may come after each."""
    return [Step(str(number), after if isinstance(after, tuple) else (after,)) for number, after in enumerate(follows)]


def test_straight_code_and_no_code_have_no_loop():
    """And nothing is chosen."""
    assert innermost([]) == innermost(steps(1, 2, ())) == []
    assert select([]) is None


def test_a_turn_is_counted_from_the_head_back_to_it():
    """What stands before and behind the loop does not count."""
    (loop,) = innermost(steps(1, 2, 3, (1, 4), ()))
    assert (loop.members, loop.depth, loop.fewest, loop.most) == ((1, 2, 3), 1, 3, 3)


def test_a_branch_inside_makes_a_fewest_and_a_most():
    """The way over 2 and 3 is longer than the one past them."""
    (loop,) = innermost(steps((1, 4), 2, 3, 4, (0, 5), ()))
    assert (loop.fewest, loop.most) == (2, 5)


def test_of_two_loops_in_one_another_the_inner_one_is_meant():
    """It lies at depth 2."""
    (loop,) = innermost(steps(1, 2, (1, 3), (0, 4), ()))
    assert (loop.members, loop.depth) == ((1, 2), 2)


def test_an_instruction_that_jumps_to_itself_is_a_loop_of_one():
    """`jmp .`"""
    (loop,) = innermost(steps(0))
    assert (loop.fewest, loop.most) == (1, 1)


def test_loops_beside_each_other_are_both_found_and_the_shorter_one_is_chosen():
    """Unless another one is better, or deeper."""
    both = innermost(steps(1, 2, (0, 3), (3, 4), ()))
    assert [loop.members for loop in both] == [(0, 1, 2), (3,)]
    assert select(both) is both[1]
    assert select(both, lambda loop: loop.most > 1) is both[0]


def test_two_jumps_back_to_one_head_are_one_loop():
    """`continue` in the middle."""
    (loop,) = innermost(steps((1, 2), 0, 3, (0, 4), ()))
    assert (loop.fewest, loop.most) == (2, 3)


def test_what_is_not_counted_is_part_of_the_loop_and_of_no_number():
    """phi of LLVM IR."""
    (loop,) = innermost([Step("phi", (1,), counted=False), Step("add", (2,)), Step("br", (0, 3)), Step("ret", ())])
    assert (len(loop.members), loop.most) == (3, 2)


def test_unreachable_code_has_no_loops():
    """Handlers of exceptions, which nothing jumps to."""
    assert innermost(steps((), 2, 1)) == []


def test_a_circle_that_can_be_entered_at_two_places_is_no_natural_loop():
    """No compiler writes one for a `while`; it must not be counted wrongly."""
    assert innermost(steps((1, 2), 2, (1, 3), ())) == []


@given(st.data())
def test_no_code_however_odd_makes_it_fail(data):
    """Every loop has a turn of at least one instruction, and no more than it has members."""
    length = data.draw(st.integers(1, 12))
    places = st.lists(st.integers(0, length - 1), max_size=2).map(tuple)
    for loop in innermost(steps(*data.draw(st.lists(places, min_size=length, max_size=length)))):
        assert 1 <= loop.fewest <= loop.most <= len(loop.members)
