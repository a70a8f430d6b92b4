"""How many examples hypothesis tries: a few in plain `pytest`, more of faults and processes in CI, all in nox."""

from hypothesis import settings

QUICK, USUAL, THOROUGH = "quick", "usual", "thorough"
EXAMPLES = 50
"""Of a property in the thorough profile, where its test has no number of its own."""
FEW, USUAL_SHARE = 6, 1 / 8
"""The examples are the same ones every time, so that all of them are needed after changes only."""


def register() -> None:
    """None is too slow: the machine may be busy measuring."""
    for profile in (QUICK, USUAL, THOROUGH):
        number = number_of(profile, EXAMPLES)
        settings.register_profile(profile, derandomize=True, deadline=None, database=None, max_examples=number)
    settings.load_profile(QUICK)


def examples(number: int) -> settings:
    """Decorates a test whose thorough profile has this many examples instead of the usual number."""
    return settings(max_examples=number_of(settings.get_current_profile_name(), number))


def thorough() -> bool:
    """Whether all is tried, not a sample of it."""
    return settings.get_current_profile_name() == THOROUGH


def swept(places: range) -> list[int]:
    """Of a sweep: every place in the thorough profile; else every few, the first and the last."""
    step = 1 if thorough() else round(1 / USUAL_SHARE)
    return sorted({*places[::step], *places[-1:]})


def number_of(profile: str, number: int) -> int:
    """Of examples, where the thorough profile has that number."""
    return {QUICK: FEW, USUAL: max(FEW, round(USUAL_SHARE * number)), THOROUGH: number}[profile]
