"""Each stage from text to a running module does its part, and proves that it did."""

import ast
import importlib.util
from pathlib import Path

import pytest

from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.workloads import source

ALL = {"": source.WORKLOAD, **source.VARIANTS}
every_variant = pytest.mark.parametrize("name", ALL)


def answers(name, tasks=3, size=2):
    with ALL[name].inputs(tasks, size) as inputs:
        return inputs, [ALL[name].forms["call"](each) for each in inputs]


@every_variant
def test_every_stage_goes_through_to_the_end_and_again(name):
    """The second time with what the first has kept."""
    workload = ALL[name]
    with workload.inputs(3, 2) as inputs:
        first = [workload.forms["call"](each) for each in inputs]
        assert workload.verify(inputs, first) is None
        assert [workload.forms["call"](each) for each in inputs] == first


@every_variant
def test_a_stage_that_stops_early_or_mixes_modules_up_is_wrong(name):
    """Dropped, swapped and changed answers."""
    inputs, right = answers(name)
    verify = ALL[name].verify
    assert verify(inputs, right) is None
    assert verify(inputs, right[:-1]) is not None
    assert verify(inputs, right[::-1]) is not None
    assert verify(inputs, [right[0] - 1, *right[1:]]) is not None


@every_variant
def test_every_variant_has_a_name_and_a_reason_for_each_form_it_lacks(name):
    """A student who asks for it gets the work, or a sentence."""
    workload = Catalogue().workload(f"source+{name}" if name else "source")
    assert workload is ALL[name]
    assert {"coroutine", "nogil", "parallel"} <= {*workload.why_not}


def test_the_sum_by_formula_is_the_one_that_the_functions_give():
    """The check uses another algorithm; here, both by hand for one function: 5 + (5 + 6) + (5 + 12)."""
    with source.inputs(6, 1) as modules:
        assert source.total(modules[5]) == 5 + 11 + 17
        assert source.run(modules[5]) == source.MARK + 5 + 33


def test_a_module_has_as_many_functions_as_its_size():
    """Size is what a student changes."""
    functions = [node for node in ast.parse(source.module_text(0, 7)).body if isinstance(node, ast.FunctionDef)]
    assert len(functions) == 7


def test_importing_from_source_leaves_no_pyc_behind():
    """Else the second pass would load it, and be reported as compiling."""
    with source.inputs(1, 1) as (module,):
        source.import_source(module)
        assert [path.name for path in Path(module.path).parent.iterdir()] == ["generated_0.py"]


def test_importing_from_a_pyc_reads_it_and_nothing_else():
    """With no such file it fails; it never compiles."""
    with source.inputs_with_pyc(1, 1) as (module,):
        assert Path(importlib.util.cache_from_source(module.path)).exists()
        source.import_pyc(module)
        Path(importlib.util.cache_from_source(module.path)).unlink()
        with pytest.raises(ImportError, match=r"has no \.pyc file"):
            source.import_pyc(module)


def test_a_pyc_that_is_older_than_its_source_is_not_taken():
    """As in any import: the source has changed."""
    with source.inputs_with_pyc(1, 1) as (module,):
        Path(module.path).write_text("total, mark = 0, 0  # another text\n")
        with pytest.raises(ImportError, match=r"has no \.pyc file"):
            source.import_pyc(module)


@pytest.mark.parametrize("inputs", [source.inputs, source.inputs_with_pyc])
def test_nothing_is_left_on_disk(inputs):
    """The folder is taken down, whatever happens in between."""

    class MadeUpError(Exception):
        pass

    with pytest.raises(MadeUpError), inputs(2, 1) as modules:
        raise MadeUpError
    assert not Path(modules[0].path).parent.exists()
