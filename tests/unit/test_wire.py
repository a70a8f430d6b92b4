"""The wire: every message comes back as it was, and every other line is refused with one exception and one line."""

import json
import os
import threading
from dataclasses import asdict, fields
from types import NoneType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from made import cell, instances, spans
from made_targets import target_facts

from gil_lab.model.errors import ProtocolError
from gil_lab.model.exercise import Count, ProgramFindings, Ratio
from gil_lab.model.interpreter import Facts, Greeting, Package, Refusal
from gil_lab.model.invariant import Rounds
from gil_lab.model.own_file import (
    DesignFacts,
    ExperimentFacts,
    JudgedClaim,
    Judging,
    OnlyUnder,
    OwnFile,
    Source,
    StrategyFacts,
    WhyNot,
    WorkloadFacts,
)
from gil_lab.model.records import Beat, Observation, Pass, Status, Trace
from gil_lab.model.target import CompilationFacts, Phase
from gil_lab.model.wire import (
    MESSAGES,
    Assignment,
    Awake,
    Compare,
    Compared,
    End,
    Failed,
    Finished,
    Go,
    Hello,
    Pipe,
    Prepared,
    Ready,
    Record,
    Show,
    Shown,
    TakeTurn,
    Timed,
    Traced,
    Turned,
    Wake,
    decode,
    encode,
)

EXAMPLES = [
    Assignment(cell(), None),
    Go(),
    Wake(),
    Awake(),
    TakeTurn(0.05),
    Record(),
    Show(),
    Compare("gASVCgA="),
    Shown("gASVCgA="),
    Compared(),
    End(),
    Hello(123_456_789, gil=True),
    Prepared(),
    Ready(0.25, 0.0, Pass("warm-up", 10, 20), gil=True),
    Traced(Trace(Pass("traced", 60, 70), spans(2, tasks=2))),
    Timed(),
    Turned((Pass("timed", 30, 40), Pass("timed", 40, 50)), (Beat(0, 30, 35), Beat(1, 40, 41))),
    Finished(
        gil=True,
        gil_enabled_by="",
        threading_layer="omp",
        observations=(Observation("lost updates", 3.0, "updates"), Observation("error", None, text="TypingError")),
    ),
    Failed(Status.WRONG, "task 3 answered 4 instead of 5"),
    Greeting("3.14.0", "pypy", free_threaded=False),
    Facts(
        "3",
        "3.14.0",
        "pypy",
        "GCC",
        ("--with-lto",),
        True,
        False,
        True,
        "beside",
        ("spawn",),
        (Package("numba", "1"),),
        (Refusal("a", "b"),),
    ),
    OwnFile(
        (
            WorkloadFacts(
                name="work",
                summary="",
                bound="cpu",
                inputs=None,
                forms=("call",),
                verifies=True,
                size=1,
                size_unit="numbers",
                max_size=10,
                tasks=4,
                releases_gil=None,
                why_not=(WhyNot("nogil", "it prints"),),
                heartbeat_ms=7,
                requires=("numpy",),
                varies=False,
                ordered=False,
                in_one_process=False,
            ),
        ),
        (StrategyFacts("pool", "", "call", "threads", "sequential", (), (3, 12), has_chunks=True),),
        ExperimentFacts(
            "?",
            "map",
            DesignFacts(
                *(
                    "mine",
                    ("work",),
                    ("pool",),
                    (2,),
                    ("this",),
                    True,
                    0.05,
                    (),
                    None,
                    ("work",),
                    (2,),
                    (7,),
                    ("pool",),
                    3.0,
                    1,
                ),
                (OnlyUnder("work", ("pool",)),),
            ),
            ("it holds",),
        ),
        (Source("mine.py", "ab12"),),
    ),
    JudgedClaim("it holds", "holds", "2.0x", ""),
    Judging(),
    Phase("importing it"),
    target_facts(),
    CompilationFacts(("nogil",), ""),
    Rounds(0.005, gil=True, rounds=9, broken=0, first_broken=None, repeats=100, what="", threads=2, last=True),
    ProgramFindings((Count("calls", 8, 8, 8),), (Ratio("times as fast", (5.5, 6.5), 5.0),), ""),
]
EXAMPLE = {type(message): message for message in EXAMPLES}
named = pytest.mark.parametrize("message", EXAMPLES, ids=lambda message: type(message).__name__)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def line(message, **changes):
    """A message as a child could have written it, with other values in some fields."""
    return json.dumps({"message": type(message).__name__, **asdict(message), **changes}).encode() + b"\n"


