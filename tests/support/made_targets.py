"""Made-up targets, and what was found out about them."""

from dataclasses import replace
from pathlib import Path

from gil_lab.advice.trials import Examined
from gil_lab.model.target import CallTimes, CompilationFacts, GivenInputs, Location, Target, TargetFacts


def target(name="parse", kind="range", value="1000", function=None, **more):
    return Target(name, function or Location("/work/mine.py", "", name), GivenInputs(kind, value), **more)


def target_facts(call_s=0.01, computing=1.0, **more):
    """Of a function whose calls take so long, and compute for that share of it."""
    times = CallTimes(20, 20 * call_s, 20 * call_s * computing, 0.0, call_s, call_s, call_s, call_s)
    facts = TargetFacts(
        name="parse",
        file="/work/mine.py",
        importable="mine",
        folder="/work",
        attribute="parse",
        is_coroutine=False,
        is_compiled=False,
        stars="",
        inputs=1000,
        endless=False,
        load_s=0.01,
        times=times,
        library_threads=0,
        prints=False,
        not_comparable="",
        unpicklable="",
        by_value=False,
        input_bytes=5,
        answer_bytes=5,
        mutates=False,
        changes="",
        is_cached=False,
    )
    return replace(facts, **more)


def examined(facts=None, forms=(), reason="no", **more):
    return Examined(target(**more), facts or target_facts(), CompilationFacts(tuple(forms), reason))


def written(folder: Path, text: str, name: str = "mine.py") -> Path:
    """A user's file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
