"""Analyses of a data set that adjust for covariates or have a robust standard error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.newton import Fit
from jaksim.analysis.ordinal.proportional_odds import fit_code
from jaksim.analysis.ordinal.proportional_odds_covariates import proportional_odds_covariates
from jaksim.analysis.registry import get_method
from jaksim.analysis.result import AnalysisResult
from jaksim.analysis.survival.cox_covariates import cox_covariates
from jaksim.analysis.survival.days import POOLED
from jaksim.analysis.survival.rmst_covariates import rmst_covariates
from jaksim.analysis.win.mann_whitney_adjusted import mann_whitney_adjusted
from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.patient_data.columns import Columns, factor, finite
from jaksim.patient_data.from_data import TrialData
from jaksim.patient_data.late_entry import BEFORE, entered_after

ADJUSTED = ("cox", "proportional_odds", "rmst_difference", "wilcoxon")
ROBUST = ("cox", "proportional_odds", "markov_proportional_odds")
MOST_LEVELS = 50


def check_adjustable(methods: Iterable[str], covariates: Iterable[str], *, robust: bool) -> None:
    """InputError for covariates with a method that has none, and for a robust error without a model that has it."""
    methods, covariates = tuple(methods), tuple(covariates)
    for name in methods:
        if covariates and name not in ADJUSTED:
            raise InputError(f"method {name} takes no covariates", where="‹covariates›", allowed=ADJUSTED)
    if robust and not set(ROBUST) & set(methods):
        raise InputError("none of the methods has robust standard errors", where="‹methods›", allowed=ROBUST)


def check_repeated(name: str, patient: str | None) -> None:
    """InputError where patients, by a column, have several rows and the method takes each row for a patient."""
    if patient is not None and name not in ROBUST:
        raise InputError(
            f"method {name} takes every row for a patient, and patients have several", where=patient, allowed=ROBUST
        )


def covariate_columns(columns: Columns, names: Iterable[str]) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Covariates (n, p) and their names: a column of numbers as it is, one of words as a factor.

    The first level, in the order of letters, is the reference of a factor; the others are called "column: level".
    """
    parts: list[NDArray[np.float64]] = []
    labels: list[str] = []
    for name in names:
        if columns.is_numeric(name):
            parts.append(finite(columns, name))
            labels.append(name)
            continue
        which, levels = factor(columns, name)
        if len(levels) > MOST_LEVELS:
            raise InputError(
                f"a covariate in words with {len(levels)} levels",
                where=columns.at(name),
                allowed=f"numbers, or at most {MOST_LEVELS} levels",
            )
        if len(levels) < 2:
            raise InputError(f"covariate '{name}' is constant", where=columns.at(name), got=levels[0])
        for number, level in enumerate(levels[1:], start=1):
            parts.append((which == number).astype(np.float64))
            labels.append(f"{name}: {level}")
    return (np.column_stack(parts) if parts else np.empty((len(columns), 0))), tuple(labels)


def adjusted_analysis(
    name: str,
    data: TrialData,
    covariates: tuple[str, ...],
    options: Mapping[str, Any],
    *,
    robust: bool,
    cluster: str | None,
    level: float,
) -> tuple[AnalysisResult, Fit | None]:
    """The result for the active arm and the whole fit; its first coefficient is the active arm.

    The win probability is adjusted without a model, so that it has no fit.
    """
    method = get_method(name)
    method.check(data.endpoint)
    settings = method.settings(options)
    given, labels = covariate_columns(data.columns, covariates)
    if name == "wilcoxon":
        return _win_probability(data, given, covariates, settings, level), None
    x = np.column_stack([data.arm, given])
    names = (f"arm: {data.arms.active}", *labels)
    clusters = None if cluster is None else data.columns.words(cluster)
    if name == "cox":
        fit = cox_covariates(
            data.endpoint.time[data.category],
            data.endpoint.status[data.category],
            x,
            names=names,
            stratum=data.stratum,
            entry=_entries(data),
            ties=settings["ties"],
            robust=robust,
            cluster=clusters,
            level=level,
        )
    elif name == "rmst_difference":
        fit = _restricted_means(data, x, names, settings, level)
    else:
        fit_code(settings)
        rank = data.endpoint.rank[data.category]
        known = rank >= 0
        fit = proportional_odds_covariates(
            rank[known],
            x[known],
            names=names,
            stratum=data.stratum[known],
            robust=robust,
            cluster=None if clusters is None else clusters[known],
            level=level,
        )
    words = f", adjusted for {', '.join(covariates)}" if covariates else ""
    if fit.robust:
        words += ", robust standard error" + (f" by {cluster}" if cluster else "")
    active = fit.coefficients[0]
    result = AnalysisResult(
        method=name,
        estimand=method.estimand + words,
        estimate=active.estimate,
        se=active.se,
        ci=active.ci,
        statistic=active.statistic,
        p_value=active.p_value,
        n=fit.n,
        ratio=active.ratio if method.ratio_name else None,
        ratio_ci=active.ratio_ci if method.ratio_name else None,
    )
    return result, fit


def _entries(data: TrialData) -> Floats | None:
    """Times of entry as times of patients, below all of them for a patient observed from the start."""
    if data.entry is None:
        return None
    times = np.unique(data.endpoint.time)
    return np.concatenate([[BEFORE], times])[1 + entered_after(data.entry, times)]


def _win_probability(
    data: TrialData, x: NDArray[np.float64], covariates: tuple[str, ...], settings: Mapping[str, Any], level: float
) -> AnalysisResult:
    """Strata are pooled, as without covariates."""
    if settings["variance"] != "brunner_munzel":
        raise InputError(
            "an adjusted win probability has no such variance",
            where="wilcoxon.variance",
            allowed="brunner_munzel",
            got=settings["variance"],
        )
    rank = data.endpoint.rank[data.category]
    known = rank >= 0
    result = mann_whitney_adjusted(data.arm[known], -rank[known], x[known], level=level)
    return replace(result, method="wilcoxon", estimand=f"{result.estimand}, adjusted for {', '.join(covariates)}")


def _restricted_means(
    data: TrialData, x: NDArray[np.float64], names: tuple[str, ...], settings: Mapping[str, Any], level: float
) -> Fit:
    """Regression of the restricted time; strata, unless pooled, enter as a factor."""
    used = [] if settings["strata"] == POOLED else [int(one) for one in np.unique(data.stratum)[1:]]
    return rmst_covariates(
        data.endpoint.time[data.category],
        data.endpoint.status[data.category],
        np.column_stack([x, *(data.stratum == one for one in used)]),
        tau=settings["tau"],
        names=(*names, *(f"stratum: {data.strata[one]}" for one in used)),
        level=level,
    )
