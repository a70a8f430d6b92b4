"""Tasks that come after others: each begins when those have ended, in every pass, with any number of workers."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from made_plans import facts, strategy, workload

from gil_lab.model.records import Cell
from gil_lab.sessions.plan import reason_to_skip
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.forms import coroutine as coroutine_form
from gil_lab.suite.strategies import asyncio as coroutines
from gil_lab.suite.strategies import asyncio_threads, sequential
from gil_lab.suite.strategies import threading as threads
from gil_lab.suite.task_order import Order, OrderedCall, OrderedCoroutine, expect, recorded

CATALOGUE = Catalogue()
POOLS = {
    "sequential": sequential.STRATEGY,
    "threading": threads.STRATEGY,
    "asyncio-threads": asyncio_threads.STRATEGY,
    "asyncio": coroutines.STRATEGY,
}
every_pool = pytest.mark.parametrize("name", POOLS)
TIMEOUT_S = 10
"""Nothing here waits that long unless it hangs."""


class Diary:
    """Work that notes when it begins and ends, and may fail; a task is `(number, numbers of those before it)`."""

    def __init__(self, failing=()):
        self.lines = []
        self.failing = failing

    def call(self, item):
        self.lines.append(("begin", item[0]))
        if item[0] in self.failing:
            raise LookupError(f"task {item[0]}")
        self.lines.append(("end", item[0]))
        return item[0]

    async def coroutine(self, item):
        self.lines.append(("begin", item[0]))
        await asyncio.sleep(0)
        if item[0] in self.failing:
            raise LookupError(f"task {item[0]}")
        self.lines.append(("end", item[0]))
        return item[0]

    def lab_workload(self):
        return workload(forms={"call": self.call, "coroutine": self.coroutine}, after=before)

    def check(self, items, passes):
        """Each began after all that it comes after had ended as often as it had begun."""
        begun, ended = dict.fromkeys(range(len(items)), 0), dict.fromkeys(range(len(items)), 0)
        for what, number in self.lines:
            if what == "end":
                ended[number] += 1
                continue
            begun[number] += 1
            assert all(ended[other] >= begun[number] for other in items[number][1]), self.lines
        assert set(ended.values()) <= {passes}


def before(item):
    return item[1]


def graph(*orders):
    return [(number, tuple(after)) for number, after in enumerate(orders)]


def tasks_of(diary, name, items):
    form = CATALOGUE.form(POOLS[name].form)
    task = form.task(diary.lab_workload())
    form.compile(task, items)
    return form, task


def in_time(work):
    """Its result, or a failure if it hangs."""
    results = []

    def guarded():
        try:
            results.append((work(), None))
        except BaseException as error:
            results.append((None, error))

    thread = threading.Thread(target=guarded, daemon=True)
    thread.start()
    thread.join(TIMEOUT_S)
    assert results, "it hangs"
    return results[0]


graphs = st.integers(1, 9).flatmap(
    lambda count: st.tuples(
        *(st.sets(st.integers(0, number - 1)) if number else st.just(set()) for number in range(count))
    )
)


@every_pool
@examples(25)
@given(graphs, st.integers(1, 5))
def test_whatever_the_graph_and_the_workers_each_begins_when_those_before_it_have_ended(name, orders, workers):
    """In three passes with one task, as warm-up and timed passes are, and none of them hangs."""
    items, diary = graph(*orders), Diary()
    _, task = tasks_of(diary, name, items)

    def work():
        with POOLS[name].open(workers) as run:
            return [run(task, items) for _ in range(3)]

    assert in_time(work) == ([list(range(len(items)))] * 3, None)
    diary.check(items, passes=3)


@every_pool
def test_the_wait_is_outside_the_span(name):
    """A task that waits its turn is not in flight: its span begins when those before it have ended."""
    items, diary = graph((), (0,), (1,), (0,), (2, 3)), Diary()
    form, task = tasks_of(diary, name, items)
    traced, unfold = form.traced(task, items)
    outputs, error = in_time(lambda: run_in(name, 5, traced, items))
    assert error is None
    answers, spans = unfold(outputs)
    assert answers == [0, 1, 2, 3, 4]
    for span, (_, others) in zip(spans, items, strict=True):
        assert all(spans[other].end_ns <= span.begin_ns for other in others)


def run_in(name, workers, task, items):
    with POOLS[name].open(workers) as run:
        return run(task, items)


@every_pool
@pytest.mark.parametrize("failing", [0, 2])
def test_who_waits_for_a_task_that_fails_does_not_hang(name, failing):
    """The error that is reported is that of the task that failed, also if another one was waiting for its turn."""
    items, diary = graph((), (0,), (1,), (2,), (3,), (0,)), Diary(failing=(failing,))
    _, task = tasks_of(diary, name, items)
    _, error = in_time(lambda: run_in(name, 6, task, items))
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert (type(error), str(error)) == (LookupError, f"task {failing}")
    assert ("begin", failing + 1) not in diary.lines


def test_a_failure_is_reported_to_those_who_wait_for_another_task():
    """What they wait for may never be begun: a pool drops what it has not begun when a task fails."""
    items, diary = graph((), (), (1,)), Diary(failing=(0,))
    task = OrderedCall(diary.call, before)
    task.expect(items)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(task, items[2])
        with pytest.raises(LookupError):
            task(items[0])
        assert isinstance(waiting.exception(TIMEOUT_S), LookupError)
    assert ("begin", 2) not in diary.lines


def test_all_who_wait_are_reported_of_an_end():
    """Whoever has waited longest need not be the one whose turn has come."""
    items, diary = graph((), (0,), (1,)), Diary()
    task = OrderedCall(diary.call, before)
    task.expect(items)
    with ThreadPoolExecutor() as pool:
        waiting = []
        for number in (2, 1):
            waiting.append(pool.submit(task, items[number]))
            while not begun(task, number):
                pass
        assert task(items[0]) == 0
        assert [one.result(TIMEOUT_S) for one in waiting] == [2, 1]
    diary.check(items, passes=1)


def begun(task, number):
    """Whether it was called; then it waits, for it holds the lock until it does."""
    with task._changed:
        return task._order._begun[number]


@pytest.mark.parametrize("kind", [OrderedCall, OrderedCoroutine])
@pytest.mark.parametrize(
    ("orders", "complaint"),
    [
        (((0,),), "task 0 depends on task 0"),
        (((), (2,), ()), "task 1 depends on task 2"),
        (((), (-1,)), "task 1 depends on task -1"),
        (((), (99,)), "task 1 depends on task 99"),
    ],
)
def test_only_earlier_tasks_can_come_before(kind, orders, complaint):
    """Anything else would be a standstill with one worker: it is refused before the first pass."""
    with pytest.raises(ValueError, match=complaint):
        expect(kind(print, before), graph(*orders))


def test_inputs_that_are_one_object_cannot_be_distinguished():
    """Equal ones can."""
    same = (0, ())
    with pytest.raises(ValueError, match="number the inputs"):
        Order(before, [same, same])
    alike = [[0, ()], [0, ()]]
    order = Order(before, alike)
    assert [order.begin(one) for one in alike] == [(0, 1), (1, 1)]


def test_a_task_that_was_not_reported_its_inputs_says_so():
    """A program's mistake, not a hang."""
    with pytest.raises(RuntimeError, match="expect"):
        OrderedCall(print, before)((0, ()))
    with pytest.raises(RuntimeError, match="expect"):
        asyncio.run(OrderedCoroutine(print, before)((0, ())))


