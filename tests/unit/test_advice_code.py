"""The code to paste: it compiles, runs, and says how the inputs are made."""

import ast
import sys
import types
from dataclasses import replace

import pytest
from made import cell, summary
from made_targets import examined, target_facts
from own_process import in_own_process

from gil_lab.advice.code import number_of_tasks, program, sample_of
from gil_lab.analysis.estimates import Estimate
from gil_lab.model.records import StartUpCosts
from gil_lab.suite.catalogue import Catalogue

SHOWN = [name for name in Catalogue().strategy_names() if Catalogue().strategy(name).code]
HERE = [name for name in SHOWN if Catalogue().strategy(name).workers_are in (None, "threads")]
"""Those that need no processes, so that they run here at once."""


@pytest.fixture
def mine(monkeypatch):
    """The user's module."""
    module = types.ModuleType("mine")
    exec("def parse(item):\n    return item + 1\n\ndef add(x, y):\n    return x + y\n", vars(module))
    monkeypatch.setitem(sys.modules, "mine", module)
    return module


@pytest.mark.parametrize("strategy", SHOWN)
def test_the_code_of_every_strategy_is_a_short_program(strategy):
    """It has `run(inputs)` and a main guard, and imports the function."""
    text = program(summary(cell=cell(strategy)), examined(target_facts(is_coroutine=strategy == "asyncio")))
    tree = ast.parse(text)
    assert "run" in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert "from mine import parse" in text
    assert "answers = run(range(1000))" in text
    assert "{" not in text
    assert len(text.strip().splitlines()) <= 30


@pytest.mark.parametrize("strategy", HERE)
@pytest.mark.usefixtures("mine")
def test_the_code_gives_the_answers_of_the_function(strategy):
    """Of functions of one argument."""

    def ran():
        scope = {"__name__": "pasted"}
        exec(program(summary(cell=cell(strategy)), examined()), scope)
        return scope["run"]([1, 2, 3])

    assert (in_own_process(ran) if strategy == "numba-parallel" else ran)() == [2, 3, 4]


@pytest.mark.parametrize("unpacked", [False, True])
def test_a_coroutine_function_is_awaited_in_a_plain_pool(mine, unpacked):
    """Else a pool of threads would answer with coroutines."""
    exec("async def wait(x, y=1):\n    return x + y\n", vars(mine))
    facts = target_facts(stars="*" * unpacked, attribute="wait", is_coroutine=True)
    scope = {"__name__": "pasted"}
    exec(program(summary(cell=cell("threading")), examined(facts)), scope)
    assert scope["run"]([(1, 2)] if unpacked else [2]) == [3]


@pytest.mark.parametrize("strategy", [name for name in HERE if name != "numba-parallel"])
@pytest.mark.usefixtures("mine")
def test_tuples_are_unpacked_for_a_function_of_several_arguments(strategy):
    """In the code as when it was measured."""
    facts = target_facts(stars="*", attribute="add")
    scope = {"__name__": "pasted"}
    exec(program(summary(cell=cell(strategy)), examined(facts)), scope)
    assert scope["run"]([(1, 2), (3, 4)]) == [3, 7]


@pytest.mark.usefixtures("mine")
def test_dictionaries_are_given_by_the_names_of_the_arguments():
    """With one star a function would get their keys."""
    facts = target_facts(stars="**", attribute="add")
    scope = {"__name__": "pasted"}
    exec(program(summary(cell=cell("threading")), examined(facts)), scope)
    assert scope["run"]([{"x": 1, "y": 2}]) == [3]


@pytest.mark.usefixtures("mine")
def test_inputs_without_an_end_are_cut_in_the_code_too():
    """At as many as were looked at."""
    facts = target_facts(endless=True, inputs=100)
    text = program(summary(cell=cell("threading")), examined(facts, kind="name", value="mine.py:FOREVER"))
    assert "run(list(islice(FOREVER, 100)))" in text
    assert "from itertools import islice" in text


def test_the_code_says_under_which_python_it_is_to_be_run():
    """If that is another one than the first that was asked for."""
    text = program(summary(cell=cell("threading", interpreter="pypy3.11")), examined(), elsewhere=True)
    assert text.startswith("# To be run with Python pypy3.11.\n")


@pytest.mark.parametrize(
    ("kind", "value", "expression"),
    [
        ("range", "3:9", "run(range(3, 9))"),
        ("lines", "/var/log/x", "for line in open('/var/log/x')"),
        ("glob", "*.jpg", "sorted(glob('*.jpg', recursive=True))"),
        ("repeat", "5", "run([()] * 5)"),
        ("repeat", "5 3, 'x'", "run([(3, 'x',)] * 5)"),
        ("name", "pack.data:URLS", "from pack.data import URLS"),
        ("pickle", "/tmp/x", "run(inputs)"),
    ],
)
def test_the_code_makes_the_inputs_that_were_named(kind, value, expression):
    """Of every kind that there is."""
    text = program(summary(), examined(kind=kind, value=value))
    ast.parse(text)
    assert expression in text


def test_a_function_that_gives_the_inputs_is_called(tmp_path):
    """Where its file says that it is one."""
    (tmp_path / "urls.py").write_text("def urls():\n    return []\n\nLIST = [1]\n")
    assert "run(list(urls()))" in program(summary(), examined(kind="name", value=f"{tmp_path}/urls.py:urls"))
    assert "run(list(LIST))" in program(summary(), examined(kind="name", value=f"{tmp_path}/urls.py:LIST"))


def test_the_chunk_that_was_measured_stands_in_the_code():
    """Else as many as `Pool.map` would take."""
    assert "chunksize=64)" in program(summary(cell=cell("multiprocessing by 64")), examined())
    assert "chunksize=max(1, len(inputs) // 8))" in program(summary(cell=cell("multiprocessing")), examined())


def pooled(startup_s, calls=20, gain=2.0, strategy="threading"):
    """A variant whose pass of so many calls of 10 ms is so many times as fast as one call after the other."""
    costs = StartUpCosts(0.1, startup_s, 0.0)
    one = summary(cell=cell(strategy, tasks=calls), wall_s=calls * 0.01 / gain, costs=costs)
    return replace(one, speedup=Estimate(gain, gain, gain))


@pytest.mark.parametrize(("startup_s", "tasks"), [(0.0, 100), (0.05, 200), (10.0, 200)])
def test_the_code_is_tried_on_so_much_work_that_its_start_weighs_little(startup_s, tasks):
    """A second of it at least, twenty times the start beside what the workers gain, two seconds at most."""
    assert number_of_tasks(pooled(startup_s), target_facts()) == tasks


def test_importing_a_compiler_is_no_start_of_workers():
    """The code does it when the program begins, once for all passes."""
    assert number_of_tasks(pooled(10.0, strategy="numba-nogil"), target_facts()) == 100


def test_the_code_is_tried_on_inputs_of_their_own_as_far_as_there_are_any():
    """Those of the comparison again and again would be found in a cache of the user's."""
    assert len(set(sample_of(100, target_facts(inputs=300), seed=1))) == 100
    assert sample_of(100, target_facts(inputs=30), seed=1) == tuple(range(30))


def test_a_cached_function_gets_no_input_twice():
    """However little work its inputs are."""
    assert number_of_tasks(pooled(0.0), target_facts(inputs=30, is_cached=True)) == 30
    assert number_of_tasks(pooled(0.0), target_facts(inputs=30)) == 100
