"""`+cluster=HOST:PORT`: the setting, which workers are used, and which versions are refused."""

import io
import sys
import zipfile
from dataclasses import replace
from importlib import import_module

import pytest
from made import summary

from gil_lab.analysis.summaries import _verdict, elsewhere_cores_busy
from gil_lab.analysis.verdicts import GilUse, Verdict
from gil_lab.interpreters.names import cluster_in, parse_name, with_cluster
from gil_lab.sessions.rows import StateShares
from gil_lab.suite.strategies._cluster_checks import ClusterError, other_versions, spread
from gil_lab.suite.strategies._sent_modules import archive, key_of, packages_needed


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("tcp://127.0.0.1:8786", "127.0.0.1:8786"),
        ("node-1.cluster:1", "node-1.cluster:1"),
        ("tcp://[fe80::1]:65535", "[fe80::1]:65535"),
    ],
)
def test_the_setting_names_host_and_port(address, kept):
    name = with_cluster("3.14+threads=2", address)
    assert name == f"3.14+threads=2+cluster={kept}"
    request = parse_name(name)
    assert not request.complaint
    assert [(one.variable, one.value) for one in request.settings] == [
        ("GIL_LAB_CLUSTER", kept),
        ("GIL_LAB_LIBRARY_THREADS", "2"),
    ]
    assert cluster_in(name) == kept


@pytest.mark.parametrize(
    "address", ["", "host", "host:", "host:0", "host:65536", "tls://host:1", "http://host:1", "a b:1", "host:1/x", ":1"]
)
def test_what_is_no_address_is_a_complaint(address):
    with pytest.raises(ValueError, match="cluster takes the address of a scheduler"):
        with_cluster("3.14", address)


def test_labels_without_the_setting_name_no_cluster():
    assert cluster_in("3.14+threads=2") == ""


TWO_HOSTS = ["tcp://10.0.0.1:3", "tcp://10.0.0.1:1", "tcp://10.0.0.2:9", "tcp://10.0.0.1:2"]


@pytest.mark.parametrize(
    ("workers", "chosen"),
    [
        (1, ["10.0.0.1:1"]),
        (2, ["10.0.0.1:1", "10.0.0.2:9"]),
        (4, ["10.0.0.1:1", "10.0.0.2:9", "10.0.0.1:2", "10.0.0.1:3"]),
    ],
)
def test_workers_are_spread_over_hosts_in_an_order_that_is_always_the_same(workers, chosen):
    assert spread(TWO_HOSTS, workers) == [f"tcp://{one}" for one in chosen]
    assert spread(TWO_HOSTS[::-1], workers) == [f"tcp://{one}" for one in chosen]


def test_fewer_workers_than_asked_for_are_refused():
    with pytest.raises(ClusterError, match=r"^the cluster has 1 worker, and 2 are asked for; start more with dask"):
        spread(["tcp://10.0.0.1:1"], 2)


def node(python="3.11.7.final.0", **packages):
    return {"host": {"python": python}, "packages": {"dask": "1", "distributed": "1", "msgpack": "1", **packages}}


@pytest.mark.parametrize(
    ("theirs", "complaint"),
    [
        (node(), ""),
        (node(python="3.11.2.final.0"), ""),  # bytecode is that of a minor version
        (node(python="3.12.7.final.0"), "Python 3.12, and this is Python 3.11"),
        (node(distributed="2"), "distributed 2, and this Python has 1"),
        (node(numpy="2"), ""),
        (None, "no versions that it names"),
    ],
)
def test_versions_that_matter_must_agree(theirs, complaint):
    assert other_versions(node(), theirs) == complaint


def test_the_same_modules_make_the_same_archive():
    """By its key two cells of one session know that they share what is on the cluster."""
    first, second = archive(), archive()
    assert key_of(first) == key_of(second)
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        names = packed.namelist()
    assert "gil_lab/suite/instruments/spans.py" in names
    assert not [name for name in names if name.startswith(("distributed", "__"))]


def test_workers_need_the_packages_that_the_users_file_imports(tmp_path, monkeypatch):
    """Installed ones; those of the standard library they have."""
    installed = tmp_path / "site-packages"
    installed.mkdir()
    (installed / "made_package.py").write_text("")
    (tmp_path / "made_file.py").write_text("import json, made_package")
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(installed), *sys.path])
    made_file = import_module("made_file")

    try:
        assert "made_package" in packages_needed()
        assert "json" not in packages_needed()
    finally:
        del sys.modules[made_file.__name__], sys.modules["made_package"]
    assert "made_package" not in packages_needed()


def on_a_cluster(in_flight, cores_busy, running, ready, label="3.14+cluster=host:8786"):
    """A cell, and its verdict."""
    states = StateShares(running, ready, 1 - running - ready)
    made = replace(summary("dask", in_flight=in_flight, cores_busy=cores_busy), states=states, cores_wanted=None)
    made = replace(made, cell=replace(made.cell, interpreter=label))
    return made, _verdict(made, (), None, lambda _: GilUse.HELD)


@pytest.mark.parametrize(
    ("in_flight", "cores_busy", "running", "ready", "expected"),
    [
        (2.0, 0.05, 0.95, 0.01, Verdict.PARALLEL),
        (2.0, 0.05, 0.4, 0.58, Verdict.SHORT_OF_CORES),
        (1.0, 0.05, 0.95, 0.01, Verdict.ONE_AT_A_TIME),
        (2.0, 0.05, 0.01, 0.0, Verdict.WAITING),
    ],
)
def test_what_tasks_do_beside_each_other_on_a_cluster_is_told_by_their_own_clocks(
    in_flight, cores_busy, running, ready, expected
):
    """Cores busy of this machine are those of the client."""
    assert on_a_cluster(in_flight, cores_busy, running, ready)[1] is expected


def test_local_processes_beside_a_cluster_are_judged_by_cores_busy():
    """And so is every cell of a Python that names no cluster."""
    assert elsewhere_cores_busy(on_a_cluster(2.0, 1.3, 0.95, 0.0)[0]) is None
    assert elsewhere_cores_busy(on_a_cluster(2.0, 0.05, 0.95, 0.0, label="3.14")[0]) is None
    assert elsewhere_cores_busy(on_a_cluster(2.0, 0.05, 0.95, 0.0)[0]) == 1.9
