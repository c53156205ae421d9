"""What is observed of the conduct of trials: numbers and curves by day, by the same names through every door."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats, Integers
from jaksim.errors import InputError

QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
BANDS: Final = (0.5, 0.8, 0.95)
SECTIONS: Final = ("enrolment", "screening", "sites", "analyses", "data", "supply", "wards", "cost")


@dataclass(frozen=True)
class Meaning:
    """What a quantity is: words for a table, its unit ("day" for a day of the trial, from 0), and its definition."""

    words: str
    unit: str
    section: str
    definition: str


NUMBERS: Final[dict[str, Meaning]] = {
    "full_day": Meaning(
        "full, unless stopped", "day", "enrolment",
        "Day on which the last patient planned is randomised when no interim analysis stops the trial before; trials "
        "that are never full have none.",
    ),
    "randomised": Meaning(
        "randomised", "patients", "enrolment", "Patients randomised until enrolment ends, as the trial is conducted."
    ),
    "randomised_in": Meaning("randomised", "patients", "enrolment", "Of these, patients of one country."),
    "last_patient_day": Meaning(
        "last patient in", "day", "enrolment",
        "Day on which the last patient of the trial as conducted is randomised: the last planned, or the last before "
        "the sites know that the trial has stopped.",
    ),
    "screened": Meaning(
        "screened", "patients", "screening", "Patients whose first screening is before enrolment ends."
    ),
    "failed": Meaning("failed screening", "patients", "screening", "Of these, patients who fail for good."),
    "failed_for": Meaning("failed", "patients", "screening", "Of these, by the one reason that each of them has."),
    "screened_again": Meaning(
        "screened again", "patients", "screening", "Patients with a second screening, whatever it finds."
    ),
    "too_late": Meaning(
        "in screening at the end", "patients", "screening",
        "Of these, patients who pass and would be randomised only after enrolment has ended.",
    ),
    "not_taken": Meaning(
        "passed, not taken", "patients", "screening",
        "Patients who pass and are not randomised: their site or country has reached its cap, their stratum is closed, "
        "or enrolment pauses.",
    ),
    "screened_per_patient": Meaning(
        "screened per randomised", "", "screening", "Patients screened over patients randomised."
    ),
    "sites_opened": Meaning("sites opened", "sites", "sites", "Sites that open before enrolment ends."),
    "sites_without_patient": Meaning(
        "without a patient", "sites", "sites", "Of these, sites that randomise nobody until enrolment ends."
    ),
    "sites_full": Meaning("closed by a cap", "sites", "sites", "Sites that their cap, or their country's, closes."),
    "most_at_a_site": Meaning("most at one site", "patients", "sites", "Patients of the site that randomises most."),
    "site_months": Meaning(
        "months of sites", "months", "sites",
        "Sum over the sites opened of the time, in 30 days, from opening until nobody is recruited there and its "
        "patients have had their last visit.",
    ),
    "analysis_day": Meaning("data cut", "day", "analyses", "Day of the data cut of an analysis that takes place."),
    "enrolled_at_cut": Meaning("enrolled", "patients", "analyses", "Patients randomised by the day of the data cut."),
    "events_at_cut": Meaning(
        "events", "events", "analyses", "Events in the data of the cut, in the patients whom the analysis uses."
    ),
    "complete_at_cut": Meaning(
        "complete", "patients", "analyses", "Complete outcomes in the data of the cut, in the same patients."
    ),
    "enrolled_at_decision": Meaning(
        "at the decision", "patients", "analyses",
        "Patients randomised by the day on which the sites know the decision.",
    ),
    "overrun": Meaning(
        "overrun", "patients", "analyses",
        "Patients randomised from the day after the data cut to that of the decision.",
    ),
    "decision_day": Meaning("decision", "day", "analyses", "Day on which the sites know what was decided."),
    "last_visit_day": Meaning(
        "last visit", "day", "data",
        "Day of the last visit of a patient; the fast door takes the one planned, whether she lives or not.",
    ),
    "lock_day": Meaning(
        "lock of the data base", "day", "data",
        "So many days after the last visit as the plan says, and not before the last data are entered and clean.",
    ),
    "visits": Meaning(
        "visits", "visits", "data",
        "Planned visits of patients who are alive and in the trial; the fast door takes the number expected.",
    ),
    "monitoring_visits": Meaning(
        "monitoring visits", "visits", "data",
        "Visits of monitors to sites, at the planned distance, from the first patient of a site on until one is not "
        "before the last visit of its patients.",
    ),
    "visits_queried": Meaning("visits questioned", "visits", "data", "Visits whose data are questioned."),
    "visits_verified": Meaning("visits verified", "visits", "data", "Visits whose source is looked up at the site."),
    "kits_made": Meaning("made", "kits", "supply", "Kits made by the end of the trial."),
    "kits_used": Meaning("used", "kits", "supply", "Kits given to patients."),
    "kits_expired": Meaning("expired", "kits", "supply", "Kits that expire at a site or at the depot."),
    "kits_left": Meaning("left over", "kits", "supply", "Kits in stock or on the way at the end."),
    "kits_drawn": Meaning(
        "drawn", "kits", "supply",
        "Kits made less those still at the depot at the end.",
    ),
    "overage": Meaning("drawn per used", "", "supply", "Kits drawn over kits used."),
    "missed_elsewhere": Meaning(
        "missed, elsewhere", "times", "supply",
        "Dispensings missed for want of the product while the depot or another site has it.",
    ),
    "missed_nowhere": Meaning("missed, nowhere", "times", "supply", "Dispensings missed while none is anywhere."),
    "turned_away_elsewhere": Meaning(
        "turned away, kit elsewhere", "patients", "supply",
        "Patients who pass and are not randomised since the site lacks a kit that the depot or another site has.",
    ),
    "turned_away_nowhere": Meaning(
        "turned away, kit nowhere", "patients", "supply", "The same while no kit is anywhere."
    ),
    "missed_by_patients": Meaning(
        "dispensings missed", "times", "supply", "Dispensings that patients in the trial miss."
    ),
    "shipments": Meaning("shipments", "shipments", "supply", "Shipments from the depot to sites."),
    "most_in": Meaning(
        "most at a time", "patients", "wards", "Most patients of the trial in this group of states at the end of a day."
    ),
    "ward_needed": Meaning("needed", "times", "wards", "Times that a patient of the trial needs a place."),
    "ward_got": Meaning("got", "times", "wards", "Of these, times when one was free at once."),
    "ward_refused": Meaning("none free", "times", "wards", "Times when none was free."),
    "ward_most": Meaning("most taken", "places", "wards", "Most places taken at one site at a time, by anybody."),
    "ward_others": Meaning("others", "patients", "wards", "Other patients who come."),
    "ward_others_refused": Meaning("others turned away", "patients", "wards", "Other patients for whom none was free."),
    "cost": Meaning("total", "money", "cost", "Sum of the items, discounted to the first day."),
    "cost_of": Meaning("", "money", "cost", "Of this, one item."),
}  # fmt: skip
"""Numbers by name. A name may have a part, as in `failed_for: no consent`, which words go in front of."""

CURVES: Final[dict[str, Meaning]] = {
    "recruited": Meaning(
        "randomised, unless stopped", "patients", "enrolment",
        "Patients randomised by the end of each day when no interim analysis stops the trial.",
    ),
    "randomised": Meaning(
        "randomised", "patients", "enrolment", "Patients randomised by the end of each day, as the trial is conducted."
    ),
    "screened": Meaning("screened", "patients", "screening", "Patients screened by the end of each day."),
    "sites_recruiting": Meaning(
        "sites open", "sites", "sites", "Sites that are open and may recruit at the end of each day."
    ),
    "in_follow_up": Meaning(
        "in follow-up", "patients", "data",
        "Patients in follow-up at the end of each day, alive and in the trial; the fast door takes the number expected "
        "of those who have entered.",
    ),
    "in_states": Meaning(
        "in", "patients", "wards",
        "Of these, patients in a group of states.",
    ),
    "ward_taken": Meaning("places taken", "places", "wards", "Places taken at all sites at the end of each day."),
}  # fmt: skip
"""Curves by day, by name, with a part where there are several of a kind."""

PART: Final = ": "


def named(name: str, part: str) -> str:
    """The name of a quantity of one part, such as a country."""
    return f"{name}{PART}{part}"


def meaning_of(name: str, catalogue: Mapping[str, Meaning] = NUMBERS) -> Meaning:
    """What a quantity means; InputError for a name that the catalogue has not."""
    kind, _, part = name.partition(PART)
    if kind not in catalogue:
        raise InputError("no such quantity of the conduct of a trial", allowed=catalogue, got=kind)
    found = catalogue[kind]
    if not part:
        return found
    words = f"{found.words}{': ' if found.words else ''}{part}"
    return Meaning(words, found.unit, found.section, found.definition)


@dataclass(frozen=True)
class Summary:
    """A number over the `n` replicates that have one: its mean with Monte Carlo standard error, standard deviation and
    quantiles at 5, 25, 50, 75 and 95 %, by percentage."""

    n: int
    mean: float
    mc_se: float
    sd: float
    quantiles: Mapping[str, float]

    @classmethod
    def of(cls, values: Floats) -> Summary:
        """Of values (R,), where NaN stands for none; NaN where there is nothing to tell."""
        known = values[np.isfinite(values)]
        n = len(known)
        sd = float(known.std(ddof=1)) if n > 1 else math.nan
        at = np.quantile(known, QUANTILES) if n else np.full(len(QUANTILES), np.nan)
        return cls(
            n,
            float(known.mean()) if n else math.nan,
            sd / math.sqrt(n) if n > 1 else math.nan,
            sd,
            {f"{100 * level:g}": float(value) for level, value in zip(QUANTILES, at, strict=True)},
        )


@dataclass(frozen=True, eq=False)
class CurveSummary:
    """A curve over replicates on the days (D,): mean with Monte Carlo standard error, median, and the lower and upper
    ends of central bands, by their percentage."""

    days: Integers
    mean: Floats
    mc_se: Floats
    median: Floats
    bands: Mapping[str, tuple[Floats, Floats]]

    @classmethod
    def of(cls, values: NDArray[np.float32]) -> CurveSummary:
        """Of values (R, D)."""
        levels = [0.5]
        for one in BANDS:
            levels += [(1.0 - one) / 2.0, (1.0 + one) / 2.0]
        exact = values.astype(np.float64)
        at = np.quantile(exact, levels, axis=0)
        error = exact.std(axis=0, ddof=1) / math.sqrt(len(exact)) if len(exact) > 1 else np.full(exact.shape[1], np.nan)
        bands = {f"{100 * one:g}": (at[2 * i + 1], at[2 * i + 2]) for i, one in enumerate(BANDS)}
        return cls(np.arange(exact.shape[1]), exact.mean(axis=0), error, at[0], bands)

    def record(self) -> dict[str, object]:
        """Plain values."""
        return {
            "days": self.days,
            "mean": self.mean,
            "mc_se": self.mc_se,
            "median": self.median,
            "bands": {name: {"low": low, "high": high} for name, (low, high) in self.bands.items()},
        }


@dataclass(frozen=True, eq=False)
class Observed:
    """Numbers (R,) and curves by day (R, D) of R replicates, by the names of `NUMBERS` and `CURVES`.

    NaN stands where a replicate has no such number. A curve keeps its last value from then on.
    """

    numbers: Mapping[str, Floats]
    curves: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for names, catalogue in ((self.numbers, NUMBERS), (self.curves, CURVES)):
            for name in names:
                meaning_of(name, catalogue)

    @property
    def replicates(self) -> int:
        """How many there are."""
        return len(next(iter(self.numbers.values())))

    def with_numbers(self, more: Mapping[str, Floats]) -> Observed:
        """The same with further numbers of the same replicates."""
        return Observed({**self.numbers, **more}, self.curves)

    def names(self, section: str) -> tuple[str, ...]:
        """The numbers of a section."""
        return tuple(name for name in self.numbers if meaning_of(name).section == section)

    def summary(self, name: str) -> Summary:
        """A number over the replicates."""
        return Summary.of(self.numbers[name])

    def curve(self, name: str) -> CurveSummary:
        """A curve over the replicates."""
        return CurveSummary.of(self.curves[name])

    @classmethod
    def joined(cls, parts: Iterable[Observed]) -> Observed:
        """The replicates of several blocks, in order."""
        found: Sequence[Observed] = tuple(parts)
        numbers = {name: np.concatenate([one.numbers[name] for one in found]) for name in found[0].numbers}
        curves = {}
        for name in found[0].curves:
            each = [one.curves[name] for one in found]
            days = max(one.shape[1] for one in each)
            curves[name] = np.concatenate(
                [np.pad(one, ((0, 0), (0, days - one.shape[1])), mode="edge") for one in each]
            )
        return cls(numbers, curves)
