"""Nothing listens beyond loopback, nothing is unpickled from disk, nothing is downloaded."""

import ast
import contextlib
import ipaddress
import os
import re
import socket
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from places import BROKEN_WORKLOADS, ROOT

import experiments
import gil_lab
from faults.groups import unshared
from faults.rig import HAS_STRACE, IS_ROOT, Rig, needs_root, needs_strace

SOURCES = sorted(file for package in (gil_lab, experiments) for file in Path(package.__file__).parent.rglob("*.py"))
HERE = Path(__file__).parent
LISTENING = "0A"
"""The state of a TCP socket in /proc/net/tcp (proc(5))."""
BUSY = ("--strategy", "joblib,multiprocessing-forkserver,dask")
SHORT = ("--workers", "2", "--tasks", "4", "--rounds", "1", "--min-time", "0.01")


# What runs


def addresses(*pids):
    """The address of each socket that these processes listen on, TCP and UDP, by the tables of the first one's network,
    which they share.
    """
    inodes = set()
    for pid in pids:
        with contextlib.suppress(OSError):  # it has ended, or closed it
            for descriptor in Path(f"/proc/{pid}/fd").iterdir():
                if socket_inode := re.fullmatch(r"socket:\[(\d+)\]", descriptor.readlink().name):
                    inodes.add(socket_inode[1])
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{pids[0]}/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *rest = line.split()
            if rest[5] in inodes and (state == LISTENING or table.startswith("udp")):
                yield ip_address(local.split(":")[0])


def ip_address(digits):
    """From the hexadecimal words of the tables, each in the byte order of a little-endian machine."""
    words = [bytes.fromhex(digits[at : at + 8])[::-1] for at in range(0, len(digits), 8)]
    return ipaddress.ip_address(b"".join(words))


def and_below(pid):
    """This process and all its descendants, by what the system says of each."""
    yield pid
    with contextlib.suppress(OSError):  # it has ended
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                yield from and_below(int(child))


PERIOD_S = 0.2
"""Between two looks at every process. What is open for a shorter time is seen by strace."""


