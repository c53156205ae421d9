"""Two distributions over ordered categories: shifted by an odds ratio, compared by ranks, fitted by an odds ratio.

Distributions are (K,), the best category first: an odds ratio above 1 is that of a better category.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError

_MOST_STEPS = 100
_FINE = 1e-12


def shifted(reference: Floats, odds_ratio: float) -> Floats:
    """The distribution whose odds of each category or a better one are `odds_ratio` times those of the reference."""
    upto = np.cumsum(reference)[:-1]
    moved = odds_ratio * upto / (odds_ratio * upto + np.maximum(1.0 - upto, 0.0))
    found: Floats = np.diff(moved, prepend=0.0, append=1.0)
    return np.maximum(found, 0.0)


def win_probability(active: Floats, reference: Floats) -> float:
    """Probability that an active patient does better than a reference patient, ties counted half."""
    return float(active @ _better_than(reference))


@dataclass(frozen=True)
class RankLaw:
    """Wilcoxon's sum of ranks, as the score of the proportional-odds model: expected, null and true variance."""

    mean: float
    null_variance: float
    variance: float


def rank_law(active: Floats, reference: Floats, n_1: float, n_0: float) -> RankLaw:
    """The law of the score n_1 n_0 (2 W - 1) / (N + 1), W the share of pairs that the active arm wins.

    The null variance is the test's own, at the expected distribution of both arms (Whitehead 1993, Statistics in
    Medicine 12:2257); the true one is that of the U statistic under these distributions (Lehmann 1975, Nonparametrics,
    section 2.3).
    """
    n = n_1 + n_0
    pooled = (n_1 * active + n_0 * reference) / n
    win = _better_than(reference)
    loss = _better_than(active)
    theta = float(active @ win)
    ties = float(active @ reference)
    of_active = float(active @ win**2) - theta**2
    of_reference = float(reference @ loss**2) - (1.0 - theta) ** 2
    single = theta - 0.25 * ties - theta**2
    spread = single + (n_0 - 1.0) * of_active + (n_1 - 1.0) * of_reference
    return RankLaw(
        mean=n_1 * n_0 * (2.0 * theta - 1.0) / (n + 1.0),
        null_variance=n_1 * n_0 * n / (3.0 * (n + 1.0) ** 2) * informative(pooled),
        variance=4.0 * n_1 * n_0 * max(spread, 0.0) / (n + 1.0) ** 2,
    )


def rank_z(active: Floats, reference: Floats) -> Floats:
    """Wilcoxon's z, corrected for ties, of tables of counts (R, S strata, K) of both arms; 0 where all are alike.

    Strata are added as in van Elteren's test, with weights 1/(n + 1).
    """
    n_1, n_0 = active.sum(axis=-1), reference.sum(axis=-1)
    n = n_1 + n_0
    worse = np.cumsum(reference[..., ::-1], axis=-1)[..., ::-1] - 0.5 * reference
    score = ((active * worse).sum(axis=-1) * 2.0 - n_1 * n_0) / (n + 1.0)
    ties = ((active + reference) ** 3).sum(axis=-1)
    variance = n_1 * n_0 * (n**3 - ties) / (3.0 * n * np.maximum(n - 1.0, 1.0) * (n + 1.0) ** 2)
    total = variance.sum(axis=-1)
    found: Floats = np.where(total > 0.0, score.sum(axis=-1) / np.sqrt(np.where(total > 0.0, total, 1.0)), 0.0)
    return found


def informative(shares: Floats) -> float:
    """One minus the sum of cubes: what ties leave of the information."""
    return 1.0 - float((shares**3).sum())


@dataclass(frozen=True)
class OddsRatioLaw:
    """The log odds ratio that maximum likelihood finds in large trials, and its variance times the patients.

    `model_variance` is what the model says of itself, `variance` what is true where odds are not proportional.
    """

    log_odds_ratio: float
    model_variance: float
    variance: float


def odds_ratio_law(active: Floats, reference: Floats, active_share: float) -> OddsRatioLaw:
    """The proportional-odds model fitted to two expected distributions; InputError where it has no finite estimate."""
    kept = (active + reference) > 0.0
    arms = (active[kept], reference[kept])
    shares = (active_share, 1.0 - active_share)
    pooled = np.cumsum(shares[0] * arms[0] + shares[1] * arms[1])[:-1]
    values = np.append(np.log(pooled / (1.0 - pooled)), 0.0)
    for _ in range(_MOST_STEPS):
        score, information, _ = _derivatives(values, arms, shares)
        step = np.linalg.solve(information, score)
        largest = float(np.abs(step).max())
        values = values + (step if largest <= 1.0 else step / largest)
        if largest < _FINE:
            break
        if abs(values[-1]) > 30.0:
            raise InputError("no finite odds ratio fits these distributions", where="‹active›")
    _, information, outer = _derivatives(values, arms, shares)
    inverse = np.linalg.inv(information)
    return OddsRatioLaw(float(values[-1]), float(inverse[-1, -1]), float((inverse @ outer @ inverse)[-1, -1]))


def _better_than(other: Floats) -> Floats:
    """By category (K,): the share of another distribution that is worse, and half of what is the same."""
    worse: Floats = 1.0 - np.cumsum(other) + 0.5 * other
    return worse


def _derivatives(
    values: Floats, arms: tuple[Floats, Floats], shares: tuple[float, float]
) -> tuple[Floats, Floats, Floats]:
    """Expected score, observed information and squared scores of one patient, in the cut points and the log ratio."""
    m = len(values) - 1
    score, information, outer = np.zeros(m + 1), np.zeros((m + 1, m + 1)), np.zeros((m + 1, m + 1))
    for arm, (distribution, share) in enumerate(zip(arms, shares, strict=True)):
        upto = 1.0 / (1.0 + np.exp(-(values[:-1] + (values[-1] if arm == 0 else 0.0))))
        slope, bend = upto * (1.0 - upto), upto * (1.0 - upto) * (1.0 - 2.0 * upto)
        cells = np.diff(upto, prepend=0.0, append=1.0)
        first = np.zeros((m + 1, m))  # of each cell in each cut point
        first[np.arange(m), np.arange(m)] = slope
        first[np.arange(1, m + 1), np.arange(m)] = -slope
        of_ratio = first.sum(axis=1) if arm == 0 else np.zeros(m + 1)
        gradient = np.column_stack([first, of_ratio]) / cells[:, None]
        weight = share * distribution
        score += weight @ gradient
        outer += gradient.T @ (weight[:, None] * gradient)
        rest = weight / cells
        curved = (rest[:-1] - rest[1:]) * bend
        second = np.zeros((m + 1, m + 1))
        second[np.arange(m), np.arange(m)] = curved
        if arm == 0:
            second[:m, m] = second[m, :m] = curved
            second[m, m] = curved.sum()
        information -= second
    information += outer
    return score, information, outer
