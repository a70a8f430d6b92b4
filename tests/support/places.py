"""Where things are: the checkout, its tests, and the programs that tests start."""

from pathlib import Path

SUPPORT = Path(__file__).parent
TESTS = SUPPORT.parent
ROOT = TESTS.parent
FAKE_CHILD = SUPPORT / "fake_child.py"
"""Speaks like a measured process, and fails in the way that its argument names."""
BROKEN_WORKLOADS = SUPPORT / "broken_workloads.py"
"""A user's file: one workload that is fine, among many that go wrong."""
