"""Nothing listens beyond loopback, nothing is unpickled from disk, nothing is downloaded."""

import ast
import contextlib
import ipaddress
import os
import re
import socket
from pathlib import Path

import pytest

import experiments
import gil_lab
from faults.groups import unshared
from faults.rig import FAULTS, TALLY, needs_root, needs_strace, of_run

SOURCES = sorted(file for package in (gil_lab, experiments) for file in Path(package.__file__).parent.rglob("*.py"))
ROOT = Path(gil_lab.__file__).parents[1]
LISTENING = "0A"
"""The state of a TCP socket in /proc/net/tcp (proc(5))."""
BUSY = ("--strategy", "threading,joblib,multiprocessing-forkserver")
SHORT = ("--workers", "2", "--tasks", "4", "--rounds", "1", "--min-time", "0.1")


# What runs


def addresses(pid):
    """Address and port of each socket that this process listens on, TCP and UDP, as its own tables tell."""
    inodes = set()
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            if found := re.fullmatch(r"socket:\[(\d+)\]", one.readlink().name):
                inodes.add(found[1])
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *rest = line.split()
            if rest[5] in inodes and (state == LISTENING or table.startswith("udp")):
                yield ip_address(local.split(":")[0])


def ip_address(digits):
    """From the hexadecimal words of the tables, each in the byte order of a little-endian machine."""
    words = [bytes.fromhex(digits[at : at + 8])[::-1] for at in range(0, len(digits), 8)]
    return ipaddress.ip_address(b"".join(words))


def test_this_test_sees_a_socket_that_listens_to_everybody():
    """Of either version."""
    with socket.create_server(("0.0.0.0", 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(("127.0.0.1", 0))
        assert {str(one) for one in addresses(os.getpid())} >= {"0.0.0.0", "127.0.0.1"}


def test_nothing_listens_beyond_loopback(rig):
    """Of a run in which an HTTP server, joblib and process pools are at work, each process at every moment."""
    process = rig.start(rig.arguments("io-bound", "--workload", "http", *BUSY, *SHORT))
    seen, listening = set(), set()
    while process.poll() is None:
        for one in [*of_run(process.pid), process]:
            try:
                found = {str(address) for address in addresses(one.pid)}
            except OSError:
                continue  # it has ended
            seen.add(one.pid)
            listening |= found
    rig.survived(rig.ended(process), 0, next_works=False)
    assert len(seen) > 8
    assert listening == {"127.0.0.1"}  # the server was seen, and nothing else


@needs_root
@needs_strace
def test_nothing_connects_beyond_loopback(rig, tmp_path):
    """Of the same run, each connect(2) of each process."""
    command = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,bind", "-o", str(tmp_path / "trace")]
    ended = rig.ended(rig.start([*command, *rig.arguments("io-bound", "--workload", "http", *BUSY, *SHORT)]), 100)
    assert ended.code == 0, ended.err
    TALLY["faults injected"] += 1
    trace = (tmp_path / "trace").read_text(errors="replace")
    called = re.findall(r"inet_addr\(\"([^\"]*)\"\)|inet_pton\(AF_INET6, \"([^\"]*)\"", trace)
    assert called
    assert {first or second for first, second in called} <= {"127.0.0.1", "::1"}


@needs_root
def test_everything_works_without_a_network(rig):
    """With loopback alone."""
    command = rig.arguments("io-bound", "--workload", "http", "--strategy", "sequential,joblib", *SHORT)
    ended = rig.ended(rig.start(unshared("--net", "ip link set lo up", command)))
    rig.survived(ended, 0, next_works=False)


# What is written


LOADERS = {
    "pickle.load", "pickle.loads", "pickle.Unpickler", "cloudpickle.load", "cloudpickle.loads", "joblib.load",
    "numpy.load", "shelve.open", "marshal.load", "marshal.loads", "yaml.load", "yaml.unsafe_load",
    "dill.load", "dill.loads", "pandas.read_pickle", "eval", "exec", "os.system", "os.popen",
    "subprocess.getoutput", "subprocess.getstatusoutput",
}  # fmt: skip
ALLOWED = {
    (
        "gil_lab/suite/strategies/_pickling.py",
        "cloudpickle.loads",
    ): "a task from a child to its own pool, through a pipe",
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
LOOPBACK_CLIENTS = ("gil_lab/suite/workloads/http.py",)


def name_of(file):
    return file.relative_to(ROOT).as_posix()


def uses(file):
    """Each name and each call, with its full name: as imported, whatever it is called there."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute | ast.Call):
            first, dot, rest = ast.unparse(node.func if isinstance(node, ast.Call) else node).partition(".")
            yield node, known.get(first, first) + dot + rest


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_nothing_is_unpickled_or_run_from_files(file):
    """JSON and CSV are all that is read; no shell is asked for anything."""
    for node, name in uses(file):
        if name in LOADERS:
            assert (name_of(file), name) in ALLOWED, f"line {node.lineno}: {name}"
        assert not any(keyword.arg == "shell" for keyword in getattr(node, "keywords", ())), f"line {node.lineno}"


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_nothing_that_could_download_is_imported(file):
    """But by the workloads whose subject is a client, and that know of no other address than loopback."""
    imported = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    found = {name for name in imported if name.startswith(DOWNLOADERS)}
    assert not found or name_of(file) in LOOPBACK_CLIENTS


def test_what_is_allowed_is_still_there():
    """An exception that nobody needs is taken out."""
    there = {(name_of(file), name) for file in SOURCES for _, name in uses(file)}
    assert set(ALLOWED) <= there
    assert all((ROOT / file).read_text().count("127.0.0.1") for file in LOOPBACK_CLIENTS)


def test_the_only_servers_are_on_loopback():
    """Each address that a source binds or listens on is a literal: 127.0.0.1, and a port that the system chooses."""
    for file in SOURCES:
        for node, called in uses(file):
            if isinstance(node, ast.Call) and called.split(".")[-1] in (
                "create_server",
                "bind",
                "start_server",
                "Server",
                "ThreadingTCPServer",
            ):
                assert "127.0.0.1" in ast.unparse(node), f"{name_of(file)}, line {node.lineno}"


def test_the_fault_workloads_are_local_too():
    """Of the experiment file with which everything here is tried."""
    assert "import socket" not in FAULTS.read_text()
