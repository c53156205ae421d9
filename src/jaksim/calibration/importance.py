"""Pareto smoothed importance sampling (Vehtari, Simpson, Gelman, Yao and Gabry, 2024)."""

from __future__ import annotations

import numpy as np

from jaksim.arrays import Floats

ROUNDING = 1e-9


def pareto_smoothed_weights(log_ratios: Floats) -> tuple[Floats, float]:
    """Normalised importance weights with the tail replaced by expected order statistics of a generalised Pareto fit.

    Source: Vehtari et al. (2024), algorithm 1; the fit is Zhang and Stephens (2009). Returns weights and the shape k,
    which is 0 where ratios differ by no more than rounding, or are too few for a tail.
    """
    weights = np.exp(log_ratios - np.max(log_ratios))
    size = len(weights)
    tail = int(min(0.2 * size, 3.0 * np.sqrt(size)))
    order = np.argsort(weights, kind="stable")
    cutoff = weights[order[-tail - 1]]
    exceedances = weights[order[-tail:]] - cutoff
    if tail < 5 or exceedances[-1] <= ROUNDING:
        return weights / weights.sum(), 0.0
    shape, scale = _generalised_pareto_fit(np.maximum(exceedances, 1e-300))
    p = (np.arange(1, tail + 1) - 0.5) / tail
    quantiles = -scale * np.log1p(-p) if abs(shape) < 1e-8 else scale * np.expm1(-shape * np.log1p(-p)) / shape
    weights[order[-tail:]] = np.minimum(cutoff + quantiles, np.max(weights))
    return weights / weights.sum(), shape


def _generalised_pareto_fit(sorted_exceedances: Floats) -> tuple[float, float]:
    """Shape and scale by the empirical-Bayes estimator of Zhang and Stephens (2009), shape shrunk as in PSIS."""
    x = sorted_exceedances
    n = len(x)
    grid = 30 + int(np.sqrt(n))
    quartile = x[int(n / 4 + 0.5) - 1]
    theta = 1.0 / x[-1] + (1.0 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))) / (3.0 * quartile)
    k = np.mean(np.log1p(-theta[:, None] * x), axis=1)
    log_likelihood = n * (np.log(-theta / k) - k - 1.0)
    weight = 1.0 / np.sum(np.exp(log_likelihood - log_likelihood[:, None]), axis=1)
    theta_hat = float(np.sum(theta * weight) / np.sum(weight))
    shape = float(np.mean(np.log1p(-theta_hat * x)))
    return (shape * n + 0.5 * 10) / (n + 10), -shape / theta_hat
