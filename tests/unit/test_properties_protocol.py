"""Properties of the wire: a line is exactly one message, or refused; tests/test_wire.py has the cases by name."""

import json
from dataclasses import asdict

from examples import examples
from hypothesis import assume, given
from hypothesis import strategies as st
from made import instances

from gil_lab.model.errors import ProtocolError
from gil_lab.model.records import MAX_FLOAT
from gil_lab.model.wire import MESSAGES, decode, encode

ANY = st.sampled_from(sorted(MESSAGES)).flatmap(lambda name: instances(MESSAGES[name]))
WRONG = ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000, "[" * 100_000, '{"a":1,"a":2}', "-1", "1e300", "null"]
WRONG += ['"\\ud800"', '""', "[]", "{}", "true", str(2**63), str(10**400), "01", "'", ""]


def refused(line):
    """The reason, if it is refused: one line, short."""
    try:
        came = decode(line)
    except ProtocolError as error:
        assert str(error).isprintable()
        assert len(str(error)) < 400
        return str(error)
    assert type(came) in MESSAGES.values()
    assert decode(encode(came)) == came
    return None


@examples(150)
@given(ANY)
def test_every_message_comes_back(message):
    """Equal, and of the same types throughout."""
    came = decode(encode(message))
    assert came == message
    assert repr(came) == repr(message)


@examples(150)
@given(ANY, st.data())
def test_a_message_with_any_bytes_changed_is_a_message_or_refused(message, data):
    """Replaced, left out, put in, doubled."""
    sent = encode(message)
    begin, end = sorted(data.draw(st.tuples(st.integers(0, len(sent)), st.integers(0, len(sent)))))
    put = data.draw(st.binary(max_size=8) | st.just(sent[begin:end]) | st.sampled_from(WRONG).map(str.encode))
    refused(sent[:begin] + put + sent[end:])


def places(value, path=()):
    """Of every value within parsed JSON."""
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from places(part, (*path, key))


def with_at(value, path, put):
    """The same with another value in one place."""
    if not path:
        return put
    made = dict(value) if isinstance(value, dict) else list(value)
    made[path[0]] = with_at(value[path[0]], path[1:], put)
    return made


@examples(200)
@given(ANY, st.data())
def test_a_message_with_any_value_changed_is_a_message_or_refused(message, data):
    """Not finite, negative, of thousands of digits, nested a hundred thousand deep, of another type."""
    body = json.loads(encode(message))
    path = data.draw(st.sampled_from(list(places(body))))
    put = data.draw(st.sampled_from(WRONG))
    line = json.dumps(with_at(body, path, "PUT HERE")).replace('"PUT HERE"', put)
    reason = refused(line.encode())
    if put in ("NaN", "Infinity", "1e999", "9" * 5000, "[" * 100_000, "", "'", "01"):
        assert reason


@examples(100)
@given(ANY, st.data())
def test_a_name_that_is_there_twice_is_refused(message, data):
    """Whichever value would win: a message says each thing once."""
    body = {"message": type(message).__name__, **asdict(message)}
    name = data.draw(st.sampled_from(sorted(body)))
    twice = f'{{"{name}":{json.dumps(body[name])},{json.dumps(body)[1:]}'
    assert refused(twice.encode())


@examples(100)
@given(ANY, st.data())
def test_a_time_that_is_negative_or_endless_is_refused(message, data):
    """Nobody has measured it."""
    body = json.loads(encode(message))
    times = [path for path in places(body) if path and str(path[-1]).endswith(("_s", "_ns"))]
    assume(times)
    path = data.draw(st.sampled_from(times))
    value = data.draw(st.sampled_from([-1, -(10**30), 10**30, MAX_FLOAT * 1e9]))
    assert refused(json.dumps(with_at(body, path, value)).encode())
