"""Whole processes: seconds until they end, with kernels to be compiled or found on disk, and their memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.registry import Unavailable, Value, register_value

JAKSIM = (sys.executable, "-m", "jaksim")
MEMORY_OF = """
import sys
from pathlib import Path
from jaksim.cli import run
run(sys.argv[1:])
lines = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM")), file=sys.stderr)
"""
ACTT4 = ("power", str(Path("scenarios") / "actt4.toml"), "--json", "--replicates")
FIRST_TABLES = """
from benchmarks import engines
engines.law_task(1000, drawn=True)(0)
engines.path_task(1000)(0)
"""


def run(command: Sequence[str], cache: str | None = None) -> Value:
    """Seconds of a command, by the clock and of the processors; `cache` is the folder of compiled kernels if not the
    usual one."""
    environment = dict(os.environ) if cache is None else {**os.environ, "NUMBA_CACHE_DIR": cache}
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return Value(time.perf_counter() - start, usage.ru_utime + usage.ru_stime)


def seconds(command: Sequence[str]) -> Callable[[], Callable[[], Value]]:
    """Seconds of a command whose kernels are on disk."""

    def prepare() -> Callable[[], Value]:
        run(command)
        return lambda: run(command)

    return prepare


def first_seconds(command: Sequence[str]) -> Callable[[], Callable[[], Value]]:
    """Seconds of a command that finds no compiled kernel."""

    def task() -> Value:
        with tempfile.TemporaryDirectory() as cache:
            return run(command, cache)

    return lambda: task


def memory(arguments: Sequence[str]) -> Callable[[], Callable[[], Value]]:
    """Largest memory of a jaksim command, which only the process itself can tell apart from that of its parent."""

    def task() -> Value:
        command = [sys.executable, "-c", MEMORY_OF, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        largest = float(done.stderr.split()[-1]) / 1024
        return Value(largest, largest)

    def prepare() -> Callable[[], Value]:
        if not Path("/proc/self/status").exists():
            raise Unavailable("the system does not tell a process its largest memory")
        return task

    return prepare


def first_tables() -> tuple[str, ...]:
    return (sys.executable, "-c", FIRST_TABLES)


register_value("jaksim --help", "s", seconds((*JAKSIM, "--help")), repeats=5)
for count in (1_000, 10_000, 100_000, 1_000_000):
    repeats = 3 if count < 1_000_000 else 1
    register_value(f"jaksim power actt4, {count:,} replicates", "s", seconds((*JAKSIM, *ACTT4, str(count))), repeats)
register_value("jaksim power actt4, 100,000 replicates, first time", "s", first_seconds((*JAKSIM, *ACTT4, "100000")), 1)
register_value("first tables of both engines", "s", seconds(first_tables()))
register_value("first tables of both engines, first time", "s", first_seconds(first_tables()), 1)
register_value("jaksim calibrate actt-2", "s", seconds((*JAKSIM, "calibrate", "actt-2", "--json")), 1)
for engine, counts in (("law", (1_000, 10_000, 100_000)), ("path", (200, 2_000, 20_000))):
    for count in counts:
        command = (*ACTT4, str(count), "--engine", engine)
        register_value(f"memory of power actt4, {engine} engine, {count:,} replicates", "MB", memory(command), 1)
