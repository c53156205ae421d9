"""Published ratios of ventilation or death against those that the pooled effects give in the same trials, and why they
differ where they do.

The way from the one to the other is gone in steps, each of which changes one thing: from the published ratios to the
model at each trial's own estimates (what its other figures say, and how well the model fits the composite), to one
effect of the drug in all its trials, to trials that differ, to effects that glucocorticoids may change, to the other
drugs. The steps add up to the whole difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from jaksim.calibration.joint.composed_trial import CompositeOfTrial
from jaksim.calibration.joint.stage_one import StageOne
from jaksim.errors import InputError
from jaksim.pooling.hierarchy import PooledPosterior, fit

CLOSE: Final = 0.5
"""Standard errors within which pooled effects and published ratios are said to agree."""
STEPS: Final = ("own estimates", "one effect", "trials differ", "glucocorticoids", "other drugs")
"""What is changed on the way from the published ratios to the pooled ones, in this order."""
_POINTS: Final = 512


@dataclass(frozen=True)
class ComposedTrial:
    """A trial's log ratio as published, at the trial's own estimates, and at the pooled effects with its share on
    glucocorticoids; `moved` is what its own estimates change in the pool of published ratios, in its standard errors,
    and `without` what leaving the trial out of the pooled effects does to these."""

    study: str
    reported: float
    standard_error: float
    own: float
    pooled: float
    moved: float
    without: float


@dataclass(frozen=True)
class ComposedDrug:
    """All trials of a drug that published the composite, weighed by their inverse variances on both sides.

    `steps` lead from the published ratio to the pooled one, in standard errors of the published.
    """

    drug: str
    measure: str
    trials: tuple[ComposedTrial, ...]
    reported: float
    standard_error: float
    pooled: float
    steps: Mapping[str, float]

    @property
    def distance(self) -> float:
        """Pooled less reported in standard errors."""
        return (self.pooled - self.reported) / self.standard_error

    @property
    def agrees(self) -> bool:
        return abs(self.distance) <= CLOSE


def composed(stages: Sequence[StageOne], posterior: PooledPosterior) -> tuple[ComposedDrug, ...]:
    """By drug, for those with a trial that published the composite."""
    by_drug: dict[str, list[CompositeOfTrial]] = {}
    for stage in stages:
        one = CompositeOfTrial.of(stage)
        if one is not None:
            by_drug.setdefault(stage.trial.drug.name, []).append(one)
    return tuple(_drug(drug, trials, posterior) for drug, trials in by_drug.items())


def _drug(drug: str, trials: Sequence[CompositeOfTrial], posterior: PooledPosterior) -> ComposedDrug:
    measures = {trial.measure for trial in trials}
    if len(measures) > 1:
        raise InputError("composites of one drug need one measure", where=f"drug {drug}", got=sorted(measures))
    errors = np.array([trial.standard_error for trial in trials])
    weights = errors**-2.0 / np.sum(errors**-2.0)
    standard_error = float(np.sum(errors**-2.0) ** -0.5)
    reported = [trial.reported for trial in trials]
    own = [trial.own for trial in trials]
    pooled = [trial.expected(posterior) for trial in trials]

    def mean(found: PooledPosterior) -> float:
        return float(weights @ [trial.expected(found) for trial in trials])

    changes = [mean(_without(posterior, trial.stage.study.name)) for trial in trials]
    return ComposedDrug(
        drug=drug,
        measure=measures.pop(),
        trials=tuple(
            ComposedTrial(
                study=trial.stage.study.name,
                reported=trial.reported,
                standard_error=trial.standard_error,
                own=own[k],
                pooled=pooled[k],
                moved=float(weights[k] * (own[k] - reported[k]) / standard_error),
                without=float((changes[k] - weights @ pooled) / standard_error),
            )
            for k, trial in enumerate(trials)
        ),
        reported=float(weights @ reported),
        standard_error=standard_error,
        pooled=float(weights @ pooled),
        steps=_steps(drug, posterior, mean, float(weights @ reported), float(weights @ own), standard_error),
    )


def _steps(
    drug: str,
    posterior: PooledPosterior,
    mean: Callable[[PooledPosterior], float],
    reported: float,
    own: float,
    standard_error: float,
) -> dict[str, float]:
    """From the published ratio to the pooled one; `mean` is the ratio of all trials at pooled effects."""
    alone = [trial for trial in posterior.summaries if trial.drug == drug]
    priors = posterior.priors
    reached = [
        reported,
        own,
        mean(fit(alone, replace(priors, between_trials=0.0, interaction_sd=0.0), draws=2, points=_POINTS)),
        mean(fit(alone, replace(priors, interaction_sd=0.0), draws=2, points=_POINTS)),
        mean(fit(alone, priors, draws=2, points=_POINTS)),
        mean(posterior),
    ]
    return {name: float(change / standard_error) for name, change in zip(STEPS, np.diff(reached), strict=True)}


def _without(posterior: PooledPosterior, study: str) -> PooledPosterior:
    """The posterior where a trial tells nothing."""
    trials = [trial.silent() if trial.study == study else trial for trial in posterior.summaries]
    return fit(trials, posterior.priors, draws=2, points=_POINTS)
