"""What an interpreter reports about itself: its version and build, and what works under it."""

import sys

from gil_lab.model.frozen import frozen
from gil_lab.model.records import CHUNK_SEPARATOR


@frozen
class Greeting:
    """The first message of a Python under examination. Written without gil_lab: the oldest one can send it."""

    version: str
    """In full: `3.13.5`, `3.15.0a1`."""
    implementation: str
    free_threaded: bool

    @classmethod
    def own(cls) -> "Greeting":
        """The greeting of the Python that runs this."""
        return cls(sys.version.split()[0], sys.implementation.name, "t" in getattr(sys, "abiflags", ""))

    @property
    def label(self) -> str:
        """The short name of such a Python: `3.11`, `3.14t`, `pypy3.11`."""
        return self.named(".".join(self.version.split(".")[:2]))

    def named(self, version: str) -> str:
        name = "" if self.implementation == "cpython" else self.implementation
        return name + version + "t" * self.free_threaded


@frozen
class Package:
    name: str
    version: str


@frozen
class Refusal:
    strategy: str
    reason: str


@frozen
class Facts:
    """What an interpreter reports about itself: the answer of `gil_lab.child.probe`, not part of a trial."""

    label: str
    version: str
    implementation: str
    compiler: str
    configured: tuple[str, ...]
    """The `configure` flags that affect its speed, as far as it reports them."""
    free_threaded: bool
    gil: bool
    gil_after_imports: bool
    """After importing everything that the strategies need, which may switch the GIL on (PEP 703)."""
    bytecode: str
    """Where bytecode caches are: `beside` the sources, `elsewhere` (PYTHONPYCACHEPREFIX), or `none` if not writable."""
    start_methods: tuple[str, ...]
    packages: tuple[Package, ...]
    refusals: tuple[Refusal, ...]

    @property
    def versions(self) -> str:
        """Its own version and those of the packages that matter, as each row of a session tells them."""
        name = "python" if self.implementation == "CPython" else self.implementation.lower()
        return " ".join([f"{name} {self.version}", *(f"{one.name} {one.version}" for one in self.packages)])

    def reason_against(self, strategy: str) -> str | None:
        plain = strategy.partition(CHUNK_SEPARATOR)[0]
        refused = (one.reason for one in self.refusals if one.strategy.partition(CHUNK_SEPARATOR)[0] == plain)
        return next(refused, None)
