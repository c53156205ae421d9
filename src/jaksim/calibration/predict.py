"""The same statistic of the model for every published figure, computed exactly.

A rate ratio is the Cox estimate at the expected table of counts (its least-false value at the trial's size), an odds
ratio the proportional-odds estimate there; a median is read off the mixture's cumulative incidence, a proportion off
the law.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.registry import get_method
from jaksim.calibration.study import CalibrationStudy, Statistic
from jaksim.exact.transition import stacked_transition_matrices

Array = NDArray[np.float64]


class StudyLaws:
    """Exact endpoint laws of a study's arms and strata at N sets of values (N, parameters), computed once each."""

    def __init__(self, study: CalibrationStudy, values: Array) -> None:
        self.study = study
        self.values = values
        self._matrices: dict[tuple[str, int | None], Array] = {}
        self._laws: dict[tuple[str, str, int], Array] = {}

    def law(self, endpoint: str, arm: str, stratum: str) -> Array:
        """Probability of each category of the endpoint for one patient of an arm and stratum, shape (N, K)."""
        mixture = self.study.strata[stratum].scores
        return np.asarray(sum(weight * self._law(endpoint, arm, score) for score, weight in mixture.items()))

    def expected_table(self, endpoint: str, arm: str, strata: tuple[str, ...]) -> Array:
        """Expected counts of an arm, shape (N, strata, K)."""
        patients = self.study.arms[arm].patients
        return np.stack([patients[s] * self.law(endpoint, arm, s) for s in strata], axis=1)

    def pooled(self, statistic: Statistic) -> Array:
        """Probability of each category in the statistic's arm over its strata, shape (N, K)."""
        counts = self.expected_table(statistic.endpoint, statistic.arm, statistic.strata).sum(axis=1)
        return np.asarray(counts / counts.sum(axis=1, keepdims=True))

    def _law(self, name: str, arm: str, score: int) -> Array:
        key = (name, arm, score)
        if key not in self._laws:
            start = self.study.template.scale.index(score)
            self._laws[key] = self.study.endpoints[name].law(self._daily(arm, score), start)
        return self._laws[key]

    def _daily(self, arm: str, score: int) -> Array:
        key = self.study.log_intensities.key(arm, score)
        if key not in self._matrices:
            tables = self.study.log_intensities.tables(arm, score, self.values)
            self._matrices[key] = stacked_transition_matrices(tables, self.study.horizon)
        return self._matrices[key]


def predict(study: CalibrationStudy, values: Array) -> list[Array]:
    """One array (N, numbers of the target) per target of the study, in its order, for values (N, parameters)."""
    laws = StudyLaws(study, values)
    return [STATISTICS[statistic.kind](laws, statistic) for statistic in study.statistics]


def _score_table(laws: StudyLaws, statistic: Statistic) -> Array:
    return laws.pooled(statistic)


def _proportion(laws: StudyLaws, statistic: Statistic) -> Array:
    occurred = laws.study.endpoints[statistic.endpoint].status == 1
    return np.asarray(laws.pooled(statistic)[:, occurred].sum(axis=1, keepdims=True))


def _median(laws: StudyLaws, statistic: Statistic) -> Array:
    endpoint = laws.study.endpoints[statistic.endpoint]
    occurred = np.flatnonzero(endpoint.status == 1)
    incidence = np.zeros((len(laws.values), laws.study.horizon + 1))
    incidence[:, endpoint.time[occurred].astype(int)] = laws.pooled(statistic)[:, occurred]
    return np.array([interpolated_median(row) for row in incidence.cumsum(axis=1)])


def interpolated_median(incidence: Array) -> tuple[float, float]:
    """Where a cumulative incidence (days 0 to H) crosses one half, linear within a day, and its slope per day there.

    A crossing beyond the horizon is extrapolated with the slope of the last three days, so that a fit can move to it.
    """
    horizon = len(incidence) - 1
    day = int(np.searchsorted(incidence, 0.5))
    if day > horizon:
        slope = max((incidence[-1] - incidence[-4]) / 3.0, 1e-4)
        return horizon + (0.5 - incidence[-1]) / slope, slope
    slope = incidence[day] - incidence[day - 1]
    near = incidence[max(day - 2, 0) : min(day + 2, horizon + 1)]
    return day - 1 + (0.5 - incidence[day - 1]) / slope, float(np.diff(near).mean())


def _ratio_of(method_name: str) -> Callable[[StudyLaws, Statistic], Array]:
    def statistic_of(laws: StudyLaws, statistic: Statistic) -> Array:
        arms = (statistic.reference, statistic.arm)
        table = np.stack([laws.expected_table(statistic.endpoint, arm, statistic.strata) for arm in arms], axis=1)
        if not statistic.stratified:
            table = table.sum(axis=2, keepdims=True)
        method = get_method(method_name)
        endpoint = laws.study.endpoints[statistic.endpoint]
        out = np.empty((len(table), 3))
        method.evaluate(np.ascontiguousarray(table), endpoint, method.settings(statistic.options), out)
        return out[:, :1]

    return statistic_of


def _risk_ratio(laws: StudyLaws, statistic: Statistic) -> Array:
    occurred = laws.study.endpoints[statistic.endpoint].status == 1
    risk = []
    for arm in (statistic.reference, statistic.arm):
        counts = laws.expected_table(statistic.endpoint, arm, statistic.strata).sum(axis=1)
        risk.append(counts[:, occurred].sum(axis=1) / counts.sum(axis=1))
    return np.asarray(np.log(risk[1] / risk[0])[:, None])


STATISTICS: dict[str, Callable[[StudyLaws, Statistic], Array]] = {
    "score_table": _score_table,
    "proportion": _proportion,
    "median": _median,
    "cox": _ratio_of("cox"),
    "proportional_odds": _ratio_of("proportional_odds"),
    "risk_ratio": _risk_ratio,
}
