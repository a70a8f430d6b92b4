"""The modules that tasks are made of, packed to be sent to machines that have neither the lab nor the user's file."""

import hashlib
import io
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

INSTALLED = ("site-packages", "dist-packages")
THE_SAME_ON_EACH = (1980, 1, 1, 0, 0, 0)
"""Date of each file in the archive, the first that ZIP knows: one content makes one archive."""


def archive() -> bytes:
    """Sources of the lab's package, and of modules that were imported from files which are in no installed package."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, source in sorted({**dict(_of_the_lab()), **dict(_of_the_user())}.items()):
            made.writestr(zipfile.ZipInfo(name, THE_SAME_ON_EACH), source.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def packages_needed() -> list[str]:
    """Installed packages that the user's modules have imported, which those that import them elsewhere need as well.

    Not those that a function imports when it is called.
    """
    modules = [sys.modules[name] for name, _ in _user_modules()]
    values = [value for module in modules for value in vars(module).values()]
    names = {one.__name__ if type(one) is ModuleType else getattr(one, "__module__", None) for one in values}
    tops = {name.partition(".")[0] for name in names if isinstance(name, str)}
    return sorted(top for top in tops if top != "gil_lab" and _is_installed(sys.modules.get(top)))


def _is_installed(module: ModuleType | None) -> bool:
    return bool(set(Path(getattr(module, "__file__", None) or "").parts) & set(INSTALLED))


def key_of(packed: bytes) -> str:
    return hashlib.sha256(packed).hexdigest()


def _of_the_lab() -> Iterator[tuple[str, Path]]:
    package = Path(__file__).resolve().parents[2]
    for source in package.rglob("*.py"):
        yield f"gil_lab/{source.relative_to(package).as_posix()}", source


def _of_the_user() -> Iterator[tuple[str, Path]]:
    """His file, and what it imported from beside it, under the names by which they were imported here."""
    for name, source in _user_modules():
        inside = name.replace(".", "/")
        yield (f"{inside}/__init__.py" if source.name == "__init__.py" else f"{inside}.py"), source


def _user_modules() -> Iterator[tuple[str, Path]]:
    """Their names, and their sources."""
    library = Path(sysconfig.get_path("stdlib")).resolve()
    for name, module in tuple(sys.modules.items()):
        given = vars(module).get("__file__") if type(module) is ModuleType else None
        top, is_source = name.partition(".")[0], isinstance(given, str) and given.endswith(".py")
        if top == "gil_lab" or top.startswith("__") or not is_source:  # a main module has another name here
            continue
        source = Path(str(given)).resolve()
        if source.is_relative_to(library) or set(source.parts) & set(INSTALLED) or not source.is_file():
            continue
        yield name, source
