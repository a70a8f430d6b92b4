"""Released: calls that people use, again and again. Which of them let go of the GIL, so that other threads can run?

What to watch: how much of the time the GIL is held (`sequential`: one thread makes the call all the time), and what a
second thread gains. C code that computes for long without Python objects can let go: hashing, compression, most of
NumPy. What works on Python objects cannot: `json`, `re`, `sorted`, `pickle`. Whatever waits lets go: files, sockets,
sleep. Between them are calls that let go for each small piece (a row of SQLite, a packet), and take the GIL back each
time.

The plain workload is a loop in Python, which holds it. What the sources of CPython and NumPy say of each call stands
beside it, and in docs/released.md with file and line.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from gil_lab.model.frozen import frozen
from gil_lab.suite.answers import differing
from gil_lab.suite.workloads import Workload

Job = tuple[int, int]
Answer = tuple[int, str]


@frozen
class Call:
    code: str
    """A statement."""
    setup: str
    """Statements that are run before, once in each thread."""
    releases: str
    """What its sources say: `yes`, `partly` or `no`."""
    times: int
    """That make about 10 ms."""
    requires: str = ""
    """A package."""


MEGABYTE = "import random; data = random.Random(0).randbytes(1 << 19).hex().encode()"
NUMBERS = "import random; source = random.Random(0); numbers = [source.random() for _ in range(20_000)]"
RECORDS = "records = [{'name': str(number), 'value': number / 7, 'tags': ['a', 'b']} for number in range(2_000)]"
TEXT = "text = 'the quick brown fox jumps over the lazy dog ' * 2_000"
FILE = "import tempfile; file = tempfile.TemporaryFile(); file.write(bytes(1 << 20)); file.flush(); fd = file.fileno()"
DATABASE = (
    "import sqlite3; database = sqlite3.connect(':memory:'); "
    "database.execute('create table t (a integer, b text)'); "
    "database.executemany('insert into t values (?, ?)', ((n, str(n)) for n in range(20_000)))"
)
PAIR = "import socket; ours, theirs = socket.socketpair(); packet = bytes(1000)"
ARRAY = "import numpy as np; array = np.random.default_rng(0).random(1_000_000); other = array.copy()"
SMALL_ARRAY = "import numpy as np; array = np.arange(10.0)"
OBJECTS = "import numpy as np; array = np.array([number / 7 for number in range(20_000)], dtype=object)"
FRAME = (
    "import numpy as np, pandas as pd; random = np.random.default_rng(0); "
    "frame = pd.DataFrame({'key': random.integers(0, 100, 1_000_000), 'value': random.random(1_000_000)})"
)

CALLS = {
    "sha256": Call("hashlib.sha256(data).digest()", f"import hashlib; {MEGABYTE}", "yes", 15),
    "blake2b": Call("hashlib.blake2b(data).digest()", f"import hashlib; {MEGABYTE}", "yes", 8),
    "pbkdf2": Call("hashlib.pbkdf2_hmac('sha256', b'secret', b'salt', 10_000)", "import hashlib", "yes", 4),
    "crc32": Call("zlib.crc32(data)", f"import zlib; {MEGABYTE}", "yes", 50),
    "zlib-compress": Call("zlib.compress(data)", f"import zlib; {MEGABYTE}", "yes", 1),
    "zlib-decompress": Call("zlib.decompress(packed)", f"import zlib; {MEGABYTE}; packed = zlib.compress(data)", "yes", 3),
    "bz2-compress": Call("bz2.compress(text.encode())", f"import bz2; {TEXT}", "yes", 1),
    "lzma-compress": Call("lzma.compress(text.encode(), preset=1)", f"import lzma; {TEXT}; text *= 30", "yes", 1),
    "zstd-compress": Call("zstd.compress(data)", f"from compression import zstd; {MEGABYTE}", "yes", 20, "compression.zstd"),
    "gzip-compress": Call("gzip.compress(data)", f"import gzip; {MEGABYTE}", "yes", 1),
    "re-search": Call("pattern.search(text)", f"import re; pattern = re.compile(r'(\\w+) cat'); {TEXT}", "no", 4),
    "re-sub": Call("pattern.sub('x', text)", f"import re; pattern = re.compile(r'o\\w'); {TEXT}", "no", 16),
    "json-dumps": Call("json.dumps(records)", f"import json; {RECORDS}", "no", 4),
    "json-loads": Call("json.loads(text)", f"import json; {RECORDS}; text = json.dumps(records)", "no", 8),
    "pickle-dumps": Call("pickle.dumps(records)", f"import pickle; {RECORDS}", "no", 25),
    "pickle-loads": Call("pickle.loads(text)", f"import pickle; {RECORDS}; text = pickle.dumps(records)", "no", 8),
    "marshal-dumps": Call("marshal.dumps(records)", f"import marshal; {RECORDS}", "no", 55),
    "struct-pack": Call("struct.pack('20000d', *numbers)", f"import struct; {NUMBERS}", "no", 45),
    "struct-unpack": Call("struct.unpack('20000d', packed)", f"import struct; {NUMBERS}; packed = struct.pack('20000d', *numbers)", "no", 30),
    "sqlite-sum": Call("database.execute('select sum(a * a) from t').fetchone()", DATABASE, "yes", 10),
    "sqlite-rows": Call("database.execute('select a, b from t').fetchall()", DATABASE, "partly", 1),
    "sorted": Call("sorted(numbers)", NUMBERS, "no", 3),
    "sum": Call("sum(numbers)", NUMBERS, "no", 150),
    "in-list": Call("-1.0 in numbers", NUMBERS, "no", 60),
    "power": Call("pow(3, 10**500, 10**300 + 7)", "", "no", 10),
    "str-of-int": Call("str(huge)", "import sys; sys.set_int_max_str_digits(0); huge = 7**10_000", "no", 15),
    "decimal": Call("two.sqrt(context)", "import decimal; two = decimal.Decimal(2); context = decimal.Context(prec=2_000)", "no", 20),
    "factorial": Call("math.factorial(3_000)", "import math", "no", 40),
    "random": Call("random.random()", "import random", "no", 250_000),
    "shuffle": Call("random.shuffle(numbers)", NUMBERS, "no", 2),
    "urandom": Call("os.urandom(1 << 20)", "import os", "yes", 4),
    "itertools": Call("deque(itertools.permutations(range(8)), 0)", "import itertools; from collections import deque", "no", 12),
    "unicodedata": Call("unicodedata.normalize('NFD', text)", "import unicodedata; text = 'äöüéèß' * 5_000", "no", 25),
    "str-join": Call("','.join(words)", "words = [str(number) for number in range(20_000)]", "no", 80),
    "str-split": Call("text.split()", TEXT, "no", 25),
    "bytes-find": Call("data.find(b'\\x01\\x01')", MEGABYTE, "no", 10),
    "b64encode": Call("base64.b64encode(data)", f"import base64; {MEGABYTE}", "no", 8),
    "deepcopy": Call("copy.deepcopy(records[:100])", f"import copy; {RECORDS}", "no", 40),
    "heapify": Call("heapq.heapify(list(numbers))", f"import heapq; {NUMBERS}", "no", 20),
    "xml": Call("ElementTree.fromstring(text)", "from xml.etree import ElementTree; text = '<a>' + '<b c=\"1\">d</b>' * 3_000 + '</a>'", "no", 7),
    "csv": Call("list(csv.reader(lines))", "import csv; lines = ['a,b,\"c\",1.5'] * 5_000", "no", 8),
    "strptime": Call("datetime.strptime('2026-11-29 10:20:30', '%Y-%m-%d %H:%M:%S')", "from datetime import datetime", "no", 2_000),
    "compile": Call("compile(source, 'file', 'exec')", "source = 'x = [y * 2 for y in range(10)]\\n' * 100", "no", 6),
    "gc": Call("gc.collect()", f"import gc; {RECORDS}", "no", 4),
    "mmap-find": Call("memory.find(b'x')", "import mmap; memory = mmap.mmap(-1, 1 << 20)", "no", 1_000),
    "ssl-random": Call("ssl.RAND_bytes(1 << 20)", "import ssl", "no", 60),
    "sleep": Call("time.sleep(0.001)", "import time", "yes", 10),
    "lock-wait": Call("lock.acquire(timeout=0.001)", "import threading; lock = threading.Lock(); lock.acquire()", "yes", 10),
    "select": Call("select.select([ours], [], [], 0.001)", f"import select; {PAIR}", "yes", 10),
    "file-read": Call("os.pread(fd, 1 << 20, 0)", f"import os; {FILE}", "yes", 400),
    "file-write": Call("os.pwrite(fd, data, 0)", f"import os; {FILE}; {MEGABYTE}", "yes", 400),
    "fsync": Call("os.pwrite(fd, b'x', 0); os.fsync(fd)", f"import os; {FILE}", "yes", 80),
    "stat": Call("os.stat('/')", "import os", "partly", 5_000),
    "scandir": Call("list(os.scandir('/usr/bin'))", "import os", "partly", 20),
    "socket": Call("ours.send(packet); theirs.recv(1000)", PAIR, "partly", 4_000),
    "subprocess": Call("subprocess.run(['true'])", "import subprocess", "yes", 12),
    "ctypes": Call("libc.usleep(1_000)", "import ctypes; libc = ctypes.CDLL(None)", "yes", 8),
    "ctypes-py": Call("libc.usleep(1_000)", "import ctypes; libc = ctypes.PyDLL(None)", "no", 8),
    "numpy-multiply": Call("np.multiply(array, other, out=other)", ARRAY, "yes", 30, "numpy"),
    "numpy-small": Call("array * array", SMALL_ARRAY, "no", 40_000, "numpy"),
    "numpy-sum": Call("array.sum()", ARRAY, "yes", 50, "numpy"),
    "numpy-dot": Call("square @ square", "import numpy as np; square = np.random.default_rng(0).random((400, 400))", "yes", 4, "numpy"),
    "numpy-inv": Call("np.linalg.inv(square)", "import numpy as np; square = np.random.default_rng(0).random((200, 200))", "yes", 10, "numpy"),
    "numpy-sort": Call("np.sort(array)", ARRAY, "yes", 1, "numpy"),
    "numpy-fft": Call("np.fft.fft(array)", ARRAY, "yes", 1, "numpy"),
    "numpy-fancy": Call("array[places]", f"{ARRAY}; places = np.random.default_rng(1).integers(0, 1_000_000, 500_000)", "yes", 12, "numpy"),
    "numpy-objects": Call("array + array", OBJECTS, "no", 35, "numpy"),
    "numpy-random": Call("random.random(500_000)", "import numpy as np; random = np.random.default_rng(0)", "yes", 8, "numpy"),
    "numpy-tolist": Call("array.tolist()", ARRAY, "no", 1, "numpy"),
    "pandas-groupby": Call("frame.groupby('key')['value'].sum()", FRAME, "yes", 1, "pandas"),
    "pandas-apply": Call("frame['value'][:5_000].map(lambda value: value * 2)", FRAME, "no", 15, "pandas"),
    "polars-sort": Call("frame.sort('value')", "import numpy as np, polars as pl; frame = pl.DataFrame({'value': np.random.default_rng(0).random(200_000)})", "yes", 2, "polars"),
    "pillow-resize": Call("image.resize((300, 300))", "from PIL import Image; image = Image.new('RGB', (1_000, 1_000))", "yes", 4, "PIL"),
    "lxml": Call("etree.fromstring(text)", "from lxml import etree; text = '<a>' + '<b c=\"1\">d</b>' * 3_000 + '</a>'", "yes", 5, "lxml"),
    "pyarrow-sum": Call("compute.sum(array)", "import numpy as np, pyarrow as pa; from pyarrow import compute; array = pa.array(np.random.default_rng(0).random(1_000_000))", "yes", 20, "pyarrow"),
    "msgpack": Call("msgpack.packb(records)", f"import msgpack; {RECORDS}", "no", 25, "msgpack"),
    "orjson": Call("orjson.dumps(records)", f"import orjson; {RECORDS}", "no", 20, "orjson"),
    "cryptography": Call("Scrypt(b'salt', 32, 2**12, 8, 1).derive(b'secret')", "from cryptography.hazmat.primitives.kdf.scrypt import Scrypt", "yes", 1, "cryptography"),
}  # fmt: skip
"""By the name of the variant: of the standard library, of NumPy, and of packages that may be installed."""

_prepared = threading.local()


class RepeatedCall:
    """A task: so many times the call, `size` times over. Pickled by reference, like a function of the module."""

    def __init__(self, name: str, call: Call) -> None:
        self.name, self.call = name, call
        self.global_name = f"repeat_{name.replace('-', '_')}"
        globals()[self.global_name] = self

    def __reduce__(self) -> str:
        return self.global_name

    def __call__(self, job: Job) -> Answer:
        self._loop()(job[1] * self.call.times)
        return answer(job)

    def _loop(self) -> Callable[[int], None]:
        """Of this thread, which has objects of its own."""
        loops: dict[str, Callable[[int], None]] = _prepared.__dict__.setdefault("loops", {})
        if self.name not in loops:
            names: dict[str, Any] = {}
            exec(self.call.setup, names)  # noqa: S102 - of the table above
            exec(f"def loop(times):\n for _ in range(times):\n  {self.call.code}\n", names)  # noqa: S102
            loops[self.name] = names["loop"]
        return loops[self.name]


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[Job]]:
    """The task's number, and how often it does its calls."""
    yield [(number, size) for number in range(tasks)]


def answer(job: Job) -> Answer:
    """What the call answers is not looked at: the number of the task, and how often it did its calls."""
    return job[0], f"{job[1]} times"


def verify(inputs: Sequence[Job], outputs: Sequence[Any]) -> str | None:
    return differing(list(map(answer, inputs)), list(outputs))


IN_PYTHON = Call("x = 0\n  for y in range(1_000): x += y", "", "no", 200)
CALLED_BY_PYTHON = "it is a call that Python makes; there is nothing to compile"

WORKLOAD = Workload(
    summary="calls that people use; the plain one is a loop in Python",
    bound="both",
    inputs=inputs,
    forms={"call": RepeatedCall("plain", IN_PYTHON)},
    verify=verify,
    size=1,
    size_unit="times some 10 ms",
    max_size=10_000,
    tasks=16,
    in_one_process=True,
    same_work=False,
    why_not=dict.fromkeys(("coroutine", "nogil", "parallel", "cython", "cython-untyped", "cuda"), CALLED_BY_PYTHON),
)
VARIANTS = {
    name: replace(
        WORKLOAD,
        summary=call.code,
        forms={"call": RepeatedCall(name, call)},
        requires=(call.requires,) if call.requires else (),
    )
    for name, call in CALLS.items()
}