def refusal(sent):
    """The message of the ProtocolError with which a line is refused: printable, and short whatever was sent."""
    with pytest.raises(ProtocolError) as caught:
        decode(sent)
    reported = str(caught.value)
    assert reported.isprintable()
    assert reported.isascii()
    assert len(reported) < 400
    return reported


def refused_if_anything(sent):
    """No other exception leaves the decoder."""
    try:
        return decode(sent)
    except ProtocolError:
        return None


# Round trips


def test_there_is_an_example_of_every_message():
    """What follows is about all of them."""
    assert {type(message) for message in EXAMPLES} == set(MESSAGES.values())


@named
def test_a_message_comes_back_as_it_was(message):
    """With records, tuples and None in their places, and of the same types."""
    came = decode(encode(message))
    assert came == message
    assert repr(came) == repr(message)


@given(st.sampled_from(sorted(MESSAGES)).flatmap(lambda name: instances(MESSAGES[name])))
@example(Failed(Status.ERROR, "\ud800\x00\n\u2028\U0001f40d"))
def test_whatever_a_message_holds_it_is_one_line(message):
    """Newlines and foreign characters travel as escapes, so a line is a message."""
    sent = encode(message)
    assert sent.isascii()
    assert (sent.count(b"\n"), sent[-1:]) == (1, b"\n")
    assert decode(sent) == message


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_is_not_sent(value):
    """It would not be JSON."""
    with pytest.raises(ValueError, match="JSON"):
        encode(Ready(value, 0.0, Pass("warm-up", 0, 1), gil=True))


def test_whole_seconds_are_seconds():
    """JSON does not report 1 from 1.0 in every writer; the record holds a float."""
    startup_s = decode(line(EXAMPLE[Ready], startup_s=1)).startup_s
    assert (startup_s, type(startup_s)) == (1.0, float)


# Lines that are no message


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\n",
        b"hello\n",
        b"{\n",
        b'{"message":"Go"',
        b'{"message":"Go"} {"message":"Go"}\n',
        b"null\n",
        b"5\n",
        b'"Go"\n',
        b"[]\n",
        b'["message"]\n',
        b"{}\n",
        b'{"message":null}\n',
        b'{"message":["Go"]}\n',
        b'{"message":{"Go":1}}\n',
        b'{"message":"go"}\n',
        b'{"message":"Pass","kind":"timed","begin_ns":0,"end_ns":1}\n',
        b'{"message":"object"}\n',
        b"\xff\xfe\n",
        b'\xef\xbb\xbf{"message":"Go"}\n',
        '{"message":"Go"}\n'.encode("utf-16"),
        b"\x1b[31m\n",
        b"\x00" * 100,
        b"[" * 100_000,
        b'{"message":' * 100_000,
        b'{"message":"Hello","gil":true,"at_ns":' + b"1" * 5000 + b"}\n",
        b'{"message":"Hello","gil":true,"at_ns":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
        b"x" * 1_000_000,
    ],
)
def test_a_line_that_is_no_message_is_refused_with_its_beginning(sent):
    """Banners, tracebacks, torn lines, bombs: the first characters are shown, escaped."""
    assert refusal(sent) == f"not a message: {sent[:80]!a}"


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(sent):
    """The child may write whatever it likes, and what it has written may be a message."""
    came = refused_if_anything(sent)
    assert came is None or type(came) in MESSAGES.values()


@given(JSON)
def test_no_json_is_taken_for_a_message(value):
    """Unless it is exactly one."""
    refusal(json.dumps(value).encode())


