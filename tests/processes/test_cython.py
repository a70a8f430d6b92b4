"""Cython: the source stays the same, it is built in one place and leaves nothing there, it lets go of the GIL."""

import importlib.metadata
import inspect
import shutil
import sys
import sysconfig
import tempfile
import threading
from functools import cache

import pytest
from examples import thorough

from gil_lab.child.probe import refusal
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.compilers import cython_build
from gil_lab.suite.compilers.cython_build import BuildError, CythonTask, built, complaint, why_not
from gil_lab.suite.compilers.cython_source import MODULE, CythonSource, Declared, typed, untyped
from gil_lab.suite.workloads import mandelbrot, primes

CATALOGUE = Catalogue()
WRITTEN, REASONED = ("primes", "mandelbrot", "convoy"), ("files", "http", "mixed", "sha256", "sleep")
STRATEGIES = ("cython-sequential", "cython-nogil", "cython-untyped")
LIMIT, OFFSET = 3, 0.5


def not_here():
    try:
        importlib.metadata.version("cython")
    except importlib.metadata.PackageNotFoundError:
        return "Cython is not installed"
    return why_not()


compiling = pytest.mark.skipif(bool(not_here()), reason=not_here() or "")


def step(value):
    return value + OFFSET if value < LIMIT else double(value)


def double(value):
    return step(value - LIMIT) + value


def lost(value):
    return value + threading.active_count()


