"""The workload `connections`: its server, what it notices, and where it says that a client stops."""

import asyncio
import errno
import importlib.util
import resource
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gil_lab.suite.workloads import _connections_server, connections
from gil_lab.suite.workloads._connections_server import ANSWER_BYTES, HEAD, page
from gil_lab.suite.workloads._services import port, service

TIMEOUT_S = 30
HAS_GEVENT = importlib.util.find_spec("gevent") is not None


@contextmanager
def connected():
    """A connection to a server."""
    with (
        service(_connections_server.__file__) as server,
        socket.create_connection(("127.0.0.1", port(server)), TIMEOUT_S) as connection,
    ):
        yield connection


def received(connection, size=ANSWER_BYTES):
    answer = b""
    while len(answer) < size and (more := connection.recv(size - len(answer))):
        answer += more
    return answer


def test_the_server_answers_again_and_again_on_one_connection():
    """As clients that keep connections want it, wrk among them."""
    with connected() as connection:
        for number in (0, 7, 2**31 - 1):
            connection.sendall(connections.REQUEST % (number, 1))
            assert received(connection) == HEAD + page(number)


@pytest.mark.parametrize("text", [b"hello\r\n\r\n", b"GET /x/y HTTP/1.1\r\n\r\n", b"GET /1 HTTP/1.1\r\n\r\n", b"\0"])
def test_what_is_no_request_closes_its_own_connection_only(text):
    """The others are served as before."""
    with connected() as connection, socket.create_connection(connection.getpeername(), TIMEOUT_S) as other:
        other.sendall(text)
        with suppress(ConnectionResetError):
            assert other.recv(1) == b""
        connection.sendall(connections.REQUEST % (3, 1))
        assert received(connection) == HEAD + page(3)


def test_a_client_that_leaves_before_its_answer_harms_nobody():
    """Its answer is dropped, also if another client has its descriptor by then."""
    with connected() as connection:
        with socket.create_connection(connection.getpeername(), TIMEOUT_S) as other:
            other.sendall(connections.REQUEST % (1, 20))
        connection.sendall(connections.REQUEST % (2, 60))
        assert received(connection) == HEAD + page(2)


def test_answers_come_when_they_are_due_and_not_in_the_order_of_the_requests():
    """The second one has a shorter delay, and so comes first."""
    with connected() as slow, socket.create_connection(slow.getpeername(), TIMEOUT_S) as quick:
        slow.sendall(connections.REQUEST % (1, 10_000))
        quick.sendall(connections.REQUEST % (2, 1))
        assert received(quick) == HEAD + page(2)
        slow.setblocking(False)
        with pytest.raises(BlockingIOError):
            slow.recv(1)


def test_the_server_is_a_program_that_needs_nothing_but_the_standard_library():
    """It writes its port, nothing else, and ends when its input does."""
    command = [sys.executable, "-I", "-S", _connections_server.__file__]
    answer = subprocess.run(command, input="", capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
    assert answer.returncode == 0
    assert answer.stdout.removesuffix("\n").isdecimal()
    assert answer.stderr == ""


def test_delays_are_spread_evenly_from_the_shortest_to_four_times_as_long():
    """Each of a thousand is as likely as any other."""
    delays = [connections.delay_ms(number, 50) for number in range(151 * 4)]
    assert sorted(delays) == sorted(4 * list(range(50, 201)))
    assert max(delays[:10]) == 200


@pytest.mark.skipif(not HAS_GEVENT, reason="gevent is not installed")
def test_greenlets_get_their_pages_too():
    """By gevent's sockets; all of them wait at the same time."""
    from gevent.pool import Pool

    with connections.inputs(20, 5) as inputs:
        outputs = Pool(20).map(connections.WORKLOAD.forms["greenlet"](), inputs)
        assert connections.verify(inputs, outputs) is None


def test_a_wrong_page_is_no_page(monkeypatch):
    """Every form compares it."""
    monkeypatch.setattr(connections, "page", lambda number: page(number + 1))
    with connections.inputs(2, 1) as inputs:
        outputs = [connections.fetch(inputs[0]), asyncio.run(connections.fetch_async(inputs[1]))]
        assert outputs == [connections.NO_PAGE] * 2
        assert connections.verify(inputs, outputs) == "task 0 got no page from the server, or a wrong one"


WITHOUT_FILES = """
import asyncio, resource, socket
from gil_lab.suite.workloads import connections

with connections.inputs(1, 1) as inputs:
    task = connections.nogil()
    task(inputs[0])
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    kept = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, most))
    loop = asyncio.new_event_loop()
    try:
        while True:
            kept.append(socket.socket())
    except OSError:
        pass
    for form, fetch in {
        "call": lambda: connections.fetch(inputs[0]),
        "coroutine": lambda: loop.run_until_complete(connections.fetch_async(inputs[0])),
        "nogil": lambda: connections.verify(inputs, [task(inputs[0])]),
    }.items():
        try:
            fetch()
        except OSError as error:
            print(form, error.errno, error.strerror)
"""


def test_a_client_without_open_files_says_how_many_there_may_be():
    """In every form, and what to do; else a row would say no more than that there are too many."""
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 200:
        pytest.skip("fewer open files are allowed here than this takes")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITHOUT_FILES], capture_output=True, text=True, check=False
    )
    said = "a connection takes an open file, and a process may have 200 (ulimit -n): allow more"
    expected = [f"{form} {errno.EMFILE} {said}" for form in ("call", "coroutine", "nogil")]
    assert (done.stdout.splitlines(), done.stderr) == (expected, "")


def answers(*times_ms):
    """Of tasks that began and took so long."""
    return [connections.packed(10 * begin, 10 * took, number) for number, (begin, took) in enumerate(times_ms)]


def test_latency_is_counted_from_when_all_were_due():
    """The third one took 100 ms, and was sent 900 ms after the first one; nothing hides that."""
    assert connections.latencies_ms(answers((1000, 50), (1000, 200), (1900, 100))) == [50, 200, 1000]


def test_requests_that_are_all_sent_late_are_all_late():
    """What an event loop does that first makes all connections: no answer comes early to compare with."""
    assert connections.latencies_ms(answers((1000, 5050), (1010, 5100), (1020, 5200))) == [5050, 5110, 5220]


@given(st.integers(0, 2**28 - 1), st.integers(0, 2**20 - 1), st.integers(0, 9_999))
def test_an_answer_holds_what_was_put_in(begin, duration, number):
    """In 63 bits, as compiled code has them."""
    answer = connections.packed(begin, duration, number)
    assert 0 <= answer < 2**63
    assert connections.unpacked(answer) == (begin, duration, number)


def test_a_task_that_takes_too_long_for_its_answer_takes_the_longest():
    """And none of its bits are those of another number."""
    assert connections.unpacked(connections.packed(5, 2**30, 7)) == (5, 2**20 - 1, 7)


def test_the_first_pass_is_left_out_of_the_latencies():
    """It imports and connects for the first time; the medians are those of the others, pass by pass."""
    slow = answers((0, 5050), (0, 9200), (0, 9100))
    second, third = answers((9000, 50), (9000, 200), (9000, 100)), answers((9500, 50), (9500, 300), (9500, 100))
    found = {one.name: (one.value, one.unit) for one in connections.observe((), [slow, second, third])}
    assert found == {"latency, median": (100, "ms"), "latency, 99 %": (250, "ms")}
