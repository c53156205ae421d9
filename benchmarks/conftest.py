"""How a case is measured: alone, beside the same work of jaksim, on several processors, or as a whole program.

Work in this process counts its processor time, which other programs on the machine disturb little;
threads, processes and programs count the clock, with their processor time noted beside it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache, partial
from importlib import metadata
from multiprocessing import get_context
from typing import Any, NamedTuple

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.work import Work
from jaksim.design.engine.executor import default_workers

R = shutil.which("Rscript")
R_VERSIONS = """
cat(sprintf("R=%s ", getRversion()))
for (name in c("survival", "MASS", "Hmisc", "rpact"))
  if (nzchar(system.file(package = name))) cat(sprintf("%s=%s ", name, packageVersion(name)))
"""
PACKAGES = ("jaksim", "numpy", "numba", "scipy", "pandas", "lifelines", "statsmodels", "simpy")
LOAD_BEFORE = os.getloadavg()[0]
ROUNDS = 7
# Blocks of jaksim's own work in a round beside somebody else's, so that a short one is measured well enough.
OWN_BLOCKS = 5
# About so many seconds of work make a round on several processors.
ROUND_SECONDS = 0.2
MEMORY_OF = """
import sys
from pathlib import Path
from jaksim.cli import run
run(sys.argv[1:])
status = Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else []
print(*(line.split()[1] for line in lines if line.startswith("VmHWM")), file=sys.stderr)
"""


class Spent(NamedTuple):
    """Seconds of the clock and of the processors."""

    clock: float
    processor: float


@pytest.fixture
def alone(benchmark: BenchmarkFixture) -> Callable[..., None]:
    """Times work on one thread; `slow` work only once, and not in a test."""

    def measure(work: Work, *, slow: bool = False) -> None:
        benchmark.extra_info.update(units=work.units, unit=work.unit)
        if slow:
            skip_in_tests(benchmark)
            benchmark.pedantic(work.do, (0,))
            return
        blocks = itertools.count()
        if benchmark.enabled:
            work.do(next(blocks))
        benchmark(lambda: work.do(next(blocks)))

    return measure


@pytest.fixture
def beside(benchmark: BenchmarkFixture) -> Callable[..., None]:
    """Times what others do, each round after jaksim's own work of that kind, so that ratios are of one moment."""

    def measure(theirs: Work, own: Work, rounds: int = ROUNDS) -> None:
        blocks, seconds = itertools.count(), []

        def ours() -> None:
            seconds.append(spent(own.do, OWN_BLOCKS * next(blocks), OWN_BLOCKS).processor)

        benchmark.pedantic(lambda: theirs.do(next(blocks)), setup=ours, rounds=rounds, warmup_rounds=1)
        benchmark.extra_info.update(
            units=theirs.units, unit=theirs.unit, own_units=OWN_BLOCKS * own.units, own_seconds=seconds[-rounds:]
        )

    return measure


@pytest.fixture
def on_processors(benchmark: BenchmarkFixture) -> Callable[..., None]:
    """Times `build(*arguments)` on `width` threads or processes, each round after a `width`-th of it on one."""

    def measure(kind: str, width: int, build: Callable[..., Work], *arguments: Any) -> None:
        if kind == "processes":
            skip_in_tests(benchmark)
        work = prepared(build, arguments)
        work.do(0)
        n = max(1, round(ROUND_SECONDS / spent(work.do, 1, 1).processor)) if benchmark.enabled else 1
        firsts, single, several = itertools.count(0, n), [], []
        do = partial(spent_by, build, arguments, n=n)
        with executor(kind, width) as pool:
            list(pool.map(do, [next(firsts) for _ in range(2 * width)]))

            def one() -> None:
                single.append(pool.submit(do, next(firsts)).result())

            def all_of_them() -> None:
                several.append(list(pool.map(do, [next(firsts) for _ in range(width)])))

            benchmark.pedantic(all_of_them, setup=one, rounds=ROUNDS)
        benchmark.extra_info.update(
            units=n * width * work.units,
            unit=work.unit,
            width=width,
            one_clock=[each.clock for each in single],
            one_processor=[each.processor for each in single],
            processor=[sum(each.processor for each in done) for done in several],
        )

    return measure


