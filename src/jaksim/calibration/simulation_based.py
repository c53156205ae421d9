"""Simulation-based calibration: is a study's posterior as wide as it should be?

Parameters are drawn from the prior, the study's figures simulated at them and put in the place of the reported ones,
and the study is fitted again. Where the true value falls among the posterior draws is uniform if the posterior is right
(Talts, Betancourt, Simpson, Vehtari and Gelman, 2018; Cook, Gelman and Rubin, 2006).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.calibration.fit import Calibration, calibrate
from jaksim.calibration.information import stretched
from jaksim.calibration.posterior import Sampling
from jaksim.calibration.replicates import replicate_study, replicated_statistics
from jaksim.calibration.study import CalibrationStudy
from jaksim.calibration.target import MedianTarget
from jaksim.rng import Purpose, generator


@dataclass(frozen=True)
class RefittedTrial:
    """One simulated trial: where the true values (free parameters,) fall among the draws of its posterior.

    `places` and `unadjusted_places` are in (0, 1), with and without the adjustment for figures of the same patients;
    `errors` are the estimates less the true values in their adjusted standard errors.
    """

    places: Floats
    unadjusted_places: Floats
    errors: Floats
    left_out: int


def with_prior(study: CalibrationStudy, mean: Floats, sd: Floats) -> CalibrationStudy:
    """The study with normal priors of other means and standard deviations (parameters,); held parameters stay held."""
    parameters = tuple(
        replace(p, prior_mean=float(m), prior_sd=0.0 if p.fixed else float(s))
        for p, m, s in zip(study.template.parameters, mean, sd, strict=True)
    )
    return replace(study, template=replace(study.template, parameters=parameters))


def with_figures(study: CalibrationStudy, simulated: list[Floats]) -> CalibrationStudy:
    """The study as if its trial had given these statistics (numbers,) per target; without those not estimable."""
    targets, statistics = [], []
    for target, statistic, found in zip(study.targets, study.statistics, simulated, strict=True):
        if np.isfinite(found).all():
            seen = target.observed(found)
            targets.append(seen)
            statistics.append(
                replace(statistic, time=seen.median - 0.5) if isinstance(seen, MedianTarget) else statistic
            )
    return replace(study, targets=tuple(targets), statistics=tuple(statistics))


def refitted_trials(
    study: CalibrationStudy,
    trials: range,
    *,
    seed: int = 1,
    draws: int = 63,
    replicates: int = 400,
    sampling: Sampling | None = None,
) -> list[RefittedTrial]:
    """Simulate and refit the trials of these numbers; each depends on the seed and its own number only.

    Checks are left aside. `draws` of the posterior are compared with the true values; `replicates` and `sampling` are
    those of the fit.
    """
    fitted = study.fitted_only()
    return [_refitted(fitted, trial, seed, draws, replicates, sampling) for trial in trials]


def _refitted(
    study: CalibrationStudy, trial: int, seed: int, draws: int, replicates: int, sampling: Sampling | None
) -> RefittedTrial:
    free = study.template.prior_sd > 0
    stream = generator(seed, Purpose.POSTERIOR, replicate=trial)
    truth = study.template.prior_mean + study.template.prior_sd * stream.standard_normal(len(free))
    own_seed = int(stream.integers(2**63))
    simulated = [row[0] for row in replicated_statistics(replicate_study(study, truth, 1, own_seed))]
    seen = with_figures(study, simulated)
    fitted = calibrate(seen, draws=draws, seed=own_seed, sampling=sampling, replicates=replicates)
    spread = np.sqrt(np.diag(fitted.covariance)[free])
    ties = stream.random((2, int(free.sum())))
    return RefittedTrial(
        places=_places(fitted.draws[:, free], truth[free], ties[0]),
        unadjusted_places=_places(_unadjusted(fitted, free), truth[free], ties[1]),
        errors=(fitted.estimate - truth)[free] / spread,
        left_out=len(study.targets) - len(seen.targets),
    )


def _unadjusted(fitted: Calibration, free: NDArray[np.bool_]) -> Floats:
    both = np.ix_(free, free)
    return stretched(
        fitted.draws[:, free], fitted.estimate[free], fitted.covariance[both], fitted.curvature_covariance[both]
    )


def _places(draws: Floats, truth: Floats, ties: Floats) -> Floats:
    """Rank of the truth (P,) among draws (N, P) as a number in (0, 1), uniform if all N + 1 are exchangeable."""
    return np.asarray(((draws < truth).sum(axis=0) + ties) / (len(draws) + 1))
