"""Maximum a posteriori estimate and posterior draws of a calibration.

The posterior is proportional to exp(-half the sum of squared residuals): signed root deviances of the targets, times
the root of their weight, and standardised distances of the parameters from their normal priors. Covariance and draws
are then adjusted for targets that describe the same patients (`calibration.information`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jaksim.arrays import Floats
from jaksim.calibration.information import sandwich_covariance, score_covariance, stretched
from jaksim.calibration.posterior import Sampling, sample_posterior
from jaksim.calibration.predict import predict
from jaksim.calibration.problem import FitProblem
from jaksim.calibration.pull import Pull, pulls_of_priors
from jaksim.calibration.study import CalibrationStudy
from jaksim.calibration.target import Fitted
from jaksim.errors import InputError
from jaksim.rng import Purpose, generator

REPLICATES = 2000


@dataclass(frozen=True)
class Diagnostics:
    """How far a fit can be trusted."""

    mean_z_squared: float
    largest_absolute_z: float
    n_targets: int
    n_parameters: int
    acceptance: float
    effective_sample_size: float
    r_hat: float
    laplace_pareto_k: float
    largest_inflation: float
    evaluations: int
    optimality: float


@dataclass(frozen=True)
class Calibration:
    """A fitted study: estimates in the order of the template's parameters, draws of shape (n_draws, parameters).

    `curvature_covariance` is what `covariance` would be if the targets were independent.
    """

    study: CalibrationStudy
    estimate: Floats
    covariance: Floats
    curvature_covariance: Floats
    draws: Floats
    fitted: tuple[Fitted, ...]
    diagnostics: Diagnostics

    @cached_property
    def pulls(self) -> tuple[Pull, ...]:
        """What the priors of the effects do to every fitted ratio."""
        with settling():
            return pulls_of_priors(self.study, self.estimate)


def calibrate(
    study: CalibrationStudy,
    *,
    draws: int = 200,
    seed: int = 1,
    sampling: Sampling | None = None,
    replicates: int = REPLICATES,
) -> Calibration:
    """Fit a study's template to its targets. Deterministic for a given seed and version.

    `replicates` trials are simulated to measure how the figures of one trial vary together.
    """
    (sampling or Sampling()).check_draws(draws)
    problem = FitProblem(study)
    if not problem.free.any():
        raise InputError("every parameter is held fixed", where="model", allowed="a prior_sd above 0 for one at least")
    with settling():
        return _fitted(problem, draws, seed, sampling, replicates)


@contextmanager
def settling() -> Iterator[None]:
    """Refuse figures and priors that a fit cannot settle between."""
    try:
        yield
    except (np.linalg.LinAlgError, FloatingPointError, ValueError) as error:
        raise InputError(
            f"the fit does not settle: {error}",
            where="calibrate",
            allowed="figures that the model can meet, and priors that are not far from them",
        ) from None


def _fitted(problem: FitProblem, draws: int, seed: int, sampling: Sampling | None, replicates: int) -> Calibration:
    study = problem.study
    fit = problem.solve()
    information = fit.jac.T @ fit.jac
    curvature = np.linalg.inv(information)
    estimate = problem.full(fit.x)
    covariance = sandwich_covariance(fit.jac, score_covariance(study, estimate, replicates, seed))
    stream = generator(seed, Purpose.POSTERIOR)
    posterior = sample_posterior(problem.log_posterior, fit.x, curvature, draws, stream, sampling)
    fitted = tuple(
        row
        for target, predicted in zip(study.targets, predict(study, estimate[None]), strict=True)
        for row in target.rows(predicted[0])
    )
    z = np.array([row.z for row in fitted])
    free = problem.free
    full_draws = np.tile(estimate, (draws, 1))
    full_draws[:, free] = stretched(posterior.draws, fit.x, curvature, covariance)
    return Calibration(
        study=study,
        estimate=estimate,
        covariance=problem.full_covariance(covariance),
        curvature_covariance=problem.full_covariance(curvature),
        draws=full_draws,
        fitted=fitted,
        diagnostics=Diagnostics(
            mean_z_squared=float(np.mean(z**2)),
            largest_absolute_z=float(np.max(np.abs(z))),
            n_targets=len(z),
            n_parameters=int(free.sum()),
            acceptance=posterior.acceptance,
            effective_sample_size=posterior.effective_sample_size,
            r_hat=posterior.r_hat,
            laplace_pareto_k=posterior.laplace_pareto_k,
            largest_inflation=float(np.sqrt(np.max(np.diag(covariance) / np.diag(curvature)))),
            evaluations=problem.evaluations,
            optimality=float(fit.optimality),
        ),
    )
