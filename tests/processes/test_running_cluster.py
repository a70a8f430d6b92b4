"""`--cluster`: a scheduler and two workers of dask's own command line, on loopback; the lab is not installed there."""

import io
import os
import socket
import zipfile
from pathlib import Path

import pytest
from support.dask_programs import DaskPrograms

from gil_lab.child.probe import reason_against_modules
from gil_lab.experiment import Experiment, own_files
from gil_lab.model.errors import UsageError
from gil_lab.sessions.options import Options
from gil_lab.sessions.plan import Design
from gil_lab.sessions.run import prepare
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.strategies import _on_the_cluster
from gil_lab.suite.strategies._cluster_checks import connected
from gil_lab.suite.strategies._running_cluster import ACTIVITIES, LAYERS

if reason := reason_against_modules(("distributed",)):
    pytest.skip(reason, allow_module_level=True)

FILE = """\
import helper
from gil_lab import Workload


class Given:
    def __init__(self, number):
        self.number = number


def task(given):
    return helper.doubled(given.number)


WORK = Workload("for a test", "cpu", [Given(1), Given(2), Given(3), Given(4)], {"call": task})
"""
HELPER = "def doubled(number):\n    return 2 * number\n"
BOTH = ("sequential", "dask", "joblib-dask")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    opened = DaskPrograms(tmp_path_factory.mktemp("cluster"), 2)
    yield opened
    opened.close()


def modules_left(folder: Path) -> list[Path]:
    return list(folder.rglob("gil-lab-modules-*"))


def about(client):
    """What processes of the cluster have of the lab, by address."""

    def here():
        import sys

        finders = [type(finder).__module__ for finder in sys.meta_path]
        return sorted(name for name in (*sys.modules, *finders) if name.startswith("gil_lab") or name == "helper")

    return {"scheduler": client.run_on_scheduler(here), **client.run(here)}


@pytest.fixture(scope="module")
def results(cluster, tmp_path_factory):
    """Of a session of a user's file, which has a module beside it."""
    folder = tmp_path_factory.mktemp("mine")
    (folder / "helper.py").write_text(HELPER)
    (folder / "mine.py").write_text(FILE)
    catalogue = own_files.read(folder / "mine.py")
    design = Design("mine", ("work",), BOTH)
    options = Options(workers=(2,), rounds=1, min_time_s=0.001, out=folder / "results", cluster=cluster.address)
    from gil_lab.experiment import measure
    from gil_lab.sessions.run import SilentWatcher

    return measure(prepare(design, options, catalogue), SilentWatcher())


@pytest.fixture(scope="module")
def rows(results):
    return {row.cell.strategy: row for row in results.session.trials}


@pytest.mark.timeout(240)
def test_a_users_file_runs_on_a_cluster_that_does_not_have_it(rows):
    """With the module beside it and inputs of its own class; sequential work is measured beside it."""
    assert {name: (str(row.status), row.detail) for name, row in rows.items()} == dict.fromkeys(BOTH, ("ok", ""))


def test_the_setting_stands_in_the_label_of_its_rows(cluster, rows):
    where = cluster.address.removeprefix("tcp://")
    assert all(row.cell.interpreter.endswith(f"+cluster={where}") for row in rows.values())


def test_what_the_cluster_did_is_observed(results):
    """The cores of its hosts, what its workers did, and where tasks were; each part of it within the whole."""
    seen = {one.name: one.value for one in results.observed if one.cell.strategy == "dask"}
    assert (seen["hosts"], seen["workers on 127.0.0.1"]) == (1, 2)
    assert seen["cores of 127.0.0.1"] == len(os.sched_getaffinity(0))
    assert seen["cores busy on 127.0.0.1"] > 0
    shares = [seen[name] for name in ACTIVITIES]
    assert min(shares) >= 0
    assert 0 < sum(shares) <= 100
    known, at_workers, computing = (seen[name] for name in LAYERS)
    assert known >= at_workers >= computing > 0
    (row,) = (row for row in results.rows if row.cell.strategy == "dask")
    assert row.cores_busy > row.hosts[0].cores_busy == seen["cores busy on 127.0.0.1"]
    assert row.service_cores_busy > 0  # its processes are on this machine: they are none of the others


