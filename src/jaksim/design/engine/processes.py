"""Work on blocks of replicates that needs the interpreter, in processes of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, ParamSpec, TypeVar

from jaksim.kernel.jit import make_ready

P = ParamSpec("P")
Part = TypeVar("Part")
_WORK: list[Callable[..., Any]] = []
"""What the processes do, which they have from the one that they are copies of."""


@contextmanager
def in_processes(work: Callable[P, Part], workers: int) -> Iterator[Callable[P, Part]]:
    """The same work done in so many processes, for threads that wait for it; in the threads themselves with one worker,
    and where processes cannot be copied."""
    if workers < 2:
        yield work
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    if "fork" not in multiprocessing.get_all_start_methods():
        yield work
        return
    make_ready()
    _WORK.append(work)
    try:
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork")) as pool:
            # All are made here, before there are threads.
            pool.submit(int).result()

            def done(*given: P.args, **more: P.kwargs) -> Part:
                found: Part = pool.submit(_done, *given, **more).result()
                return found

            yield done
    finally:
        _WORK.pop()


def spread(work: Callable[P, Part], workers: int, *, interpreted: bool) -> AbstractContextManager[Callable[P, Part]]:
    """The same work for so many threads: done by themselves, or in as many processes where it is `interpreted`, since
    threads would wait for one another."""
    return in_processes(work, workers) if interpreted else nullcontext(work)


def _done(*given: Any, **more: Any) -> Any:
    return _WORK[-1](*given, **more)
