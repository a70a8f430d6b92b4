"""Sizes of tasks with their unit, as people write them."""

from gil_lab.model.language import gettext
from gil_lab.model.records import Cell
from gil_lab.suite.catalogue import Catalogue

PREFIXES = (("G", 10**9), ("M", 10**6), ("k", 10**3))
BYTES = "bytes"


def unit_of(work: str) -> str:
    """Of the sizes of the lab's own workload; empty for a user's."""
    catalogue = Catalogue()
    return catalogue.workload(work).size_unit if work in catalogue.workload_names() else ""


def variant_unit_of(work: str) -> str:
    """Of the numbers that its variants are named by; empty where they are words, and for a user's workload."""
    catalogue = Catalogue()
    return catalogue.workload(work).variant_unit if work in catalogue.workload_names() else ""


def has_size(cell: Cell) -> bool:
    """Whether the size of its tasks says something; those of a user's function have none, which is kept as 1."""
    return cell.size != 1 or bool(unit_of(cell.work))


def sized(size: int, unit: str) -> str:
    """`10 MB`, `2500 numbers`."""
    if unit != BYTES:
        return f"{size} {gettext(unit)}".rstrip()
    prefix, factor = next(((prefix, factor) for prefix, factor in PREFIXES if size >= factor), ("", 1))
    return f"{size / factor:g} {prefix}B"
