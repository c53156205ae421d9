"""What can be said to `boundaries`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from jaksim.errors import InputError
from jaksim.verbs.options import shared
from jaksim.verbs.options.base import Options, option

NUMBERS = "F1,F2,..."
WHOLE_NUMBERS = "N1,N2,..."
CHARTER_REPLICATES: Final = 2000
OF_SCENARIOS: Final = ("replicates", "seed", "workers", "changes", "progress")
"""The options that are about a scenario alone."""


def read_numbers(text: str | None) -> tuple[float, ...] | None:
    """Numbers with commas between them."""
    try:
        return None if text is None else tuple(float(part) for part in text.split(","))
    except ValueError:
        raise InputError("must be numbers with commas between them", got=text) from None


def read_whole_numbers(text: str | None) -> tuple[int, ...]:
    """Whole numbers with commas between them."""
    try:
        return tuple(int(part) for part in (text or "").split(",") if part.strip())
    except ValueError:
        raise InputError("must be whole numbers with commas between them", got=text) from None


@dataclass(frozen=True, kw_only=True)
class BoundariesOptions(Options):
    """A group-sequential plan, and the analyses that were really made."""

    looks: int | None = option(None, "Number of equally spaced analyses.")
    information: Sequence[float] | None = option(
        None,
        "Information fractions of the analyses, up to 1.",
        metavar=NUMBERS,
        holds=str | None,
        read=read_numbers,
    )
    spending: str = option(
        "obrien-fleming",
        "obrien-fleming, pocock, hsd:GAMMA, power:RHO, user:A1,A2,... (spending functions); "
        "classical-obrien-fleming, classical-pocock, wang-tsiatis:DELTA, haybittle-peto:Z (boundaries).",
    )
    alpha: float | None = option(None, "Level, of both tails together with two sides; 0.025 a side.")
    sides: int = option(1, "1 or 2.")
    futility: str | None = option(
        None, "A spending function for beta, z:B1,B2,..., cp:LEVEL, cp-trend:LEVEL, pampallona-tsiatis:DELTA."
    )
    beta: float = option(0.1, "One less the power.")
    binding: bool = option(False, "Futility binds: alpha counts on stopping there.", flag="--binding")
    harm: str | None = option(None, "A spending function for a bound for harm.")
    harm_alpha: float = option(0.025, "Level of the bound for harm.")
    no_efficacy: Sequence[int] = option(
        (),
        "Interim analyses without a test for efficacy.",
        metavar=WHOLE_NUMBERS,
        holds=str | None,
        read=read_whole_numbers,
    )
    no_futility: Sequence[int] = option(
        (),
        "Interim analyses without a test for futility.",
        metavar=WHOLE_NUMBERS,
        holds=str | None,
        read=read_whole_numbers,
    )
    actual: Sequence[float] | None = option(
        None,
        "Information that the analyses so far really had; may pass 1.",
        metavar=NUMBERS,
        holds=str | None,
        read=read_numbers,
    )
    final: bool | None = option(
        None, "Whether the last of the actual analyses ends the trial.", flag="--final/--interim"
    )
    replicates: int = option(CHARTER_REPLICATES, "Of a scenario: simulated trials.", low=2)
    seed: int = shared.seed()
    workers: int | None = shared.workers()
    changes: Sequence[str] = shared.changes()
    progress: Callable[[int], None] | None = shared.progress()


def default_of(name: str) -> Any:
    """What an option is when it is left out."""
    return next(field.default for field in fields(BoundariesOptions) if field.name == name)
