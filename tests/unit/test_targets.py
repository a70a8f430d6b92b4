"""A function as people have it, and what they name as its inputs."""

import asyncio
import functools
import pickle
import random

import pytest
from made_targets import target, written

from gil_lab.model.errors import UsageError
from gil_lab.model.target import GivenInputs, Location
from gil_lab.suite.targets import as_task, calls, inputs, why_not_pickled, with_target
from gil_lab.suite.targets.decorator import workload
from gil_lab.suite.targets.resolving import resolve


def add(x, y=1):
    return x + y


async def waits(x, y):
    await asyncio.sleep(0)
    return x + y


class Adder:
    def __init__(self, more):
        self.more = more

    def __call__(self, x):
        return x + self.more

    def add(self, x):
        return x + self.more


@pytest.mark.parametrize(
    ("function", "one", "answer"),
    [
        (add, 1, 2),
        (lambda x, y: (x, y), (1, 2), (1, 2)),
        (lambda x: x, (1, 2), (1, 2)),
        (lambda x, y: x - y, {"y": 1, "x": 3}, 2),
        (lambda: 5, (), 5),
        (functools.partial(add, 4), 2, 6),
        (Adder(2), 1, 3),
        (Adder(2).add, 1, 3),
        (divmod, (7, 2), (3, 1)),
        (max, (1, 5), 5),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_an_input_is_unpacked_if_the_function_requires_several_arguments(function, one, answer):
    """Else it is the argument, whatever it is."""
    assert as_task(function, one, seedable=False)(one) == answer


def test_a_coroutine_function_has_a_plain_form():
    """For which each thread keeps an event loop."""
    task = as_task(waits, (1, 2), seedable=False)
    assert calls.is_coroutine(task)
    assert calls.Awaited(task)((1, 2)) == 3
    assert asyncio.run(task((1, 2))) == 3


def test_a_cached_function_does_its_work_in_every_pass():
    """Without its cache, of functools; it can be sent to processes as before."""
    calls_made = []

    @functools.lru_cache
    def remembers(x):
        calls_made.append(x)
        return x

    task = as_task(remembers, 1, seedable=False)
    assert [task(1), task(1)] == [1, 1]
    assert calls_made == [1, 1]


def test_a_seeded_task_answers_alike():
    """Also a coroutine function."""
    task = as_task(lambda _: random.random(), 0, seedable=True)
    assert task(0) == task(0)


def test_tasks_can_be_sent_to_processes():
    """With all that stands around the function."""
    for task in (as_task(divmod, (7, 2), seedable=True), calls.Awaited(as_task(waits, (1, 2), seedable=False))):
        assert pickle.loads(pickle.dumps(task))((7, 2)) in ((3, 1), 9)


def test_the_attribute_that_cannot_be_pickled_is_named():
    """Of an object as well as of a function."""
    held = Adder(lambda: 0)
    assert "attribute more" in why_not_pickled(add, held, 0)
    assert "the function" in why_not_pickled(lambda: 0, 0, 0)
    assert why_not_pickled(add, 1, 2) == ""


FILE = """
class Parser:
    def parse(self, x):
        return x * 2

PARSER = Parser()
VALUES = [1, 2, 3]
TEXT = "abc"

def values():
    yield from VALUES

def broken():
    raise ValueError("no")
"""


@pytest.fixture
def mine(tmp_path):
    return written(tmp_path, FILE, f"mine_{tmp_path.name.replace('-', '_')}.py")


def test_a_bound_method_is_found_by_its_path(mine):
    """As by attributes in Python."""
    assert resolve(Location(str(mine), "", "PARSER.parse"))(4) == 8


def test_a_name_that_is_not_there_is_one_line_with_the_nearest(mine):
    """Or with what there is."""
    with pytest.raises(UsageError, match="did you mean VALUES"):
        resolve(Location(str(mine), "", "VALUE"))
    with pytest.raises(UsageError, match="it has Parser"):
        resolve(Location(str(mine), "", "xyzzy"))


def test_relative_imports_of_a_package_work(tmp_path, monkeypatch):
    """By the path of a file in it, in a folder with a space, and by the name of its module."""
    package = tmp_path / "my work" / "pack_for_targets"
    package.mkdir(parents=True)
    written(package, "", "__init__.py")
    written(package, "FACTOR = 3\n", "beside.py")
    written(package, "from .beside import FACTOR\n\ndef f(x):\n    return x * FACTOR\n", "inner.py")
    assert resolve(Location(str(package / "inner.py"), "", "f"))(2) == 6
    monkeypatch.chdir(package.parent)
    assert resolve(Location("", "pack_for_targets.inner", "f"))(2) == 6


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import nosuchmodule_xyz", "no module named"),
        ("import sys; sys.exit(3)", "exits when it is imported"),
        ("1 / 0", "ZeroDivisionError"),
        ("def f(:", "SyntaxError"),
    ],
)
def test_a_file_that_does_not_import_is_one_line(tmp_path, text, words):
    """With the next step."""
    file = written(tmp_path, text, f"bad_{abs(hash(text))}.py")
    with pytest.raises(UsageError, match=words):
        resolve(Location(str(file), "", "f"))


