"""Pairwise meta-analysis: one mean effect over studies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.evidence.synthesis.estimates import Estimates
from jaksim.evidence.synthesis.heterogeneity import (
    CHOICES,
    TAU2_METHODS,
    Tau2Method,
    cochran_q,
    estimate_tau2,
    i_squared,
    q_profile,
    weighted_mean,
)
from jaksim.evidence.synthesis.inference import Contrast, Interval, check_level, wald

IntervalMethod = Literal["normal", "hartung_knapp", "hartung_knapp_truncated"]
INTERVAL_METHODS = ("normal", "hartung_knapp", "hartung_knapp_truncated")
PredictionMethod = Literal["k-2", "k-1", "normal"]
PREDICTION_METHODS = ("k-2", "k-1", "normal")


@dataclass(frozen=True)
class Pooled:
    """A pooled effect: the mean with its interval, what varies between studies, and each study's share of the weight.

    `tau2_interval` is the Q-profile interval. `prediction_interval` is for the true effect in a new study; None for a
    fixed effect and where too few studies leave it no degrees of freedom.
    """

    method: str
    interval_method: str
    k: int
    mean: Contrast
    tau2: float
    tau2_interval: Interval | None
    q: float
    q_df: int
    q_p_value: float
    i2: float
    prediction_interval: Interval | None
    weights: tuple[float, ...]

    @property
    def tau(self) -> float:
        """Standard deviation of the true effects between studies."""
        return math.sqrt(self.tau2)


def pool(
    estimates: Estimates,
    *,
    method: Tau2Method | Literal["fixed"] = "reml",
    interval: IntervalMethod = "normal",
    prediction: PredictionMethod = "k-2",
    level: float = 0.95,
) -> Pooled:
    """Fixed effect, or random effects with one of four estimators of the between-study variance.

    `interval` "hartung_knapp" scales the variance of the mean by the weighted residual variance and uses t with k - 1
    degrees of freedom (Hartung and Knapp 2001); "hartung_knapp_truncated" never scales it down (Knapp and Hartung
    2003). `prediction` says the reference distribution of the prediction interval: t with k - 2 degrees of freedom and
    the model-based variance of the mean (Higgins, Thompson and Spiegelhalter 2009), or t with k - 1 or a normal with
    the variance that the interval of the mean uses.
    """
    for value, allowed, where in (
        (method, tuple(CHOICES), "method"),
        (interval, INTERVAL_METHODS, "interval"),
        (prediction, PREDICTION_METHODS, "prediction"),
    ):
        if value not in allowed:
            raise InputError(f"unknown {where}", where=where, allowed=allowed, got=value)
    check_level(level)
    y, v, k = estimates.y, estimates.v, len(estimates)
    tau2 = estimate_tau2(y, v, method) if method in TAU2_METHODS else 0.0  # type: ignore[arg-type]
    centre, variance = weighted_mean(y, v, tau2)
    scale, df = _scale(y, v, tau2, interval)
    mean = wald(centre, math.sqrt(variance * scale), level=level, df=df)
    weights = 1 / (v + tau2)
    q = cochran_q(y, v)
    return Pooled(
        method=method,
        interval_method=interval,
        k=k,
        mean=mean,
        tau2=tau2,
        tau2_interval=q_profile(y, v, level) if k > 1 else None,
        q=q,
        q_df=k - 1,
        q_p_value=_chi2_sf(q, k - 1),
        i2=i_squared(q, k - 1),
        prediction_interval=None if method == "fixed" else _predicted(mean, variance, tau2, k, prediction),
        weights=tuple((weights / weights.sum()).tolist()),
    )


def _scale(y: Floats, v: Floats, tau2: float, interval: IntervalMethod) -> tuple[float, float]:
    """Factor on the variance of the mean, and degrees of freedom."""
    if interval == "normal":
        return 1.0, math.inf
    if len(y) < 2:
        raise InputError("Hartung-Knapp needs at least two studies", where="interval", got=interval)
    factor = cochran_q(y, v, tau2) / (len(y) - 1)
    return (factor if interval == "hartung_knapp" else max(1.0, factor)), len(y) - 1


def _predicted(mean: Contrast, variance: float, tau2: float, k: int, method: PredictionMethod) -> Interval | None:
    df = {"k-2": k - 2, "k-1": k - 1, "normal": math.inf}[method]
    if df < 1:
        return None
    of_mean = variance if method == "k-2" else mean.standard_error**2
    return wald(mean.estimate, math.sqrt(tau2 + of_mean), level=mean.level, df=df).interval


def _chi2_sf(q: float, df: int) -> float:
    from scipy.stats import chi2

    return float(chi2.sf(q, df)) if df > 0 else 1.0


def study_intervals(estimates: Estimates, *, level: float = 0.95) -> tuple[Contrast, ...]:
    """Each study's own interval and test."""
    pairs = zip(estimates.y.tolist(), np.sqrt(estimates.v).tolist(), strict=True)
    return tuple(wald(effect, error, level=level) for effect, error in pairs)
