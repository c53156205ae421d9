"""How much a study's figures really tell, given that they describe the same patients.

The fit treats its targets as independent, but a rate ratio, a median and a day-15 table of the same trial are
correlated. Their covariance is measured on simulated trials and turns the curvature of the fit into the sandwich
covariance of a composite likelihood (Varin, Reid and Firth, 2011); posterior draws are stretched to it (the affine
curvature adjustment of Ribatet, Cooley and Davison, 2012).
"""

from __future__ import annotations

import numpy as np

from jaksim.arrays import Floats
from jaksim.calibration.predict import predict
from jaksim.calibration.replicates import replicate_study, replicated_statistics
from jaksim.calibration.study import CalibrationStudy


def score_covariance(study: CalibrationStudy, values: Floats, replicates: int, seed: int) -> Floats:
    """Covariance (R, R) of the residuals of the fitted targets over simulated trials; the identity if independent."""
    fitted = study.fitted_only()
    simulated = replicated_statistics(replicate_study(fitted, values, replicates, seed))
    predicted = predict(fitted, values[None])
    scores = np.concatenate(
        [
            np.sqrt(target.weight) * target.deviations(expected[0], found)
            for target, expected, found in zip(fitted.targets, predicted, simulated, strict=True)
        ],
        axis=1,
    )
    return second_moments(scores)


def second_moments(scores: Floats) -> Floats:
    """Mean products (R, R) of scores (N, R) over the rows where each is finite; one where a column never is.

    A score that is not finite counts as its expectation, zero, in products with others, so that the matrix stays
    positive semi-definite.
    """
    finite = np.isfinite(scores)
    known = np.where(finite, scores, 0.0)
    count = np.sqrt(np.maximum(finite.sum(axis=0), 1))
    return np.asarray(known.T @ known / np.outer(count, count) + np.diag(~finite.any(axis=0)))


def sandwich_covariance(jacobian: Floats, covariance: Floats) -> Floats:
    """Covariance (P, P) of the estimate from the Jacobian (R + P, P), priors last, and the targets' covariance (R, R).

    With independent targets it is the inverse of the curvature J'J.
    """
    count = len(covariance)
    bread = np.linalg.inv(jacobian.T @ jacobian)
    meat = jacobian[:count].T @ covariance @ jacobian[:count] + jacobian[count:].T @ jacobian[count:]
    return np.asarray(bread @ meat @ bread)


def stretched(draws: Floats, centre: Floats, curvature_covariance: Floats, covariance: Floats) -> Floats:
    """Draws (N, P) moved by the affine map about `centre` that takes the curvature's covariance to the sandwich."""
    towards = np.linalg.cholesky(covariance)
    back = np.linalg.inv(np.linalg.cholesky(curvature_covariance))
    return np.asarray(centre + (draws - centre) @ (towards @ back).T)
