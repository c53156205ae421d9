"""Many replicates of a trial, conducted in several processes and read in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, Final, TypeVar

from jaksim.budget import Pace
from jaksim.operations.events.conductor import Conductor
from jaksim.operations.events.data.looks import Decide
from jaksim.operations.events.log import TrialLog
from jaksim.trial import Trial

Found = TypeVar("Found")
AT_ONCE: Final = 20
"""Replicates that a process conducts before it reports."""
_HELD: Final[dict[str, Conductor]] = {}


def conduct_trials(
    trial: Trial,
    seed: int,
    first: int,
    last: int,
    read: Callable[[TrialLog], Found],
    *,
    workers: int = 1,
    decide: Decide | None = None,
    advance: Callable[[int], None] | None = None,
) -> Iterator[Found]:
    """What `read` makes of each replicate from `first` up to, not including, `last`, in order.

    Events do not let go of the interpreter lock, so `workers` are processes, to which `read` and `decide` must be known
    as functions of a module. The results are the same for any number of them. `advance` is told how many more are
    there. InputError when the first tell that all of them would take longer than is allowed (`jaksim.budget`).
    """
    pace = Pace(last - first, f"{last - first:,} replicates", warm_up=workers * AT_ONCE, instead="fewer replicates")
    for found in _blocks(trial, seed, range(first, last), read, workers, decide):
        yield from found
        pace.advance(len(found))
        if advance is not None:
            advance(len(found))


def _blocks(
    trial: Trial,
    seed: int,
    replicates: range,
    read: Callable[[TrialLog], Found],
    workers: int,
    decide: Decide | None,
) -> Iterator[list[Found]]:
    blocks = [replicates[start : start + AT_ONCE] for start in range(0, len(replicates), AT_ONCE)]
    if workers == 1 or len(blocks) < 2:
        conductor = Conductor(trial, seed)
        for block in blocks:
            yield [read(conductor.run(replicate, decide)) for replicate in block]
        return
    pending: deque[Future[list[Found]]] = deque()
    # A process of its own start has no threads of this one, which a copy might wait for.
    with ProcessPoolExecutor(min(workers, len(blocks)), get_context("spawn"), _prepare, (trial, seed)) as pool:
        try:
            for block in blocks:
                pending.append(pool.submit(_conduct, block, read, decide))
                if len(pending) > 2 * workers:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


def _prepare(trial: Trial, seed: int) -> None:
    _HELD["conductor"] = Conductor(trial, seed)


def _conduct(replicates: range, read: Callable[[TrialLog], Any], decide: Decide | None) -> list[Any]:
    conductor = _HELD["conductor"]
    return [read(conductor.run(replicate, decide)) for replicate in replicates]
