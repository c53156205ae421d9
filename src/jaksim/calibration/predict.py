"""The same statistic of the model for every published figure, computed exactly.

A rate ratio is the Cox estimate at the expected table of counts (its least-false value at the trial's size), an odds
ratio the proportional-odds estimate there; a median is read off the mixture's cumulative incidence, a proportion off
the law.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.registry import get_method
from jaksim.calibration.statistic import Statistic
from jaksim.calibration.study import CalibrationStudy
from jaksim.endpoint.automaton import Automaton
from jaksim.exact.transition import stacked_transition_matrices

Array = NDArray[np.float64]


class Tables(Protocol):
    """Counts, expected or observed, of a study's arms and strata in N models or trials."""

    @property
    def study(self) -> CalibrationStudy: ...
    def expected_table(self, endpoint: str, arm: str, strata: tuple[str, ...]) -> Array: ...
    def pooled(self, statistic: Statistic) -> Array: ...


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

    def joint_law(self, automaton: Automaton, arm: str, stratum: str) -> Array:
        """Law (N, K) of any automaton over the study's days for one patient of an arm and stratum."""
        scale = self.study.template.scale
        mixture = self.study.strata[stratum].scores.items()
        laws = (weight * automaton.law(self._daily(arm, score), scale.index(score)) for score, weight in mixture)
        return np.asarray(sum(laws))

    def possible_moves(self) -> NDArray[np.bool_]:
        """Which state (S, S) may end a day that began in which, in any arm."""
        scores = {score for stratum in self.study.strata.values() for score in stratum.scores}
        daily = [self._daily(arm, score) for arm in self.study.arms for score in scores]
        return np.asarray(np.max(np.concatenate(daily), axis=(0, 1)) > 0.0)

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


def _score_table(laws: Tables, statistic: Statistic) -> Array:
    return laws.pooled(statistic)


def _proportion(laws: Tables, statistic: Statistic) -> Array:
    occurred = laws.study.endpoints[statistic.endpoint].status == 1
    return np.asarray(laws.pooled(statistic)[:, occurred].sum(axis=1, keepdims=True))


def _median(laws: Tables, statistic: Statistic) -> Array:
    endpoint = laws.study.endpoints[statistic.endpoint]
    occurred = np.flatnonzero(endpoint.status == 1)
    probability = laws.pooled(statistic)
    daily = np.zeros((len(probability), laws.study.horizon + 1))
    daily[:, endpoint.time[occurred].astype(int)] = probability[:, occurred]
    incidence = daily.cumsum(axis=1)
    day = min(math.ceil(statistic.time), laws.study.horizon)
    slope = daily[:, max(day - 1, 1) : day + 2].mean(axis=1)
    at_time = incidence[:, day] - (day - statistic.time) * daily[:, day]
    return np.stack([at_time, slope, [interpolated_median(row) for row in incidence]], axis=1)


def interpolated_median(incidence: Array) -> float:
    """Where a cumulative incidence (days 0 to H) crosses one half, linear within a day; infinity if it does not."""
    day = int(np.searchsorted(incidence, 0.5))
    if day == 0:
        return 0.0
    if day == len(incidence):
        return math.inf
    return float(day - 1 + (0.5 - incidence[day - 1]) / (incidence[day] - incidence[day - 1]))


def _ratio_of(method_name: str) -> Callable[[Tables, Statistic], Array]:
    def statistic_of(laws: Tables, statistic: Statistic) -> Array:
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


def _risk_ratio(laws: Tables, statistic: Statistic) -> Array:
    occurred = laws.study.endpoints[statistic.endpoint].status == 1
    risk = []
    for arm in (statistic.reference, statistic.arm):
        counts = laws.expected_table(statistic.endpoint, arm, statistic.strata).sum(axis=1)
        risk.append(counts[:, occurred].sum(axis=1) / counts.sum(axis=1))
    return np.asarray(np.log(risk[1] / risk[0])[:, None])


STATISTICS: dict[str, Callable[[Tables, Statistic], Array]] = {
    "score_table": _score_table,
    "proportion": _proportion,
    "median": _median,
    "cox": _ratio_of("cox"),
    "proportional_odds": _ratio_of("proportional_odds"),
    "risk_ratio": _risk_ratio,
}