async def waiting(item):
    return item


@pytest.mark.parametrize(("form", "function"), [("call", graph), ("coroutine", waiting)])
def test_a_workload_without_order_has_its_bare_function(form, function):
    """Nothing stands between it and the pool, and it can be sent to other processes."""
    one = workload(forms={form: function})
    assert CATALOGUE.form(form).task(one) is function
    CATALOGUE.form(form).compile(function, [1])
    assert recorded(function, str, []) == str(function)


def test_a_heartbeat_can_stand_beside_tasks_that_wait(monkeypatch):
    """The event loop takes the beats while tasks wait for each other too."""

    class Loop:
        def add_reader(self, descriptor, callback):
            self.read = callback

        def remove_reader(self, descriptor):
            self.read = None

    class Beats:
        descriptor = 3

        def take(self):
            """None is due."""

    monkeypatch.setattr(coroutine_form, "get_running_loop", loop := Loop)
    items, diary = graph((), (0,), (1,)), Diary()
    form, task = tasks_of(diary, "asyncio", items)
    with form.beside(task, Beats()) as accompanied:
        outputs, error = in_time(lambda: run_in("asyncio", 3, accompanied, items))
    assert (outputs, error) == ([0, 1, 2], None)
    assert loop
    diary.check(items, passes=1)


def reason(workers_are="threads", form="call", **changes):
    changes.setdefault("forms", {"call": print, "coroutine": print, "nogil": print})
    lab = Catalogue(
        workloads={"mine": workload(**changes)},
        strategies={"so": strategy(workers_are=workers_are, form=form)},
    )
    return reason_to_skip(Cell("mine", "so", 2, "3.11", 3, 1), lab, facts())


@pytest.mark.parametrize("workers_are", ["processes", "interpreters"])
@pytest.mark.parametrize(
    ("changes", "why"), [({"after": before}, "wait for each other"), ({"in_one_process": True}, "share data")]
)
def test_workers_without_shared_memory_are_skipped_with_a_reason(workers_are, changes, why):
    """One sentence for a student, which says what to choose."""
    reported = reason(workers_are, **changes)
    assert reported == f"the tasks of mine {why}, but {workers_are} share no memory; choose threading"


@pytest.mark.parametrize("workers_are", ["threads", "coroutines", None])
@pytest.mark.parametrize("changes", [{"after": before}, {"in_one_process": True}, {}])
def test_workers_that_share_memory_are_run(workers_are, changes):
    assert reason(workers_are, **changes) == ""


@pytest.mark.parametrize("workers_are", ["processes", "interpreters"])
def test_other_workloads_are_run_by_processes(workers_are):
    assert reason(workers_are) == ""


def test_compiled_tasks_cannot_wait():
    """They would run in any order, without any error."""
    assert "which compiled ones cannot" in reason(form="nogil", after=before)
    assert reason(form="nogil", in_one_process=True) == ""
