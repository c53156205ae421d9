"""The regression behind a method, fitted to the patients of one data set."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.counts import Options
from jaksim.analysis.method import Adjusted
from jaksim.analysis.newton import Coefficient, Fit, coefficients, standardised
from jaksim.analysis.patients import Patients
from jaksim.analysis.result import AnalysisResult, summarise, t_quantile
from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.ratio import ratio_of

if TYPE_CHECKING:
    from jaksim.analysis.regression.rows import Rows


def adjusted_by(name: str) -> Adjusted:
    """The adjusted analysis of the method of that name; a standardised value comes without coefficients."""

    def adjusted(patients: Patients, options: Options, level: float, *, robust: bool) -> Fit | AnalysisResult:
        from jaksim.analysis.regression.models import MODELS

        model = MODELS[name]
        if patients.cluster is not None:
            allowed = "methods cox or proportional_odds"
            raise InputError(f"method {name} has no errors by cluster", where="‹cluster›", allowed=allowed)
        response = np.asarray(model.response(patients.endpoint))[patients.category]
        known = np.isfinite(response) if response.dtype.kind == "f" else response >= 0
        patients, response = _chosen(patients, known), response[known].astype(np.float64)
        rows = _rows(patients)
        columns, labels = _columns(patients)
        if len(columns) > 1:
            standardised(columns[:, 1:], labels[1:], np.zeros(len(columns), dtype=np.int64))
        found, betas, covariances = model.fit(rows, patients.endpoint, model.how(options, robust), 0.0, strata=True)
        if model.standardises is not None:
            ratio = model.standardises == "ratio"
            bounds = (-math.inf, math.inf) if ratio else (-1.0, 1.0)
            return summarise(name, "", found[0], len(rows.x), level=level, log_ratio=ratio, bounds=bounds)
        order = [len(labels), *range(1, len(labels))]
        beta, covariance = betas[0][order], covariances[0][np.ix_(order, order)]
        freedom = len(response) - len(betas[0]) if model.residual else None
        fitted = np.column_stack([columns[:, 1:], columns[:, 0]]) @ np.append(beta[1:], beta[0])
        likelihoods = _gaussian(response, fitted) if model.residual else _binomial(response, fitted)
        each = _coefficients(labels, beta, np.sqrt(covariance.diagonal()), level, freedom)
        if options.get("test") == "score":
            z = float(found[0, 2])
            each = (replace(each[0], statistic=z, p_value=math.erfc(abs(z) / math.sqrt(2.0))), *each[1:])
        return Fit(each, covariance, likelihoods, len(response), robust=robust, freedom=freedom)

    return adjusted


def _chosen(patients: Patients, known: NDArray[np.bool_]) -> Patients:
    """Those whose value is known."""
    parts: dict[str, Any] = {part: getattr(patients, part)[known] for part in ("arm", "category", "stratum")}
    return replace(patients, covariates=patients.covariates[known], **parts)


def _rows(patients: Patients) -> Rows:
    from jaksim.analysis.regression.rows import Rows

    n = len(patients.arm)
    return Rows(
        np.array([0, n]),
        patients.arm.astype(np.float64),
        np.unique(patients.stratum, return_inverse=True)[1].astype(np.int64),
        patients.category.astype(np.int64),
        np.ascontiguousarray(patients.covariates, dtype=np.float64),
        np.ones(n),
    )


def _columns(patients: Patients) -> tuple[Floats, tuple[str, ...]]:
    """The columns (n, q) of the model but the intercept, the arm first, and their names."""
    x, names = patients.design()
    others = [int(stratum) for stratum in np.unique(patients.stratum)[1:]]
    columns = np.column_stack([x, *(patients.stratum == stratum for stratum in others)])
    return columns, (*names, *(f"stratum: {patients.strata[stratum]}" for stratum in others))


def _coefficients(
    names: Sequence[str], beta: Floats, se: Floats, level: float, freedom: int | None
) -> tuple[Coefficient, ...]:
    """The coefficients with Wald tests and intervals, by Student's t where there are degrees of freedom."""
    each = coefficients(names, beta, se, level)
    if freedom is None:
        return each
    from scipy.special import stdtr

    half = t_quantile(level, freedom)
    found = []
    for one in each:
        low, high = one.estimate - half * one.se, one.estimate + half * one.se
        p = 2.0 * float(stdtr(freedom, -abs(one.statistic)))
        found.append(replace(one, ci=(low, high), p_value=p, ratio_ci=(ratio_of(low), ratio_of(high))))
    return tuple(found)


def _binomial(y: Floats, columns: Floats) -> tuple[float, float]:
    """Log likelihoods of events y (n,): with one risk for all, and with log odds that differ by the columns' sum (n,)
    and an intercept of which the fitted events are those seen."""
    from scipy.optimize import brentq
    from scipy.special import expit, log_expit

    events, n = float(y.sum()), len(y)
    null = events * math.log(events / n) + (n - events) * math.log1p(-events / n) if 0.0 < events < n else 0.0
    if not np.isfinite(columns).all() or not 0.0 < events < n:
        return null, math.nan
    far = 50.0 + float(np.abs(columns).max())
    intercept = brentq(lambda at: float(expit(columns + at).sum()) - events, -far, far, xtol=1e-13)
    eta = columns + intercept
    return null, float((y * log_expit(eta) + (1.0 - y) * log_expit(-eta)).sum())


def _gaussian(y: Floats, columns: Floats) -> tuple[float, float]:
    """Log likelihoods of values y (n,) with one mean, and with means that differ by the columns' sum (n,)."""
    n = len(y)
    squares = (float(((part - part.mean()) ** 2).sum()) for part in (y, y - columns))
    null, fitted = (-0.5 * n * (math.log(2.0 * math.pi * max(one, 1e-300) / n) + 1.0) for one in squares)
    return null, fitted
