"""Blocks of replicates over threads, added up in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from jaksim.budget import Pace
from jaksim.errors import InputError

Part = TypeVar("Part")


def blocks(first: int, last: int, length: int) -> Iterator[tuple[int, int]]:
    """First replicate and number of replicates of each block from `first` up to, not including, `last`."""
    for start in range(first, last, length):
        yield start, min(length, last - start)


def run_blocks(
    work: Callable[[int, int], Part],
    first: int,
    last: int,
    length: int,
    workers: int,
    advance: Callable[[int], None] | None = None,
) -> Iterator[Part]:
    """What `work` makes of each block, in order; `workers` threads compute, and few blocks wait so that memory stays
    bounded.

    `advance` is told the number of replicates of each finished block. The kernels let go of the interpreter lock.
    InputError when the first blocks tell that all of them would take longer than is allowed (`jaksim.budget`).
    """
    pace = Pace(
        last - first, f"{last - first:,} replicates", warm_up=workers * length, instead="fewer replicates or patients"
    )
    pending: deque[tuple[int, Future[Part]]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for start, n in blocks(first, last, length):
                pending.append((n, pool.submit(work, start, n)))
                if len(pending) >= 2 * workers:
                    yield _next(pending, pace, advance)
            while pending:
                yield _next(pending, pace, advance)
        finally:
            for _, future in pending:
                future.cancel()


def default_workers() -> int:
    """The number of processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def check_workers(workers: int | None) -> int:
    """The number of threads to use, all processors when None."""
    if workers is None:
        return default_workers()
    if not 1 <= workers <= 1024:
        raise InputError("the number of workers is out of range", where="‹workers›", allowed="1 to 1024", got=workers)
    return workers


def _next(pending: deque[tuple[int, Future[Part]]], pace: Pace, advance: Callable[[int], None] | None) -> Part:
    n, future = pending.popleft()
    part = future.result()
    pace.advance(n)
    if advance is not None:
        advance(n)
    return part
