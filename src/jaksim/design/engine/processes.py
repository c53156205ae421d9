"""Work on blocks of replicates that needs the interpreter, in processes of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

Part = TypeVar("Part")
_WORK: list[Callable[[int, int], Any]] = []
"""What the processes do, which they have from the one that they are copies of."""


@contextmanager
def in_processes(work: Callable[[int, int], Part], workers: int) -> Iterator[Callable[[int, int], Part]]:
    """The same work done in so many processes, for threads that wait for it; in the threads themselves with one worker,
    and where processes cannot be copied."""
    if workers < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield work
        return
    _WORK.append(work)
    try:
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork")) as pool:
            # All are made here, before there are threads.
            pool.submit(int).result()
            yield lambda first, n: pool.submit(_done, first, n).result()
    finally:
        _WORK.pop()


def _done(first: int, n: int) -> Any:
    return _WORK[-1](first, n)
