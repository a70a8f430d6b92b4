"""A disk without room."""

import contextlib
import resource


@contextlib.contextmanager
def disk_full_at(size):
    """No file can grow beyond `size` bytes: what fits is written, as on a full disk, and then writing fails."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
