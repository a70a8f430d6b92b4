"""What the lecture says of an experiment."""

from collections.abc import Mapping, Sequence

from gil_lab.model.frozen import frozen


@frozen
class Passage:
    """Its texts are Markdown, indented as in the source."""

    watch: str
    """What to look at once the result is open."""
    change: str
    """Which numbers to change before it is measured again, and what to find out thereby."""
    changes: Sequence[Mapping[str, object]]
    """These as options of the experiment's `run`, of which one is chosen."""
    pictures: Sequence[Sequence[str]] = ()
    """The names of those that are shown, each with the strategies that it is to show, if not all."""
