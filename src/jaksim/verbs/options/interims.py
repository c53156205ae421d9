"""What can be said about the interim analyses of a scenario."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from jaksim.verbs.options import shared
from jaksim.verbs.options.base import Options, option
from jaksim.verbs.options.boundaries import CHARTER_REPLICATES, NUMBERS, read_numbers

LOOK_REPLICATES: Final = 1000
DRAWS: Final = 200


@dataclass(frozen=True, kw_only=True)
class CharterOptions(Options):
    """How the data of the interim analyses of a scenario are simulated."""

    replicates: int = option(CHARTER_REPLICATES, "Simulated trials.", low=2)
    seed: int = shared.seed()
    workers: int | None = shared.workers()
    changes: Sequence[str] = shared.changes()
    progress: Callable[[int], None] | None = shared.progress()


@dataclass(frozen=True, kw_only=True)
class InterimOptions(Options):
    """One analysis that has been made: which one, what it found, on how much information."""

    look: int | None = option(None, "Number of the analysis, from 1.")
    z: float | None = option(None, "z that was found, positive where the active arm does better.")
    data: str | None = option(
        None, "Data of the trial on that day, which the planned analysis is made of.", metavar="FILE"
    )
    missing: str = option("error", "Missing values in the data, as in analyze: error, drop, carry_forward, censor.")
    estimate: float | None = option(
        None, "Estimate that was found; ratios as ratios. With --standard-error in place of --z, or beside it."
    )
    standard_error: float | None = option(None, "Its standard error, of the logarithm for ratios.", low=0.0)
    information: float | None = option(
        None, "Information of this analysis in parts of the planned maximum; as planned when left out."
    )
    number: int | None = option(
        None, "Events or complete outcomes in the data, where the scenario counts information so.", low=1
    )
    earlier: Sequence[float] | None = option(
        None,
        "Information of the analyses before it, in parts of the planned maximum; as planned when left out.",
        metavar=NUMBERS,
        holds=str | None,
        read=read_numbers,
    )
    futility_z: float | None = option(
        None, "z of the analysis that judges futility there, where that is another one, positive for benefit."
    )
    harm_z: float | None = option(
        None, "z of the analysis that judges harm there, where that is another one, positive for benefit."
    )
    draws: int = option(DRAWS, "Parameter draws for the posterior; 0 for none.", low=0)
    replicates: int = option(LOOK_REPLICATES, "Simulated trials, for a standard error where none is given.", low=2)
    seed: int = shared.seed()
    workers: int | None = shared.workers()
    changes: Sequence[str] = shared.changes()
    progress: Callable[[int], None] | None = shared.progress()
