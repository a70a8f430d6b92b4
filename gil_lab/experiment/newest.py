"""What a class sees of an experiment: its own results, if it has any."""

from pathlib import Path

from gil_lab.experiment.results import Results
from gil_lab.model.errors import StoreError
from gil_lab.sessions.reader import newest
from gil_lab.sessions.reference import reference_folder


def newest_or_reference(experiment: str, own: Path | str) -> Results:
    """The newest session of an experiment in a folder of results; the reference session if nothing was measured there.

    Raises StoreError if a session cannot be read, or this copy of the lab has no reference sessions.
    """
    try:
        folder = newest(Path(own) / experiment)
    except StoreError:
        return Results.read(reference_folder() / experiment)
    results = Results.read(folder)
    return results if results.rows else Results.read(reference_folder() / experiment)


def is_reference(results: Results) -> bool:
    """Whether it came with the lab."""
    return results.folder.resolve().is_relative_to(reference_folder().resolve())
