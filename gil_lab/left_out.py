"""Environment variables that are set here and kept from what is measured, because they would change it."""

import os
from collections.abc import Mapping

from gil_lab.launcher import PASSED_ON

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


def left_out(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Names only, in order: their values are nobody's business."""
    return sorted(name for name in environ if name.startswith(CHANGING) and name not in PASSED_ON)