@given(st.data())
@named
def test_a_torn_or_damaged_message_raises_nothing_else(message, data):
    """Cut anywhere, or with one byte changed: it is refused, or it is another valid message."""
    sent = bytearray(encode(message))
    assert refusal(bytes(sent[: data.draw(st.integers(0, len(sent) - 2))]))
    sent[data.draw(st.integers(0, len(sent) - 1))] = data.draw(st.integers(0, 255))
    came = refused_if_anything(bytes(sent))
    assert came is None or type(came) in MESSAGES.values()


# Messages that are not as agreed


FIELDS = [(message, name) for message in EXAMPLES for name in asdict(message)]
each_field = pytest.mark.parametrize(
    ("message", "field"), [pytest.param(*place, id=f"{type(place[0]).__name__}.{place[1]}") for place in FIELDS]
)


@each_field
def test_a_message_that_lacks_a_field_is_refused(message, field):
    """No field has a default on the wire."""
    body = json.loads(line(message))
    del body[field]
    assert refusal(json.dumps(body).encode()) == f"{type(message).__name__} does not have exactly its fields"


@named
def test_a_message_with_a_field_too_many_is_refused(message):
    """It is from another version, or another program."""
    assert refusal(line(message, more=1)) == f"{type(message).__name__} does not have exactly its fields"


@pytest.mark.parametrize(
    "part", [{}, {"kind": "timed", "begin_ns": 0}, {"kind": "timed", "begin_ns": 0, "end_ns": 1, "more": 1}]
)
def test_records_within_messages_are_as_strict(part):
    """The path leads to the record."""
    assert refusal(line(EXAMPLE[Turned], passes=[part])) == "Turned.passes does not have exactly its fields"


def wrong_values(value):
    """JSON values of every type but that of `value`."""
    also_fit = {float: (int, float), tuple: (list,), NoneType: (NoneType, str, int)}
    fitting = also_fit.get(type(value), (type(value),))
    return [wrong for wrong in (None, True, 5, 0.5, "5", [5], {"a": 5}) if type(wrong) not in fitting]


@pytest.mark.parametrize(
    ("message", "field", "wrong"),
    [
        pytest.param(message, name, wrong, id=f"{type(message).__name__}.{name}={wrong}")
        for message, name in FIELDS
        for wrong in wrong_values(asdict(message)[name])
        if (name, wrong) != ("experiment", None)  # a file may have none
    ]
    + [(EXAMPLE[Assignment], "file", 5), (EXAMPLE[Assignment], "chunk", 5)],
)
def test_a_value_of_another_type_is_refused_by_name(message, field, wrong):
    """A bool is no int, a text no number, 5.0 no whole number, a number no text, null no number."""
    assert refusal(line(message, **{field: wrong})).startswith(f"{type(message).__name__}.{field}")


@pytest.mark.parametrize("wrong", ["x" * 10_000, "a\n\x1b[31mb", "é\ud800", [0] * 10_000, {"é": {}}])
def test_a_wrong_value_is_shown_in_part_and_escaped(wrong):
    """It may be of any length and hold anything."""
    assert refusal(line(EXAMPLE[Failed], status=wrong)) == f"Failed.status is {ascii(wrong)[:40]}, not Status"


@pytest.mark.parametrize("wrong", ["fine", "OK", "", ["ok"]])
def test_an_unknown_status_is_refused(wrong):
    """The child can only say what a row can hold."""
    assert refusal(line(EXAMPLE[Failed], status=wrong)).startswith("Failed.status is")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
@pytest.mark.parametrize("name", ["startup_s", "compile_s"])
def test_a_number_that_is_not_finite_is_refused(name, number):
    """Python's JSON reads and writes them; a median of them would be nonsense."""
    sent = line(EXAMPLE[Ready], **{name: 77}).replace(b"77", number.encode())
    assert refusal(sent).startswith(f"Ready.{name} is")


