"""What the page shows of session.json: whatever it holds, as short lines with units."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gil_lab.report.page.about import plain, settings

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(
    st.dictionaries(st.sampled_from(["machine", "interpreters", "options", "experiment", "trials"]), JSON),
    st.integers(-(10**400), 10**400),
)
def test_whatever_a_session_tells_of_itself_can_be_shown(about, number):
    """Any key may be missing or hold something else than it should."""
    machine = {"memory_bytes": number, "min_time_s": about}
    for heading, pairs in settings(about) + settings({"machine": machine}):
        assert pairs
        for text in (heading, *(text for pair in pairs for text in pair)):
            assert not {unicodedata.category(sign) for sign in text} & {"Cc", "Cf", "Cs"}


def test_settings_are_shown_with_their_units():
    about = {
        "machine": {"usable_cores": 2, "quota": None, "memory_bytes": 25276510208},
        "interpreters": {"3.11": {"gil": True, "packages": [{"name": "numba", "version": "0.68"}], "refusals": []}},
        "options": {"workers": [2, 4], "min_time_s": 0.5},
    }
    assert settings(about) == [
        ("Machine", [("usable cores", "2"), ("memory", "23.5 GiB")]),
        ("Python 3.11", [("gil", "yes"), ("packages", "numba 0.68")]),
        ("Options", [("workers", "2, 4"), ("min time", "0.5 s")]),
    ]


def test_endless_settings_are_cut():
    deep = value = []
    for _ in range(100):
        value.append([])
        value = value[0]
    value.append("bottom")
    told = dict(settings({"options": {"deep": deep, "long": list(range(10**5)), "text": "x" * 10**7}})[0][1])
    assert told["long"].endswith("39, ...")
    assert told["deep"] == "..."
    assert len(told["text"]) == 200


@pytest.mark.parametrize(
    ("value", "shown"), [(3, "3"), ("a\nb", "a\\nb"), ([], ""), (None, ""), ("é\u202e", "é\\u202e")]
)
def test_foreign_values_are_one_line(value, shown):
    assert plain(value) == shown