def test_this_test_sees_a_socket_that_listens_to_everybody():
    """Of either version."""
    with socket.create_server(("0.0.0.0", 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(("127.0.0.1", 0))
        assert set(map(str, addresses(os.getpid()))) >= {"0.0.0.0", "127.0.0.1"}


@dataclass(frozen=True)
class Watched:
    """A run that is over."""

    listening: set[str]
    """Addresses on which any of its processes was seen to listen."""
    trace: str
    """The calls of each of them by which sockets are connected and bound; empty where they cannot be traced."""


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A run in which an HTTP server, joblib and process pools are at work.

    Where that can be had, in a network of its own, with each call traced.
    """
    home = tmp_path_factory.mktemp("watched")
    rig, trace = Rig(home), home / "trace"
    command = rig.arguments("io-bound", "--workload", "http", *BUSY, *SHORT)
    if IS_ROOT and HAS_STRACE:
        strace = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=connect,sendto,bind", "-o", str(trace)]
        command = unshared("--net", "ip link set lo up", [*strace, *command])
    process = rig.start(command)
    listening = set()
    while process.poll() is None:
        with contextlib.suppress(OSError):  # it has ended
            listening |= set(map(str, addresses(*and_below(process.pid))))
        time.sleep(PERIOD_S)
    rig.survived(rig.ended(process), 0, next_works=False)
    return Watched(listening, trace.read_text(errors="replace") if trace.exists() else "")


def test_nothing_listens_beyond_loopback(watched):
    """Each process, again and again."""
    assert watched.listening == {"127.0.0.1"}  # the server was seen, and nothing else


@needs_root
@needs_strace
def test_nothing_connects_beyond_loopback_and_nothing_has_to(watched):
    """Each connect(2) of each process of the same run; it works where there is no other network."""
    called = re.findall(r"inet_addr\(\"([^\"]*)\"\)|inet_pton\(AF_INET6, \"([^\"]*)\"", watched.trace)
    assert called
    assert {first or second for first, second in called} <= {"127.0.0.1", "::1"}


# What is written


LOADERS = {
    "pickle.load", "pickle.loads", "pickle.Unpickler", "cloudpickle.load", "cloudpickle.loads", "joblib.load",
    "numpy.load", "shelve.open", "marshal.load", "marshal.loads", "yaml.load", "yaml.unsafe_load",
    "dill.load", "dill.loads", "pandas.read_pickle", "eval", "exec", "os.system", "os.popen",
    "subprocess.getoutput", "subprocess.getstatusoutput",
}  # fmt: skip
ALLOWED = {
    (
        "gil_lab/child/trial.py",
        "pickle.loads",
    ): "answers of another measured process of the same session, which ran the same file, through pipes",
    (
        "gil_lab/suite/strategies/_pickling.py",
        "cloudpickle.loads",
    ): "a task from a child to its own pool, through a pipe",
    ("gil_lab/model/frozen.py", "exec"): "the `__init__` of a class of the lab's own, from the names of its fields",
    ("gil_lab/suite/strategies/subinterpreters.py", "pickle.loads"): "a task or an exception from the same process",
    (
        "gil_lab/suite/strategies/subinterpreters.py",
        "exec",
    ): "a line of this file, run in an interpreter by 3.13's own module",
    (
        "gil_lab/suite/workloads/source.py",
        "exec",
    ): "a module that it has just written itself: its subject",
    ("gil_lab/suite/workloads/source.py", "marshal.loads"): "bytes that the same process has just made",
    (
        "gil_lab/suite/targets/resolving.py",
        "pickle.loads",
    ): "a function of a notebook, from a private folder of the process that asks for advice on it",
    ("gil_lab/suite/targets/compiled.py", "exec"): "a line of this file, with as many items as an input has",
    ("gil_lab/suite/targets/surroundings.py", "pickle.loads"): "bytes that the same process has just made",
    ("gil_lab/suite/workloads/contention.py", "exec"): "a template of this file, with a line of its table",
    (
        "gil_lab/suite/workloads/_shared_memory.py",
        "pickle.loads",
    ): "what a task's own process put into shared memory, in a block whose name came through its pool's pipe",
    ("gil_lab/suite/workloads/released.py", "exec"): "lines of a table of this file",
    ("gil_lab/suite/targets/__init__.py", "pickle.loads"): "bytes that the same process has just made",
    ("gil_lab/child/target.py", "pickle.loads"): "bytes that the same process has just made",
    ("gil_lab/child/target.py", "cloudpickle.loads"): "bytes that the same process has just made",
}
"""What could run the content of a file, with the reason why it does not."""
DOWNLOADERS = (
    "urllib.request",
    "http.client",
    "ftplib",
    "smtplib",
    "requests",
    "httpx",
    "aiohttp",
    "urllib3",
    "xmlrpc",
)
SHELL = "shell"
"""The argument by which `subprocess` asks one."""
SERVERS = ("create_server", "bind", "start_server", "Server", "ThreadingTCPServer")
NO_SERVERS = ("uvicorn.Server", "signature.bind")
"""It is given a socket; arguments are bound to a signature."""
LOOPBACK_CLIENTS = ("gil_lab/suite/workloads/http.py",)


def name_of(file):
    return file.relative_to(ROOT).as_posix()


@cache
def parsed(file):
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def words(file):
    return frozenset(re.findall(r"\w+", file.read_text(encoding="utf-8")))


def may_have(names):
    """The sources in which every part of one of these names stands: in no other one can it be used or imported."""
    return [file for file in SOURCES if any(words(file).issuperset(name.split(".")) for name in names)]


def uses(file):
    """Each name and each call, with its full name: as imported, whatever it is called there."""
    tree = parsed(file)
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute | ast.Call):
            first, dot, rest = dotted(node.func if isinstance(node, ast.Call) else node).partition(".")
            yield node, known.get(first, first) + dot + rest


def dotted(node):
    """A name with what is taken from it, `a.b.c`; empty for what is taken from something else, such as a call."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


@pytest.fixture(scope="module")
def all_uses():
    """Of each source that may have what is looked for."""
    return [(name_of(file), node, name) for file in may_have({*LOADERS, SHELL, *SERVERS}) for node, name in uses(file)]


def test_nothing_is_unpickled_or_run_from_files(all_uses):
    """JSON and CSV are all that is read; and an exception that nothing needs is taken out."""
    assert {(file, name) for file, _, name in all_uses if name in LOADERS} == set(ALLOWED)


def test_no_shell_is_asked_for_anything(all_uses):
    """Programs are started from lists of arguments."""
    keywords = [(file, word.arg) for file, node, _ in all_uses for word in getattr(node, "keywords", ())]
    assert len(keywords) > 100
    assert [file for file, word in keywords if word == SHELL] == []


def test_nothing_that_could_download_is_imported():
    """But by the workloads whose subject is a client, and that know of no other address than loopback."""
    files = may_have(DOWNLOADERS)
    importing = {name_of(file) for file in files for name in imported(file) if name.startswith(DOWNLOADERS)}
    assert importing == set(LOOPBACK_CLIENTS)
    assert all("127.0.0.1" in (ROOT / file).read_text() for file in LOOPBACK_CLIENTS)


def imported(file):
    """The full names of modules, and of what is taken from them."""
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def test_the_only_servers_are_on_loopback(all_uses):
    """Each address that a source binds or listens on is a literal: 127.0.0.1. What is given a socket binds nothing."""
    servers = [
        (file, ast.unparse(node))
        for file, node, name in all_uses
        if isinstance(node, ast.Call) and name.split(".")[-1] in SERVERS and name not in NO_SERVERS
    ]
    assert servers
    assert [server for server in servers if "127.0.0.1" not in server[1]] == []


def test_the_fault_workloads_are_local_too():
    """None of the experiment files that are tried here imports what could listen or connect."""
    files = [BROKEN_WORKLOADS, *(HERE / f"{name}.py" for name in ("misbehaving", "phases", "surrounded", "waiting"))]
    names = {name for file in files for name in imported(file)}
    assert "gil_lab.Workload" in names
    assert not {name for name in names if name.startswith(("socket", *DOWNLOADERS))}
