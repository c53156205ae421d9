"""What can be said to `conduct`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jaksim.verbs.options import shared
from jaksim.verbs.options.base import Options, option


@dataclass(frozen=True, kw_only=True)
class ConductOptions(Options):
    """How often a trial is conducted, through which door, and what is asked of its enrolment."""

    by: str | int | None = option(
        None, "Chance of being full by this day of the trial, or date.", metavar="DATE|DAY", holds=str | None
    )
    chance: float | None = option(None, "With ‹by›: sites, or rate, to add so that the chance is this, such as 0.9.")
    replicates: int = option(1_000, "Number of simulated trials.")
    seed: int = shared.seed()
    engine: str = shared.engine()
    door: str = option(
        "auto",
        "exact: the law of enrolment alone; fast: trials without shared stock and wards; events: everything, in SimPy; "
        "auto: the cheapest that covers the plan.",
    )
    workers: int | None = shared.workers()
    changes: Sequence[str] = shared.changes()
    progress: Callable[[int], None] | None = shared.progress()