@pytest.fixture
def private(tmp_path, monkeypatch):
    """The only folder for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def quick(monkeypatch):
    """A C compiler that does not optimise, which takes much of the time of a build: for tests not about its speed."""
    monkeypatch.setattr(cython_build, "FLAGS", ("-O0", *cython_build.FLAGS[1:]))


_TASKS = {}
"""Compiled ones, by workload and form: each is built once, by the first test that needs it."""


def compiled(name, form, inputs):
    """The form, and its compiled task for such inputs."""
    made = CATALOGUE.form(form)
    if (name, form) not in _TASKS:
        task = made.task(CATALOGUE.workload(name))
        made.compile(task, inputs)
        _TASKS[name, form] = task
    return made, _TASKS[name, form]


def test_the_source_is_that_of_the_call_form_letter_by_letter():
    """The types stand beside it: whoever changes the function changes it for every form."""
    source = typed(primes.cython(), 2)
    assert inspect.getsource(primes.count_primes) in source.text
    assert "longlong" not in source.text
    assert "longlong" in source.types
    assert primes.WORKLOAD.forms["call"] is primes.cython().task is primes.WORKLOAD.forms["cython-untyped"]


def test_what_the_task_reads_and_calls_comes_along_and_nothing_else():
    text = untyped(mandelbrot.count_inside).text
    assert inspect.getsource(mandelbrot.inside) in text
    assert "ITERATIONS = 100\n" in text
    assert "async" not in text
    assert "AREA" not in text


def test_functions_that_call_each_other_come_along_once():
    text = untyped(step).text
    assert [text.count(f"def {name}(") for name in ("step", "double")] == [1, 1]
    assert text.count("LIMIT = 3\n") == text.count("OFFSET = 0.5\n") == 1


def test_a_source_without_types_has_no_declarations_and_does_not_let_go_of_the_gil():
    source = untyped(primes.count_primes)
    assert (source.types, source.entry) == ("", "count_primes")
    assert "nogil" not in source.text


@compiling
@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("mandelbrot", "cython"),
        *[("primes", "cython-untyped"), ("primes", "cython"), ("mandelbrot", "cython-untyped")] * thorough(),
    ],
)
def test_the_compiled_task_answers_as_the_call_form_does(name, form, private):
    """All tasks, in order, optimised as they are when they are measured; and nothing of the building is left.

    One that calls another function; primes, with types and without, are in the contract of cells. The functions that
    call each other, below, have no types either.
    """
    workload = CATALOGUE.workload(name)
    with workload.inputs(40, 60) as inputs:
        _, task = compiled(name, form, inputs)
        assert list(private.iterdir()) == []
        answers = [task(each) for each in inputs]
        assert answers == [workload.forms["call"](each) for each in inputs]
        assert workload.verify(inputs, answers) is None


@compiling
def test_a_compiled_task_is_traced_by_the_clocks_around_its_call(private, quick):
    with CATALOGUE.workload("mandelbrot").inputs(2, 50) as inputs:
        made, task = compiled("mandelbrot", "cython", inputs)
        noted, unfold = made.traced(task, inputs)
        answers, spans = unfold([noted(each) for each in inputs])
    assert answers == [mandelbrot.count_inside(each) for each in inputs]
    assert [(span.task, span.tid) for span in spans] == [(0, threading.get_native_id()), (1, threading.get_native_id())]


@compiling
def test_other_threads_run_while_it_computes(private, quick):
    """None is taken off the GIL here, so another thread only runs when the compiled task lets go of it."""
    with CATALOGUE.workload("mandelbrot").inputs(2, 50) as inputs:
        _, task = compiled("mandelbrot", "cython", inputs)
    beginning, noticed = threading.Event(), threading.Event()
    asked = []

    def compute():
        beginning.set()
        while not noticed.is_set() and len(asked) < 500:
            asked.append(task((0, 1, 30_000)))

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    try:
        thread = threading.Thread(target=compute)
        thread.start()
        beginning.wait()
        noticed.set()
        thread.join()
    finally:
        sys.setswitchinterval(usual)
    assert len(asked) < 500


@compiling
def test_two_builds_do_not_get_in_each_others_way(private, quick):
    """Both are modules of the same name. One without types, of functions that call each other, is for the thorough
    profile: primes without types are in the contract of cells.
    """
    with CATALOGUE.workload("mandelbrot").inputs(2, 50) as inputs:
        _, first = compiled("mandelbrot", "cython", inputs)
    second = divided()
    assert (first((0, 1, 50)), second((3, 2))) == (mandelbrot.count_inside((0, 1, 50)), quotient((3, 2)))
    if thorough():
        third = built(untyped(step))
        assert (third(1), third(4)) == (step(1), step(4))


@cache
def divided():
    """A function of two typed numbers, built once for the tests that call it."""
    declared = Declared(quotient, "cdef long long quotient((long long, long long) pair) except? -1 nogil\n")
    return built(typed(declared, 2))


@compiling
def test_what_python_raises_the_compiled_task_raises(private, quick):
    """A division of typed numbers by 0 is an error, and one of whole numbers is no whole number."""
    assert divided()((3, 2)) == 1
    with pytest.raises(ZeroDivisionError):
        divided()((1, 0))


def quotient(pair):
    return 1 if pair[0] / pair[1] == 1.5 else 0


WRONG = {
    "types": (typed(Declared(step, "cdef long long step((long long,) value) noexcept nogil\n"), 1), f"{MODULE}.py:"),
}
"""One of a kind: which line of a complaint is reported is tested below, without Cython."""
if thorough():
    WRONG |= {
        "name": (untyped(lost), "undeclared name"),
        "declaration": (typed(Declared(double, "cdef nonsense\n"), 1), f"{MODULE}.pxd:"),
        "syntax": (CythonSource("def broken(:\n", "", "broken"), "Cython failed"),
    }


@compiling
@pytest.mark.parametrize(("source", "reported"), WRONG.values(), ids=WRONG)
def test_what_cython_does_not_take_is_reported_in_one_line_with_the_next_step(source, reported, private):
    with pytest.raises(BuildError) as caught:
        built(source)
    assert reported in str(caught.value) or f"{MODULE}.py" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith("fix the source or its C types")
    assert list(private.iterdir()) == []


def fake_compiler(folder, monkeypatch, script):
    """What Python names as its C compiler; what it would compile is not made."""
    run = cython_build._run
    monkeypatch.setattr(cython_build, "_run", lambda name, *given: name == "Cython" or run(name, *given))
    program = folder / "fake-cc"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    real = sysconfig.get_config_var
    monkeypatch.setattr(sysconfig, "get_config_var", lambda name: f"{program} -one" if name == "CC" else real(name))


@compiling
def test_a_c_compiler_that_fails_is_reported_without_its_escape_codes(tmp_path_factory, private, monkeypatch):
    fake_compiler(
        tmp_path_factory.mktemp("bin"), monkeypatch, r"printf 'one\n\033[31mfatal error: no disk\n' >&2; exit 1"
    )
    with pytest.raises(BuildError, match=r"the C compiler failed .*fatal error: no disk") as caught:
        built(untyped(step))
    assert "\x1b" not in str(caught.value)
    assert list(private.iterdir()) == []


@compiling
def test_a_c_compiler_that_says_nothing_is_reported_by_its_exit_code(tmp_path_factory, private, monkeypatch):
    fake_compiler(tmp_path_factory.mktemp("bin"), monkeypatch, "exit 3")
    with pytest.raises(BuildError, match=r"the C compiler failed \(exit code 3\)"):
        built(untyped(step))


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("", ""),
        ("\n\n", ""),
        ("note\nx.c:1: error: no\nerror: more", "x.c:1: error: no"),
        (f"Error compiling Cython file:\n---\n...\n{MODULE}.py:3:4: undeclared", f"{MODULE}.py:3:4: undeclared"),
        ("only this\nand that", "only this"),
    ],
)
def test_of_what_a_compiler_prints_the_line_is_reported_that_names_the_place(output, expected):
    assert complaint(output) == expected


def test_a_line_without_end_is_cut():
    assert len(complaint("error: " + "x" * 10**6)) <= 200


def test_a_task_that_was_not_compiled_says_so():
    with pytest.raises(BuildError, match="has not been compiled"):
        CythonTask(lambda _: untyped(step))(1)


@compiling
def test_without_a_compiler_each_strategy_says_what_to_install(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    for name in STRATEGIES:
        assert refusal(CATALOGUE.strategy(name)) == cython_build.NO_COMPILER
    with pytest.raises(BuildError, match="install one"):
        cython_build._found_compiler()


@compiling
def test_without_the_headers_of_python_each_strategy_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    reported = why_not()
    assert "Python.h" in reported
    assert f"python{sys.version_info[0]}.{sys.version_info[1]}-dev" in reported
    (tmp_path / "Python.h").touch()
    assert why_not() is None


@pytest.mark.parametrize(
    ("version", "refused"), [("0.29.37", True), ("3.2.9", True), ("3.3.0b1", False), ("4.0", False)]
)
def test_a_cython_that_is_too_old_is_refused(version, refused, monkeypatch):
    monkeypatch.setattr(importlib.metadata, "version", lambda name: version)
    assert ("too old: install 3.3 or later" in (why_not() or "")) == refused


def test_without_cython_each_strategy_gives_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "Cython", None)
    for name in STRATEGIES:
        reported = refusal(CATALOGUE.strategy(name))
        assert reported.startswith("Cython is not installed for ")
        assert reported.endswith(" Cython")


def test_the_compiler_that_python_was_built_with_is_taken_if_it_is_there(monkeypatch):
    """It may be that of another machine."""
    built_with = {"CC": "theirs -pthread"}
    monkeypatch.setattr(sysconfig, "get_config_var", built_with.get)
    monkeypatch.setattr(shutil, "which", lambda name: name if name in ("theirs", "gcc") else None)
    assert cython_build.compiler() == ["theirs", "-pthread"]
    built_with["CC"] = None
    assert cython_build.compiler() == ["gcc"]


@pytest.mark.parametrize("form", ["cython", "cython-untyped"])
def test_loops_are_written_for_cython_and_waiting_says_why_not(form):
    assert all(form in CATALOGUE.workload(name).forms for name in WRITTEN)
    reasons = {name: CATALOGUE.workload(name).why_not[form] for name in REASONED}
    assert "compiled C code already" in reasons.pop("sha256")
    assert all("compiled code waits as long" in reason for reason in reasons.values())


def test_threads_over_compiled_code_are_compared_with_compiled_code():
    """What Cython brings and what threads bring are two numbers."""
    assert CATALOGUE.strategy("cython-nogil").reference == "cython-sequential"
    assert CATALOGUE.strategy("cython-nogil").form == CATALOGUE.strategy("cython-sequential").form
