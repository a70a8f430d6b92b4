"""Every workload in every form gives the same right answers, notices wrong ones, and leaves nothing behind."""

import asyncio
import gc
import hashlib
import http.client
import importlib
import multiprocessing
import pickle
import pkgutil
import subprocess
import sys
import tempfile
import threading
import time
import warnings
import zlib
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from examples import thorough

from gil_lab.suite import workloads
from gil_lab.suite.answers import differing
from gil_lab.suite.workloads import _http_server, files, mandelbrot, mixed, primes, sha256, sleep
from gil_lab.suite.workloads import http as http_workload

NAMES = sorted(module.name for module in pkgutil.iter_modules(workloads.__path__) if module.name[0] != "_")
WORKLOADS = {name: importlib.import_module(f"gil_lab.suite.workloads.{name}").WORKLOAD for name in NAMES}
FORMS = ("call", "coroutine", "nogil", "parallel")
CASES = [(name, form) for name in NAMES for form in WORKLOADS[name].forms if form in FORMS]
TIMEOUT_S = 30


@cache
def compiled(name):
    """Task and loop of a workload, compiled ahead for their inputs; a flat tuple of Python integers and an array."""
    forms = WORKLOADS[name].forms
    with WORKLOADS[name].inputs(1, 1) as inputs:
        return compiled_for(forms["nogil"], forms["parallel"], inputs[0])


@cache
def compiled_for(nogil, parallel, item):
    """Once for workloads that are written with the same functions, as `convoy` is with those of `primes`.

    Most loops are the same lines over inputs of the same kind: outside the thorough profile one of each is compiled,
    and the others run as they stand there, over their compiled tasks.
    """
    import numba
    import numpy as np

    task = nogil()
    task.compile((numba.typeof(item),))
    loop = parallel(task)
    lines = loop.py_func.__code__.co_code, loop.py_func.__code__.co_consts, numba.typeof(item)
    if not thorough() and LOOPS.setdefault(lines, nogil) is not nogil:
        return task, loop.py_func
    loop.compile((numba.typeof(np.array([item])), numba.typeof(np.empty(1, np.int64))))
    return task, loop


LOOPS = {}
"""The first workload of those whose loops are written with the same lines."""


def run(name, form, inputs):
    """The outputs of a workload in one of its forms."""
    if form == "call":
        return [WORKLOADS[name].forms["call"](each) for each in inputs]
    if form == "coroutine":

        async def gathered():
            return await asyncio.gather(*map(WORKLOADS[name].forms["coroutine"], inputs))

        return asyncio.run(gathered())
    return process_for_numba().submit(run_compiled, name, form, inputs).result()


