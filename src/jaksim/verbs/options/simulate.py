"""What can be said to `simulate_trial`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jaksim.verbs.options import shared
from jaksim.verbs.options.base import Options, option


@dataclass(frozen=True, kw_only=True)
class SimulateOptions(Options):
    """Which simulated trial, and what of it."""

    replicate: int = option(0, "Which simulated trial, from 0.", metavar="I")
    counterfactual: bool = option(
        False,
        "Every patient under the regimen of each arm, with the same random numbers.",
        flag="--counterfactual",
    )
    as_known: bool = option(
        False,
        "Leave out what was not known yet on the day of the analysis that ended the trial.",
        flag="--as-known",
    )
    seed: int = shared.seed()
    door: str = shared.door()
    changes: Sequence[str] = shared.changes()


@dataclass(frozen=True, kw_only=True)
class SimulateReplicatesOptions(Options):
    """Which simulated trials, and what of them."""

    replicates: str | Sequence[int] = option("0:1000", "Which simulated trials, the last not included.", metavar="I:J")
    counterfactual: bool = option(False, "As for one replicate.", flag="--counterfactual")
    as_known: bool = option(False, "As for one replicate.", flag="--as-known")
    seed: int = shared.seed()
    door: str = shared.door()
    changes: Sequence[str] = shared.changes()
    progress: Callable[[int], None] | None = shared.progress()
