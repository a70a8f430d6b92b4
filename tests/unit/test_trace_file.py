"""The trace file: the events that Perfetto and chrome://tracing are given."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st
from made import cell
from made_of_time import BEGIN, Made, dealt, session, span, wall_ms
from made_traces import HOSTILE, events, hostile, names, trace

from gil_lab.model.records import Pass
from gil_lab.model.text import one_line
from gil_lab.sessions.rows import PassRow


def assert_nested(found):
    """Complete events of one thread nest or are disjoint, to the nanosecond."""
    rows = {}
    for one in found:
        if one["ph"] == "X":
            begin = round(1000 * one["ts"])
            rows.setdefault((one["pid"], one["tid"]), []).append((begin, begin + round(1000 * one["dur"])))
    for times in rows.values():
        open_until = []
        for begin, end in sorted(times, key=lambda pair: (pair[0], -pair[1])):
            while open_until and open_until[-1] <= begin:
                open_until.pop()
            assert not open_until or end <= open_until[-1]
            open_until.append(end)


def assert_paired(found):
    """Asynchronous events of one identity begin and end in turns, and never two at a time."""
    lanes = {}
    for one in found:
        if one["ph"] in "be":
            lanes.setdefault((one["pid"], one["cat"], one["id2"]["local"]), []).append(one)
    for lane in lanes.values():
        assert [one["ph"] for one in lane] == ["b", "e"] * (len(lane) // 2)
        assert [one["name"] for one in lane[::2]] == [one["name"] for one in lane[1::2]]
        assert all(one["ts"] <= other["ts"] for one, other in pairwise(lane))


def test_each_cell_is_a_process_in_the_order_of_the_results():
    """Named after it, with what else tells it from others."""
    made = session()
    assert names(made, "process_name") == [
        "sequential, primes, Python 3.11",
        "threading x8, primes, Python 3.11",
        "asyncio x8, primes, Python 3.11",
        "multiprocessing x8, primes, Python 3.11",
    ]
    assert [one["args"]["sort_index"] for one in events(made, name="process_sort_index")] == [0, 1, 2, 3]
    assert events(made, name="process_labels")[0]["args"] == {"labels": "32 tasks, size 6500"}


def test_processes_and_threads_have_numbers_of_their_own():
    """A thread with the number of a process would be taken for its main thread."""
    found = events(session())
    threads = {(one["pid"], one["tid"]) for one in found if "tid" in one}
    numbers = [*{one["pid"] for one in found}, *(tid for _, tid in threads)]
    assert len(set(numbers)) == len(numbers)


def test_each_worker_is_a_thread_below_the_passes():
    """Named after the real one."""
    spans = [span(0, 0, 10, tid=77), span(1, 1, 10, pid=5, tid=78)]
    made = Made().add(cell(), spans, 20.0)
    assert names(made, "thread_name") == ["passes", "worker 1, thread 77", "worker 2, thread 78"]
    assert [one["args"]["sort_index"] for one in events(made, name="thread_sort_index")] == [0, 1, 2]


def test_times_are_microseconds_from_the_first_pass_of_a_cell():
    """The warm-up begins 400 ms before the samples, and 1000 ms before the traced pass."""
    made = Made().add(cell(), [span(3, 0.001234, 10)], 20.0, [(0.5,)], [0.5])
    assert events(made, name="warm-up")[0]["ts"] == 0
    (task,) = events(made, name="task 3")
    assert (task["ts"], task["dur"]) == (1_000_001.234, 9_998.766)
    assert [one["ts"] for one in events(made, name="others")] == [400_000, 500_000]


def test_passes_are_numbered_and_lie_in_a_row_of_their_own():
    """All of the trial, not only the traced one."""
    made = Made().add(cell(), [span()], 20.0, [(0.5,)], [0.5])
    passes = events(made, ph="X", cat="pass")
    assert [one["name"] for one in passes] == ["warm-up", "timed 1", "timed 2", "traced"]
    assert passes[0]["dur"] == 350_000
    assert len({one["tid"] for one in passes}) == 1


def test_a_task_says_what_it_did_with_its_time_and_where():
    """In milliseconds; 10 ms, a quarter of it running, half of it ready."""
    (task,) = events(
        Made().add(cell(), [span(0, 0, 10, 0.25, 0.5, core_begin=0, core_end=1)], 20.0), ph="X", name="task 0"
    )
    assert task["args"] == {
        "running, ms": 2.5,
        "ready, ms": 5.0,
        "blocked, ms": 2.5,
        "core at begin": 0,
        "core at end": 1,
    }


def test_what_the_system_does_not_tell_is_no_argument():
    """Neither 0 nor null."""
    untold = span(0, 0, 10, 0.25, None, core_begin=None, core_end=None)
    (task,) = events(Made().add(cell(), [untold], 20.0), ph="X", name="task 0")
    assert task["args"] == {"running, ms": 2.5}


def test_coroutines_that_overlap_are_asynchronous_events():
    """Of their thread, one identity for each lane; threads whose tasks do not overlap have none."""
    made = Made().add(cell("asyncio"), [span(0, 0, 10), span(1, 1, 12), span(2, 10, 15), span(3, 0, 9, tid=9)], 20.0)
    found = events(made)
    assert_paired(found)
    by_phase = Counter(one["ph"] for one in found if one.get("cat") == "task")
    assert by_phase == {"b": 3, "e": 3, "X": 1}
    identities = {one["name"]: one["id2"]["local"] for one in found if one["ph"] == "b"}
    assert identities["task 0"] == identities["task 2"] != identities["task 1"]


def test_counters_are_numbers_of_the_timed_passes_and_end_with_them():
    """A counter without an end would go on over the traced pass, in which nothing was sampled."""
    made = Made().add(cell(), [span()], 20.0, [(0.5, 0.25), (0.6, 0.1)], [0.5, 0.7])
    values = {name: [one["args"] for one in events(made, ph="C", name=name)] for name in ("core 1 busy", "others")}
    assert values == {
        "core 1 busy": [{"%": 25.0}, {"%": 10.0}, {"%": 0}],
        "others": [{"cores": 0.25}, {"cores": 0.0}, {"cores": 0}],
    }


def test_all_of_a_session_nests():
    """Threads, coroutines, processes and passes."""
    found = events(hostile())
    assert_nested(found)
    assert_paired(found)
    assert Counter(one["ph"] for one in found)["X"] == 5 * 4 + 16 * 3 + 4


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 10**7), st.integers(0, 10**7)), min_size=1, max_size=20),
    st.lists(st.tuples(st.integers(-(10**7), 10**7), st.integers(-(10**6), 10**7)), max_size=5),
)
def test_whatever_the_files_say_it_nests(tasks, passes):
    """Tasks that overlap, passes that do, and passes that end before they begin."""
    spans = [
        span(number, tid=thread, begin_ns=begin, end_ns=begin + length)
        for number, (thread, begin, length) in enumerate(tasks)
    ]
    made = Made().add(cell(), spans, 20.0)
    made.passes += [PassRow(1, 9, Pass("timed", BEGIN + begin, BEGIN + begin + length)) for begin, length in passes]
    found = events(made)
    assert_nested(found)
    assert_paired(found)
    assert all(one["ts"] >= 0 for one in found if "ts" in one)
    assert sum(one["ph"] in "Xb" for one in found if one.get("cat") == "task") == len(spans)


def test_a_cell_with_a_part_of_its_rows_has_a_part_of_its_events():
    """As a torn session has it: without samples, without tasks, without passes, without anything."""
    without_samples, without_tasks, without_both = session(), session(), session()
    without_samples.samples = without_tasks.tasks = without_both.samples = without_both.tasks = []
    assert events(without_samples, ph="C") == []
    assert {one["cat"] for one in events(without_tasks, ph="X")} == {"pass"}
    assert events(without_both) == []
    made = session()
    without_passes = SimpleNamespace(
        timelines=made.timelines, gil_timelines=[], core_series=made.core_series, passes=[]
    )
    assert {one["cat"] for one in events(without_passes, ph="X")} == {"task"}


def test_foreign_text_stays_text():
    """On one line, and fit for a file, whatever that calls its strategy and its passes."""
    made = hostile()
    made.passes[-1] = replace(made.passes[-1], one=replace(made.passes[-1].one, kind=HOSTILE))
    text = trace(made)
    assert text.encode()
    assert all(character.isprintable() for character in text.replace("\n", ""))
    assert names(made, "process_name")[-1] == one_line(f"{HOSTILE} x2, {HOSTILE}, Python 3.11")
    assert events(made, cat="pass")[-1]["name"] == one_line(HOSTILE)


def test_its_size_is_linear():
    """Twice the tasks, twice the events, at some 200 bytes each."""
    few, many = (
        len(trace(Made().add(cell(), dealt(8, tasks, 1.0, 0.3), wall_ms(dealt(8, tasks, 1.0, 0.3)))))
        for tasks in (1000, 2000)
    )
    assert many < 2.1 * few < 2.1 * 1000 * 220


def test_a_track_shows_who_held_the_gil_with_gaps_where_it_was_free():
    """Workers by their numbers, other threads by their ids."""
    made = Made().add(cell(), [span(), span(task=1, tid=201, begin_ms=1)], 10)
    made.held((200, 0, 4, 0), (None, 4, 6, 0), (201, 6, 8, 1), (999, 8, 9, 1), (0, 9, 10, 1))
    held = [event for event in events(made) if event.get("cat") == "GIL"]
    assert [(one["name"], one["dur"]) for one in held] == [
        ("worker 1", 4000.0),
        ("worker 2", 2000.0),
        ("thread 999", 1000.0),
        ("a thread that has ended", 1000.0),
    ]
    (track,) = {one["tid"] for one in held}
    called = {event["tid"]: event["args"]["name"] for event in events(made) if event["name"] == "thread_name"}
    assert called[track] == "GIL"


def test_several_gils_have_a_track_each():
    """Of processes and of interpreters."""
    made = Made().add(cell(), [span(), span(task=1, pid=101, tid=201)], 10)
    made.held((200, 0, 4, 0)).held((201, 0, 4, 0), pid=101).held((200, 5, 6, 0), interpreter=3)
    called = [event["args"]["name"] for event in events(made) if event["name"] == "thread_name"]
    tracks = ["GIL of process 100", "GIL of process 101", "GIL of process 100, interpreter 3"]
    assert [name for name in called if name.startswith("GIL")] == tracks
