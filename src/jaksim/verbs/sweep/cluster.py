"""Tasks of a sweep on a Dask cluster: the only place that knows Dask."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import groupby, islice
from typing import Any, Final

from jaksim.design.engine.executor import check_workers
from jaksim.design.sweep.part import Row
from jaksim.design.sweep.plan import Task
from jaksim.errors import InputError
from jaksim.verbs.sweep.worker import Instructions, compute

log = logging.getLogger("jaksim")
LOCAL: Final = "local"
CONNECT_SECONDS: Final = 20
# A scheduler gives a task up when so many workers have died with it; each may have been taken away by its owner.
MOST_LOSSES: Final = 20
# So many tasks of a point are sent as one.
MOST_TOGETHER: Final = 4

Batch = tuple[Task, ...]


@contextmanager
def connected(address: str, instructions: Instructions, workers: int | None = None) -> Iterator[Cluster]:
    """An executor on the scheduler at `address`; "local" starts one here with so many worker processes.

    Whoever can talk to a scheduler can run code as its user. The one started here has keys of its own; for others, see
    the TLS settings of Dask, which its client follows.

    Raises `InputError` when Dask is not installed or nobody answers at the address.
    """
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError:
        allowed = "pip install 'jaksim[distributed]', or no --scheduler"
        raise InputError("clusters need Dask", where="--scheduler", allowed=allowed) from None
    with ExitStack() as stack:
        stack.enter_context(dask.config.set({"distributed.scheduler.allowed-failures": MOST_LOSSES}))
        try:
            if address == LOCAL:
                cluster = LocalCluster(
                    n_workers=check_workers(workers),
                    threads_per_worker=1,
                    processes=True,
                    security=_security(),
                    dashboard_address="127.0.0.1:0",  # any free port: without one, the usual port and a warning
                )
                client = Client(stack.enter_context(cluster))
            else:
                client = Client(address, timeout=CONNECT_SECONDS)
        except Exception as error:  # whatever a client fails with, there is nobody to work with
            raise InputError(
                f"no Dask scheduler answers: {str(error) or type(error).__name__}",
                where="--scheduler",
                allowed=f"an address such as tcp://host:8786, or {LOCAL}",
                got=address,
            ) from None
        yield Cluster(stack.enter_context(client), instructions)


def _security() -> Any:
    """Keys made for this sweep alone, so that no other process of the machine can send work to its workers.

    None, with a warning, without the package that makes them.
    """
    from distributed.security import Security

    try:
        return Security.temporary()
    except ImportError:
        log.warning(
            "jaksim: every process of this machine, of any user, can send code to the workers of `--scheduler local`; "
            "pip install cryptography keeps them out"
        )
        return None


class Cluster:
    """Workers of a Dask scheduler; tasks of workers that are lost are given to others."""

    def __init__(self, client: Any, instructions: Instructions) -> None:
        self.client = client
        self.instructions = instructions

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, list[Row]]]:
        """The rows of each task, as they are finished."""
        from distributed import as_completed

        common = self.client.scatter(pickle.dumps(self.instructions), broadcast=True)
        waiting, losses = _batches(tasks), 0
        asked: dict[Any, Batch] = {}
        finished = as_completed()

        def ask(batch: Batch) -> None:
            future = self.client.submit(compute, common, batch, pure=False)
            asked[future] = batch
            finished.add(future)

        for batch in islice(waiting, self._at_once()):
            ask(batch)
        for future in finished:
            batch = asked.pop(future)
            rows, lost = _result(future)
            if lost:
                losses += 1
                if losses > MOST_LOSSES:
                    raise InputError(
                        "workers are lost again and again", where="--scheduler", allowed="--resume goes on"
                    )
                ask(batch)
                continue
            following = next(waiting, None)
            if following is not None:
                ask(following)
            yield from zip(batch, rows, strict=True)

    def _at_once(self) -> int:
        threads: int = sum(self.client.nthreads().values())
        return max(4, 3 * threads)


def _batches(tasks: Iterable[Task]) -> Iterator[Batch]:
    """Tasks of one point go together, so that few workers make it ready and the scheduler has less to do."""
    for _, of_point in groupby(tasks, key=lambda task: task.point):
        while batch := tuple(islice(of_point, MOST_TOGETHER)):
            yield batch


def _result(future: Any) -> tuple[list[list[Row]], bool]:
    """The rows of each task, or that they have to be asked for again, their worker or the connection being lost."""
    from concurrent.futures import CancelledError

    from distributed import KilledWorker

    try:
        return future.result(), False
    except (KilledWorker, CancelledError):
        return [], True
