"""Several machines: what each keeps busy, and whether they are known to compute at the same moment."""

from dataclasses import replace

import pytest
from made_of_cells import Made, measured, sequential

from gil_lab.analysis.hosts import HostUse, are_parallel, hosts_by_cell, least_together
from gil_lab.analysis.observations import Observed
from gil_lab.analysis.summaries import _verdict, _with_hosts
from gil_lab.analysis.verdicts import PARALLEL, GilUse, Verdict
from gil_lab.report.tables.as_rich import plain_text
from gil_lab.report.tables.results import results_table
from gil_lab.report.text.sentences import sentence
from gil_lab.sessions.rows import StateShares

LABEL = "3.14+cluster=10.0.0.1:8786"


def host(busy, cores=2, workers=2, name="10.0.0.2"):
    return HostUse(name, busy, cores, workers)


def on(*hosts, own=0.1, in_flight=4.0):
    """A cell whose client kept a tenth of a core busy."""
    made = measured("dask", 4, in_flight=in_flight, busy=own, work={"interpreter": LABEL})
    made = _with_hosts(replace(made, cores_wanted=None, states=StateShares(0.02, 0.0, 0.98)), hosts)
    return replace(made, verdict=_verdict(made, (), None, lambda _: GilUse.HELD))


@pytest.mark.parametrize(
    ("hosts", "together"),
    [
        ([host(1.9), host(1.8)], 0.85),
        ([host(1.0), host(1.0)], 0.0),  # one after the other, perhaps
        ([host(0.9, workers=1), host(0.6, workers=1)], 0.5),
        ([host(0.9, cores=1), host(0.6, cores=1)], 0.5),  # two workers share a core
        ([host(0.4), host(0.3)], 0.0),
        ([host(2.0)], 0.0),
        ([host(2.0), host(2.0), host(2.0)], 1.0),
        ([host(2.0), host(2.0), host(0.0)], 0.5),
        ([], 0.0),
    ],
)
def test_machines_that_are_busy_for_more_than_the_whole_time_compute_at_the_same_moment(hosts, together):
    """For so much of it at least, whatever their clocks say."""
    assert least_together(hosts) == pytest.approx(together)
    assert are_parallel(hosts) == (together >= 0.2)


def test_hosts_come_from_what_was_observed_of_them():
    """A host of which something is missing, and what others observed, is none."""
    cell = measured("dask", 4).cell

    def observed(name, value):
        return Observed(cell, name, value, value, value, "", "")

    whole = [observed("cores busy on a", 1.9), observed("cores of a", 2.0), observed("workers on a", 2.0)]
    assert hosts_by_cell([*whole, observed("workers on b", 1.0), observed("lost updates", 3.0)]) == {
        cell: (HostUse("a", 1.9, 2.0, 2.0),)
    }
    assert hosts_by_cell([observed("lost updates", 3.0)]) == {}


def test_cores_busy_are_the_sum_over_the_machines():
    """Without hosts they are those of the lab's own processes."""
    assert on(host(1.9), host(1.8)).cores_busy == pytest.approx(3.8)
    assert on().cores_busy == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("hosts", "verdict"),
    [
        ([host(1.9), host(1.8)], Verdict.ACROSS_MACHINES),
        ([host(1.9)], Verdict.PARALLEL),
        ([host(0.9), host(0.8)], Verdict.PARALLEL),
        ([host(0.01), host(0.01)], Verdict.WAITING),
    ],
)
def test_machines_are_parallel_if_they_are_known_to_be(hosts, verdict):
    """More than a core may be busy on one machine after the other."""
    assert on(*hosts).verdict is verdict


def test_the_table_and_the_sentence_name_each_machine():
    """`1.9 + 1.8 of 2 + 2`."""
    row = on(host(1.9, name="10.0.0.1"), host(1.8))
    assert row.verdict in PARALLEL
    table = plain_text([results_table([sequential(), row], verdicts=True)], 120)
    assert "1.9 + 1.8 of 2 + 2" in table
    assert "across hosts" in table
    said = " ".join(sentence(row).split())
    assert (
        "parallel across machines: 1.9 + 1.8 of 2 + 2 on 10.0.0.1, 10.0.0.2, at the same moment for at least 85 %"
        in said
    )


def test_without_a_cluster_no_table_has_a_column_for_hosts():
    assert "on hosts" not in plain_text([results_table(Made([sequential(), measured("threading")]).rows)], 120)
