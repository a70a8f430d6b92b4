"""Faults of the measured child, and of what it starts."""

from fault_matrix.rig import FAULTS, TINY


def test_fault_01_a_crash_costs_its_own_cell(rig):
    """The row names the signal; the other cells still run."""
    ended = rig.run(str(FAULTS), "--workload", "crashing,fine", *TINY)
    rig.survived(ended, 3, ok_at_most=1)

