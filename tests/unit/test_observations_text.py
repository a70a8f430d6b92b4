"""What workloads reported beside their answers, as it is written in reports."""

import pytest

from gil_lab.model.text import amount


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (5.0, "5"),
        (9_600_000.0, "9,600,000"),
        (2_725_864.5, "2,725,864"),  # the median of an even number of rounds, between two counts
        (1234.5, "1,234"),
        (999.4, "999"),
        (12.0, "12"),
        (0.12345, "0.123"),
    ],
)
def test_thousands_are_written_alike_whether_counted_or_halved(value, written):
    """A value stands beside the least and the greatest of its rounds."""
    assert amount(value) == written
