"""What `conduct` answers, as values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from jaksim.design.sums.result import PowerResult
from jaksim.operations.observing.observed import CURVES, NUMBERS, PART, CurveSummary, Summary, meaning_of
from jaksim.result import Result
from jaksim.trial.assumption import Assumption


@dataclass(frozen=True)
class Described:
    """A quantity of the conduct of a trial: what it is, and what it is over replicates.

    A day has the `dates` of its mean and quantiles too, where the plan has a date of day 0. `exact` is the mean by the
    exact law of enrolment where that tells it, and `z` the distance of the simulated one in Monte Carlo errors.
    """

    name: str
    words: str
    unit: str
    section: str
    definition: str
    summary: Summary
    dates: Mapping[str, str] = field(default_factory=dict)
    exact: float | None = None
    z: float | None = None

    @property
    def kind(self) -> str:
        """The name without its part."""
        return self.name.partition(PART)[0]

    @property
    def part(self) -> str:
        """What it is a part of, such as a country or the number of an analysis; nothing for a whole."""
        return self.name.partition(PART)[2]


@dataclass(frozen=True)
class FullBy:
    """Chance that all patients planned have been randomised by the end of a day when no analysis stops the trial:
    simulated with its Monte Carlo error (NaN without replicates), and by the exact law."""

    day: int
    date: str
    share: float
    mc_se: float
    exact: float | None


@dataclass(frozen=True)
class Needed:
    """What makes a trial full by a day with a chance, by the exact law: so many sites like those of `sites_like`, or
    all rates so many times what they are; None where nothing is enough."""

    day: int
    date: str
    chance: float
    sites_like: str
    sites_to_add: int | None
    rate_factor: float | None


@dataclass(frozen=True)
class CostDriver:
    """One item of the cost: its mean, its share of the mean total, and how much of the variance of the total moves with
    it (its covariance with the total over the variance of that)."""

    item: str
    mean: float
    mc_se: float
    share: float
    share_of_variance: float


@dataclass(frozen=True, repr=False)
class ConductResult(Result):
    """The answer of `conduct`: how a trial with operations goes, and its power on the same replicates.

    `numbers` are the quantities by name, `curves` those by day; `left_out` the parts of the plan that the door does
    not cover; `exact_full_day` is the mean day by the exact law of enrolment. `power` is None where nothing
    was simulated.
    """

    scenario: str
    title: str
    door: str
    door_words: str
    left_out: tuple[str, ...]
    start: str
    n_patients: int
    sites: int
    replicates: int
    seed: int
    currency: str
    numbers: Mapping[str, Described]
    curves: Mapping[str, CurveSummary]
    exact_full_day: float
    full_by: FullBy | None
    needed: Needed | None
    cost_drivers: tuple[CostDriver, ...]
    power: PowerResult | None
    elapsed_seconds: float
    assumptions: tuple[Assumption, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def headline(self) -> str:
        """Trial, size and replicates."""
        return (
            f"conduct of {self.title!r}: {self.n_patients} patients at {self.sites} sites, {self.replicates} replicates"
        )

    def section(self, name: str) -> tuple[Described, ...]:
        """The quantities of a section."""
        return tuple(one for one in self.numbers.values() if one.section == name)

    @property
    def analyses(self) -> dict[int, dict[str, Described]]:
        """The quantities of each analysis, by number from 1 and by kind."""
        found: dict[int, dict[str, Described]] = {}
        for one in self.section("analyses"):
            found.setdefault(int(one.part), {})[one.kind] = one
        return found

    def reached(self, analysis: int) -> tuple[float, float]:
        """Share of replicates that come to an analysis, with its Monte Carlo standard error; of those before the last
        NaN where a design does not keep their days."""
        n = self.analyses[analysis]["analysis_day"].summary.n
        share = n / self.replicates
        kept = n > 0 or analysis == len(self.analyses)
        return (share, math.sqrt(share * (1.0 - share) / self.replicates)) if kept else (math.nan, math.nan)

    def rows(self) -> list[dict[str, Any]]:
        """One row per quantity."""
        found = []
        for one in self.numbers.values():
            values = one.summary
            row: dict[str, Any] = {
                "quantity": one.name, "words": one.words, "section": one.section, "unit": one.unit,
                "replicates": values.n, "mean": values.mean, "mc_se": values.mc_se, "sd": values.sd,
            }  # fmt: skip
            row |= {f"q{level}": value for level, value in values.quantiles.items()}
            found.append({**row, "exact": one.exact, "definition": one.definition})
        return found

    def short_rows(self) -> list[dict[str, Any]]:
        """What a reader asks first."""
        first = ("full_day", "randomised", "lock_day", "cost")
        return [
            {"quantity": one.words, "mean": one.summary.mean, "mc_se": one.summary.mc_se}
            for name in first
            if (one := self.numbers.get(name)) is not None
        ]

    def contents(self) -> dict[str, Any]:
        """Everything by name."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in _MADE_PLAIN}
        found["numbers"] = {name: _record(one) for name, one in self.numbers.items()}
        found["curves"] = {
            name: {**asdict(meaning_of(name, CURVES)), **curve.record()} for name, curve in self.curves.items()
        }
        found["analyses"] = [
            {"analysis": number, "reached": self.reached(number)[0], "reached_mc_se": self.reached(number)[1]}
            for number in self.analyses
        ]
        found["power"] = None if self.power is None else self.power.as_dict()
        return found


_MADE_PLAIN = ("numbers", "curves", "power")


def _record(one: Described) -> dict[str, Any]:
    found = asdict(one)
    return {**{key: value for key, value in found.items() if key not in ("name", "summary")}, **found["summary"]}


def described(name: str, summary: Summary, date: Any, exact: float | None = None) -> Described:
    """A quantity with what the catalogue says of it; `date` makes a date of a day."""
    meaning = meaning_of(name, NUMBERS)
    dates = {}
    if meaning.unit == "day" and date(0.0):
        dates = {"mean": date(summary.mean), **{level: date(day) for level, day in summary.quantiles.items()}}
    z = None
    if exact is not None and summary.mc_se > 0.0:
        z = (summary.mean - exact) / summary.mc_se
    return Described(name, meaning.words, meaning.unit, meaning.section, meaning.definition, summary, dates, exact, z)
