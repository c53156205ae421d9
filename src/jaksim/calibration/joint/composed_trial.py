"""The composite outcome of one trial as its fitted model has it at any effects of its drug."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from jaksim.arrays import Floats
from jaksim.calibration.joint.published_ratio import log_ratio
from jaksim.calibration.joint.selection import Composite
from jaksim.calibration.joint.stage_one import PRIOR_SD, StageOne
from jaksim.calibration.predict import STATISTICS, StudyLaws
from jaksim.calibration.statistic import Statistic
from jaksim.endpoint.registry import build_endpoint
from jaksim.pooling.hierarchy import PooledPosterior


@dataclass(frozen=True, eq=False)
class CompositeOfTrial:
    """A trial with its published log ratio of the composite, in which measure, and the standard error."""

    stage: StageOne
    composite: Composite
    measure: str
    reported: float
    standard_error: float

    @classmethod
    def of(cls, stage: StageOne) -> CompositeOfTrial | None:
        """None for a trial without the composite."""
        composite = stage.trial.composite
        if composite is None:
            return None
        return cls(
            stage, composite, *log_ratio(stage.trial.evidence, composite.records, composite.measure, "composite")
        )

    @property
    def own(self) -> float:
        """The log ratio at the trial's own estimates."""
        return self.at(self.stage.effects.under(PRIOR_SD)[0])

    def expected(self, posterior: PooledPosterior) -> float:
        """The log ratio at pooled effects and the trial's share on glucocorticoids."""
        return self.at(posterior.coordinates.design(self.stage.effects) @ posterior.mean)

    def at(self, effects: Floats) -> float:
        """The log ratio where the trial's drug has these effects (C,)."""
        stage, study = self.stage, self.stage.study
        spec = {
            "name": "composite",
            "kind": "event_by_day",
            "scores": list(self.composite.scores),
            "day": study.horizon,
        }
        endpoint = build_endpoint(spec, study.template.scale, study.horizon)
        with_endpoint = replace(study, endpoints={**study.endpoints, "composite": endpoint})
        arms = tuple(study.arms.values())
        active = next(arm for arm in arms if set(arm.regimen) & set(stage.trial.treatments))
        control = next(arm for arm in arms if not set(arm.regimen) & set(stage.trial.treatments))
        # A ratio adjusted for respiratory support is that of patients of one level, so it is compared over the strata.
        records = [stage.trial.evidence[name] for name in self.composite.records]
        adjusted = any("respiratory support" in record.adjusted_for for record in records)
        kind = f"{self.measure}_mh" if adjusted else self.measure
        statistic = Statistic(kind, "composite", active.name, control.name, self.composite.strata)
        found = STATISTICS[kind](StudyLaws(with_endpoint, np.asarray(stage.at(effects))[None]), statistic)
        return float(found[0, 0])