@cache
def process_for_numba():
    """For all tests here, so that what one has compiled, others have: see `own_process`."""
    process = ProcessPoolExecutor(1, multiprocessing.get_context("fork"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # from 3.12 on, of the threads of pytest-xdist
        process.submit(int).result()
    return process


@pytest.fixture(scope="module", autouse=True)
def ended_process_for_numba():
    yield
    if process_for_numba.cache_info().currsize:
        process_for_numba().shutdown()
        process_for_numba.cache_clear()


def run_compiled(name, form, inputs):
    task, loop = compiled(name)
    if form == "nogil":
        return [task(each) for each in inputs]
    import numpy as np

    outputs = np.zeros(len(inputs), np.int64)
    loop(np.array(inputs), outputs)
    return outputs.tolist()


def small(name):
    """A size that takes milliseconds, not half a second."""
    return max(1, WORKLOADS[name].size // 50)


@pytest.mark.parametrize("name", NAMES)
def test_every_form_is_there_or_its_absence_is_explained(name):
    """A student who asks for a form gets it, or a reason."""
    workload = WORKLOADS[name]
    assert set(FORMS) <= {*workload.forms, *workload.why_not}
    assert not set(workload.forms) & set(workload.why_not)


@pytest.mark.parametrize(("name", "form"), CASES)
def test_every_form_gives_the_answers_of_the_call_form_in_order(name, form):
    """What a task answers must not depend on how it is written."""
    with WORKLOADS[name].inputs(7, small(name)) as inputs:
        outputs = run(name, form, inputs)
        assert WORKLOADS[name].varies or outputs == run(name, "call", inputs)
        assert WORKLOADS[name].verify(inputs, outputs) is None


@pytest.mark.parametrize(("name", "form"), CASES)
def test_one_task_of_size_one_is_work_too(name, form):
    """The smallest plan is not a special case."""
    with WORKLOADS[name].inputs(1, 1) as inputs:
        assert len(inputs) == 1
        assert WORKLOADS[name].verify(inputs, run(name, form, inputs)) is None


@pytest.mark.parametrize("name", NAMES)
def test_verify_refuses_dropped_swapped_and_changed_answers(name):
    """A strategy that loses, reorders or spoils answers must not pass for a fast one."""
    with WORKLOADS[name].inputs(7, small(name)) as inputs:
        right = run(name, "call", inputs)
        verify = WORKLOADS[name].verify
        assert verify(inputs, right) is None
        assert verify(inputs, right[:-1]) is not None
        other = next(number for number, answer in enumerate(right) if answer != right[0])
        swapped = [right[other], *right[1:other], right[0], *right[other + 1 :]]
        assert verify(inputs, swapped) is not None
        for number, answer in enumerate(right):
            changed = answer + 1 if isinstance(answer, int) else answer[::-1]
            assert verify(inputs, [*right[:number], changed, *right[number + 1 :]]) is not None


def test_the_first_difference_is_reported_in_one_line():
    """The line names the task, its answer and the right one."""
    assert differing([1, 2, 3], [1, 2, 3]) is None
    assert differing([1, 2, 3], [1, 5, 4]) == "task 1 answered 5 instead of 2"
    assert differing([1, 2, 3], [1, 2]) == "2 answers for 3 tasks"


@pytest.mark.parametrize(("name", "form"), [case for case in CASES if case[1] in ("call", "coroutine")])
def test_plain_forms_can_be_sent_to_other_processes(name, form):
    """They are pickled by reference."""
    task = WORKLOADS[name].forms[form]
    assert pickle.loads(pickle.dumps(task)) is task


@pytest.mark.parametrize("name", [name for name, form in CASES if form == "nogil"])
def test_compiled_ahead_means_that_no_call_compiles(name):
    """The types declared ahead are those of the calls; a second compilation would be measured as work."""
    with WORKLOADS[name].inputs(2, 1) as inputs:
        run(name, "nogil", inputs)
        run(name, "parallel", inputs)
    assert process_for_numba().submit(compilations, name).result() == [1, 1]


def compilations(name):
    """How often its task and its loop were compiled; a loop that is not compiled here counts as one that was."""
    return [len(getattr(function, "signatures", [1])) for function in compiled(name)]


def test_workloads_import_the_standard_library_only():
    """Interpreters that Numba does not support run the plain forms."""
    imports = f"import sys\nfrom gil_lab.suite.workloads import {', '.join(NAMES)}\n"
    program = imports + "print({'numba', 'numpy'} & {*sys.modules})"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == "set()\n"


def test_primes_below_a_hundred_thousand_are_counted():
    """pi(100000) = 9592, by trial division, in slices, compiled, and by the sieve that checks them."""
    block = (2, 100_000)
    assert [run("primes", form, [block]) for form in ("call", "coroutine", "nogil")] == [[9592]] * 3
    assert primes.sieve(*block).count(0) == 9592
    assert primes.sieve(50_000, 100_000).count(0) == 9592 - primes.sieve(2, 50_000).count(0)


def test_the_real_axis_of_the_mandelbrot_set_ends_at_a_quarter():
    """Of 1000 points between -2 and 0.5 the 900 up to 0.25 are inside."""
    assert mandelbrot.count_inside((0, 1, 1000)) == 900


def test_a_symmetric_set_of_the_wrong_area_is_refused():
    """Mirror images alone prove nothing."""
    with mandelbrot.inputs(mandelbrot.MIN_GRID, mandelbrot.MIN_GRID) as inputs:
        right = run("mandelbrot", "call", inputs)
        middle = len(right) // 2
        wrong = [0 if number not in (middle, middle - 1) else answer for number, answer in enumerate(right)]
        assert mandelbrot.verify(inputs, right) is None
        assert "area" in mandelbrot.verify(inputs, wrong)


def test_sha256_is_the_published_one():
    """No blocks and a "0" is a value found everywhere; two blocks are compared with one digest of the whole."""
    assert sha256.digest((0, 0)) == "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"
    assert sha256.digest((7, 2)) == hashlib.sha256(2 * sha256.BLOCK + b"7").hexdigest()
    assert len(sha256.BLOCK) == 2**20


def test_a_sleep_that_ends_too_early_is_noticed(monkeypatch):
    """Workers that only pretend to wait must not win."""

    async def nothing(_):
        pass

    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr(asyncio, "sleep", nothing)
    inputs = [(0, 1000), (1, 1000)]
    for form in ("call", "coroutine"):
        assert sleep.verify(inputs, run("sleep", form, inputs)) == "task 0 answered -1 instead of 0"


def test_a_compiled_sleep_that_is_interrupted_is_noticed(monkeypatch):
    """The C library answers -1 when a signal ends the wait."""
    import numba

    from gil_lab.suite.compilers import libc

    monkeypatch.setattr(libc, "usleep", numba.njit(lambda _: -1))
    assert sleep.nogil()((5, 1000)) == -1


@pytest.mark.parametrize("form", ["nogil", "parallel"])
def test_a_compiled_sleep_takes_its_time(form):
    """It trusts the C library, so the unit of its argument is tested here."""
    begin = time.monotonic()
    run("sleep", form, [(0, 30)])
    assert time.monotonic() - begin >= 0.03


def test_the_compiled_checksum_is_that_of_zlib():
    """Adler-32 of a page with large bytes, through the server and back."""
    number = 2**31 - 1
    with http_workload.inputs(1, 1) as [(port, _, delay)]:
        (answer,) = run("http", "nogil", [(port, number, delay)])
    assert answer == zlib.adler32(_http_server.body(number))
    assert len(_http_server.body(number)) == _http_server.BODY_BYTES


class Refusing(BaseHTTPRequestHandler):
    """A server that sends the right page with the wrong status."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        page = _http_server.body(int(self.path.split("/")[1]))
        self.send_response_only(503)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)


@pytest.mark.parametrize("form", ["call", "coroutine", "nogil"])
def test_a_page_that_comes_with_an_error_is_not_taken(form):
    """Every form looks at the status."""
    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        # In a thread, so that its connection ends with it: this server, unlike the real one, serves one at a time.
        answers = []
        client = threading.Thread(target=lambda: answers.extend(run("http", form, [(server.server_port, 1, 0)])))
        client.start()
        client.join(TIMEOUT_S)
        thread.join(TIMEOUT_S)
    assert answers == [-1]


def test_compiled_code_survives_that_nobody_answers():
    """Without a server the compiled forms answer -1, or count no primes, and both are always wrong."""
    with http_workload.inputs(1, 1) as inputs:
        pass
    assert run("http", "nogil", inputs) == [-1]
    assert http_workload.verify(inputs, [-1]) is not None
    assert run("mixed", "nogil", inputs) == [0]
    assert mixed.verify(inputs, [0]) is not None


def connection_to(port):
    """A connection that the server has accepted, and holds open as long as it lives."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    connection.request("GET", "/5/0")
    assert connection.getresponse().read() == _http_server.body(5)
    return connection


def test_the_server_is_gone_when_the_inputs_are():
    """Its end is seen as the end of a connection to it."""
    with http_workload.inputs(1, 1) as [(port, _, _)]:
        connection = connection_to(port)
    assert connection.sock.recv(1) == b""
    connection.close()


def test_the_server_dies_with_an_owner_that_is_killed():
    """A killed owner cannot stop anything; the server's standard input ends."""
    program = """
from gil_lab.suite.workloads import http

with http.inputs(1, 1) as [(port, _, _)]:
    print(port, flush=True)
    input()
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", program], **pipes, text=True) as owner:
        connection = connection_to(int(owner.stdout.readline()))
        owner.kill()
    assert connection.sock.recv(1) == b""
    connection.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork on Windows")
def test_forked_workers_neither_share_the_connection_nor_keep_the_server():
    """They inherit the parent's connection, and the pipe whose end would end the server."""
    program = """
import multiprocessing
from gil_lab.suite.workloads.http import fetch, inputs, verify

with inputs(40, 1) as given:
    fetch(given[0])
    pool = multiprocessing.get_context("fork").Pool(4)
    print(verify(given, pool.map(fetch, given, chunksize=1)))
print("left")
pool.terminate()
"""
    command = [sys.executable, "-W", "ignore", "-c", program]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
    assert answer.stdout == "None\nleft\n", answer.stderr


def test_the_server_is_a_program_that_needs_nothing_but_the_standard_library():
    """It writes its port, nothing else, and ends when its input does."""
    command = [sys.executable, "-I", "-S", _http_server.__file__]
    answer = subprocess.run(command, input="", capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
    assert answer.returncode == 0
    assert answer.stdout.removesuffix("\n").isdecimal()
    assert answer.stderr == ""


def test_a_thread_closes_its_connection_when_it_ends():
    """Pools come and go; a connection that waited for the garbage collector would be a warning."""
    with warnings.catch_warnings(record=True) as caught, http_workload.inputs(1, 1) as inputs:
        warnings.simplefilter("always")
        thread = threading.Thread(target=http_workload.fetch, args=inputs)
        thread.start()
        thread.join()
        gc.collect()
    assert caught == []


def test_a_thread_keeps_its_connection_to_one_server():
    """It connects anew to another one, and closes when the inputs do."""
    with http_workload.inputs(2, 1) as first, http_workload.inputs(2, 1) as second:
        for inputs in (first, second):
            kept = set()
            for each in inputs:
                http_workload.fetch(each)
                kept.add(http_workload._local.connection.sock)
            (sock,) = kept
            assert sock.getpeername()[1] == inputs[0][0]
    assert not hasattr(http_workload._local, "connection")


def folders():
    """The folders that the files workload has left in the temporary one."""
    return set(Path(tempfile.gettempdir()).glob("gil-lab-files-*"))


@pytest.mark.parametrize("form", FORMS)
def test_files_are_private_and_gone_afterwards(form):
    """The folder is there for its owner only, empty after the tasks, and removed in the end."""
    before = folders()
    with files.inputs(3, 1) as inputs:
        (folder,) = folders() - before
        assert folder.stat().st_mode & 0o777 == 0o700
        run("files", form, inputs)
        assert list(folder.iterdir()) == []
    assert folders() == before


def test_files_are_gone_after_a_failure_too(monkeypatch):
    """A task that fails half-way leaves its file to the folder's removal."""
    before = folders()
    monkeypatch.setattr(zlib, "adler32", None)
    with pytest.raises(TypeError), files.inputs(1, 1) as inputs:
        run("files", "call", inputs)
    assert folders() == before


def test_compiled_files_that_cannot_be_opened_are_wrong():
    """Without the folder the compiled form answers -1."""
    with files.inputs(1, 1) as inputs:
        pass
    assert run("files", "nogil", inputs) == [-1]
