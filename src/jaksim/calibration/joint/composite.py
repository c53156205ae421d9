"""Published odds ratios of ventilation or death against those that the pooled effects give in the same trials."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from jaksim.calibration.joint.selection import Composite
from jaksim.calibration.joint.stage_one import StageOne
from jaksim.calibration.predict import STATISTICS, StudyLaws
from jaksim.calibration.statistic import Statistic
from jaksim.endpoint.registry import build_endpoint
from jaksim.errors import InputError
from jaksim.evidence.figures import Proportion, Ratio
from jaksim.evidence.synthesis.counts import Tables, trial_effects
from jaksim.pooling.hierarchy import PooledPosterior

CLOSE = 0.5
"""Standard errors within which pooled effects and published ratios are said to agree."""


@dataclass(frozen=True)
class ComposedTrial:
    """A trial's log ratio as published and as the pooled effects, at its share on glucocorticoids, have it."""

    study: str
    reported: float
    standard_error: float
    pooled: float


@dataclass(frozen=True)
class ComposedDrug:
    """All trials of a drug that published the composite, weighed by their inverse variances on both sides."""

    drug: str
    measure: str
    trials: tuple[ComposedTrial, ...]
    reported: float
    standard_error: float
    pooled: float

    @property
    def distance(self) -> float:
        """Pooled less reported in standard errors."""
        return (self.pooled - self.reported) / self.standard_error

    @property
    def agrees(self) -> bool:
        return abs(self.distance) <= CLOSE


def composed(stages: Sequence[StageOne], posterior: PooledPosterior) -> tuple[ComposedDrug, ...]:
    """By drug, for those with a trial that published the composite."""
    found: dict[str, list[tuple[str, ComposedTrial]]] = {}
    for stage in stages:
        if stage.trial.composite is not None:
            trial = _trial(stage, stage.trial.composite, posterior)
            found.setdefault(stage.trial.drug.name, []).append(trial)
    drugs = []
    for drug, pairs in found.items():
        measures = {measure for measure, _ in pairs}
        if len(measures) > 1:
            raise InputError("composites of one drug need one measure", where=f"drug {drug}", got=sorted(measures))
        trials = tuple(trial for _, trial in pairs)
        weights = np.array([trial.standard_error**-2.0 for trial in trials])
        weights /= weights.sum()
        drugs.append(
            ComposedDrug(
                drug=drug,
                measure=measures.pop(),
                trials=trials,
                reported=float(weights @ [trial.reported for trial in trials]),
                standard_error=sum(trial.standard_error**-2.0 for trial in trials) ** -0.5,
                pooled=float(weights @ [trial.pooled for trial in trials]),
            )
        )
    return tuple(drugs)


def _trial(stage: StageOne, composite: Composite, posterior: PooledPosterior) -> tuple[str, ComposedTrial]:
    measure, reported, error = _reported(stage, composite)
    design = posterior.coordinates.design(stage.effects)
    values = stage.at(design @ posterior.mean)
    study = stage.study
    spec = {"name": "composite", "kind": "event_by_day", "scores": list(composite.scores), "day": study.horizon}
    endpoint = build_endpoint(spec, study.template.scale, study.horizon)
    with_endpoint = replace(study, endpoints={**study.endpoints, "composite": endpoint})
    arms = tuple(study.arms.values())
    active = next(arm for arm in arms if set(arm.regimen) & set(stage.trial.treatments))
    control = next(arm for arm in arms if not set(arm.regimen) & set(stage.trial.treatments))
    # A ratio adjusted for respiratory support is that of patients of one level, so it is compared over the strata.
    adjusted = any("respiratory support" in stage.trial.evidence[name].adjusted_for for name in composite.records)
    kind = f"{measure}_mh" if adjusted else measure
    statistic = Statistic(kind, "composite", active.name, control.name, composite.strata)
    pooled = STATISTICS[kind](StudyLaws(with_endpoint, values[None]), statistic)
    return measure, ComposedTrial(study.name, reported, error, float(pooled[0, 0]))


def _reported(stage: StageOne, composite: Composite) -> tuple[str, float, float]:
    """Measure, log ratio and standard error of a trial's published composite."""
    evidence = stage.trial.evidence
    figures = [evidence[name].figure for name in composite.records]
    match figures:
        case [Ratio() as figure] if figure.measure in ("odds_ratio", "risk_ratio") and figure.log_standard_error:
            return figure.measure, figure.log_estimate, figure.log_standard_error
        case [Proportion() as active, Proportion() as control] if active.count and control.count:
            assert active.n
            assert control.n
            measure = composite.measure or "odds_ratio"
            tables = Tables((evidence.id,), [active.count], [active.n], [control.count], [control.n])
            effects = trial_effects(tables, measure)
            return measure, float(effects.y[0]), math.sqrt(float(effects.v[0]))
    allowed = "an odds or risk ratio with its interval, or two counts out of n"
    raise InputError("no composite to compare", where=f"{evidence.id}, composite", allowed=allowed)
