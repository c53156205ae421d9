"""Bayesian random-effects meta-analysis and meta-regression, by quadrature over the standard deviation of studies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.evidence.synthesis.estimates import Estimates
from jaksim.evidence.synthesis.posterior import NormalMixture, TauGrid, TauPosterior
from jaksim.evidence.synthesis.priors import NormalPrior, TauPrior


@dataclass(frozen=True, eq=False)
class Regression:
    """Posterior of y_i ~ N(x_i . beta, v_i + tau**2): coefficients, tau, and the true effect of each study.

    Given tau everything is normal; `tau` carries the nodes, `means` (m, p) and `covariances` (m, p, p) the
    coefficients at each node. `log_evidence` is the log marginal likelihood (with flat priors up to a constant).
    """

    names: tuple[str, ...]
    tau: TauPosterior
    means: Floats
    covariances: Floats
    studies: Mapping[str, NormalMixture]
    log_evidence: float

    def coefficient(self, name: str) -> NormalMixture:
        """Posterior of one coefficient; InputError for an unknown name."""
        if name not in self.names:
            raise InputError("no such coefficient", where="name", allowed=self.names, got=name)
        return self.linear(np.eye(len(self.names))[self.names.index(name)])

    def linear(self, x: Sequence[float] | Floats, *, new_study: bool = False) -> NormalMixture:
        """Posterior of x . beta: the mean effect at these covariates, or the true effect in a new study there."""
        row = np.asarray(x, dtype=float)
        variance = np.einsum("i,mij,j->m", row, self.covariances, row) + new_study * self.tau.grid.tau**2
        return NormalMixture(self.tau.mass, self.means @ row, np.sqrt(variance))


def regress(
    estimates: Estimates,
    design: Floats,
    names: Sequence[str],
    priors: Sequence[NormalPrior],
    *,
    tau_prior: TauPrior,
    grid: TauGrid | None = None,
) -> Regression:
    """Meta-regression with normal priors of the coefficients and a prior of tau (Roever and Friede 2023).

    `design` is (k, p). InputError when its shape does not fit or the coefficients are not identified.
    """
    x = np.asarray(design, dtype=float)
    if x.shape != (len(estimates), len(names)) or len(priors) != len(names):
        expected = f"{len(estimates)} studies by {len(names)} coefficients"
        raise InputError("the design does not fit", where="design", allowed=expected, got=x.shape)
    precision = np.array([prior.precision for prior in priors])
    if np.linalg.matrix_rank(np.vstack([x, np.diag(precision > 0)])) < len(names):
        raise InputError("the studies do not identify every coefficient", where="design", allowed="proper priors")
    nodes = grid or TauGrid(scale_of(estimates, tau_prior))
    prior_mean = np.array([prior.mean for prior in priors])
    means, covariances, log_likelihood = conditional(estimates.y, estimates.v, x, nodes.tau, prior_mean, precision)
    log_mass = log_likelihood + tau_prior.log_density(nodes.tau) + np.log(nodes.weights)
    peak = float(log_mass.max())
    mass = np.exp(log_mass - peak)
    posterior = nodes.distribution(mass)
    return Regression(
        names=tuple(names),
        tau=posterior,
        means=means,
        covariances=covariances,
        studies=_shrunken(estimates, x, posterior, means, covariances),
        log_evidence=peak + float(np.log(mass.sum())),
    )


def hierarchy(estimates: Estimates, *, tau_prior: TauPrior, mean_prior: NormalPrior | None = None) -> Regression:
    """The normal-normal hierarchy (Roever 2020): one coefficient "mean", and tau between studies."""
    ones = np.ones((len(estimates), 1))
    return regress(estimates, ones, ("mean",), (mean_prior or NormalPrior(),), tau_prior=tau_prior)


def conditional(
    y: Floats, v: Floats, x: Floats, tau: Floats, prior_mean: Floats, prior_precision: Floats
) -> tuple[Floats, Floats, Floats]:
    """Means (m, p) and covariances (m, p, p) of the coefficients given each tau, and log p(y | tau) (m,)."""
    w = 1 / (v + tau[:, None] ** 2)
    precision = np.einsum("mk,ki,kj->mij", w, x, x) + np.diag(prior_precision)
    covariances = np.linalg.inv(precision)
    means = np.einsum("mij,mj->mi", covariances, (w * y) @ x + prior_precision * prior_mean)
    residual = (w * (y - means @ x.T) ** 2).sum(axis=1) + ((means - prior_mean) ** 2 * prior_precision).sum(axis=1)
    flat = prior_precision == 0
    logs = np.log(w).sum(axis=1) - len(y) * np.log(2 * np.pi) - np.linalg.slogdet(precision)[1]
    logs += np.log(prior_precision[~flat]).sum() + flat.sum() * np.log(2 * np.pi)
    return means, covariances, 0.5 * (logs - residual)


def scale_of(estimates: Estimates, prior: TauPrior) -> float:
    """Scale of the nodes: between what the prior expects and what a typical standard error can resolve."""
    return float(np.sqrt(prior.median * np.sqrt(np.median(estimates.v))))


def _shrunken(
    estimates: Estimates, x: Floats, tau: TauPosterior, means: Floats, covariances: Floats
) -> dict[str, NormalMixture]:
    """True effect of each study: between its own estimate and what the regression says of it."""
    tau2 = tau.grid.tau**2
    effects = {}
    for label, y, v, row in zip(estimates.labels, estimates.y, estimates.v, x, strict=True):
        own = tau2 / (tau2 + v)
        spread = own * v + (1 - own) ** 2 * np.einsum("i,mij,j->m", row, covariances, row)
        effects[label] = NormalMixture(tau.mass, own * y + (1 - own) * (means @ row), np.sqrt(spread))
    return effects
