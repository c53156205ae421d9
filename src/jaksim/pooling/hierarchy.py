"""A normal hierarchy over what trials tell of their drugs' effects.

Trial j of drug d in class c has in cell k of kind g the log hazard ratio

    eta_jk = delta_dk + beta_cg share_j + u_jg,   delta_dk ~ N(class_ck, omega_g^2),   u_jg ~ N(0, tau_g^2):

the deviation of a trial is one for all its cells of a kind, as in a prediction. Where a trial compares its patients on
and off glucocorticoids, the difference of the effects is beta_cg, for the deviation of the trial is in both. Given
omega and tau all is normal, in closed form; they are integrated over points that are spread evenly over their priors
and weighted by the marginal likelihood. Draws take a point by its weight, and the effects from their normal
distribution there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.pooling.coordinates import Coordinates
from jaksim.pooling.priors import KINDS, PooledPriors
from jaksim.pooling.summaries import TrialEffects
from jaksim.rng import Purpose, generator

POINTS = 2048
_BLOCK = 512
# How much wider than the posterior its normal approximation is made, and the least variance it has.
_WIDER, _LEAST = 1.5, 1e-3


@dataclass(frozen=True, eq=False)
class PooledPosterior:
    """Draws (n, size) of classes, drugs and interactions, in the order of `coordinates`, with those of tau and omega.

    `tau_draws` and `omega_draws` are (n, kinds). `mean` and `covariance` are exact but for the integral over tau and
    omega, whose points (N, kinds) carry `weights` (N,); `effective_points` says how many equal ones they are worth.
    """

    summaries: tuple[TrialEffects, ...]
    priors: PooledPriors
    coordinates: Coordinates
    draws: Floats
    tau_draws: Floats
    omega_draws: Floats
    mean: Floats
    covariance: Floats
    tau_points: Floats
    omega_points: Floats
    weights: Floats

    @property
    def names(self) -> tuple[str, ...]:
        return self.coordinates.names

    @cached_property
    def sd(self) -> Floats:
        """Posterior standard deviations (size,)."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def effective_points(self) -> float:
        return float(1.0 / np.sum(self.weights**2))

    def tau(self, probability: float) -> Floats:
        """Quantile (kinds,) of the standard deviation between trials."""
        return _quantile(self.tau_points, self.weights, probability)

    def omega(self, probability: float) -> Floats:
        """Quantile (kinds,) of the standard deviation between drugs of a class."""
        return _quantile(self.omega_points, self.weights, probability)


def fit(
    summaries: Sequence[TrialEffects],
    priors: PooledPriors | None = None,
    *,
    draws: int = 1000,
    seed: int = 1,
    points: int = POINTS,
) -> PooledPosterior:
    """The posterior of all effects given all trials; deterministic for a seed.

    `points` (a power of two) integrate over the standard deviations between drugs and between trials, half of them
    spread over their priors, half over where the first half has found the posterior.
    """
    if not summaries:
        raise InputError("no trial to pool", where="summaries")

    chosen = priors or PooledPriors()
    coordinates = Coordinates.of(summaries)
    stream = generator(seed, Purpose.POSTERIOR)

    def conditionals(places: Floats) -> _Conditionals:
        omega, tau = chosen.deviations(places)
        blocks = [slice(i, i + _BLOCK) for i in range(0, len(places), _BLOCK)]
        parts = [_conditional(summaries, coordinates, chosen, omega[rows], tau[rows]) for rows in blocks]
        means, roots, log_likelihood = (np.concatenate(part) for part in zip(*parts, strict=True))
        return _Conditionals(omega, tau, means, roots, log_likelihood)

    found, weights = _integrated(conditionals, 2 * len(KINDS), points, stream)
    means, roots, omega, tau = found.means, found.roots, found.omega, found.tau
    taken = _resampled(weights, draws, stream)
    standard = stream.standard_normal((draws, coordinates.size))
    mean = weights @ means
    within = np.einsum("n,nij,nkj->ik", weights, roots, roots)
    return PooledPosterior(
        summaries=tuple(summaries),
        priors=chosen,
        coordinates=coordinates,
        draws=means[taken] + np.einsum("nij,nj->ni", roots[taken], standard),
        tau_draws=tau[taken],
        omega_draws=omega[taken],
        mean=mean,
        covariance=within + (means - mean).T @ ((means - mean) * weights[:, None]),
        tau_points=tau,
        omega_points=omega,
        weights=weights,
    )


