"""The environment of a measured process, built rather than inherited: its variables and the modules it can import."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from gil_lab.measuring.machine import allowed_cores, usable_cores
from gil_lab.measuring.supervisor import MODULES
from gil_lab.model.variables import (
    CORES,
    DIVIDED,
    LIBRARY_THREADS,
    MARK,
    SERVICE_PYTHON,
    UNCAPPED,
    Settings,
    cores_meant,
)
from gil_lab.suite.catalogue import module_name

PACKAGE = Path(__file__).resolve().parents[1]
"""The folder of gil_lab."""
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "SYSTEMROOT", "VIRTUAL_ENV")
"""Variables of the user's environment that are passed on; many of the others would change the measurement."""
PASSIVE = {"OMP_WAIT_POLICY": "passive", "KMP_BLOCKTIME": "0"}
"""Idle pools of OpenMP sleep instead of spinning (OpenMP 5.2, 21.1.8; KMP_BLOCKTIME is LLVM's and Intel's): they would
take cores from the children whose turn it is."""
THREAD_LIMITS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "POLARS_MAX_THREADS",
)
"""How many threads of their own libraries may use inside a task."""
INFLUENTIAL_PREFIXES = (
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
    "POLARS_",
)
"""Prefixes of variables that configure Python, the libraries that run the strategies, or the loader."""


def environment(workers: int, private: Path, mark: str, extra: Mapping[str, str] | Settings = ()) -> dict[str, str]:
    """The child's environment, built rather than inherited; `extra`: variables of the interpreter's settings.

    Bytecode caches are allowed (without them, processes take several times longer to start). Pools inside libraries are
    capped at one thread, unless a setting says otherwise, so that eight workers do not become sixty-four threads, and
    wait passively.
    """
    threads = library_threads(workers, dict(extra))
    capped = dict(extra).get(LIBRARY_THREADS) != UNCAPPED
    return {
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
        **(dict.fromkeys(THREAD_LIMITS, str(threads)) if capped else {}),
        **PASSIVE,
        "NUMBA_NUM_THREADS": str(max(workers, threads)),  # Numba's own limit, which strategies lower
        "PYTHONPATH": os.pathsep.join(filter(None, (dict(extra).get("PYTHONPATH"), str(private / MODULES)))),
        "PYTHONSAFEPATH": "1",  # a random.py in the working directory must not be imported
        "PYTHONFAULTHANDLER": "1",
        "TMPDIR": str(private),
        "JOBLIB_TEMP_FOLDER": str(private),
        "NUMBA_CACHE_DIR": str(private / "numba"),  # each process compiles what it runs, also with cache=True
        MARK: mark,
        SERVICE_PYTHON: sys.executable,
        **{name: value for name, value in dict(extra).items() if name != "PYTHONPATH"},
    }


def library_threads(workers: int, extra: Mapping[str, str]) -> int:
    """How many threads of its own a library has inside each task; of one that is not capped, how many it would take."""
    given = extra.get(LIBRARY_THREADS, "1")
    if given not in (DIVIDED, UNCAPPED):
        return int(given)
    cores = len(cores_meant(extra[CORES], allowed_cores())) if CORES in extra else usable_cores()
    return cores if given == UNCAPPED else max(1, cores // workers)


def modules(file: Path | None) -> dict[str, Path]:
    """Links that make gil_lab and the user's file importable by name, without the packages installed beside them.

    Those are in the site-packages of one interpreter, and its extension modules would break another.
    """
    return {"gil_lab": PACKAGE} if file is None else {"gil_lab": PACKAGE, f"{module_name(file)}.py": file}


def where_the_user_is() -> Path | None:
    """The folder that the paths in a user's file are relative to; None if it is gone."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def mark(private: Path) -> str:
    return f"{os.getpid()}-{private.name}"


def left_out(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Names of influential variables that are not passed on, sorted; without their values, which may be private."""
    return sorted(name for name in environ if name.startswith(INFLUENTIAL_PREFIXES) and name not in PASSED_ON)
