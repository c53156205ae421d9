"""What is left of subgroup effects once they lean on each other: an exact hierarchy of levels about a common effect.

    theta_k ~ N(mean, tau**2),  mean ~ N(0, 1),  tau ~ half-normal

The data of a level enter by their own likelihood, which for counts is that of the treated events given the margins
(Fisher's noncentral hypergeometric) and never a normal one, so that a level with few or no events says what it says.
All integrals are sums on a grid of log odds ratios: no simulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.evidence.subgroups.chance import support
from jaksim.evidence.synthesis.inference import Contrast
from jaksim.evidence.synthesis.posterior import TauGrid, TauPosterior
from jaksim.evidence.synthesis.priors import NormalPrior, TauPrior
from jaksim.evidence.two_arms import Arms

STEP, REACH = 0.01, 6.0
MEAN_PRIOR = NormalPrior(0.0, 1.0)
GRID = {"n_panels": 8, "order": 8}
_TAILS = 8.0
_NODE_FLOOR = 1e-12


@dataclass(frozen=True, eq=False)
class Density:
    """A law of a log odds ratio on the grid; `mass` sums to 1."""

    at: Floats
    mass: Floats

    @property
    def mean(self) -> float:
        return float(self.mass @ self.at)

    @property
    def standard_deviation(self) -> float:
        return float(np.sqrt(self.mass @ (self.at - self.mean) ** 2))

    def above(self, value: float) -> float:
        """Probability of more than this value, which halves the grid point that lies on it."""
        return float(np.interp(value, self.at, 1.0 - np.cumsum(self.mass) + 0.5 * self.mass))

    def quantile(self, probability: float) -> float:
        return float(np.interp(probability, np.cumsum(self.mass) - 0.5 * self.mass, self.at))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        return self.quantile(0.5 - level / 2), self.quantile(0.5 + level / 2)


@dataclass(frozen=True, eq=False)
class Shrunken:
    """Posterior of each level, of the mean, and of tau; log evidence with levels that differ and with one effect."""

    levels: tuple[Density, ...]
    mean: Density
    tau: TauPosterior
    log_evidence: float
    log_evidence_common: float

    @property
    def bayes_factor_common(self) -> float:
        """Evidence for one effect in all levels over effects that differ as the prior of tau says."""
        return float(np.exp(self.log_evidence_common - self.log_evidence))


def grid() -> Floats:
    """Log odds ratios."""
    n = round(2 * REACH / STEP)
    return np.asarray(np.arange(n + 1) * STEP - REACH)


def log_likelihood(arms: Arms) -> Floats:
    """Of the treated events given the margins, on the grid."""
    (a, n1), (c, n0) = arms.treated, arms.control
    law = support(n1, n0, a + c)
    logs = np.log(np.maximum(law.probability, 1e-300))[:, None] + law.values[:, None] * grid()
    peak = logs.max(axis=0)
    return np.asarray(logs[a - law.low] - peak - np.log(np.exp(logs - peak).sum(axis=0)))


def log_normal_likelihood(published: Contrast) -> Floats:
    """Of a published log odds ratio with its standard error, on the grid."""
    z = (grid() - published.estimate) / published.standard_error
    return np.asarray(-0.5 * z**2 - np.log(published.standard_error))


def shrink(log_likelihoods: Sequence[Floats], prior: TauPrior) -> Shrunken:
    """The hierarchy of levels with these log likelihoods on the grid."""
    at = grid()
    peaks = np.array([one.max() for one in log_likelihoods])
    likelihoods = np.exp(np.array(log_likelihoods) - peaks[:, None])
    nodes = TauGrid(prior.median, **GRID)
    log_tau = prior.log_density(nodes.tau) + np.log(nodes.weights)
    kept = log_tau > log_tau.max() + np.log(_NODE_FLOOR)
    mean_mass = np.exp(-0.5 * ((at - MEAN_PRIOR.mean) / MEAN_PRIOR.standard_deviation) ** 2)
    mean_mass /= mean_mass.sum()
    pulled = np.zeros_like(likelihoods)
    mean, tau_mass = np.zeros_like(at), np.zeros(len(nodes.tau))
    for node in np.flatnonzero(kept):
        tau = float(nodes.tau[node])
        smoothed = np.array([_blurred(one, tau) for one in likelihoods])
        weight = np.exp(log_tau[node])
        joint = weight * mean_mass * smoothed.prod(axis=0)
        mean += joint
        tau_mass[node] = joint.sum()
        for k in range(len(likelihoods)):
            pulled[k] += _blurred(weight * mean_mass * np.delete(smoothed, k, axis=0).prod(axis=0), tau)
    posterior = likelihoods * pulled
    total = tau_mass.sum()
    prior_mass = np.exp(log_tau[kept]).sum()
    common = float((mean_mass * likelihoods.prod(axis=0)).sum())
    return Shrunken(
        levels=tuple(Density(at, one / one.sum()) for one in posterior),
        mean=Density(at, mean / mean.sum()),
        tau=nodes.distribution(np.maximum(tau_mass, 0.0)),
        log_evidence=float(np.log(total / prior_mass) + peaks.sum()),
        log_evidence_common=float(np.log(common) + peaks.sum()),
    )


def _blurred(values: Floats, spread: float) -> Floats:
    """Values on the grid averaged over a normal of this standard deviation, constant beyond the ends of the grid."""
    from scipy.signal import fftconvolve

    kernel = _kernel(spread)
    half = len(kernel) // 2
    return np.asarray(np.maximum(fftconvolve(np.pad(values, half, mode="edge"), kernel, mode="valid"), 0.0))


def _kernel(spread: float) -> Floats:
    """Weights of a normal on the grid; below one step, three weights with its variance."""
    if spread < STEP:
        side = 0.5 * (spread / STEP) ** 2
        return np.array([side, 1.0 - 2.0 * side, side])
    reach = int(np.ceil(_TAILS * spread / STEP))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) * STEP / spread) ** 2)
    return np.asarray(weights / weights.sum())
