"""Variants: the same work done another way, told beside the work as it is."""

import pytest
from made import cell, rounds
from made_claims import of, session
from made_plans import asked_for

from gil_lab.analysis.summaries import summaries
from gil_lab.model.cell_names import cell_name
from gil_lab.model.errors import UsageError
from gil_lab.model.records import Cell
from gil_lab.report.documents.session import as_text
from gil_lab.report.tables.results import by_workload, strategy
from gil_lab.suite.catalogue import Catalogue

LAB = Catalogue()
LOCKED = cell("threading", workload="counter+lock")


def test_a_cell_knows_its_work_and_its_variant():
    """What stands behind the first plus sign is the variant; most workloads have none."""
    assert (LOCKED.work, LOCKED.variant) == ("counter", "+lock")
    assert (cell().work, cell().variant) == ("primes", "")


def test_the_catalogue_finds_variants_by_their_whole_name():
    """In the file of the workload that they are made of."""
    assert "counter+lock" in LAB.variant_names("counter")
    assert LAB.workload("counter+lock").summary != LAB.workload("counter").summary
    assert LAB.variant_names("primes") == LAB.variant_names("nothing") == []
    assert "counter+lock" not in LAB.workload_names()


@pytest.mark.parametrize(
    ("typed", "hint"),
    [("counter+lok", "'counter+lock'"), ("primes+fast", "'primes'"), ("cuonter+lock", "'counter'"), ("+lock", "")],
)
def test_a_mistyped_variant_is_refused_with_the_nearest_name(typed, hint):
    """One of the workload's own, or a workload."""
    with pytest.raises(UsageError, match="unknown workload") as refused:
        LAB.workload(typed)
    assert hint in str(refused.value)


def test_every_variant_does_the_work_in_fewer_lines_than_a_workload_of_its_own():
    """It has the name's form, the same unit and the same number of tasks, or it could not be compared."""
    variants = [(work, name) for work in LAB.workload_names() for name in LAB.variant_names(work)]
    assert variants
    for work, name in variants:
        variant, plain = LAB.workload(name), LAB.workload(work)
        assert (variant.size_unit, variant.tasks, variant.size) == (plain.size_unit, plain.tasks, plain.size), name


def test_a_variant_s_speedup_is_told_against_the_work_as_it_is():
    """And its parallel part against the same variant, one task after the other."""
    plain = rounds("sequential", 0.4, 0.4, cell=cell("sequential", workload="counter"))
    alone = rounds("sequential", 0.8, 0.8, cell=cell("sequential", workload="counter+lock"))
    threads = rounds("threading", 0.2, 0.2, cell=LOCKED)
    base, locked, pooled = summaries([*plain, *alone, *threads], lambda _: "sequential")
    assert (base.is_baseline, locked.is_baseline, pooled.is_baseline) == (True, False, False)
    assert (locked.speedup.value, locked.parallel_speedup.value) == (0.5, 1.0)
    assert (pooled.speedup.value, pooled.parallel_speedup.value) == (2.0, 4.0)


def test_a_work_and_its_variants_stand_in_one_table_by_their_names():
    """In the order in which the session names them, the title tells the work."""
    found = session(
        of("sequential", 0.1, work={"workload": "counter"}),
        of("sequential", 0.2, work={"workload": "counter+lock"}),
        of("threading", 0.2, work={"workload": "counter+await"}),
    )
    (group,) = by_workload(found.rows)
    assert [strategy(one) for one in group] == ["sequential", "sequential +lock", "threading +await"]
    text = as_text(found.rows)
    assert text.startswith("counter, 32 tasks")
    assert "sequential +lock" in text


def test_a_cell_is_called_by_strategy_workers_and_variant():
    """What tells it apart in a table of one kind of work."""
    assert cell_name(LOCKED) == "threading x2 +lock"


def test_sizes_of_one_work_may_differ_and_those_of_two_may_not():
    """A size for a work is one for its variants as well."""
    made = asked_for(workloads=("counter", "counter+lock"), sizes=(7,), strategies=("sequential",))
    assert {one.size for one in made} == {7}
    assert Cell("counter+lock", "sequential", 1, "3.11", made[0].tasks, 7) in made
