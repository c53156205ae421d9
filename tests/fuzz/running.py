"""Running one command line inside this process, and what is a fault in how it ends."""

from __future__ import annotations

import contextlib
import io
import json
import re
import signal
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jaksim import budget
from jaksim.cli import run

LONGEST_MESSAGE = 2_000
NOT_A_NUMBER = re.compile(r"(?<![\w.-])[-+]?(?:nan|inf)(?![\w.-])")
# More than this beyond what the process has is a case that eats the machine; what fits in it is refused less.
MEMORY = 3_000_000_000


@dataclass(frozen=True)
class Ended:
    """How a command line ended; code -1 when it did not end in time."""

    code: int
    out: str
    err: str


def ended(words: Sequence[str], seconds: float = 150.0) -> Ended:
    """Run `jaksim WORDS...`, for at most so many seconds of processor time; `environment` allows 72 of them."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _within(seconds):
        try:
            code = run(list(words))
        except _Late:
            code = -1
        except BaseException as error:  # whatever passes the front door
            code = 1
            err.write(f"Traceback: {type(error).__name__}: {error}")
    return Ended(code, out.getvalue(), err.getvalue())


def fault_of(words: Sequence[str], found: Ended) -> str | None:
    """What is wrong with how a command line ended; None when it was answered, or refused with a message."""
    if found.code == -1:
        return "does not end"
    if "Traceback" in found.err or "internal fault" in found.err or found.code not in (0, 2):
        return f"exit code {found.code}"
    if found.code == 2 and (not found.err.startswith(("jaksim: ", "Seeking")) or len(found.err) > LONGEST_MESSAGE):
        return f"a message of {len(found.err)} characters"
    if "Warning" in found.err:
        return "a warning of the library"
    if found.code == 2 and found.out:
        return "an answer beside a refusal"
    if found.code == 0 and "--json" in words:
        try:
            json.loads(found.out, parse_constant=_refuse)
        except ValueError as error:
            return f"no JSON: {error}"
    elif found.code == 0 and (match := NOT_A_NUMBER.search(found.out)) and not NOT_A_NUMBER.search(_given(words)):
        return f"{match[0]} in the answer"
    return None


def _given(words: Sequence[str]) -> str:
    """What the user calls things: options, tables, quoted text of scenarios; an arm may be called inf."""
    given = list(words)
    for file in map(Path, words):
        if file.suffix in (".csv", ".toml") and file.is_file():
            text = file.read_text("utf-8", errors="replace")
            given += [text] if file.suffix == ".csv" else re.findall(r'"[^"\n]*"', text)
    return "\n".join(given)


@contextlib.contextmanager
def limited_memory() -> Iterator[None]:
    """Memory beyond that of the process limited as on the command line, and estimates held against the same limit."""
    with contextlib.ExitStack() as stack, warnings.catch_warnings():
        warnings.simplefilter("default")
        if sys.platform.startswith("linux"):
            import resource

            soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
            with open("/proc/self/status", encoding="ascii") as status:
                used = next(1024 * int(line.split()[1]) for line in status if line.startswith("VmData"))
            resource.setrlimit(resource.RLIMIT_DATA, (used + MEMORY, hard))
            stack.callback(resource.setrlimit, resource.RLIMIT_DATA, (soft, hard))
        yield


def environment() -> dict[str, str]:
    """The limits that commands are told of."""
    return {budget.MEMORY: "1GB", budget.HOURS: "0.02", "COLUMNS": "100"}


class _Late(BaseException):
    pass


@contextlib.contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Raise when that processor time is used up, and when ten times as long has passed, for what waits for ever."""

    def ring(number: int, frame: object) -> None:
        raise _Late

    clocks = ((signal.ITIMER_PROF, signal.SIGPROF, seconds), (signal.ITIMER_REAL, signal.SIGALRM, 10.0 * seconds))
    before = [signal.signal(rings, ring) for _, rings, _ in clocks]
    for clock, _, limit in clocks:
        signal.setitimer(clock, limit)
    try:
        yield
    finally:
        for (clock, rings, _), handler in zip(clocks, before, strict=True):
            signal.setitimer(clock, 0.0)
            signal.signal(rings, handler)


def _refuse(word: str) -> float:
    raise ValueError(f"the constant {word}")
