"""The same statistic of the model for every published figure, computed exactly.

A rate ratio is the Cox estimate at the expected table of counts (its least-false value at the trial's size), an odds
ratio the proportional-odds estimate there; a median is read off the mixture's cumulative incidence, a proportion off
the law.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.registry import get_method
from jaksim.arrays import Floats
from jaksim.calibration.levels import by_level
from jaksim.calibration.statistic import CONTRASTS, TRANSITION_RATIO, Statistic
from jaksim.calibration.study import CalibrationStudy
from jaksim.calibration.transition_ratio import transition_log_ratio
from jaksim.endpoint.automaton import Automaton
from jaksim.endpoint.families.longitudinal import longitudinal
from jaksim.exact.transition import stacked_transition_matrices
from jaksim.model.disease import PatientType


class Tables(Protocol):
    """Counts, expected or observed, of a study's arms and strata in N models or trials."""

    @property
    def study(self) -> CalibrationStudy: ...
    def expected_table(self, endpoint: str, arm: str, strata: tuple[str, ...]) -> Floats: ...
    def transitions(self, arm: str, strata: tuple[str, ...]) -> Floats: ...
    def pooled(self, statistic: Statistic) -> Floats: ...


class StudyLaws:
    """Exact endpoint laws of a study's arms and strata at N sets of values (N, parameters), computed once each."""

    def __init__(self, study: CalibrationStudy, values: Floats) -> None:
        self.study = study
        self.values = values
        self._matrices: dict[Hashable, Floats] = {}
        self._laws: dict[tuple[str, int, Hashable], Floats] = {}

    def law(self, endpoint: str, arm: str, stratum: str) -> Floats:
        """Probability of each category of the endpoint for one patient of an arm and stratum, shape (N, K)."""
        mixture = self.study.strata[stratum].patients
        return np.asarray(sum(weight * self._law(endpoint, arm, patient) for weight, patient in mixture))

    def expected_table(self, endpoint: str, arm: str, strata: tuple[str, ...]) -> Floats:
        """Expected counts of an arm, shape (N, strata, K)."""
        patients = self.study.arms[arm].patients
        return np.stack([patients[s] * self.law(endpoint, arm, s) for s in strata], axis=1)

    def transitions(self, arm: str, strata: tuple[str, ...]) -> Floats:
        """Expected counts of daily transitions of an arm, its strata together, shape (N, H * S * S)."""
        scale, own = self.study.template.scale, self.study.arms[arm]
        counts = longitudinal(scale, self.study.horizon, name="transitions").transitions
        assert counts is not None
        found = (
            own.patients[stratum] * weight * counts.expected(self.daily(arm, p), scale.index(p.baseline_score))
            for stratum in strata
            for weight, p in self.study.strata[stratum].patients
        )
        return np.asarray(sum(found))

    def pooled(self, statistic: Statistic) -> Floats:
        """Probability of each category in the statistic's arm over its strata, shape (N, K)."""
        counts = self.expected_table(statistic.endpoint, statistic.arm, statistic.strata).sum(axis=1)
        return np.asarray(counts / counts.sum(axis=1, keepdims=True))

    def joint_law(self, automaton: Automaton, arm: str, stratum: str) -> Floats:
        """Law (N, K) of any automaton over the study's days for one patient of an arm and stratum."""
        scale = self.study.template.scale
        laws = (
            weight * automaton.law(self.daily(arm, patient), scale.index(patient.baseline_score))
            for weight, patient in self.study.strata[stratum].patients
        )
        return np.asarray(sum(laws))

    def possible_moves(self) -> NDArray[np.bool_]:
        """Which state (S, S) may end a day that began in which, in any arm."""
        patients = {patient for stratum in self.study.strata.values() for _, patient in stratum.patients}
        daily = [self.daily(arm, patient) for arm in self.study.arms for patient in patients]
        return np.asarray(np.max(np.concatenate(daily), axis=(0, 1)) > 0.0)

    def _law(self, name: str, arm: str, patient: PatientType) -> Floats:
        start = self.study.template.scale.index(patient.baseline_score)
        key = (name, start, self.study.log_intensities.key(arm, patient))
        if key not in self._laws:
            self._laws[key] = self.study.endpoints[name].law(self.daily(arm, patient), start)
        return self._laws[key]

    def daily(self, arm: str, patient: PatientType) -> Floats:
        """Transition probabilities (N, H, S, S) of each day for a patient of an arm."""
        key = self.study.log_intensities.key(arm, patient)
        if key not in self._matrices:
            tables = self.study.log_intensities.tables(arm, patient, self.values)
            self._matrices[key] = stacked_transition_matrices(tables, self.study.horizon)
        return self._matrices[key]


