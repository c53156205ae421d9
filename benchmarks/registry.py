"""What is measured: cases that other modules register, and how a case is timed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

Task = Callable[[int], float]
REPEATS = 3
SECONDS = 0.4


@dataclass(frozen=True)
class Case:
    """One thing to measure.

    `prepare` does all that is not timed and returns the task: called with the number of a block, it does that block and
    returns how many units it did. A case that cannot use threads says so.
    """

    name: str
    unit: str
    prepare: Callable[[], Task]
    threaded: bool = True


@dataclass(frozen=True)
class Rate:
    """Units per second of a case, the best of a few repeats; for the unit "seconds", the least of a few repeats.

    `undisturbed` counts only the seconds in which the threads had a processor: on a machine that does other work at the
    same time it is nearer to the truth, on an idle one the two agree.
    """

    name: str
    unit: str
    threads: int
    rate: float
    undisturbed: float

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


CASES: dict[str, Case] = {}


def register(name: str, unit: str, *, threaded: bool = True) -> Callable[[Callable[[], Task]], Callable[[], Task]]:
    """Register the decorated function as the `prepare` of a case."""

    def add(prepare: Callable[[], Task]) -> Callable[[], Task]:
        if name in CASES:
            raise ValueError(f"two cases are called {name!r}")
        CASES[name] = Case(name, unit, prepare, threaded)
        return prepare

    return add


def measure(case: Case) -> list[Rate]:
    """Rates of a case on one thread and, if it can use them, on as many as there are processors."""
    task = case.prepare()
    if case.unit == "seconds":
        seconds = min(task(i) for i in range(REPEATS))
        return [Rate(case.name, case.unit, 1, seconds, seconds)]
    task(0)
    widths = sorted({1, os.cpu_count() or 1}) if case.threaded else [1]
    return [Rate(case.name, case.unit, threads, *best_rates(task, threads)) for threads in widths]


def best_rates(task: Task, threads: int) -> tuple[float, float]:
    """Units per second of the clock and of the processors; each thread does block after block until the time is up."""

    def work(first: int) -> tuple[float, float]:
        units, block, busy = 0.0, first, time.thread_time()
        while time.perf_counter() < end:
            units += task(block)
            block += threads
        return units, time.thread_time() - busy

    rates, undisturbed = [], []
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(REPEATS):
            start = time.perf_counter()
            end = start + SECONDS
            done = list(pool.map(work, range(threads)))
            rates.append(sum(units for units, _ in done) / (time.perf_counter() - start))
            undisturbed.append(sum(units / busy for units, busy in done))
    return max(rates), max(undisturbed)
