"""The full sweep: 10,000 points of 10,000 replicates, undisturbed, killed ten times, and on Dask with a worker killed.

`python -m benchmarks.full_sweep OUT` makes all three in the directory OUT and compares their bytes; a smaller grid
(`--side`), fewer replicates and fewer kills try it quickly. It takes about 15 minutes of processor time.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

JAKSIM = (sys.executable, "-m", "jaksim", "sweep")
SCENARIO = Path(__file__).with_suffix(".toml")
FILES = ("manifest.json", "results.parquet")
SAMPLE_SECONDS = 0.1


class Use(NamedTuple):
    """What a sweep cost: seconds by the clock and of the processors, most MB of all of its processes together."""

    clock: float
    processor: float
    memory: float

    def __str__(self) -> str:
        return f"{self.clock:.0f} s by the clock, {self.processor:.0f} s of processor time, {self.memory:.0f} MB"


def words(side: int, replicates: int, workers: int) -> list[str]:
    """A grid of side x side: the hazard ratio of the drug, and the number of patients, which varies fastest."""
    return [
        str(SCENARIO),
        "--vary", f"disease.treatments.drug.effect.0.hazard_ratio=1.0:2.0:{side}",
        "--vary", f"population.patients=40:{40 + 2 * (side - 1)}:{side}",
        "--replicates", str(replicates),
        "--workers", str(workers),
    ]  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    given = _parsed(arguments)
    asked = words(given.side, given.replicates, given.workers)
    given.out.mkdir(parents=True, exist_ok=True)
    whole = given.out / "whole"
    print(f"{given.side**2:,} points of {given.replicates:,} replicates")
    use = finished(start([*asked, "--out", str(whole)]))
    print(f"undisturbed: {use}", flush=True)
    if given.kills:
        killed = given.out / "killed"
        moments = kill_and_resume(asked, killed, given.kills, use.clock)
        print(f"killed after {', '.join(f'{moment:.1f}' for moment in moments)} s: {same(whole, killed)}", flush=True)
    if given.dask:
        spread = given.out / "dask"
        process = start([*asked, "--out", str(spread), "--scheduler", "local"])
        print(f"Dask, {given.workers} worker processes, one killed: {finished(process, 4 + use.processor / 20)}")
        print(f"Dask: {same(whole, spread)}")


def start(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """A sweep in a process group of its own."""
    return subprocess.Popen([*JAKSIM, *arguments], stdout=subprocess.DEVNULL, start_new_session=True)


def finished(process: subprocess.Popen[bytes], kill_worker_after: float | None = None) -> Use:
    """Wait for the end of a sweep; one of its worker processes is killed after so many seconds of processor time."""
    begun, most = time.perf_counter(), 0.0
    while True:
        family = list(processes_of(process.pid))
        most = max(most, sum(resident(pid) for pid in family))
        if kill_worker_after is not None:
            for worker in [pid for pid in family if is_busy_worker(pid, kill_worker_after)][:1]:
                os.kill(worker, signal.SIGKILL)
                kill_worker_after = None
        found, status, usage = os.wait4(process.pid, os.WNOHANG)
        if found:
            break
        time.sleep(SAMPLE_SECONDS)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or kill_worker_after is not None:
        raise SystemExit(f"the sweep ended with {process.returncode}, or before a worker was killed")
    return Use(time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, most / 1e6)


def kill_and_resume(asked: Sequence[str], out: Path, kills: int, seconds: float) -> list[float]:
    """Start the sweep, kill it at random moments, go on each time, and let it end; the moments."""
    draw, moments = random.Random(20201201), []
    for _ in range(kills):
        moment = draw.uniform(0.5, 1.6 * seconds / kills)
        process = start(_begin_or_resume(asked, out))
        time.sleep(moment)
        if process.poll() is not None:
            raise SystemExit(f"the sweep ended before it was killed {kills} times")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        moments.append(moment)
    finished(start(_begin_or_resume(asked, out)))
    return moments


def _begin_or_resume(asked: Sequence[str], out: Path) -> list[str]:
    begun = (out / FILES[0]).exists()
    return ["--resume", *asked[-2:], "--out", str(out)] if begun else [*asked, "--out", str(out)]


def same(one: Path, other: Path) -> str:
    """Whether two sweeps left the same bytes; ends the program when they did not."""
    for name in FILES:
        if (one / name).read_bytes() != (other / name).read_bytes():
            raise SystemExit(f"{one / name} and {other / name} differ")
    return f"{' and '.join(FILES)} have the same bytes as undisturbed"


def processes_of(parent: int) -> Iterator[int]:
    """A process and all that it started, as far as they are still running."""
    yield parent
    try:
        tasks = list(Path(f"/proc/{parent}/task").iterdir())
        children = {int(child) for task in tasks for child in (task / "children").read_text().split()}
    except OSError:
        return
    for child in children:
        yield from processes_of(child)


def resident(pid: int) -> int:
    """Bytes of memory of a process."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def is_busy_worker(pid: int, seconds: float) -> bool:
    """Whether a process is a Dask worker that has computed for so long."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        times = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return False
    return b"spawn_main" in command and (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK") > seconds


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="a directory that does not exist yet")
    parser.add_argument("--side", type=int, default=100, help="points along each of the two varied keys")
    parser.add_argument("--replicates", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--no-dask", dest="dask", action="store_false")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
