"""Between-study variance: Cochran's Q, four estimators and the Q-profile interval."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from jaksim.arrays import Floats
from jaksim.evidence.synthesis.inference import Interval

Tau2Method = Literal["dersimonian_laird", "paule_mandel", "ml", "reml"]
TAU2_METHODS = ("dersimonian_laird", "paule_mandel", "ml", "reml")


def weighted_mean(y: Floats, v: Floats, tau2: float = 0.0) -> tuple[float, float]:
    """Inverse-variance mean at this between-study variance, and its variance."""
    w = 1 / (v + tau2)
    return float(w @ y / w.sum()), float(1 / w.sum())


def cochran_q(y: Floats, v: Floats, tau2: float = 0.0) -> float:
    """Weighted sum of squares about the weighted mean, weights 1 / (v + tau2)."""
    mean, _ = weighted_mean(y, v, tau2)
    return float((((y - mean) ** 2) / (v + tau2)).sum())


def i_squared(q: float, df: int) -> float:
    """Share of the variation that is not sampling error, max(0, (Q - df) / Q) (Higgins and Thompson 2002)."""
    return max(0.0, (q - df) / q) if df > 0 and q > 0 else 0.0


def estimate_tau2(y: Floats, v: Floats, method: Tau2Method) -> float:
    """Between-study variance, 0 for a single study."""
    if len(y) < 2:
        return 0.0
    if method == "dersimonian_laird":
        w = 1 / v
        return max(0.0, (cochran_q(y, v) - (len(y) - 1)) / float(w.sum() - (w**2).sum() / w.sum()))
    if method == "paule_mandel":
        return q_root(lambda tau2: cochran_q(y, v, tau2), len(y) - 1, scale=upper_limit(y, v))
    restricted = method == "reml"
    return maximum(lambda tau2: _log_likelihood(y, v, tau2, restricted), scale=upper_limit(y, v))


def q_profile(y: Floats, v: Floats, level: float) -> Interval:
    """Interval of the between-study variance from the distribution of Q at each value (Viechtbauer 2007)."""
    from scipy.stats import chi2

    df = len(y) - 1
    tails = (0.5 + level / 2, 0.5 - level / 2)
    lower, upper = (
        q_root(lambda tau2: cochran_q(y, v, tau2), float(chi2.ppf(tail, df)), scale=upper_limit(y, v)) for tail in tails
    )
    return lower, upper


def q_root(q: Callable[[float], float], target: float, *, scale: float) -> float:
    """The variance at which a decreasing Q function falls to `target`; 0 when it starts below."""
    from scipy.optimize import brentq

    if q(0.0) <= target:
        return 0.0
    upper = scale
    while q(upper) > target:
        upper *= 4
    return float(brentq(lambda tau2: q(tau2) - target, 0.0, upper, xtol=1e-15 * upper, rtol=1e-14))


def maximum(log_likelihood: Callable[[float], float], *, scale: float) -> float:
    """The variance in [0, scale] with the greatest likelihood: a scan finds the best of several maxima, then Brent."""
    from scipy.optimize import minimize_scalar

    tau = np.linspace(0.0, np.sqrt(scale), 201)
    values = [log_likelihood(t * t) for t in tau]
    best = int(np.argmax(values))
    low, high = tau[max(best - 1, 0)], tau[min(best + 1, len(tau) - 1)]
    found = minimize_scalar(
        lambda t: -log_likelihood(t * t), bounds=(low, high), method="bounded", options={"xatol": 1e-12}
    )
    return float(found.x) ** 2 if -found.fun > log_likelihood(0.0) else 0.0


def upper_limit(y: Floats, v: Floats) -> float:
    """A between-study variance above any that the data can support."""
    return float(np.ptp(y) ** 2 + v.max())


def _log_likelihood(y: Floats, v: Floats, tau2: float, restricted: bool) -> float:
    value = -0.5 * (float(np.log(v + tau2).sum()) + cochran_q(y, v, tau2))
    return value - 0.5 * float(np.log((1 / (v + tau2)).sum())) if restricted else value


CHOICES: dict[str, str] = {
    "fixed": "one common effect, inverse-variance weights",
    "dersimonian_laird": "random effects, moment estimator of DerSimonian and Laird (1986)",
    "paule_mandel": "random effects, Paule and Mandel (1982)",
    "ml": "random effects, maximum likelihood",
    "reml": "random effects, restricted maximum likelihood",
}
