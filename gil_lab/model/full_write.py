"""Writing all of something: `os.write` may take only a part, of a full pipe or disk."""

import os


def write_all(descriptor: int, content: bytes) -> None:
    """Write `content` to the last byte. Raises OSError."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
