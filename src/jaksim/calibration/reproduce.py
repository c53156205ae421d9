"""Every published figure of a study on the distribution of the same statistic over simulated trials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.calibration.replicates import replicate_study, replicated_statistics
from jaksim.calibration.study import CalibrationStudy
from jaksim.calibration.target import Role


@dataclass(frozen=True)
class Reproduced:
    """Where one reported number falls among simulated trials of the study's size.

    `percentile` is the share of trials below it, ties counted half, with its Monte Carlo standard error; `z` the
    distance from the mean in standard deviations; `interval` holds 95 % of the trials.
    """

    id: str
    statistic: str
    role: Role
    reported: float
    mean: float
    sd: float
    interval: tuple[float, float]
    percentile: float
    percentile_mc_se: float
    z: float
    not_estimable: int


def reproduce(study: CalibrationStudy, values: Floats, *, replicates: int = 10_000, seed: int = 1) -> list[Reproduced]:
    """Simulate the published trial at parameter values (parameters,) and place every figure among the replicates."""
    simulated = replicated_statistics(replicate_study(study, values, replicates, seed))
    return [
        _placed(name, target.statistic, target.role, reported, column)
        for target, found in zip(study.targets, simulated, strict=True)
        for (name, reported), column in zip(target.reported_numbers(), target.on_reported_scale(found).T, strict=True)
    ]


def _placed(name: str, statistic: str, role: Role, reported: float, column: Floats) -> Reproduced:
    known = column[~np.isnan(column)]
    finite = known[np.isfinite(known)]
    percentile = float(np.mean(known < reported) + 0.5 * np.mean(known == reported))
    mean, sd = float(finite.mean()), float(finite.std(ddof=1))
    low, high = np.quantile(known, [0.025, 0.975], method="inverted_cdf")
    return Reproduced(
        id=name,
        statistic=statistic,
        role=role,
        reported=reported,
        mean=mean,
        sd=sd,
        interval=(float(low), float(high)),
        percentile=percentile,
        percentile_mc_se=float(np.sqrt(max(percentile * (1 - percentile), 0.25 / len(known)) / len(known))),
        z=(reported - mean) / sd if sd > 0 else float("nan") if reported != mean else 0.0,
        not_estimable=len(column) - len(known),
    )
