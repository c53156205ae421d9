"""What can be said to `power` and `shoot_out`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jaksim.design.defaults import SHOOT_OUT_REPLICATES
from jaksim.verbs.options import shared
from jaksim.verbs.options.base import Options, option


@dataclass(frozen=True, kw_only=True)
class PowerOptions(Options):
    """How a trial is simulated for the power of its planned analyses."""

    replicates: int | None = option(None, "Number of simulated trials; 100,000 when left out, 10,000 by events.")
    seed: int = shared.seed()
    engine: str = shared.engine()
    door: str = shared.door()
    until_se: float | None = option(None, "Run until every power has this Monte Carlo standard error, such as 0.001.")
    null: bool = shared.null()
    variance_reduction: str = option(
        "none",
        "control-variates: the same powers with smaller Monte Carlo errors, from the large-sample twin; none.",
    )
    replicates_out: str | os.PathLike[str] | None = option(
        None,
        "File to write every replicate to, .csv or .parquet: estimate, its standard error, z, p and decision of every "
        "analysis.",
        metavar="FILE",
        holds=str | None,
    )
    workers: int | None = shared.workers()
    changes: Sequence[str] = shared.changes()
    progress: Callable[[int], None] | None = shared.progress()


@dataclass(frozen=True, kw_only=True)
class ShootOutOptions(Options):
    """How a trial is simulated to compare all endpoints, and which analyses of each."""

    replicates: int = option(SHOOT_OUT_REPLICATES, "Number of simulated trials.")
    seed: int = shared.seed()
    engine: str = shared.engine()
    door: str = shared.door()
    methods: str = option(
        "main",
        "main: planned analyses and those that differ in more than the scale of their estimate; all: every analysis "
        "that fits.",
    )
    null: bool = shared.null()
    workers: int | None = shared.workers()
    changes: Sequence[str] = shared.changes()
    progress: Callable[[int], None] | None = shared.progress()
