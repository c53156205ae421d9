"""What a computation may take of the machine: estimated before it starts and refused, with the figure, when too much.

The limits are `JAKSIM_MEMORY`, such as 8GB, and `JAKSIM_HOURS`. Left out, they are three quarters of the memory that
this process may use, and eight hours. Estimates leave out what is small; they never decide what the answer is, only
whether it is computed.
"""

from __future__ import annotations

import math
import os
import re
import sys
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Final

from jaksim.errors import InputError

MEMORY: Final = "JAKSIM_MEMORY"
HOURS: Final = "JAKSIM_HOURS"
SHARE: Final = 0.75
LONGEST: Final = 8.0
# Below this much memory no estimate is worth a look at the machine.
SMALL: Final = 64e6
_UNITS: Final = {"": 1.0, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_NO_LIMIT: Final = 2**60
# With less the compiler of the kernels cannot work.
_LEAST: Final = 2e9
_SETTLED: Final = 2.0
LONG: Final = 60.0

NOTICE: Final[ContextVar[Callable[[str], object] | None]] = ContextVar("who is told of long computations", default=None)


def memory_limit() -> float:
    """Bytes that a computation may take; InputError where the variable says nothing of the kind."""
    given = os.environ.get(MEMORY, "").strip()
    if not given:
        return SHARE * _machine_memory()
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([KMGT]?)(?:i?B)?", given, re.IGNORECASE | re.ASCII)
    value = float(found[1]) * _UNITS[found[2].upper()] if found else 0.0
    if not 0.0 < value < math.inf:
        allowed = "a number of bytes such as 8GB"
        raise InputError("this is not an amount of memory", where=MEMORY, allowed=allowed, got=given)
    return value


def time_limit() -> float:
    """Seconds that a computation may take; InputError where the variable says nothing of the kind."""
    given = os.environ.get(HOURS, "").strip()
    try:
        hours = float(given) if given else LONGEST
    except ValueError:
        hours = math.nan
    if not hours > 0.0:
        raise InputError("this is not a number of hours", where=HOURS, allowed="a number above 0", got=given)
    return 3600.0 * hours


def check_memory(amount: float, what: str, *, where: str | None = None, instead: str = "less of it") -> None:
    """Refuse what takes so many bytes when that is more than the limit.

    `what` takes the memory, `where` is the key or argument that it comes from, `instead` what would take less.
    """
    if amount <= SMALL:
        return
    limit = memory_limit()
    if amount > limit:
        raise InputError(
            f"{what} take about {memory_words(amount)} of memory, the limit is {memory_words(limit)}",
            where=where,
            allowed=f"{instead}, or the environment variable {MEMORY}={_memory_needed(amount)}",
        )


def check_time(seconds: float, what: str, *, where: str | None = None, instead: str = "less of it") -> None:
    """Refuse what takes so many seconds when that is more than the limit; the arguments are those of `check_memory`."""
    limit = time_limit()
    if seconds > limit:
        raise InputError(
            f"{what} take about {time_words(seconds)}, the limit is {time_words(limit)}",
            where=where,
            allowed=f"{instead}, or the environment variable {HOURS}={_hours_needed(seconds)}",
        )


class Pace:
    """Tells from the first parts of a computation how long the whole of it takes, and refuses more than the limit.

    One that takes longer than `told_from` seconds, but is allowed, is told to the `NOTICE`. The first `warm_up` units
    are not counted, since compiling falls into them. `clock` is what tells the seconds.
    """

    def __init__(
        self,
        total: int,
        what: str,
        *,
        warm_up: int = 0,
        where: str | None = None,
        instead: str,
        told_from: float = LONG,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._total, self._warm_up = total, warm_up
        self._what, self._where, self._instead = what, where, instead
        self._clock = clock or time.monotonic
        self._begun: tuple[int, float] | None = (0, self._clock()) if warm_up == 0 else None
        self._done = 0
        self._told_from = told_from
        self._told = False

    def advance(self, n: int, *, total: int | None = None) -> None:
        """Count n more units, of `total` where their number is only found on the way; InputError when all of them are
        found to take too long."""
        self._total = total or self._total
        self._done += n
        now = self._clock()
        if self._begun is None:
            self._begun = (self._done, now) if self._done >= self._warm_up else None
            return
        first, start = self._begun
        if now - start >= _SETTLED and self._done > first:
            seconds = (now - start) / (self._done - first) * self._total
            check_time(seconds, self._what, where=self._where, instead=self._instead)
            notice = NOTICE.get()
            if seconds > self._told_from and notice is not None and not self._told:
                self._told = True
                notice(f"{self._what[:1].upper()}{self._what[1:]} take about {time_words(seconds)}.")


def memory_words(amount: float) -> str:
    """An amount of memory in words."""
    for unit, size in (("PB", 1e15), ("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if amount >= size:
            number = amount / size
            return f"{number:.3g} {unit}" if number < 1e5 else f"{number:.1e} {unit}"
    return f"{amount / 1e3:.3g} kB"


def time_words(seconds: float) -> str:
    """A length of time in words."""
    for unit, size in (("years", 365.25 * 86400.0), ("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2.0 * size:
            return f"{_two_digits(seconds / size)} {unit}"
    return f"{_two_digits(seconds)} seconds"


def _two_digits(number: float) -> str:
    """The number to two significant digits, in full as long as it is short."""
    return f"{float(f'{number:.2g}'):,.12g}" if number < 1e6 else f"{number:.1e}"


def limit_process() -> None:
    """Let this process fail to get memory beyond the limit rather than bring the machine down, where that can be set.

    For what no estimate foresees: the failure is a `MemoryError`.
    """
    if not sys.platform.startswith("linux"):
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = int(min(max(memory_limit(), _LEAST), _NO_LIMIT))
    if hard not in (resource.RLIM_INFINITY, -1):
        wanted = min(wanted, hard)
    if soft in (resource.RLIM_INFINITY, -1) or wanted < soft:
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))


def too_much_memory() -> InputError:
    """What is said when memory ran out in spite of the estimates."""
    return InputError(
        f"this takes more memory than the limit of {memory_words(memory_limit())}",
        allowed=f"fewer patients, days, replicates or draws, or the environment variable {MEMORY}=... for more",
    )


@cache
def _machine_memory() -> float:
    """Bytes of memory that this process may use: the machine's, or less where its container has less."""
    found = [_physical_memory()]
    for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            found.append(float(Path(name).read_text("ascii")))
        except (OSError, ValueError):  # no such container, or "max"
            continue
    return min(found)


def _physical_memory() -> float:
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):
        return 8e9


def _memory_needed(amount: float) -> str:
    return f"{math.ceil(1.1 * amount / 1e9):d}GB" if amount < 1e18 else "..."


def _hours_needed(seconds: float) -> str:
    hours = 1.2 * seconds / 3600.0
    return f"{math.ceil(hours):d}" if hours < 1e6 else "..."