@pytest.fixture
def program(benchmark: BenchmarkFixture) -> Callable[..., None]:
    """Times a program from its start to its end; `nothing_compiled` lets it find no kernel on disk.

    Only a `quick` one is run in a test.
    """

    def measure(
        command: Sequence[str], *, rounds: int = 3, nothing_compiled: bool = False, quick: bool = False
    ) -> None:
        if not quick:
            skip_in_tests(benchmark)
        processor: list[float] = []

        def run() -> None:
            with tempfile.TemporaryDirectory() as empty:
                environment = {**os.environ, **({"NUMBA_CACHE_DIR": empty} if nothing_compiled else {})}
                processor.append(processor_seconds(command, environment))

        if rounds > 1:
            run()
        benchmark.pedantic(run, rounds=rounds)
        benchmark.extra_info.update(units=1, unit="runs", processor=processor[-rounds:])

    return measure


@pytest.fixture
def first_words(benchmark: BenchmarkFixture) -> Callable[..., None]:
    """Times a program on a terminal, with no kernel on disk, until it has written these words."""

    def measure(command: Sequence[str], words: bytes) -> None:
        skip_in_tests(benchmark)
        used: list[float] = []

        def run() -> None:
            with tempfile.TemporaryDirectory() as empty:
                used.append(seconds_until(words, command, {**os.environ, "NUMBA_CACHE_DIR": empty}))

        benchmark.pedantic(run, rounds=3)
        benchmark.extra_info.update(units=1, unit="runs", processor=used)

    return measure


@pytest.fixture
def memory(benchmark: BenchmarkFixture) -> Callable[[Sequence[str]], None]:
    """Notes the largest memory of a jaksim command, which only the process itself can tell from that of its parent."""

    def measure(arguments: Sequence[str]) -> None:
        skip_in_tests(benchmark)
        command = [sys.executable, "-c", MEMORY_OF, *arguments]
        done = benchmark.pedantic(subprocess.run, (command,), {"capture_output": True, "text": True, "check": True})
        if not done.stderr.split():
            pytest.skip("the system does not tell a process its largest memory")
        benchmark.extra_info.update(units=1, unit="runs", megabytes=float(done.stderr.split()[-1]) / 1024)

    return measure


def pytest_benchmark_update_machine_info(config: pytest.Config, machine_info: dict[str, Any]) -> None:
    """Note what the figures depend on besides the processor."""
    machine_info["cpu"]["count"] = default_workers()
    machine_info["versions"] = installed_versions()
    machine_info["load"] = LOAD_BEFORE


def installed_versions() -> dict[str, str]:
    """Versions of the packages that are measured or compared with, of those that are there."""
    found = {}
    for name in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    if R is not None:
        done = subprocess.run([R, "-e", R_VERSIONS], capture_output=True, text=True, check=False)
        found.update(pair.split("=") for pair in done.stdout.split())
    return found


def skip_in_tests(benchmark: BenchmarkFixture) -> None:
    if benchmark.disabled:
        pytest.skip("takes too long for a test")


@cache
def prepared(build: Callable[..., Work], arguments: tuple[Any, ...]) -> Work:
    """Work that each process makes ready once."""
    return build(*arguments)


def spent(do: Callable[[int], object], first: int, n: int) -> Spent:
    """What n blocks cost, one after the other in this thread."""
    clock, processor = time.perf_counter(), time.thread_time()
    for block in range(first, first + n):
        do(block)
    return Spent(time.perf_counter() - clock, time.thread_time() - processor)


def spent_by(build: Callable[..., Work], arguments: tuple[Any, ...], first: int, *, n: int) -> Spent:
    return spent(prepared(build, arguments).do, first, n)


def executor(kind: str, width: int) -> Executor:
    if kind == "threads":
        return ThreadPoolExecutor(width)
    return ProcessPoolExecutor(width, mp_context=get_context("spawn"))


def seconds_until(words: bytes, command: Sequence[str], environment: dict[str, str]) -> float:
    """Processor seconds of a program until these words stand on its terminal; RuntimeError if they never do."""
    ours, its = os.openpty()
    with subprocess.Popen(command, stdout=its, stderr=its, env=environment) as process:
        os.close(its)
        written = b""
        with contextlib.suppress(OSError):  # the end of a terminal
            while words not in written and (more := os.read(ours, 4096)):
                written += more
        process.kill()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    os.close(ours)
    if words not in written:
        raise RuntimeError(f"{' '.join(command)} has not written {words!r}: {written.decode(errors='replace')}")
    return usage.ru_utime + usage.ru_stime


def processor_seconds(command: Sequence[str], environment: dict[str, str]) -> float:
    """Processor seconds of a program; RuntimeError if it fails."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime
