"""The picture `releases`: which calls let go of the GIL."""

import pytest
from made_of_cells import Made, measured

from gil_lab.report.drawing.picture import NothingToDrawError
from gil_lab.report.pictures import releases

CALLS = {"json": 1.0, "sha256": 0.02, "sqlite-rows": 0.6, "sleep": 0.0}
"""How much of its time each holds the GIL."""


def call(name, held, python="3.11", **changes):
    """One thread that makes the call all the time."""
    work = {"workload": f"released+{name}", "interpreter": python}
    return measured("sequential", 1, busy=1.0, work=work, gil_held_share=held, **changes)


def session():
    return [call(name, held) for name, held in CALLS.items()]


def layers(made, mark):
    return [layer["data"]["values"] for layer in releases.draw(made).spec["layer"] if layer["mark"]["type"] == mark]


def test_what_lets_go_most_stands_first_and_the_rest_of_its_time_is_what_it_holds():
    """Two bars that come to the whole, or one."""
    (bars,) = layers(Made(session()), "bar")
    assert [(bar["cell"], bar["state"], bar["x"], bar["end"]) for bar in bars] == [
        ("sleep", releases.WITHOUT, 0, 1),
        ("sha256", releases.WITHOUT, 0, 0.98),
        ("sha256", releases.HOLDING, 0.98, 1),
        ("sqlite-rows", releases.WITHOUT, 0, 0.4),
        ("sqlite-rows", releases.HOLDING, 0.4, 1),
        ("json", releases.HOLDING, 0, 1),
    ]


def test_the_title_counts_the_answers():
    assert (
        releases.draw(Made(session())).title
        == "2 of 4 calls let go of the GIL, 1 hold it all the time, 1 lets go for a part of it"
    )


def test_flagged_calls_have_a_star_and_unknown_ones_are_counted():
    """As in every table."""
    flagged = call("zlib", 0.1, flags=("disturbed",), trials=3, used=3)
    unknown = call("re-sub", None)
    made = Made([*session(), flagged, unknown])
    assert [bar["cell"] for bar in layers(made, "bar")[0] if "zlib" in bar["cell"]] == ["zlib*", "zlib*"]
    assert "Of 1 more call it is not known." in " ".join(releases.draw(made).spec["title"]["subtitle"])
    assert "not known" not in " ".join(releases.draw(Made(session())).spec["title"]["subtitle"])


def test_two_threads_that_make_the_same_call_stand_beside_it():
    """What they keep busy."""
    two = measured("threading", 2, busy=1.9, work={"workload": "released+sha256", "interpreter": "3.11"})
    (words,) = layers(Made([*session(), two]), "text")
    assert [(word["cell"], word["text"]) for word in words] == [("sha256", "1.9 cores")]


def test_one_python_is_shown():
    """The first of those in which holding can be seen: without a GIL there is nothing to let go of."""
    made = Made([call("json", None, "3.14t"), *session(), call("json", 0.0, "3.15")])
    assert [bar["end"] for bar in layers(made, "bar")[0] if bar["cell"] == "json"] == [1]


NO_PICTURE = {
    "few": (session()[:2], "this session looks at 2 calls: gil-lab report has them in a table"),
    "one, as of gil-lab releases": (session()[:1], "this session looks at 1 call: "),
    "no GIL": (
        [call("json", None, gil_unknown="this Python has no GIL")],
        r"lets go of the GIL \(this Python has no GIL\)",
    ),
    "threads alone": ([measured("threading", 2, work={"workload": "released+json"})], "not known of any call in one"),
}


@pytest.mark.parametrize(("rows", "why"), NO_PICTURE.values(), ids=NO_PICTURE)
def test_few_calls_are_no_picture(rows, why):
    """It says why, and what to measure."""
    with pytest.raises(NothingToDrawError, match=f"{why}.*gil-lab run released"):
        releases.draw(Made(rows))
