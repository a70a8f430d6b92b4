"""A function of the user's, the inputs it is called with, and what was found out about it by calling it."""

from pathlib import PurePath

from gil_lab.model.frozen import frozen


@frozen
class GivenInputs:
    """Where the inputs come from."""

    kind: str
    """A name in `gil_lab.suite.targets.inputs.KINDS`."""
    value: str
    """What that kind makes inputs of: FILE.py:NAME, a path, a pattern, a number."""

    @property
    def are_none(self) -> bool:
        """Whether the function is called without arguments, again and again."""
        return self.kind == "repeat" and not self.value.partition(" ")[2]


@frozen
class Location:
    """Where an object is: in a file, in a module that can be imported, or in a pickle."""

    file: str
    """The path of a Python file, or of a pickle; empty for a module."""
    module: str
    """Its full name; empty for a file."""
    attribute: str
    """Its name there: `parse_line`, `Parser.parse`; empty for a pickle."""

    def __str__(self) -> str:
        return f"{self.file or self.module}:{self.attribute}"


@frozen
class Target:
    """The function, and how it is called in a trial."""

    name: str
    """Of the work, in reports."""
    function: Location
    inputs: GivenInputs
    sample: tuple[int, ...] = ()
    """Numbers of the inputs that are used, from 0; none: all of them."""
    verify: Location | None = None
    """A function of an input and its answer, which says whether that is right."""
    seedable: bool = False
    """Whether the random generators are seeded before each call, so that it answers alike each time."""
    varies: bool = False
    """Whether answers are not compared."""
    compiled: tuple[str, ...] = ()
    """The forms that Numba compiles it to."""
    repeats: int | None = None
    """Calls in a task whose answers do not matter; None: a single one, whose answer counts."""
    code: str = ""
    """Path of a Python file whose `run(inputs)` calls it: what was advised."""
    expression: str = ""
    """That it was made of, in one line; empty for a function of the user's."""

    @property
    def summary(self) -> str:
        """In a line, without folders, which may be private."""
        if self.expression:
            return self.expression
        where = PurePath(self.function.file).name or self.function.module
        given = self.inputs.value.rpartition("/")[2]
        return f"{where}:{self.function.attribute} with {self.inputs.kind}:{given}"


@frozen
class Phase:
    """What the process that examines a target is about to do, so that it can be said where it hangs."""

    words: str


@frozen
class CallTimes:
    """Of the calls of one sequential pass over some inputs, without the first one, which may import and compile."""

    calls: int
    wall_s: float
    cpu_s: float
    """Of the process and its descendants."""
    ready_s: float
    """For which the calling thread waited for a core; 0 where the system does not report it."""
    least_s: float
    greatest_s: float
    first_s: float
    """Of the first call."""
    again_s: float
    """Of a second call with the same inputs, on average."""


@frozen
class TargetFacts:
    """What was found out about a target."""

    name: str
    """Of the function."""
    file: str
    """The file that it is defined in."""
    importable: str
    """The module that others import it from; empty where there is none, as in a notebook."""
    folder: str
    """From which it is imported so; empty where it is installed."""
    attribute: str
    is_coroutine: bool
    is_compiled: bool
    """By Numba, already."""
    stars: str
    """How it is called with an input: `*` with the items of a tuple, `**` with those of a dictionary; else empty."""
    inputs: int
    """How many there are, as far as they were read."""
    endless: bool
    """Whether there are more of them."""
    load_s: float
    """What it takes to import it and to read its inputs, in each process anew."""
    times: CallTimes
    library_threads: int
    """Threads beside the calling one that computed during the calls: those of libraries such as OpenBLAS."""
    prints: bool
    not_comparable: str
    """The type of an answer of which it cannot be said whether two are the same; empty if there is none."""
    unpicklable: str
    """Why processes cannot be handed the function, its inputs or its answers; empty if they can."""
    by_value: bool
    """Whether only cloudpickle can send the function."""
    input_bytes: int
    """Of one, pickled."""
    answer_bytes: int
    mutates: bool
    """Whether a call changes its input."""
    changes: str
    """The name of what it changes outside of itself, a global; empty if there is none."""
    is_cached: bool
    """By `functools.lru_cache`: models are compared without its cache."""


@frozen
class CompilationFacts:
    """What Numba makes of a target."""

    forms: tuple[str, ...]
    """Those that it compiles to."""
    reason: str
    """Why there are not more."""
