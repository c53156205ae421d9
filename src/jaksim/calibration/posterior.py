"""Posterior draws by Markov chains that know the Laplace approximation, and diagnostics of both.

The sampler is the generalised preconditioned Crank-Nicolson walk (Rudolf and Sprungk, 2018): proposals leave the normal
approximation invariant, so that acceptance depends only on how far the posterior is from normal, not on the dimension.
Many short chains run together because models are evaluated many at a time; the normal approximation is updated once,
after the burn-in. Convergence is the split R-hat between groups of chains (Margossian et al., 2024).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.calibration.importance import pareto_smoothed_weights
from jaksim.errors import InputError

LogDensity = Callable[[Floats], Floats]

CHAINS_PER_GROUP = 8


@dataclass(frozen=True)
class Sampling:
    """How many chains run together and how far; `step_size` of the proposals is in (0, 1].

    Errors: InputError for fewer than two groups of 8 chains, or chains too short to be judged.
    """

    chains: int = 64
    burn_in: int = 40
    steps: int = 140
    step_size: float = 0.9

    def __post_init__(self) -> None:
        if self.chains < 2 * CHAINS_PER_GROUP or self.chains % CHAINS_PER_GROUP:
            allowed = f"multiples of {CHAINS_PER_GROUP} from {2 * CHAINS_PER_GROUP}"
            raise InputError("chains run in groups", where="chains", allowed=allowed, got=self.chains)
        for name, least in (("burn_in", 2), ("steps", 4)):
            if getattr(self, name) < least:
                raise InputError("too few steps", where=name, allowed=f"at least {least}", got=getattr(self, name))
        if not 0.0 < self.step_size <= 1.0:
            raise InputError("step size of the proposals", where="step_size", allowed="0 to 1", got=self.step_size)

    def check_draws(self, draws: int) -> None:
        """Refuse more draws than the chains have states."""
        most = self.chains * self.steps
        if draws > most:
            raise InputError(
                "more draws than the chains have states", where="‹draws›", allowed=f"at most {most:,}", got=draws
            )


@dataclass(frozen=True)
class Posterior:
    """Draws (n, parameters) and how far they can be trusted.

    `effective_sample_size` and `r_hat` are the worst over parameters; `laplace_pareto_k` is the Pareto k of importance
    weights from the normal approximation (below 0.7 it could replace the chains).
    """

    draws: Floats
    acceptance: float
    effective_sample_size: float
    r_hat: float
    laplace_pareto_k: float


def sample_posterior(
    log_density: LogDensity,
    mode: Floats,
    covariance: Floats,
    draws: int,
    stream: np.random.Generator,
    sampling: Sampling | None = None,
) -> Posterior:
    """Draws from a density given for rows (N, parameters), around its mode with the Laplace covariance.

    The density may be zero (minus infinity) but not undefined (NaN). InputError for more draws than there are states.
    """
    sampling = sampling or Sampling()
    sampling.check_draws(draws)
    root = np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
    start = stream.standard_normal((sampling.chains, len(mode)))
    trial = mode + stream.standard_normal((4 * sampling.chains, len(mode))) @ root.T
    quadratic = np.sum(np.linalg.solve(root, (trial - mode).T) ** 2, axis=0)
    _, pareto_k = pareto_smoothed_weights(log_density(trial) + 0.5 * quadratic)
    burnt, _ = _walk(log_density, mode, root, start, sampling.burn_in, sampling.step_size, stream)
    settled = burnt[sampling.burn_in // 2 :].reshape(-1, len(mode))
    spread = np.atleast_2d(np.cov(settled.T))
    centre, root = settled.mean(axis=0), np.asarray(np.linalg.cholesky(spread), dtype=np.float64)
    start = np.linalg.solve(root, (burnt[-1] - centre).T).T
    chains, acceptance = _walk(log_density, centre, root, start, sampling.steps, sampling.step_size, stream)
    chosen = np.linspace(0, chains.shape[0] * chains.shape[1] - 1, draws).round().astype(int)
    return Posterior(
        draws=chains.reshape(-1, len(mode))[chosen],
        acceptance=acceptance,
        effective_sample_size=effective_sample_size(chains),
        r_hat=grouped_r_hat(chains),
        laplace_pareto_k=pareto_k,
    )


def _walk(
    log_density: LogDensity,
    centre: Floats,
    root: Floats,
    standard: Floats,
    steps: int,
    step_size: float,
    stream: np.random.Generator,
) -> tuple[Floats, float]:
    """States (steps, chains, parameters) of the walk from standardised starting points, and the acceptance rate."""

    def log_weight(points: Floats) -> Floats:
        return np.asarray(log_density(centre + points @ root.T) + 0.5 * np.sum(points**2, axis=1))

    standard = standard.copy()
    current = log_weight(standard)
    path = np.empty((steps, *standard.shape))
    accepted = 0
    for step in range(steps):
        proposed = np.sqrt(1.0 - step_size**2) * standard + step_size * stream.standard_normal(standard.shape)
        weight = log_weight(proposed)
        with np.errstate(invalid="ignore"):  # a chain that starts without density may be offered none
            moved = np.log(stream.random(len(standard))) < weight - current
        standard[moved], current[moved] = proposed[moved], weight[moved]
        accepted += int(moved.sum())
        path[step] = centre + standard @ root.T
    return path, accepted / (steps * len(standard))


def effective_sample_size(chains: Floats) -> float:
    """Smallest effective sample size over parameters of chains (steps, chains, parameters).

    Autocorrelation is estimated around the grand mean of all chains, which does not hide chains that have not met, and
    summed until it falls below 0.05.
    """
    steps, count, _ = chains.shape
    centred = chains - chains.mean(axis=(0, 1))
    variance = np.mean(centred**2, axis=(0, 1))
    time = np.ones_like(variance)
    open_ = np.ones(len(variance), dtype=bool)
    for lag in range(1, steps - 1):
        correlation = np.mean(centred[: steps - lag] * centred[lag:], axis=(0, 1)) / variance
        open_ &= correlation > 0.05
        if not open_.any():
            break
        time[open_] += 2.0 * correlation[open_]
    return float(steps * count / time.max())


def grouped_r_hat(chains: Floats) -> float:
    """Largest split R-hat over parameters between groups of chains, chains (steps, chains, parameters)."""
    steps, count, parameters = chains.shape
    half = steps // 2
    groups = count // CHAINS_PER_GROUP
    shaped = chains[: 2 * half].reshape(2, half, groups, CHAINS_PER_GROUP, parameters)
    pooled = shaped.transpose(0, 2, 1, 3, 4).reshape(2 * groups, half * CHAINS_PER_GROUP, parameters)
    within = pooled.var(axis=1, ddof=1).mean(axis=0)
    between = pooled.mean(axis=1).var(axis=0, ddof=1)
    return float(np.sqrt(1.0 + between / within).max())
