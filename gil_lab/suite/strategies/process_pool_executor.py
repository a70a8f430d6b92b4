"""`concurrent.futures.ProcessPoolExecutor`, whose `map` hands over one task at a time by default."""

from functools import partial

from gil_lab.suite.strategies import Strategy
from gil_lab.suite.strategies.multiprocessing import process_pool

STRATEGY = Strategy(
    summary="a pool of processes that takes tasks one by one (ProcessPoolExecutor.map)",
    form="call",
    open=partial(process_pool, start_method=None, chunk=1),
    workers_are="processes",
    open_chunked=lambda workers, chunk: process_pool(workers, None, chunk),
)
