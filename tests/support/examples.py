"""How many examples hypothesis tries: a few in plain `pytest`, all with `--hypothesis-profile=thorough`, as in CI."""

from hypothesis import settings

QUICK, THOROUGH = "quick", "thorough"
FEW, USUAL = 6, 50


def register() -> None:
    """The same examples every time, and none is too slow: the machine may be busy measuring."""
    for name, number in ((QUICK, FEW), (THOROUGH, USUAL)):
        settings.register_profile(name, derandomize=True, deadline=None, database=None, max_examples=number)
    settings.load_profile(QUICK)


def examples(number: int) -> settings:
    """Decorates a test whose thorough profile has this many examples instead of the usual number."""
    return settings(max_examples=number if settings.get_current_profile_name() == THOROUGH else FEW)