def predict(study: CalibrationStudy, values: Floats, *, fitted_only: bool = False) -> list[Floats]:
    """One array (N, numbers of the target) per target of the study, in its order, for values (N, parameters).

    With `fitted_only` those of the targets that are fitted, without the checks.
    """
    laws = StudyLaws(study, values)
    return [
        STATISTICS[statistic.kind](laws, statistic)
        for target, statistic in zip(study.targets, study.statistics, strict=True)
        if target.role == "fit" or not fitted_only
    ]


def _score_table(laws: Tables, statistic: Statistic) -> Floats:
    return by_level(laws.pooled(statistic), laws.study.endpoints[statistic.endpoint].rank.tolist())


def _proportion(laws: Tables, statistic: Statistic) -> Floats:
    """Of those whose answer is known."""
    status = laws.study.endpoints[statistic.endpoint].status
    probability = laws.pooled(statistic)
    known = probability[:, status >= 0].sum(axis=1, keepdims=True)
    return np.asarray(probability[:, status == 1].sum(axis=1, keepdims=True) / known)


def _mean(laws: Tables, statistic: Statistic) -> Floats:
    value = laws.study.endpoints[statistic.endpoint].value
    known = np.isfinite(value)
    probability = laws.pooled(statistic)[:, known]
    return np.asarray((probability @ value[known] / probability.sum(axis=1))[:, None])


def cumulative_incidence(laws: Tables, statistic: Statistic) -> Floats:
    """Share (N, days 0 to the horizon) of the statistic's patients with the event by the end of each day."""
    return np.asarray(_daily_incidence(laws, statistic).cumsum(axis=1))


def _daily_incidence(laws: Tables, statistic: Statistic) -> Floats:
    endpoint = laws.study.endpoints[statistic.endpoint]
    occurred = np.flatnonzero(endpoint.status == 1)
    probability = laws.pooled(statistic)
    daily = np.zeros((len(probability), laws.study.horizon + 1))
    daily[:, endpoint.time[occurred].astype(int)] = probability[:, occurred]
    return daily


def _median(laws: Tables, statistic: Statistic) -> Floats:
    daily = _daily_incidence(laws, statistic)
    incidence = daily.cumsum(axis=1)
    day = min(math.ceil(statistic.time), laws.study.horizon)
    slope = daily[:, max(day - 1, 1) : day + 2].mean(axis=1)
    at_time = incidence[:, day] - (day - statistic.time) * daily[:, day]
    return np.stack([at_time, slope, [interpolated_median(row) for row in incidence]], axis=1)


def interpolated_median(incidence: Floats) -> float:
    """Where a cumulative incidence (days 0 to H) crosses one half, linear within a day; infinity if it does not."""
    day = int(np.searchsorted(incidence, 0.5))
    if day == 0:
        return 0.0
    if day == len(incidence):
        return math.inf
    return float(day - 1 + (0.5 - incidence[day - 1]) / (incidence[day] - incidence[day - 1]))


def _contrast(laws: Tables, statistic: Statistic) -> Floats:
    arms = (statistic.reference, statistic.arm)
    table = np.stack([laws.expected_table(statistic.endpoint, arm, statistic.strata) for arm in arms], axis=1)
    if not statistic.stratified:
        table = table.sum(axis=2, keepdims=True)
    method = get_method(statistic.kind)
    endpoint = laws.study.endpoints[statistic.endpoint]
    out = np.empty((len(table), 3))
    method.evaluate(np.ascontiguousarray(table), endpoint, method.settings(statistic.options), out)
    return -out[:, :1] if statistic.inverse else out[:, :1]


def _transition_ratio(laws: Tables, statistic: Statistic) -> Floats:
    reference, active = (laws.transitions(arm, statistic.strata) for arm in (statistic.reference, statistic.arm))
    endpoint = laws.study.endpoints[statistic.endpoint]
    log_ratio = transition_log_ratio(reference, active, endpoint, statistic.moves)[:, None]
    return -log_ratio if statistic.inverse else log_ratio


STATISTICS: dict[str, Callable[[Tables, Statistic], Floats]] = {
    "score_table": _score_table,
    "proportion": _proportion,
    "median": _median,
    "mean": _mean,
    **dict.fromkeys(CONTRASTS, _contrast),
    TRANSITION_RATIO: _transition_ratio,
}
