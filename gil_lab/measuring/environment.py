"""The environment of a measured process, built and not inherited: its variables, and the modules that it can import."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from gil_lab.model.variables import MARK, SERVICE_PYTHON, Settings
from gil_lab.suite.catalogue import module_name

PACKAGE = Path(__file__).resolve().parents[1]
"""The folder of gil_lab."""
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "SYSTEMROOT", "VIRTUAL_ENV")
"""Of the user's environment; everything else is left out, because half of it changes what is measured."""
CHANGING = (
    "PYTHON",
    "NUMBA_",
    "JOBLIB_",
    "LOKY_",
    "CUDA_",
    "COVERAGE_",
    "LD_",
    "DYLD_",
    "MALLOC_",
    "GLIBC_TUNABLES",
    "OMP_",
    "GOMP_",
    "KMP_",
    "TBB_",
    "MKL_",
    "BLIS_",
    "OPENBLAS_",
    "VECLIB_",
    "NUMEXPR_",
)
"""What their names begin with: settings of Python, of the libraries that run the strategies, of the loader."""


def environment(workers: int, private: Path, mark: str, extra: Mapping[str, str] | Settings = ()) -> dict[str, str]:
    """The child's environment, built and not inherited; `extra` is what the interpreter's settings add.

    Bytecode caches are allowed (without them starting a process costs several times more), and pools inside libraries
    are capped at one thread, so that eight workers do not become sixty-four threads.
    """
    one_thread = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    return {
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
        **dict.fromkeys(one_thread, "1"),
        "NUMBA_NUM_THREADS": str(workers),
        "PYTHONPATH": os.pathsep.join(filter(None, (dict(extra).get("PYTHONPATH"), str(private / "modules")))),
        "PYTHONSAFEPATH": "1",  # a random.py in some working directory must not be imported
        "PYTHONFAULTHANDLER": "1",
        "TMPDIR": str(private),
        "JOBLIB_TEMP_FOLDER": str(private),
        MARK: mark,
        SERVICE_PYTHON: sys.executable,
        **{name: value for name, value in dict(extra).items() if name != "PYTHONPATH"},
    }


def offer_modules(folder: Path, file: Path | None) -> None:
    """Make gil_lab, and the user's file, importable by name without the packages that stand beside them.

    They stand in the site-packages of one interpreter, whose extension modules would break another one.
    """
    folder.mkdir()
    (folder / "gil_lab").symlink_to(PACKAGE)
    if file is not None:
        (folder / f"{module_name(file)}.py").symlink_to(file)


def mark(private: Path) -> str:
    return f"{os.getpid()}-{private.name}"


def left_out(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Names only, in order: their values are nobody's business."""
    return sorted(name for name in environ if name.startswith(CHANGING) and name not in PASSED_ON)
