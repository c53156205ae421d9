"""Boundaries of a plan, with what they spend and what they mean for the size of the trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats
from jaksim.normal_law import tails
from jaksim.result import Result
from jaksim.trial.monitoring.integration import Crossing, crossing_probabilities
from jaksim.trial.monitoring.plan import MonitoringPlan
from jaksim.trial.monitoring.record import boundaries_record, design_words
from jaksim.trial.monitoring.solve import Constants


@dataclass(frozen=True, kw_only=True, repr=False)
class Boundaries(Result):
    """Boundaries on the z scale at the information of each analysis (K,), the planned maximum being 1.

    A trial rejects where z > `upper_z`; a two-sided one also where z < -`upper_z`. `lower_z` ends it below: for
    futility, else for harm, else, two-sided, for rejection; with two sides and futility, where |z| < `lower_z`.
    `harm_z` is the bound for harm. -inf and inf stand for no bound. `final` tells whether the last analysis ends the
    trial. `constants` are those of the plan.
    """

    plan: MonitoringPlan
    information: Floats
    upper_z: Floats
    lower_z: Floats
    harm_z: Floats | None
    final: bool
    constants: Constants
    provenance: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def headline(self) -> str:
        """The plan in words."""
        return f"boundaries: {design_words(self.plan).rstrip('.')}"

    def rows(self) -> list[dict[str, Any]]:
        """One row per analysis."""
        series: dict[str, Floats | None] = {
            "information": self.information,
            "upper_z": self.upper_z,
            "nominal_p": self.nominal_p,
            "alpha_spent": self.alpha_spent,
            "lower_z": self.lower_z,
            "beta_spent": self.beta_spent,
            "harm_z": self.harm_z,
        }
        known = {name: values for name, values in series.items() if values is not None}
        return [
            {"analysis": k + 1, **{name: float(values[k]) for name, values in known.items()}}
            for k in range(len(self.information))
        ]

    def short_rows(self) -> list[dict[str, Any]]:
        """What there is of each analysis: a bound that is infinite does not exist."""
        return [{name: value for name, value in row.items() if np.isfinite(value)} for row in self.rows()]

    def contents(self) -> dict[str, Any]:
        """The numbers by name; bounds that do not exist are infinite."""
        traced = {"provenance": dict(self.provenance), "version": self.provenance.get("version")}
        return {**boundaries_record(self), **traced}

    @property
    def drift(self) -> float:
        """Expected z at information 1 for which the planned power is 1 - beta.

        The power of a two-sided trial counts the upper tail alone, as in gsDesign and rpact: rejecting for harm under
        an effect that is a benefit is no success, and adds less than a millionth at 90 % power.
        """
        return self.constants.drift

    @property
    def inflation_factor(self) -> float:
        """Largest information relative to a trial without interim analyses of the same level and power, which counts
        the upper tail alone as well."""
        return float((self.drift / self.plan.fixed_drift) ** 2)

    @property
    def nominal_p(self) -> Floats:
        """Level of each analysis by itself, both tails together when the trial is two-sided."""
        return self.plan.sides * tails(self.upper_z)

    @property
    def alpha_spent(self) -> Floats:
        """Cumulative alpha, of both tails; futility that does not bind is not counted on.

        With more than one test the sum of what they spend, which is the most that can be spent.
        """
        if self.plan.joint:
            counted = self.crossing([0.0], with_futility=self.plan.binding).upper[0]
        else:
            counted = self._spent_by_each()
        return np.asarray(self.plan.sides * np.cumsum(counted))

    def _spent_by_each(self) -> Floats:
        """What each analysis (K,) spends on one side, each test by itself."""
        numbers, found = np.array(self.plan.tests)[: len(self.information)], np.empty(len(self.information))
        for number in set(numbers.tolist()):
            own = numbers == number
            upper = self.upper_z[own]
            lower = -upper if self.plan.sides == 2 else np.full(len(upper), -np.inf)
            found[own] = crossing_probabilities(self.information[own], lower, upper, [0.0]).upper[0]
        return found

    @property
    def beta_spent(self) -> Floats | None:
        """Cumulative probability under the drift of stopping for futility, None without futility."""
        if self.plan.futility is None:
            return None
        found = self.crossing([self.drift])
        return np.cumsum((found.inner if self.plan.sides == 2 else found.lower)[0])

    def crossing(self, drifts: ArrayLike, *, with_futility: bool = True) -> Crossing:
        """Probability of crossing each boundary first at each analysis under drifts (T,), each of shape (T, K).

        NaN with more than one test, whose joint law is not known.
        """
        if not self.plan.joint:
            return Crossing(*np.full((3, np.size(drifts), len(self.information)), np.nan))
        nowhere = np.full(self.information.shape, -np.inf)
        if self.plan.sides == 2:
            wedge = self.plan.futility is not None and with_futility
            inner = self.lower_z if wedge else None
            return crossing_probabilities(self.information, -self.upper_z, self.upper_z, drifts, inner=inner)
        lower = self.lower_z if with_futility else nowhere
        return crossing_probabilities(self.information, lower, self.upper_z, drifts)

    def expected_information(self, drifts: ArrayLike) -> Floats:
        """Expected information at the end of the trial under drifts (T,), in parts of the planned maximum."""
        upper, lower, inner = self.crossing(drifts)
        stops = (upper + lower + inner)[:, :-1]
        return np.asarray(stops @ self.information[:-1] + (1.0 - stops.sum(axis=1)) * self.information[-1])
