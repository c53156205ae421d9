"""Analyses of a data set that adjust for covariates or have a robust standard error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.newton import Fit
from jaksim.analysis.patients import Patients
from jaksim.analysis.registry import METHODS, get_method
from jaksim.analysis.result import AnalysisResult
from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.patient_data.from_data import TrialData
from jaksim.patient_data.reading.columns import Columns, factor, finite
from jaksim.patient_data.rows.frequencies import weights
from jaksim.patient_data.rows.late_entry import BEFORE, entered_after

MOST_LEVELS = 50


def check_adjustable(methods: Iterable[str], covariates: Iterable[str], *, robust: bool) -> None:
    """InputError for covariates with a method that has none, and for a robust error without a model that has it."""
    methods, covariates = tuple(methods), tuple(covariates)
    for name in methods:
        if covariates and get_method(name).adjusted is None:
            raise InputError(f"method {name} takes no covariates", where="‹covariates›", allowed=_able("adjusted"))
    if robust and not any(has_robust(name, covariates) for name in methods):
        raise InputError("none of the methods has robust standard errors", where="‹methods›", allowed=_able("robust"))


def has_robust(name: str, covariates: Iterable[str]) -> bool:
    """Whether a method has robust standard errors, with these covariates."""
    if get_method(name).robust or not tuple(covariates):
        return get_method(name).robust
    from jaksim.analysis.regression.models import MODELS

    return name in MODELS


def check_weighted(names: Iterable[str], weight: str | None, *, frequency: str | None) -> None:
    """InputError for weights with a method that has none, and beside numbers of patients."""
    if weight is None:
        return
    if frequency is not None:
        allowed = "one of ‹weight› and ‹frequency›"
        raise InputError("a row has a weight or stands for patients", where="‹weight›", allowed=allowed)
    for name in names:
        if not get_method(name).weighted:
            raise InputError(f"method {name} takes no weights", where="‹weight›", allowed=_able("weighted"))


def check_repeated(name: str, patient: str | None) -> None:
    """InputError where patients, by a column, have several rows and the method takes each row for a patient."""
    if patient is not None and not get_method(name).robust:
        raise InputError(
            f"method {name} takes every row for a patient, and patients have several",
            where=patient,
            allowed=_able("robust"),
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

    A method that adjusts without a model has no fit.
    """
    from jaksim.analysis.regression.models import MODELS

    method = get_method(name)
    method.check(data.endpoint)
    model = MODELS.get(name) if covariates else None
    if model is not None:
        model.check(name, options, robust=robust)
    if method.adjusted is None:
        raise InputError(f"method {name} is not for patients one by one", allowed=_able("adjusted"))
    given, labels = covariate_columns(data.columns, covariates)
    patients = Patients(
        endpoint=data.endpoint,
        arm=data.arm,
        category=data.category,
        stratum=data.stratum,
        strata=data.strata,
        arm_name=f"arm: {data.arms.active}",
        covariates=given,
        names=labels,
        entry=_entries(data),
        cluster=None if cluster is None else data.columns.words(cluster),
        weight=None if data.weight is None else weights(data.columns, data.weight),
    )
    fit = method.adjusted(patients, method.settings(options), level, robust=robust)
    words = f", adjusted for {', '.join(covariates)}" if covariates else ""
    if isinstance(fit, AnalysisResult):
        words += "" if model is None else "; marginal"
        return replace(fit, method=name, estimand=(fit.estimand or method.estimand) + words), None
    if fit.robust:
        words += "" if data.weight is None else f", weighted by {data.weight}"
        words += ", robust standard error" + (f" by {cluster}" if cluster else "")
    if model is not None:
        words += "; marginal" if model.marginal else "; conditional on them"
    active = fit.coefficients[0]
    result = AnalysisResult(
        method=name,
        estimand=method.estimand_of(len(data.strata)) + words,
        estimate=active.estimate,
        se=active.se,
        ci=active.ci,
        statistic=active.statistic,
        p_value=active.p_value,
        n=fit.n,
        df=fit.freedom,
        interval_df=fit.freedom,
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


def _able(what: str) -> list[str]:
    """Names of the methods that have a field of their record filled."""
    return [name for name, method in METHODS.items() if getattr(method, what)]
