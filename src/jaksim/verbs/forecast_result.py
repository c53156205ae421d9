"""What `forecast` answers, as values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.design.forecast_power import PredictivePower
from jaksim.operations.observing.observed import BANDS, CURVES, NUMBERS, PART, CurveSummary, Meaning, meaning_of
from jaksim.result import Result
from jaksim.trial.assumption import Assumption

AHEAD: Final[dict[str, Meaning]] = {
    **NUMBERS,
    "complete_day": Meaning(
        "all data complete", "day", "enrolment",
        "Day on which the data of all patients planned are complete when no interim analysis stops the trial before.",
    ),
    "randomised_by": Meaning(
        "randomised by day", "patients", "enrolment", "Patients randomised by the end of a day, unless stopped."
    ),
}  # fmt: skip
"""Numbers of a forecast by name, with what they mean."""
BY_DAY: Final[dict[str, Meaning]] = {
    "recruited": CURVES["recruited"],
    "sites_opened": Meaning("sites opened", "sites", "sites", "Sites that have opened by the end of each day."),
}
"""Curves of a forecast."""


@dataclass(frozen=True)
class Expected:
    """A number of the trial to come over the `n` continuations that have it: mean with Monte Carlo standard error,
    standard deviation, median, and the lower and upper ends of central bands by their percentage.

    A continuation in which a day never comes counts as later than all others in median and bands, where it makes an
    end infinite. Days have `dates` of median and bands where the plan has a date of day 0.
    """

    name: str
    words: str
    unit: str
    section: str
    definition: str
    n: int
    mean: float
    mc_se: float
    sd: float
    median: float
    bands: Mapping[str, tuple[float, float]]
    dates: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The name without its part."""
        return self.name.partition(PART)[0]

    @property
    def part(self) -> str:
        """What it is a part of, such as the number of an analysis."""
        return self.name.partition(PART)[2]


def expected(name: str, values: Floats, date: Callable[[float], str]) -> Expected:
    """A number over continuations (R,), NaN where there is none; `date` makes a date of a day."""
    meaning = meaning_of(name, AHEAD)
    known = values[np.isfinite(values)]
    n = len(known)
    sd = float(known.std(ddof=1)) if n > 1 else math.nan
    levels = [0.5, *(end for one in BANDS for end in ((1.0 - one) / 2.0, (1.0 + one) / 2.0))]
    at = np.quantile(np.where(np.isfinite(values), values, np.inf), levels, method="inverted_cdf").tolist()
    bands = {f"{100 * one:g}": (at[2 * i + 1], at[2 * i + 2]) for i, one in enumerate(BANDS)}
    dates: dict[str, Any] = {}
    if meaning.unit == "day" and date(0.0):
        dates = {"median": date(at[0]), **{level: (date(low), date(high)) for level, (low, high) in bands.items()}}
    return Expected(
        name, meaning.words, meaning.unit, meaning.section, meaning.definition,
        n, float(known.mean()) if n else math.nan, sd / math.sqrt(n) if n > 1 else math.nan, sd, at[0], bands, dates,
    )  # fmt: skip


@dataclass(frozen=True)
class SoFar:
    """What the log has: sites open of those planned, patients screened, failed, in screening and randomised, deaths,
    patients with scores, whether arms are known, and the days of the interim analyses made."""

    sites_open: int
    sites: int
    screened: int
    failed: int
    in_screening: int
    randomised: int
    died: int
    with_scores: int
    arms_known: bool
    analyses: tuple[int, ...]


@dataclass(frozen=True)
class GroupSoFar:
    """The sites of a group: how many, how many open, patients screened and randomised, patients that the plan expects
    to have been screened by sites open for as long, the chance by the plan of as many or more and of as few or fewer,
    and the mean of what is now believed of their rates, in parts of the planned rate."""

    name: str
    sites: int
    open: int
    screened: int
    randomised: int
    expected: float
    as_many: float
    as_few: float
    rate_factor: float


@dataclass(frozen=True)
class SiteSoFar:
    """One site: its name in the plan and in the log, the day it opened (None if it has not), patients screened and
    randomised, those expected by its planned rate, and the mean of its rate now, in parts of the planned one."""

    name: str
    in_log: str
    opened: int | None
    screened: int
    randomised: int
    expected: float
    rate_factor: float


