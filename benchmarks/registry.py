"""What is measured: cases that other modules register, and how a case is timed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import NamedTuple

Task = Callable[[int], float]
REPEATS = 3
SECONDS = 0.4


class Value(NamedTuple):
    """What one run of a case shows, and what it would show on an idle machine as far as that can be told."""

    value: float
    undisturbed: float


class Unavailable(Exception):
    """Raised by `prepare` where a program or package that the case compares with is not installed."""


@dataclass(frozen=True)
class RateCase:
    """Work that is done over and over.

    `prepare` does all that is not timed and returns the task: called with the number of a block, it does that block and
    returns how many units it did. A case that cannot use threads says so.
    """

    name: str
    unit: str
    prepare: Callable[[], Task]
    threaded: bool = True


@dataclass(frozen=True)
class ValueCase:
    """Something that has one value: the seconds of a process, its memory. The least of a few repeats counts."""

    name: str
    unit: str
    prepare: Callable[[], Callable[[], Value]]
    repeats: int = REPEATS


@dataclass(frozen=True)
class Measured:
    """Units per second of a rate case, the best of a few repeats, or the value of a value case, the least of them.

    `undisturbed` counts only the time in which threads and processes had a processor: on a machine that does other work
    at the same time it is nearer to the truth, on an idle one the two agree, but for a process of several threads.
    """

    name: str
    unit: str
    threads: int
    value: float
    undisturbed: float

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


CASES: dict[str, RateCase | ValueCase] = {}


def _add(case: RateCase | ValueCase) -> None:
    if case.name in CASES:
        raise ValueError(f"two cases are called {case.name!r}")
    CASES[case.name] = case


def register(name: str, unit: str, *, threaded: bool = True) -> Callable[[Callable[[], Task]], Callable[[], Task]]:
    """Register the decorated function as the `prepare` of a rate case."""

    def add(prepare: Callable[[], Task]) -> Callable[[], Task]:
        _add(RateCase(name, unit, prepare, threaded))
        return prepare

    return add


def register_value(name: str, unit: str, prepare: Callable[[], Callable[[], Value]], repeats: int = REPEATS) -> None:
    """Register a value case."""
    _add(ValueCase(name, unit, prepare, repeats))


def measure(case: RateCase | ValueCase) -> list[Measured]:
    """A value, or rates on one thread and, if the case can use them, on as many as there are processors."""
    task = case.prepare()
    if isinstance(case, ValueCase):
        values = [task() for _ in range(case.repeats)]
        return [Measured(case.name, case.unit, 1, *(min(column) for column in zip(*values, strict=True)))]
    task(0)
    widths = sorted({1, os.cpu_count() or 1}) if case.threaded else [1]
    return [Measured(case.name, f"{case.unit}/s", threads, *best_rates(task, threads)) for threads in widths]


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
            undisturbed.append(sum(units / busy for units, busy in done if units))
    return max(rates), max(undisturbed)