@pytest.mark.parametrize("number", ["NaN", "1e3", "1.0", "1e999"])
def test_a_whole_number_is_written_as_one(number):
    """Nanoseconds have no decimals."""
    assert refusal(b'{"message":"Hello","gil":true,"at_ns":' + number.encode() + b"}").startswith("Hello.at_ns is")


@pytest.mark.parametrize("place", ["ready_ns", "core_begin", "core_end"])
def test_only_numbers_that_may_be_unknown_can_be_null(place):
    """What a system does not report is null; what every system tells is not."""
    trace, task = asdict(EXAMPLE[Traced])["trace"], asdict(spans(1, tasks=1)[0])

    def with_task(**changes):
        return line(EXAMPLE[Traced], trace={**trace, "spans": [{**task, **changes}]})

    assert getattr(decode(with_task(**{place: None})).trace.spans[0], place) is None
    assert getattr(decode(with_task(**{place: 7})).trace.spans[0], place) == 7
    assert refusal(with_task(begin_ns=None)).startswith("Traced.trace.spans.begin_ns is None")


@given(st.sampled_from(FIELDS), JSON)
def test_any_value_in_any_field_is_taken_or_refused(place, value):
    """If it is taken, it has the type that was agreed: what it is sent as comes back."""
    message, field = place
    came = refused_if_anything(line(message, **{field: value}))
    assert came is None or decode(encode(came)) == came


# The child's end of the pipes


@pytest.fixture
def ends():
    """A pipe of the child, and the controller's two ends."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    pipe = Pipe(theirs_in, theirs_out)
    with os.fdopen(ours_in, "rb") as incoming, os.fdopen(ours_out, "wb", buffering=0) as outgoing:
        yield pipe, incoming, outgoing
        pipe._lines.close()
        os.close(theirs_out)


def test_messages_are_received_one_at_a_time(ends):
    """Also if several have been sent meanwhile."""
    pipe, _, outgoing = ends
    outgoing.write(encode(EXAMPLE[Assignment]) + encode(Go()))
    assert pipe.receive() == EXAMPLE[Assignment]
    assert pipe.receive() == Go()


def test_a_message_larger_than_the_pipe_is_sent_whole(ends):
    """A traced pass of many tasks is, and the system takes it in parts."""
    pipe, incoming, _ = ends
    traced = Pass("traced", 0, 1)
    message = Traced(Trace(traced, spans(4, tasks=5000)))
    sender = threading.Thread(target=pipe.send, args=(message,))
    sender.start()
    assert decode(incoming.readline()) == message
    sender.join()


def test_a_controller_that_is_gone_ends_the_child(ends):
    """There is no one left to measure for."""
    pipe, _, outgoing = ends
    outgoing.close()
    with pytest.raises(EOFError, match="the controller is gone"):
        pipe.receive()


def test_a_torn_message_is_refused(ends):
    """The controller was killed while it wrote."""
    pipe, _, outgoing = ends
    outgoing.write(encode(EXAMPLE[Assignment])[:-20])
    outgoing.close()
    with pytest.raises(ProtocolError):
        pipe.receive()


def test_pool_workers_do_not_inherit_the_pipe():
    """One that is left behind would keep it open, and the controller waiting."""
    ends = *os.pipe(), *os.pipe()
    for descriptor in ends:
        os.set_inheritable(descriptor, True)
    pipe = Pipe(ends[0], ends[3])
    assert [os.get_inheritable(descriptor) for descriptor in ends] == [False, True, True, False]
    pipe._lines.close()
    for descriptor in ends[1:]:
        os.close(descriptor)


def test_a_whole_number_that_no_float_can_hold_is_refused():
    """An answer of four hundred digits is one more thing that a broken child may send."""
    line = encode(Ready(1.0, 0.0, Pass("warm-up", 1, 2), gil=True)).replace(
        b'"startup_s":1.0', b'"startup_s":1' + b"0" * 400
    )
    with pytest.raises(ProtocolError, match="startup_s"):
        decode(line)


def test_the_news_that_the_passes_are_done_is_nothing_but_that():
    """Told with it, a thousand short passes cost ten times the CPU time that they took: the lab measured itself."""
    assert fields(Timed) == ()
