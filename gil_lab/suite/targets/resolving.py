"""Finds the object that a location names: in a file, in a module, or in a pickle."""

import importlib
import pickle
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from gil_lab.model.errors import UsageError
from gil_lab.model.target import Location
from gil_lab.model.text import described, one_line
from gil_lab.suite.catalogue import check_file, imported
from gil_lab.suite.own_lines import described_in, place_of


def resolve(location: Location) -> Any:
    """The object. Raises UsageError, with the next step, if it is not there or its module does not import."""
    if not location.attribute:
        return _unpickled(Path(location.file))
    module = module_of(location)
    found: Any = module
    for name in location.attribute.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            raise UsageError(_no_such_name(location, found, name)) from None
    return found


def module_of(location: Location) -> ModuleType:
    """The module that it is in, imported, with what it imports beside itself. Raises UsageError."""
    where, file = Path(location.file).name or location.module, Path(location.file)
    try:
        return _imported(location)
    except UsageError:
        raise
    except ModuleNotFoundError as error:
        if not location.file and error.name and location.module.startswith(error.name):
            raise UsageError(
                f"no module {location.module!a:.60} can be imported from here; go to the folder that it is in, or give "
                "the path of its file"
            ) from error
        raise UsageError(
            f"{where} does not import: no module named {error.name!a:.60}{place_of(error, file)}; install it for this "
            "Python, or choose the one that has it with --python"
        ) from error
    except SystemExit as error:
        raise UsageError(
            f"{where} exits when it is imported (exit code {error.code!s:.20}){place_of(error, file)}; move what runs "
            "below: if __name__ == '__main__':"
        ) from error
    except Exception as error:
        raise UsageError(f"{where} does not import ({described_in(error, file, 200)}); fix it first") from error


def _imported(location: Location) -> ModuleType:
    """A file in a package is imported as a part of it: its relative imports need the whole."""
    if not location.file:
        _make_importable(Path.cwd())
        return importlib.import_module(location.module)
    file = check_file(Path(location.file))
    if not (file.parent / "__init__.py").is_file():
        return imported(file)
    parts = [file.stem] if file.stem != "__init__" else []
    folder = file.parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    _make_importable(folder)
    return importlib.import_module(".".join(parts))


def _make_importable(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _no_such_name(location: Location, inside: Any, name: str) -> str:
    import difflib

    there = [one for one in dir(inside) if not one.startswith("_")]
    near = difflib.get_close_matches(name, there, n=1)
    hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(_usable(inside, there)[:8]) or 'no function'}"
    where = Path(location.file).name or location.module
    return one_line(f"{where} has no {location.attribute!a:.60}; {hint}")


def _usable(inside: Any, names: list[str]) -> list[str]:
    """Those that may be meant as a function, then those that may be meant as inputs."""
    values = {name: getattr(inside, name, None) for name in names}
    functions = [name for name, value in values.items() if callable(value)]
    inputs = [name for name, value in values.items() if hasattr(value, "__iter__") and not isinstance(value, str)]
    return list(dict.fromkeys([*functions, *inputs]))


def _unpickled(file: Path) -> Any:
    try:
        return pickle.loads(file.read_bytes())  # noqa: S301 - of a process of the same user's, made for this one
    except Exception as error:
        raise UsageError(
            f"the function cannot be sent to another process ({described(error):.120}); define it in a file"
        ) from error