def conditional(
    summaries: Sequence[TrialEffects], priors: PooledPriors, omega: Floats, tau: Floats
) -> tuple[Floats, Floats, float]:
    """Mean (size,), covariance (size, size) and log marginal likelihood where omega and tau (kinds,) are known.

    The likelihood is that of `TrialEffects`, whose constant is left out.
    """
    means, roots, log_likelihood = _conditional(
        summaries, Coordinates.of(summaries), priors, np.asarray(omega)[None], np.asarray(tau)[None]
    )
    return means[0], roots[0] @ roots[0].T, float(log_likelihood[0])


def predictive(posterior: PooledPosterior, trial: TrialEffects, *, seed: int = 1) -> Floats:
    """Draws (n, C) of the effects of another trial: of its information only drug, class, share and cells are read.

    A drug, or a cell of it, that no trial of the posterior had is drawn around its class, a class around no effect.
    """
    stream = generator(seed, Purpose.POSTERIOR, replicate=1)
    coordinates, priors, count = posterior.coordinates, posterior.priors, len(posterior.draws)
    found = np.empty((count, len(trial.cells)))
    deviations = posterior.tau_draws * stream.standard_normal((count, len(KINDS)))
    unknown = stream.standard_normal((2, count, len(trial.cells)))
    shared = _interactions(posterior, trial, stream)
    for column, (cell, kind) in enumerate(zip(trial.cells, trial.kinds, strict=True)):
        number = KINDS.index(kind)
        if (trial.drug, cell) in coordinates.drugs:
            delta = posterior.draws[:, coordinates.of_drug(trial.drug, cell)]
        elif (trial.treatment_class, cell) in coordinates.classes:
            around = posterior.draws[:, coordinates.of_class(trial.treatment_class, cell)]
            delta = around + posterior.omega_draws[:, number] * unknown[0, :, column]
        else:
            spread = np.hypot(priors.class_sd, posterior.omega_draws[:, number])
            delta = spread * unknown[1, :, column]
        found[:, column] = delta + (trial.share or 0.0) * shared[:, number] + deviations[:, number]
    return found


def gains_of_one_more(
    posterior: PooledPosterior, trial: TrialEffects, gradient: Floats, *, points: int = 256
) -> Floats:
    """By how much (points,) one more trial with this information lowers the variance of a linear function of the
    effects, whose gradient (size,) is given, at equally likely standard deviations: their mean is expected.

    Standard deviations between drugs and trials stay as uncertain as they are. Given these, the covariance does not
    depend on what the trial will find.
    """
    chosen = _resampled(posterior.weights, points, generator(1, Purpose.POSTERIOR, replicate=2))
    omega, tau = posterior.omega_points[chosen], posterior.tau_points[chosen]
    variances = []
    for summaries in (posterior.summaries, (*posterior.summaries, trial)):
        _, roots, _ = _conditional(summaries, posterior.coordinates, posterior.priors, omega, tau)
        variances.append(np.sum((np.swapaxes(roots, 1, 2) @ gradient) ** 2, axis=1))
    return np.asarray(variances[0] - variances[1])


def left_out(posterior: PooledPosterior, study: str, *, seed: int = 1, points: int = POINTS) -> PooledPosterior:
    """The posterior without one trial."""
    others = [trial for trial in posterior.summaries if trial.study != study]
    return fit(others, posterior.priors, draws=len(posterior.draws), seed=seed, points=points)


def _conditional(
    summaries: Sequence[TrialEffects], coordinates: Coordinates, priors: PooledPriors, omega: Floats, tau: Floats
) -> tuple[Floats, Floats, Floats]:
    """Means (N, size), roots of the covariance (N, size, size) and log marginal likelihoods (N,) at N points."""
    size, count = coordinates.size, len(tau)
    information = np.zeros((count, size, size))
    weighted = np.zeros((count, size))
    log_likelihood = np.zeros(count)
    for trial in summaries:
        own, towards, gained = _without_deviation(trial, tau)
        design = coordinates.design(trial)
        used = np.flatnonzero(design.any(axis=0))
        rows = design[:, used]
        information[:, used[:, None], used] += rows.T @ own @ rows
        weighted[:, used] += towards @ rows
        log_likelihood += gained
        if trial.within is not None:
            at = np.array([coordinates.of_interaction(trial.treatment_class, kind) for kind in trial.kinds])
            of_cells = np.eye(size)[at]
            information += of_cells.T @ trial.within.information @ of_cells
            weighted += trial.within.weighted @ of_cells
    root = coordinates.root(priors, omega)
    back = np.swapaxes(root, 1, 2)
    curvature = np.eye(size) + back @ information @ root
    lower = np.linalg.cholesky(curvature)
    inverse = np.linalg.inv(lower)
    half = np.einsum("nij,nj->ni", inverse, np.einsum("nij,nj->ni", back, weighted))
    covariance_root = root @ np.swapaxes(inverse, 1, 2)
    means = np.einsum("nij,nj->ni", covariance_root, half)
    log_likelihood += 0.5 * np.sum(half**2, axis=1)
    log_likelihood -= np.sum(np.log(np.diagonal(lower, axis1=1, axis2=2)), axis=1)
    return means, covariance_root, log_likelihood