@dataclass(frozen=True)
class ScreeningSoFar:
    """What becomes of a first screening: share by plan, patients counted, share now (posterior mean)."""

    outcome: str
    planned: float
    counted: float
    now: float


@dataclass(frozen=True)
class FutureAnalysis:
    """One planned analysis: the chance that it rejects in favour of the active arm by the end of the trial, given the
    data so far and the planned effects (conditional power), with its Monte Carlo standard error.

    `predictive` is the same averaged over draws of the parameters, weighed by the estimate so far; None where none were
    asked for.
    """

    name: str
    endpoint: str
    method: str
    role: str
    conditional_power: float
    conditional_mc_se: float
    predictive: PredictivePower | None = None


@dataclass(frozen=True)
class FutureEnd:
    """Chance, given the data so far and the planned effects, that the trial ends at an analysis, by reason."""

    analysis: int
    efficacy: float
    futility: float
    harm: float
    end: float


@dataclass(frozen=True)
class FullBy:
    """Chance that all patients planned have been randomised by the end of a day, unless an analysis stops the trial."""

    day: int
    date: str
    share: float
    mc_se: float


@dataclass(frozen=True, repr=False)
class ForecastResult(Result):
    """The answer of `forecast`: how a running trial goes on from the day `on`.

    `numbers` are those to come by name, `curves` by day: patients randomised and sites opened. `power` and `ends` are
    empty where the log does not say who is in which arm. `notes` are what a reader has to know of this log.
    """

    scenario: str
    title: str
    data: str
    start: str
    on: int
    on_date: str
    n_patients: int
    replicates: int
    seed: int
    rate_cv: float
    screening_weight: float
    gaps: str
    draws: int
    so_far: SoFar
    groups: tuple[GroupSoFar, ...]
    sites: tuple[SiteSoFar, ...]
    screening: tuple[ScreeningSoFar, ...]
    numbers: Mapping[str, Expected]
    curves: Mapping[str, CurveSummary]
    full_by: FullBy | None
    power: tuple[FutureAnalysis, ...]
    ends: tuple[FutureEnd, ...]
    notes: tuple[str, ...]
    elapsed_seconds: float
    assumptions: tuple[Assumption, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def headline(self) -> str:
        """Trial, day and replicates."""
        when = self.on_date or f"day {self.on}"
        return (
            f"forecast of {self.title!r} on {when}: {self.so_far.randomised} of {self.n_patients} patients, "
            f"{self.replicates} replicates"
        )

    @property
    def analyses(self) -> dict[int, dict[str, Expected]]:
        """The numbers of each analysis, by number from 1 and by kind."""
        found: dict[int, dict[str, Expected]] = {}
        for one in self.numbers.values():
            if one.section == "analyses":
                found.setdefault(int(one.part), {})[one.kind] = one
        return found

    def rows(self) -> list[dict[str, Any]]:
        """One row per number, a column for each limit."""
        found = []
        for one in self.numbers.values():
            row: dict[str, Any] = {
                "quantity": one.name, "words": one.words, "unit": one.unit, "replicates": one.n, "mean": one.mean,
                "mc_se": one.mc_se, "sd": one.sd, "median": one.median,
            }  # fmt: skip
            for level, (low, high) in one.bands.items():
                row[f"low_{level}"], row[f"high_{level}"] = low, high
            found.append({**row, "definition": one.definition})
        return found

    def short_rows(self) -> list[dict[str, Any]]:
        """Median and 80 % band of what a reader asks first."""
        first = [self.numbers["full_day"], *(one["analysis_day"] for one in self.analyses.values())]
        return [
            {
                "quantity": f"{one.words}{' ' + one.part if one.part else ''}",
                "median": one.median,
                "80 %": " to ".join(f"{end:.0f}" for end in one.bands["80"]),
            }
            for one in first
        ]

    def contents(self) -> dict[str, Any]:
        """Everything by name."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in ("numbers", "curves")}
        found["numbers"] = {
            name: {key: value for key, value in asdict(one).items() if key != "name"}
            for name, one in self.numbers.items()
        }
        found["curves"] = {
            name: {**asdict(meaning_of(name, BY_DAY)), **curve.record()} for name, curve in self.curves.items()
        }
        return found