def test_a_module_that_is_not_there_is_one_line():
    """That says where it is searched."""
    with pytest.raises(UsageError, match="can be imported from here"):
        resolve(Location("", "nosuchpackage_xyz.sub", "f"))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("range", "4", [0, 1, 2, 3]),
        ("range", "2:8:3", [2, 5]),
        ("repeat", "2", [(), ()]),
        ("repeat", "2 3, 'x'", [(3, "x"), (3, "x")]),
    ],
)
def test_inputs_are_made_of_what_was_named(kind, value, expected):
    """Numbers and repeated arguments."""
    assert list(inputs.load(GivenInputs(kind, value))) == expected


def test_inputs_are_read_from_files(tmp_path, mine):
    """Lines without their ends, paths in order, a list, and a function that gives one."""
    lines = tmp_path / "x.log"
    lines.write_bytes(b"one\r\ntwo\n\nlast")
    assert list(inputs.load(GivenInputs("lines", str(lines)))) == ["one", "two", "", "last"]
    assert inputs.load(GivenInputs("glob", f"{tmp_path}/*.log")) == [str(lines)]
    for name in ("VALUES", "values"):
        assert list(inputs.load(GivenInputs("name", f"{mine}:{name}"))) == [1, 2, 3]


def test_endless_inputs_are_read_up_to_a_limit(mine):
    """One more than the limit says that there are more."""
    mine.write_text("import itertools\nENDLESS = itertools.count()\n")
    assert len(inputs.load(GivenInputs("name", f"{mine}:ENDLESS"))) == inputs.MOST + 1


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("name", "{mine}:TEXT", "is of type str"),
        ("name", "{mine}:broken", "raises ValueError: no"),
        ("name", "nonsense", "names nothing"),
        ("glob", "/nonexistent/*.xyz", "no file is matched"),
        ("range", "many", "no range"),
        ("range", "0", "gives no input"),
        ("range", f"0:{10**13}", "too large"),
        ("lines", "/nonexistent/file", "cannot be read"),
        ("repeat", "3 open(", "--args takes Python values"),
    ],
)
def test_inputs_that_are_none_are_one_line(mine, kind, value, words):
    """With the next step."""
    with pytest.raises(UsageError, match=words):
        inputs.load(GivenInputs(kind, value.format(mine=mine)))


def test_lines_that_are_no_text_are_one_line(tmp_path):
    """Bytes of a picture, say."""
    (tmp_path / "x.bin").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(UsageError, match="not text"):
        inputs.load(GivenInputs("lines", str(tmp_path / "x.bin")))


def test_a_target_is_a_workload_of_its_sample(mine):
    """As many tasks as are asked for, the sample again and again."""
    made = with_target(
        target("parse", "name", f"{mine}:VALUES", sample=(0, 2), function=Location(str(mine), "", "PARSER.parse"))
    )
    work = made.workload("parse")
    with work.open_inputs(5, 1) as given:
        assert list(given) == [1, 3, 1, 3, 1]
    assert work.forms["call"](3) == 6


def test_verify_is_asked_about_every_answer(mine):
    """The first one that is wrong is named."""
    mine.write_text("def double(x): return 2 * x\n\ndef even(x, answer): return answer == 2 * x and x < 3\n")
    work = with_target(
        target(function=Location(str(mine), "", "double"), verify=Location(str(mine), "", "even"))
    ).workload("parse")
    assert work.varies
    assert work.complaint([1, 2], [2, 4]) is None
    assert "input 1 is wrong" in work.complaint([1, 5], [2, 10])


def test_a_decorated_function_is_a_workload():
    """With defaults for all else; of a coroutine function, in both forms."""

    @workload(inputs=[1, 2, 3])
    def squared(number):
        """Squares a number."""
        return number * number

    @workload(inputs=[(1, 2)], bound="io")
    async def added(x, y):
        return x + y

    assert (squared.summary, squared.tasks, squared.forms["call"](3)) == ("Squares a number.", 3, 9)
    assert set(added.forms) == {"call", "coroutine"}
    assert (added.bound, added.forms["call"]((1, 2))) == ("io", 3)