@pytest.mark.timeout(120)
def test_nothing_is_left_on_the_cluster_which_runs_on(cluster, rows):
    """No module, no folder, no future, no client of ours; joblib makes each worker a client, which that keeps."""
    from distributed import Client

    with Client(cluster.address, set_as_default=False) as client:
        assert list(about(client).values()) == [[], [], []]
        plugins = client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.plugins))
        assert not [name for name in plugins if name.startswith("gil-lab")]
        tasks, clients = client.run_on_scheduler(
            lambda dask_scheduler: (len(dask_scheduler.tasks), list(dask_scheduler.clients))
        )
        ours = [name for name in clients if name.startswith("Client-") and not name.startswith("Client-worker-")]
        assert (tasks, ours) == (0, [client.id])
    assert modules_left(Path(cluster.folder)) == []
    assert cluster.scheduler.poll() is None
    assert [worker.poll() for worker in cluster.workers] == [None, None]


@pytest.mark.timeout(120)
def test_what_a_lab_that_was_killed_has_left_gives_way(cluster, rows):
    """Other modules of a holder that is no client any more: they are removed, and ours are installed."""
    archives = []
    for number in (1, 2):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as made:
            made.writestr("gil_lab/__init__.py", f"NUMBER = {number}")
        archives.append(packed.getvalue())

    def number():
        import gil_lab

        return gil_lab.NUMBER

    with connected(cluster.address.removeprefix("tcp://")) as client:
        how = {"alive": ["gone", client.id]}
        client.run_on_scheduler(_on_the_cluster.install, archives[0], key="1", holder="gone", **how)
        assert client.run_on_scheduler(number) == 1
        with pytest.raises(RuntimeError, match="wait for other sessions to end"):
            client.run_on_scheduler(_on_the_cluster.install, archives[1], key="2", holder=client.id, **how)
        how["alive"] = client.run_on_scheduler(_on_the_cluster.clients)
        client.run_on_scheduler(_on_the_cluster.install, archives[1], key="2", holder=client.id, **how)
        assert client.run_on_scheduler(number) == 2
        client.run_on_scheduler(_on_the_cluster.uninstall, key="2", holder=client.id)
    assert modules_left(Path(cluster.folder)) == []


def refusal(address, workers=2, workload="primes", strategies=("dask",)):
    design = Design("refused", (workload,), strategies, pythons=("this",))
    with pytest.raises(UsageError) as refused:
        prepare(design, Options(workers=(workers,), cluster=address), Catalogue())
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.timeout(120)
def test_more_workers_than_the_cluster_has_are_refused(cluster, rows):
    said = refusal(cluster.address, 3)
    assert said == (
        "cluster: the cluster has 2 workers, and 3 are asked for; start more with dask worker, or use fewer --workers"
    )


@pytest.mark.timeout(120)
def test_an_address_at_which_nothing_answers_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert f"nothing answers at 127.0.0.1:{port} (Connection refused); start dask" in refusal(f"tcp://127.0.0.1:{port}")


@pytest.mark.timeout(120)
def test_something_else_that_answers_is_refused():
    """It would wait for us to speak first, as we for it."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        said = refusal(f"tcp://127.0.0.1:{other.getsockname()[1]}")
    assert "is no scheduler of this dask" in said


@pytest.mark.timeout(120)
def test_a_worker_is_no_scheduler(cluster, rows):
    from distributed import Client

    with Client(cluster.address, set_as_default=False) as client:
        worker = next(iter(client.scheduler_info(n_workers=-1)["workers"]))
    assert "is no scheduler of this dask" in refusal(worker)


@pytest.mark.timeout(120)
def test_workers_of_several_threads_are_refused(tmp_path):
    """`--workers 2` would be something else on each."""
    opened = DaskPrograms(tmp_path, 1, "--nthreads", "2")
    try:
        assert "runs 2 tasks at a time; start it with dask worker --nthreads 1" in refusal(opened.address, 1)
    finally:
        opened.close()


def test_without_a_strategy_that_has_a_cluster_the_option_is_refused():
    """Before anything is connected to."""
    said = refusal("tcp://127.0.0.1:1", strategies=("threading",))
    assert said == "cluster is for strategies that have one (dask, joblib-dask); choose one, or leave it out"


def test_a_users_own_strategy_may_have_one(tmp_path):
    """`on_cluster` of its file is read like the rest."""
    strategy = 'from gil_lab import Strategy\nMINE = Strategy("mine", "call", print, "processes", on_cluster={})\n'
    (tmp_path / "mine.py").write_text(strategy.format(True))
    (tmp_path / "other.py").write_text(strategy.format(False))
    assert own_files.read(tmp_path / "mine.py").strategy("mine").on_cluster
    assert not own_files.read(tmp_path / "other.py").strategy("mine").on_cluster


def test_the_library_takes_the_option_too():
    with pytest.raises(UsageError, match=r"^cluster takes the address of a scheduler, not 'nowhere'"):
        Experiment("", Design("mine", ("primes",), ("dask",))).run(cluster="nowhere")
    assert os.environ.get("GIL_LAB_CLUSTER") is None
