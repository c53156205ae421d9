"""All trials of a selection: each fitted by itself, their effects pooled, and what has to be said about both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from jaksim.calibration.fit import REPLICATES
from jaksim.calibration.joint.composite import ComposedDrug, composed
from jaksim.calibration.joint.selection import JointSelection
from jaksim.calibration.joint.stage_one import StageOne, judged, stage_one
from jaksim.pooling.agreement import InteractionTold, interactions_told
from jaksim.pooling.hierarchy import PooledPosterior, fit
from jaksim.pooling.influence import Influence, expected, influence_of

VARIED: Final = (0.10, 0.25)
"""Other scales of the half-normal prior of the standard deviation between trials, by which it is judged."""


@dataclass(frozen=True, eq=False)
class JointCalibration:
    """Trials in the order of the selection; `varied` has the posterior under other priors of tau."""

    selection: JointSelection
    stages: tuple[StageOne, ...]
    posterior: PooledPosterior
    influence: tuple[Influence, ...]
    composites: tuple[ComposedDrug, ...]
    interactions: tuple[InteractionTold, ...]
    varied: dict[float, PooledPosterior]


def calibrate_jointly(
    selection: JointSelection,
    *,
    draws: int = 500,
    seed: int = 1,
    replicates: int = REPLICATES,
    advance: Callable[[int], None] | None = None,
) -> JointCalibration:
    """Fit every trial and pool them; deterministic for a seed.

    `replicates` trials are simulated of each to measure how its figures vary together.
    """
    stages: list[StageOne] = []
    for trial in selection.trials:
        stages.append(stage_one(trial, seed=seed, replicates=replicates))
        if advance is not None:
            advance(1)
    return pooled(selection, stages, draws=draws, seed=seed)


def pooled(selection: JointSelection, stages: Sequence[StageOne], *, draws: int, seed: int) -> JointCalibration:
    """Pool trials that have been fitted."""
    posterior = fit([stage.effects for stage in stages], selection.priors, draws=draws, seed=seed)
    stages = [judged(stage, *expected(posterior, stage.effects), seed=seed) for stage in stages]
    summaries = tuple(stage.effects for stage in stages)
    posterior = replace(posterior, summaries=summaries)
    return JointCalibration(
        selection=selection,
        stages=tuple(stages),
        posterior=posterior,
        influence=influence_of(posterior, seed=seed),
        composites=composed(stages, posterior),
        interactions=interactions_told(posterior, selection.interacting, seed=seed),
        varied={
            scale: fit(summaries, replace(selection.priors, between_trials=scale), draws=draws, seed=seed)
            for scale in VARIED
        },
    )
