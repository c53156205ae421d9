"""Power and size of tests of two survival curves whose hazards need not be proportional, in large trials.

The expected statistic and its variance are those of the numbers at risk that hazards, entry and losses lead to
(Yung and Liu 2020, Biometrics 76:939). A negative mean speaks for the active arm: fewer events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.formulas.followed_arm import FollowedArm, time_grid

Pair = tuple[FollowedArm, FollowedArm]
FEW_NODES, FEW_WEIGHTS = np.polynomial.legendre.leggauss(8)
_NORMAL = NormalDist()


@dataclass(frozen=True)
class LogRankWeight:
    """S(t)^rho (1 - S(t))^gamma, S the survival of both arms by their patients; with `gehan` the patients at risk.

    With a time `modest` since entry it is 1 / max(S(t), S(modest)) instead (Magirr and Burman 2019).
    """

    rho: float = 0.0
    gamma: float = 0.0
    gehan: bool = False
    modest: float | None = None


@dataclass(frozen=True)
class LargeSampleLaw:
    """Expected statistics (m,) and their covariance (m, m)."""

    mean: Floats
    covariance: Floats

    @property
    def z(self) -> Floats:
        """Expected standardised statistics (m,)."""
        found: Floats = self.mean / np.sqrt(self.covariance.diagonal())
        return found


def log_rank_law(
    strata: Sequence[Pair], time: float, weights: Sequence[LogRankWeight] = (LogRankWeight(),), *, null: float = 1.0
) -> LargeSampleLaw:
    """Weighted log-rank scores of (reference, active) pairs of arms, one for each stratum, at calendar `time`.

    With another `null` hazard ratio they are the scores of the proportional hazards model at that ratio.
    """
    mean, covariance = np.zeros(len(weights)), np.zeros((len(weights), len(weights)))
    for reference, active in strata:
        t, step = time_grid((reference, active), time)
        n_0, n_1 = reference.at_risk(t, time), active.at_risk(t, time)
        h_0, h_1 = reference.hazard(t), active.hazard(t)
        total = np.maximum(n_0 + n_1, np.finfo(float).tiny)
        tilted = np.maximum(n_0 + null * n_1, np.finfo(float).tiny)
        each = np.array([_weight(weight, reference, active, t, total) for weight in weights])
        mean += each @ (step * n_0 * n_1 / tilted * (h_1 - null * h_0))
        covariance += (each * (step * null * (n_0 / tilted) * (n_1 / tilted) * (n_0 * h_0 + n_1 * h_1))) @ each.T
    return LargeSampleLaw(mean, covariance)


def survival_difference_law(reference: FollowedArm, active: FollowedArm, time: float, *, at: float) -> LargeSampleLaw:
    """Kaplan-Meier estimate of the reference minus that of the active arm at a time since entry."""
    means, variances = [], []
    for arm in (reference, active):
        t, step = time_grid((arm,), time, upto=at)
        survival = float(arm.survival(np.array([at]))[0])
        means.append(survival)
        variances.append(survival * float(step @ (arm.hazard(t) * _over(survival, arm.at_risk(t, time)))))
    return LargeSampleLaw(np.array([means[0] - means[1]]), np.array([[sum(variances)]]))


def rmst_law(
    reference: FollowedArm, active: FollowedArm, time: float, *, tau: float, ratio: bool = False
) -> LargeSampleLaw:
    """Restricted mean of the reference minus that of the active arm, or the difference of their logarithms."""
    means, variances = [], []
    for arm in (reference, active):
        t, step = time_grid((arm,), time, upto=tau)
        after = _areas_after(arm, t, tau)
        whole = float(step @ arm.survival(t))
        scale = whole if ratio else 1.0
        means.append(np.log(whole) if ratio else whole)
        variances.append(float(step @ (after * _over(after, arm.at_risk(t, time)) * arm.hazard(t))) / scale**2)
    return LargeSampleLaw(np.array([means[0] - means[1]]), np.array([[sum(variances)]]))


def large_sample_power(law: LargeSampleLaw, *, alpha: float) -> float:
    """Power of the one-sided test of the first statistic that the active arm has fewer events."""
    return _NORMAL.cdf(-float(law.z[0]) - _NORMAL.inv_cdf(1.0 - alpha))


def size_factor(law: LargeSampleLaw, *, power: float, alpha: float) -> float:
    """How many times the patients of the law's arms the one-sided test needs; InputError without an effect."""
    if not law.z[0] < 0.0:
        raise InputError("no number of patients shows fewer events in the active arm", where="hazard")
    return float(((_NORMAL.inv_cdf(1.0 - alpha) + _NORMAL.inv_cdf(power)) / law.z[0]) ** 2)


def _weight(one: LogRankWeight, reference: FollowedArm, active: FollowedArm, t: Floats, total: Floats) -> Floats:
    if one.gehan:
        return total
    free = _both_free(reference, active, t)
    if one.modest is not None:
        found: Floats = 1.0 / np.maximum(free, _both_free(reference, active, np.array([one.modest])))
        return found
    weight: Floats = free**one.rho * np.maximum(1.0 - free, 0.0) ** one.gamma
    return weight


def _both_free(reference: FollowedArm, active: FollowedArm, t: Floats) -> Floats:
    patients = reference.patients + active.patients
    found: Floats = (reference.patients * reference.survival(t) + active.patients * active.survival(t)) / patients
    return found


def _over(part: Floats | float, at_risk: Floats) -> Floats:
    """What is left later over those at risk; 0 where nobody is, not even by the smallest number of the machine."""
    found: Floats = np.where(at_risk > 0.0, part / np.maximum(at_risk, np.finfo(float).tiny), 0.0)
    return found


def _areas_after(arm: FollowedArm, t: Floats, tau: float) -> Floats:
    """Area under the survival curve from each of the ascending times to `tau`, exact also where little is left."""
    inside = [cut for cut in arm.hazard.cuts if cut < tau]
    edges = np.unique(np.concatenate([[0.0], t, inside, [tau]]))
    half = np.diff(edges)[:, np.newaxis] / 2.0
    points = edges[:-1, np.newaxis] + half + half * FEW_NODES
    parts = (half * FEW_WEIGHTS * arm.survival(points)).sum(axis=1)
    total = np.concatenate([np.cumsum(parts[::-1])[::-1], [0.0]])
    found: Floats = total[np.searchsorted(edges, t)]
    return found
