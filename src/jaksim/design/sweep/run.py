"""Computing what a sweep still lacks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from jaksim.budget import Pace
from jaksim.design.sweep.part import Row
from jaksim.design.sweep.plan import Shard, Task
from jaksim.design.sweep.store import SweepStore
from jaksim.operations.doors import EVENTS

Rows = list[Row]
Compute = Callable[[Task], Rows]
# Tasks within which kernels are compiled; event by event the first alone tells enough.
_WARM_UP = 8


class Executor(Protocol):
    """Computes tasks somewhere, in any order; few wait at a time, so that memory stays bounded."""

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Rows]]: ...


class Threads:
    """Threads of this process."""

    def __init__(self, compute: Compute, workers: int) -> None:
        self.compute = compute
        self.workers = workers

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Rows]]:
        """The rows of each task, in order."""
        pending: deque[tuple[Task, Future[Rows]]] = deque()
        with ThreadPoolExecutor(self.workers) as pool:
            try:
                for task in tasks:
                    pending.append((task, pool.submit(self.compute, task)))
                    if len(pending) >= 2 * self.workers:
                        yield _finished(pending)
                while pending:
                    yield _finished(pending)
            finally:
                for _, future in pending:
                    future.cancel()


def missing(store: SweepStore, part: tuple[int, int] = (1, 1)) -> list[Shard]:
    """Shards that are not on disk, of part i of n of all."""
    done = store.files()
    number, of = part
    return [shard for at, shard in enumerate(store.plan.shards()) if at % of == number - 1 and shard.name not in done]


def compute_missing(
    store: SweepStore, wanted: list[Shard], executor: Executor, advance: Callable[[int], None] | None = None
) -> None:
    """Compute shards and keep each as soon as its last task is done."""
    tasks = [task for shard in wanted for task in shard.tasks]
    total = sum(task.replicates for task in tasks)
    pace = Pace(
        total,
        f"{total:,} replicates at all points",
        warm_up=sum(task.replicates for task in tasks[: 1 if store.plan.design.door == EVENTS else _WARM_UP]),
        where="sweep",
        instead="fewer points or replicates, `jaksim sweep --shard I/N` on several machines",
    )
    owner = {(task.point, task.first): shard for shard in wanted for task in shard.tasks}
    gathered: dict[str, dict[tuple[int, int], Rows]] = {}
    for task, rows in executor.run(tasks):
        shard = owner.pop((task.point, task.first))
        parts = gathered.setdefault(shard.name, {})
        parts[task.point, task.first] = rows
        if len(parts) == len(shard.tasks):
            del gathered[shard.name]
            # Executors finish tasks in any order; the file has them in that of the plan.
            store.write(shard, [row for member in shard.tasks for row in parts[member.point, member.first]])
        pace.advance(task.replicates)
        if advance is not None:
            advance(task.replicates)


def _finished(pending: deque[tuple[Task, Future[Rows]]]) -> tuple[Task, Rows]:
    task, future = pending.popleft()
    return task, future.result()
