"""The Markov model of the daily scores of patients in a data set, with errors robust by patient."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.longitudinal.markov_model import MarkovModel, fit_model
from jaksim.analysis.longitudinal.markov_occupancy import StandardisedDays, standardised_days
from jaksim.analysis.longitudinal.methods.markov_proportional_odds import METHOD, transitions_of
from jaksim.analysis.newton import Fit, coefficients
from jaksim.analysis.result import AnalysisResult, summarise
from jaksim.arrays import Floats, Integers
from jaksim.patient_data.from_data import TrialData


def markov_analysis(
    data: TrialData, options: Mapping[str, Any], *, cluster: str | None, level: float
) -> tuple[AnalysisResult, Fit | None, StandardisedDays | None]:
    """The result for the active arm, all coefficients (its own first) and the standardised daily scores.

    Robust errors are the sandwich with the patients, or the values of a column `cluster`, as clusters. Without an
    estimate everything is NaN or None.
    """
    settings = METHOD.settings(options)
    transitions = transitions_of(data.endpoint)
    model = fit_model(data.counts.table, transitions, day=settings["day"], stratified=bool(settings["stratified"]))
    if model is None:
        nothing = summarise(METHOD.name, METHOD.estimand, [math.nan] * 3, len(data), level=level, log_ratio=True)
        return nothing, None, None
    robust = settings["variance"] == "robust"
    middle = None
    if robust:
        influence = patient_scores(model, data.arm, data.stratum, data.category)
        if cluster is not None:
            influence = _by_cluster(influence, data.columns.words(cluster))
        middle = influence.T @ influence
    covariance = model.covariance(middle)
    order = _treatment_first(model)
    fit = Fit(
        coefficients(
            _names(model, data, settings["day"]),
            model.parameters[order],
            np.sqrt(covariance.diagonal()[order]),
            level,
        ),
        covariance[np.ix_(order, order)],
        model.log_likelihood(),
        len(data),
        robust=robust,
    )
    active = fit.coefficients[0]
    words = METHOD.estimand + (f", robust standard error by {cluster or 'patient'}" if robust else "")
    row = (active.estimate, active.se, active.statistic)
    result = summarise(METHOD.name, words, row, len(data), level=level, log_ratio=True)
    return result, fit, standardised_days(model, baseline_of(data, model), covariance, level)


def patient_scores(model: MarkovModel, arm: Integers, stratum: Integers, category: Integers) -> Floats:
    """Score (n, m + p) of each patient: the derivatives of the log likelihood of all its transitions (n, H)."""
    of_day = model.scores_of_days()
    n_states, last = model.transitions.n_states, model.transitions.last_day
    row = np.full((2, len(model.layout.stratum), last, n_states), -1)
    row[tuple(model.layout.cell.T)] = np.arange(len(of_day))
    total = np.zeros((len(category), of_day.shape[2]))
    for day in range(last):
        seen = np.flatnonzero(category[:, day] >= 0)
        before, after = np.divmod(category[seen, day] % n_states**2, n_states)
        at = row[arm[seen], stratum[seen], day, before]
        place = model.layout.place[after]
        counted = (at >= 0) & (place >= 0)
        total[seen[counted]] += of_day[at[counted], place[counted]]
    return total


def _by_cluster(influence: Floats, cluster: NDArray[Any]) -> Floats:
    names, which = np.unique(cluster, return_inverse=True)
    total = np.zeros((len(names), influence.shape[1]))
    np.add.at(total, which, influence)
    return total


def baseline_of(data: TrialData, model: MarkovModel) -> Floats:
    """Patients (S, R) by stratum and score at baseline, both arms together, of those seen on day 1."""
    n_states = model.transitions.n_states
    seen = data.category[:, 0] >= 0
    before = data.category[seen, 0] // n_states
    counts = np.zeros((len(data.strata), n_states))
    np.add.at(counts, (data.stratum[seen], before), 1.0)
    return counts


def _treatment_first(model: MarkovModel) -> Integers:
    m, p = len(model.thresholds), len(model.coefficients)
    return np.concatenate([[m + p - 1], np.arange(m, m + p - 1)])


def _names(model: MarkovModel, data: TrialData, trend: str) -> list[str]:
    scores = model.transitions.value.astype(int)
    names = [f"arm: {data.arms.active}"]
    names += [f"score {scores[r]} the day before" for r in np.flatnonzero(model.layout.origin >= 0)]
    names += _day_names(trend, model.basis.shape[1])
    return names + [f"stratum: {data.strata[s]}" for s in np.flatnonzero(model.layout.stratum >= 0)]


def _day_names(trend: str, n: int) -> list[str]:
    """Names of the n columns of a day trend."""
    if trend == "factor":
        return [f"day {number}" for number in range(2, n + 2)]
    first = "log day" if trend == "log" else "day"
    return [first, *(f"day, spline term {number}" for number in range(2, n + 1))][:n]
