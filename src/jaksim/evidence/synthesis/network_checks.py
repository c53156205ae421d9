"""Whether a network agrees with itself, and how its treatments rank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.evidence.synthesis.inference import Contrast, inconsistency, wald
from jaksim.evidence.synthesis.network import Network, stack, stack_with
from jaksim.rng import Purpose, generator

Better = Literal["lower", "higher"]


@dataclass(frozen=True)
class QTest:
    """A chi-squared test of heterogeneity or inconsistency."""

    q: float
    df: int
    p_value: float


@dataclass(frozen=True)
class Decomposition:
    """Q of a network: all of it, within designs (heterogeneity) and between designs (inconsistency).

    `between_random` tests inconsistency on top of the heterogeneity within designs, whose variance is `tau2_within`
    (full design-by-treatment interaction model, Higgins et al. 2012; moment estimator, Jackson et al. 2012).
    """

    total: QTest
    within: QTest
    between: QTest
    between_random: QTest
    tau2_within: float


def decompose(net: Network) -> Decomposition:
    """Split Q by design (the set of treatments a trial compares): Krahn, Binder and Koenig (2013)."""
    consistent = stack(net.trials, [name for name in net.treatments if name != net.reference])
    saturated = stack_with(net.trials, _design_columns(net))
    tau2 = saturated.moment_tau2()
    q_within = saturated.fit(0.0)[2]
    df_between = consistent.df - saturated.df
    return Decomposition(
        total=_q_test(net.q, net.q_df),
        within=_q_test(q_within, saturated.df),
        between=_q_test(max(0.0, net.q - q_within), df_between),
        between_random=_q_test(max(0.0, consistent.fit(tau2)[2] - saturated.fit(tau2)[2]), df_between),
        tau2_within=tau2,
    )


def _design_columns(net: Network) -> Floats:
    """One column per design and treatment after the first of that design."""
    designs = sorted({trial.design for trial in net.trials})
    columns = [(design, name) for design in designs for name in design[1:]]
    rows = []
    for trial in net.trials:
        for treatment in trial.treatments[1:]:
            sign = {treatment: 1.0}
            sign[trial.treatments[0]] = -1.0
            rows.append([sign.get(name, 0.0) if design == trial.design else 0.0 for design, name in columns])
    return np.array(rows)


def _q_test(q: float, df: int) -> QTest:
    from scipy.stats import chi2

    return QTest(q, df, float(chi2.sf(q, df)) if df else 1.0)


@dataclass(frozen=True)
class Split:
    """Direct and indirect evidence on one comparison, and their difference with its test.

    None where there is no evidence of that kind.
    """

    network: Contrast
    direct: Contrast | None
    indirect: Contrast | None
    difference: Contrast | None


def split(net: Network, first: str, second: str) -> Split:
    """Direct evidence from trials of both treatments; indirect by taking it out of the network estimate.

    1 / var(network) = 1 / var(direct) + 1 / var(indirect) (Bucher et al. 1997, Dias et al. 2010); exact where the
    direct evidence comes from two-arm trials.
    """
    joint = net.compare(first, second)
    found = [trial.contrast(first, second) for trial in net.trials if {first, second} <= set(trial.treatments)]
    if not found:
        return Split(joint, None, joint, None)
    y, variance = np.array(found).T
    w = 1 / (variance + net.tau2)
    direct = wald(float(w @ y / w.sum()), float(w.sum() ** -0.5), level=net.level)
    remaining = joint.standard_error**-2 - direct.standard_error**-2
    if remaining <= 1e-8 * joint.standard_error**-2:
        return Split(joint, direct, None, None)
    centre = (joint.estimate * joint.standard_error**-2 - direct.estimate * direct.standard_error**-2) / remaining
    indirect = wald(centre, remaining**-0.5, level=net.level)
    return Split(joint, direct, indirect, inconsistency(direct, indirect, level=net.level))


def p_scores(net: Network, *, better: Better) -> dict[str, float]:
    """Mean certainty that a treatment beats another one (Ruecker and Schwarzer 2015); 1 is best, no simulation."""
    from scipy.special import ndtr

    sign = _sign(better)
    scores = {}
    for name in net.treatments:
        z = [sign * net.compare(name, other).statistic for other in net.treatments if other != name]
        scores[name] = float(np.mean(ndtr(np.array(z))))
    return scores


def rank_probabilities(net: Network, *, better: Better, draws: int = 100_000, seed: int = 1) -> dict[str, Floats]:
    """Probability of each rank (T,), rank 1 first, from draws of the joint normal distribution of the effects."""
    sign = _sign(better)
    normal = generator(seed, Purpose.POSTERIOR).standard_normal((draws, len(net.treatments)))
    values, vectors = np.linalg.eigh(net.covariance)
    effects = net.estimates + (normal * np.sqrt(np.maximum(values, 0))) @ vectors.T
    place = (-sign * effects).argsort(axis=1).argsort(axis=1)
    n = len(net.treatments)
    return {name: np.bincount(place[:, i], minlength=n) / draws for i, name in enumerate(net.treatments)}


def _sign(better: Better) -> float:
    if better not in ("lower", "higher"):
        raise InputError("unknown direction", where="better", allowed=("lower", "higher"), got=better)
    return 1.0 if better == "higher" else -1.0
