"""How far the priors of treatment effects pull fitted ratios away from the published ones.

The study is fitted a second time with priors of effects a hundred times as wide; what a fitted ratio changes by is the
pull of the priors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from jaksim.arrays import Floats
from jaksim.calibration.predict import predict
from jaksim.calibration.problem import FitProblem
from jaksim.calibration.study import CalibrationStudy
from jaksim.calibration.target import RatioTarget
from jaksim.ratio import ratio_of

WIDER = 100.0
LARGEST_SHARE = 0.05


@dataclass(frozen=True)
class Pull:
    """A fitted ratio with and without the priors of effects.

    `share` is the pull towards no effect as a part of the logarithm of the published ratio (None where that is 1), and
    `standard_errors` the pull in published standard errors.
    """

    id: str
    reported: float
    fitted: float
    without_priors: float
    share: float | None
    standard_errors: float

    @property
    def notable(self) -> bool:
        """Whether it is more than a twentieth, of the log ratio and of its standard error."""
        return abs(self.standard_errors) > LARGEST_SHARE and (self.share is None or abs(self.share) > LARGEST_SHARE)


def pulls_of_priors(study: CalibrationStudy, estimate: Floats) -> tuple[Pull, ...]:
    """The pull on every fitted ratio, at the `estimate` (parameters,) of the study."""
    pairs = zip(study.targets, study.statistics, strict=True)
    ratios = [(t, s) for t, s in pairs if isinstance(t, RatioTarget) and t.role == "fit"]
    effects = {effect.parameter for effect in study.template.effects}
    if not ratios or all(p.fixed for p in study.template.parameters if p.name in effects):
        return ()
    wide = tuple(replace(p, prior_sd=WIDER * p.prior_sd) if p.name in effects else p for p in study.template.parameters)
    problem = FitProblem(replace(study, template=replace(study.template, parameters=wide)))
    without = problem.full(problem.solve(estimate[problem.free]).x)
    asked = replace(study, targets=tuple(t for t, _ in ratios), statistics=tuple(s for _, s in ratios))
    with_priors, freed = (predict(asked, values[None]) for values in (estimate, without))
    return tuple(
        _pull(target, float(fitted[0, 0]), float(free[0, 0]))
        for (target, _), fitted, free in zip(ratios, with_priors, freed, strict=True)
    )


def _pull(target: RatioTarget, fitted: float, without: float) -> Pull:
    log_ratio = math.log(target.ratio)
    return Pull(
        id=target.id,
        reported=target.ratio,
        fitted=ratio_of(fitted),
        without_priors=ratio_of(without),
        share=(without - fitted) / log_ratio if log_ratio else None,
        standard_errors=(without - fitted) / target.log_standard_error,
    )