def _interactions(posterior: PooledPosterior, trial: TrialEffects, stream: np.random.Generator) -> Floats:
    """Draws (n, kinds) of what everybody on glucocorticoids adds to the effects of a trial's class."""
    found = np.zeros((len(posterior.draws), len(KINDS)))
    if trial.share is None or not posterior.coordinates.interactions:
        return found
    for number, kind in enumerate(KINDS):
        weights, left = posterior.coordinates.expected_interaction(trial.treatment_class, kind, posterior.priors)
        found[:, number] = posterior.draws @ weights
        if left:
            found[:, number] += np.sqrt(left) * stream.standard_normal(len(found))
    return found


def _without_deviation(trial: TrialEffects, tau: Floats) -> tuple[Floats, Floats, Floats]:
    """Information (N, C, C), weighted (N, C) and log factor (N,) once the trial's deviations are integrated out."""
    kinds = [KINDS.index(kind) for kind in trial.kinds]
    spread = np.zeros((len(tau), len(kinds), len(KINDS)))
    spread[:, np.arange(len(kinds)), kinds] = tau[:, kinds]
    seen = trial.information @ spread
    inner = np.eye(len(KINDS)) + np.swapaxes(spread, 1, 2) @ seen
    inverse = np.linalg.inv(inner)
    pulled = trial.weighted @ spread
    correction = np.einsum("nij,nj->ni", inverse, pulled)
    information = trial.information - seen @ inverse @ np.swapaxes(seen, 1, 2)
    weighted = trial.weighted - np.einsum("nij,nj->ni", seen, correction)
    _, log_determinant = np.linalg.slogdet(inner)
    return information, weighted, 0.5 * (np.sum(pulled * correction, axis=1) - log_determinant)


@dataclass(frozen=True, eq=False)
class _Conditionals:
    """At N points: standard deviations (N, kinds), means (N, size), roots of covariances, log marginal likelihoods."""

    omega: Floats
    tau: Floats
    means: Floats
    roots: Floats
    log_likelihood: Floats

    def joined(self, other: _Conditionals) -> _Conditionals:
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return _Conditionals(*(np.concatenate(pair) for pair in pairs))


def _integrated(
    conditionals: Callable[[Floats], _Conditionals], dimensions: int, points: int, stream: np.random.Generator
) -> tuple[_Conditionals, Floats]:
    """Points of a mixture of the prior and a normal approximation of the posterior, and their weights.

    Points are standard normal under the prior. Weights are those of the mixture as a whole (Owen and Zhou, J Am Stat
    Assoc 2000;95:135), so that neither half can leave out what the other sees.
    """
    from scipy.special import ndtri
    from scipy.stats import qmc

    def even() -> Floats:
        uniform = qmc.Sobol(dimensions, scramble=True, rng=stream).random(points // 2)
        return np.asarray(ndtri(np.clip(uniform, 1e-12, 1.0 - 1e-12)))

    first = even()
    found = conditionals(first)
    weights = np.exp(found.log_likelihood - found.log_likelihood.max())
    centre = weights @ first / weights.sum()
    spread = (first - centre).T @ ((first - centre) * weights[:, None]) / weights.sum()
    root = np.linalg.cholesky(_WIDER * spread + _LEAST * np.eye(dimensions))
    second = centre + even() @ root.T
    found = found.joined(conditionals(second))
    places = np.concatenate([first, second])
    own = np.linalg.solve(root, (places - centre).T)
    log_ratio = 0.5 * np.sum(places**2, axis=1) - 0.5 * np.sum(own**2, axis=0) - np.sum(np.log(np.diag(root)))
    log_weights = found.log_likelihood - np.logaddexp(0.0, log_ratio)
    weights = np.exp(log_weights - log_weights.max())
    return found, weights / weights.sum()


def _resampled(weights: Floats, draws: int, stream: np.random.Generator) -> np.ndarray:
    """Indices (draws,) of points by systematic resampling, in random order."""
    places = (stream.random() + np.arange(draws)) / draws
    taken = np.minimum(np.searchsorted(np.cumsum(weights), places), len(weights) - 1)
    return stream.permutation(taken)


def _quantile(points: Floats, weights: Floats, probability: float) -> Floats:
    found = []
    for column in points.T:
        order = np.argsort(column)
        reached = np.cumsum(weights[order])
        found.append(column[order][min(int(np.searchsorted(reached, probability)), len(column) - 1)])
    return np.array(found)
