"""The least-squares problem of a calibration: residuals of a study's figures and priors over its free parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import least_squares

from jaksim.arrays import Floats
from jaksim.calibration.predict import predict
from jaksim.calibration.study import CalibrationStudy

DIFFERENCE_STEP = 1e-4
BLOCK = 64


class FitProblem:
    """Residuals of a study over its free parameters."""

    def __init__(self, study: CalibrationStudy) -> None:
        self.study = study
        self.mean = study.template.prior_mean
        self.sd = study.template.prior_sd
        self.free = self.sd > 0
        self.start = self.mean[self.free]
        self.evaluations = 0

    def solve(self, start: Floats | None = None) -> Any:
        """Least squares from `start`, the prior means if not given."""
        first = self.start if start is None else start
        return least_squares(self.residuals, first, self.jacobian, x_scale="jac", xtol=1e-9, ftol=1e-9)

    def full(self, free_values: Floats) -> Floats:
        """Values of all parameters from those of the free ones."""
        values = self.mean.copy()
        values[self.free] = free_values
        return values

    def full_covariance(self, covariance: Floats) -> Floats:
        """Covariance of all parameters, zero where one is held."""
        full = np.zeros((len(self.mean), len(self.mean)))
        full[np.ix_(self.free, self.free)] = covariance
        return full

    def residuals(self, free_values: Floats) -> Floats:
        """Residuals of the fitted figures, then of the priors."""
        return np.asarray(self.residual_rows(free_values[None])[0])

    def residual_rows(self, rows: Floats) -> Floats:
        """Residuals (N, residuals) of N sets of free values, evaluated together."""
        self.evaluations += len(rows)
        values = np.tile(self.mean, (len(rows), 1))
        values[:, self.free] = rows
        fitted = [target for target in self.study.targets if target.role == "fit"]
        predicted = predict(self.study, values, fitted_only=True)
        parts = [
            np.sqrt(target.weight) * target.residuals(found) for target, found in zip(fitted, predicted, strict=True)
        ]
        parts.append((rows - self.start) / self.sd[self.free])
        return np.concatenate(parts, axis=1)

    def jacobian(self, free_values: Floats) -> Floats:
        """Derivatives (residuals, free parameters) by central differences, all shifted models in one evaluation."""
        steps = DIFFERENCE_STEP * np.eye(len(free_values))
        shifted = self.residual_rows(np.concatenate([free_values + steps, free_values - steps]))
        forward, backward = np.split(shifted, 2)
        return np.asarray((forward - backward).T / (2 * DIFFERENCE_STEP))

    def log_posterior(self, rows: Floats) -> Floats:
        """Log posterior density (N,) up to a constant of N sets of free values."""
        blocks = [self.residual_rows(rows[i : i + BLOCK]) for i in range(0, len(rows), BLOCK)]
        density = -0.5 * np.sum(np.concatenate(blocks) ** 2, axis=1)
        return np.where(np.isnan(density), -np.inf, density)
