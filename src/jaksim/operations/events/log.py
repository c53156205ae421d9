"""What happened in one trial: plain arrays and counters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Booleans, Floats, Integers

FATES: Final = (
    "randomised",
    "failed screening",
    "no kit at the site, but elsewhere",
    "no kit anywhere",
    "site or country at its cap",
    "recruitment paused",
    "recruitment over",
)
"""What became of the patients who were screened."""


@dataclass(frozen=True, eq=False)
class Patients:
    """The n patients who were randomised, in that order.

    `site`, `number` at the site, `screened` (time of the first screening) and `ready` (of randomisation), `day` of
    entry, `stratum`, `arm` (the reference first), `late` (days until data are in the data base), `kits` used,
    `missed` dispensings, `left` (day since randomisation from which she was dead or had left the study, H + 1 for
    never), `turned_away` bool (n, W): found no place in a ward when she needed one; `places` (n, W) times that she got
    one, `stayed` (n, W) days that she had one. `states` int8 (n, H + 1) are her daily states, changed by what happened
    to her.
    """

    site: Integers
    number: Integers
    screened: Floats
    ready: Floats
    day: Integers
    stratum: Integers
    arm: Integers
    late: Integers
    kits: Integers
    missed: Integers
    left: Integers
    turned_away: Booleans
    places: Integers
    stayed: Floats
    states: NDArray[np.int8]


@dataclass(frozen=True)
class Analysis:
    """One analysis: the `day` of its data cut and of the `decision`, patients randomised by each of them (who came in
    between are the overrun), complete outcomes and events of the monitored endpoint in the data (0 where it has none).
    """

    day: int
    decision: int
    enrolled: int
    enrolled_at_decision: int
    complete: int
    events: int

    @property
    def overrun(self) -> int:
        """Patients randomised after the data cut and until the decision."""
        return self.enrolled_at_decision - self.enrolled


@dataclass(frozen=True, eq=False)
class Drug:
    """Kits of each product (P,): `made` = `used` + `expired` + `at_depot` + `at_sites` + `in_transit`.

    `missed` (2, P): dispensings missed for want of it while it was in stock elsewhere, and nowhere. `shipments` is the
    number of shipments, `shipped` of the kits in them.
    """

    made: Integers
    used: Integers
    expired: Integers
    at_depot: Integers
    at_sites: Integers
    in_transit: Integers
    missed: Integers
    shipments: int
    shipped: int

    @property
    def wasted(self) -> Integers:
        """Kits made that no patient was given (P,)."""
        return self.made - self.used


@dataclass(frozen=True, eq=False)
class WardLog:
    """One ward: other patients who came and were turned away; times that patients of the trial needed a place, got one
    at once, did not; most places of a site taken at a time; places taken at all sites at the end of each day (T,)."""

    name: str
    others: int
    others_turned_away: int
    needed: int
    got: int
    turned_away: int
    most_taken: int
    taken_by_day: Integers


@dataclass(frozen=True, eq=False)
class TrialLog:
    """One replicate.

    `reason` says why recruitment ended, at the time `recruitment_ended`; `last_patient_in` is the day of the last
    randomisation, -1 without any.
    `opened` (J,) is the day on which each site opens, whether the trial lasts so long or not; `closed` (J,) the time at
    which it took the last patient that its cap, or that of its country, lets in, or its last day ended; infinite for
    never. `screened` (J,)
    counts first screenings, `screened_again` second ones, `failed` (K,) by reason, `fates` by `FATES`, all of those
    screened; `screened_times`, `screened_again_times` are the times. `enrolled_by_day` (T,) counts patients at the end
    of each day. `visits`, `queries`, `verified` count visits, visits whose data were questioned and whose source was
    looked up; `monitoring_visits` those to sites. `last_visit`, `complete` and `locked` are days: of the last visit of
    a patient, of complete data, of the lock. `in_state` (T, S) counts patients under follow-up by state of a patient on
    each day. `costs` are by item, discounted.
    """

    replicate: int
    reason: str
    recruitment_ended: float
    opened: Integers
    closed: Floats
    screened: Integers
    screened_again: int
    failed: Integers
    fates: dict[str, int]
    screened_times: Floats
    screened_again_times: Floats
    patients: Patients
    analyses: tuple[Analysis, ...]
    last_patient_in: int
    last_visit: int
    complete: int
    locked: int
    enrolled_by_day: Integers
    in_state: Integers
    visits: int
    queries: int
    verified: int
    monitoring_visits: int
    drug: Drug | None
    wards: tuple[WardLog, ...]
    costs: dict[str, float]
    events: int

    @property
    def enrolled(self) -> int:
        """Patients randomised."""
        return len(self.patients.site)

    @property
    def sites_open_by_day(self) -> Integers:
        """Sites that are open at the end of each day (T,)."""
        days = np.arange(len(self.enrolled_by_day))
        closed = np.minimum(self.closed, self.recruitment_ended)
        found: Integers = ((self.opened[:, None] <= days) & (days + 1 <= np.ceil(closed)[:, None])).sum(axis=0)
        return found

    @property
    def sites_without_patient(self) -> int:
        """Sites that opened before recruitment ended and randomised nobody."""
        having = np.bincount(self.patients.site, minlength=len(self.opened))
        return int(((having == 0) & (self.opened < self.recruitment_ended)).sum())

    @property
    def cost(self) -> float:
        """All costs, discounted."""
        return sum(self.costs.values())
