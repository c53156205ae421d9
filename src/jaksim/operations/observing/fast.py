"""What is observed of trials that the fast door conducts: without shared stock and without wards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Booleans, Floats, Integers
from jaksim.kernel.entering.recruitment import RANDOMISED
from jaksim.operations.costing import ITEMS, MONTH, Discounting
from jaksim.operations.observing.observed import Observed, named
from jaksim.operations.pool import Pool
from jaksim.trial.operations.operations import Operations


@dataclass(frozen=True, eq=False)
class AsConducted:
    """How B trials went: patients (B, N) in order of entry, of whom the first n[b] were randomised, and the first
    unstopped[b] would have been if nothing had stopped the trial.

    `day` and `ready`, the time, of entry, `site` and `late`, days until the data of a patient are entered and clean
    ((B, 0) where they never are late). `closed` float64 (B,) is when enrolment ended.
    `planned` patients were to come, and each is followed for
    `follow_up` days; `occupied` (B, follow_up + 1) are, by group of states, the shares of them expected to be in it by
    day since randomisation, under no name in any of those who are alive and in the trial.
    """

    n: Integers
    unstopped: Integers
    day: NDArray[np.integer]
    ready: Floats
    site: NDArray[np.integer]
    late: NDArray[np.integer]
    closed: Floats
    planned: int
    follow_up: int
    occupied: Mapping[str, Floats]

    @property
    def among(self) -> Booleans:
        """Who was randomised (B, N)."""
        return np.asarray(np.arange(self.day.shape[1]) < self.n[:, None])


@dataclass(frozen=True, eq=False)
class People:
    """Everybody screened in B trials: the pool that patients come from, whose caps are not looked at, with the times of
    second screenings."""

    pool: Pool
    again: Floats


def observe(operations: Operations, people: People, trial: AsConducted) -> Observed:
    """Enrolment, screening, sites, data and cost of trials and of the people whom their sites see."""
    found = _Observation(operations, people, trial)
    numbers = {
        **found.enrolment(), **found.screening(), **found.sites(), **found.data(),
        **(found.cost() if operations.costs.any else {}),
    }  # fmt: skip
    return Observed(numbers, found.curves())


class _Observation:
    """The parts of what is observed, which share what they are counted from."""

    def __init__(self, operations: Operations, people: People, trial: AsConducted) -> None:
        self.operations, self.pool, self.trial = operations, people.pool, trial
        recruitment, flow = operations.recruitment, operations.data_flow
        self.n_sites = recruitment.n_sites
        self.among = trial.among
        self.screened = self._screened()
        self.again = np.where(self.screened & (people.again <= trial.closed[:, None]), people.again, np.inf)
        self.at_site = _counts(trial.site, self.among, self.n_sites)
        self.opened = people.pool.opened <= np.minimum(trial.closed, recruitment.until)[:, None]
        day = trial.day.astype(np.int64)
        self.last_entry = np.where(trial.n > 0, np.where(self.among, day, 0).max(axis=1, initial=0), np.nan)
        self.last_of_visits = max(flow.visits, default=trial.follow_up)
        self.last_visit = self.last_entry + self.last_of_visits
        self.first_at, self.last_at = _first_and_last(day, trial.site, self.among, self.n_sites)
        late = trial.late if trial.late.shape[1] else np.zeros(day.shape, dtype=np.int64)
        clean = np.where(self.among, day + late, 0).max(axis=1, initial=0) + trial.follow_up
        self.lock = np.maximum(self.last_visit + flow.lock, clean)

    def _screened(self) -> Booleans:
        """Who was screened (B, M): before enrolment ended, at a site that was not shut."""
        pool, trial = self.pool, self.trial
        found = np.arange(pool.time.shape[1]) < pool.n[:, None]
        found &= pool.time <= trial.closed[:, None]
        if self.operations.recruitment.capped:
            found &= pool.time <= np.take_along_axis(self._shut, pool.site.astype(np.int64), axis=1)
        return np.asarray(found)

    def _number(self, where: Booleans) -> Floats:
        return np.asarray(np.count_nonzero(where, axis=1), dtype=np.float64)

    def enrolment(self) -> dict[str, Floats]:
        trial = self.trial
        last = trial.day[:, min(trial.planned, trial.day.shape[1]) - 1].astype(np.float64)
        full = np.where(trial.unstopped >= trial.planned, last, np.nan)
        found = {
            "full_day": full,
            "randomised": trial.n.astype(np.float64),
            "last_patient_day": self.last_entry,
        }
        countries = self.operations.recruitment.countries
        if len(countries) > 1:
            of_site = np.array(self.operations.recruitment.country_of)
            for c, country in enumerate(countries):
                mine = self.at_site[:, of_site == c]
                found[named("randomised_in", country.name)] = mine.sum(axis=1).astype(np.float64)
        return found

    def screening(self) -> dict[str, Floats]:
        pool, reasons, n = self.pool, self.operations.screening.reasons, self.trial.n
        passes = pool.outcome == RANDOMISED
        screened, failed = self._number(self.screened), self._number(self.screened & ~passes)
        found = {"screened": screened, "failed": failed}
        for k, reason in enumerate(reasons):
            found[named("failed_for", reason.name)] = self._number(self.screened & (pool.outcome == k))
        if reasons:
            found["screened_again"] = self._number(np.isfinite(self.again))
        late = self._number(self.screened & passes & (pool.ready > self.trial.closed[:, None]))
        found["too_late"] = late
        found["not_taken"] = screened - failed - late - n
        with np.errstate(divide="ignore", invalid="ignore"):
            found["screened_per_patient"] = np.where(n > 0, screened / n, np.nan)
        return found

    def sites(self) -> dict[str, Floats]:
        found = {
            "sites_opened": self._number(self.opened),
            "sites_without_patient": self._number(self.opened & (self.at_site == 0)),
            "most_at_a_site": self.at_site.max(axis=1).astype(np.float64),
        }
        if self.operations.recruitment.capped:
            found["sites_full"] = self._number(self.opened & np.isfinite(self._shut))
        found["site_months"] = self._open_days(Discounting(0.0)).sum(axis=1) / MONTH
        return found

    @cached_property
    def _shut(self) -> Floats:
        """When each site (B, J) takes its last, by its cap or that of its country; infinite if it does not."""
        recruitment, trial = self.operations.recruitment, self.trial
        found = np.full((len(trial.n), self.n_sites), np.inf)
        at_site = _counts(trial.site, self.among, self.n_sites)
        country_of = np.array(recruitment.country_of)
        own = [recruitment.groups[g].cap for g in recruitment.group_of]
        caps = [(np.arange(self.n_sites) == j, cap) for j, cap in enumerate(own)]
        caps += [(country_of == c, country.cap) for c, country in enumerate(recruitment.countries)]
        for sites, cap in caps:
            if cap is None:
                continue
            for b in np.flatnonzero(at_site[:, sites].sum(axis=1) >= cap):
                mine = trial.ready[b, : trial.n[b]][sites[trial.site[b, : trial.n[b]]]]
                found[b, sites] = np.minimum(found[b, sites], mine[cap - 1])
        return found

    @cached_property
    def _site_ends(self) -> Floats:
        """When each site (B, J) is closed: nobody is recruited there any more, and its patients have had their last
        visit."""
        recruitment = self.operations.recruitment
        over = np.minimum(self.trial.closed[:, None], recruitment.closing)
        if self.operations.recruitment.capped:
            over = np.minimum(over, self._shut)
        found: Floats = np.fmax(over, self.last_at + self.last_of_visits)
        return found

    def _open_days(self, discounting: Discounting) -> Floats:
        """Days (B, J) for which each site is open."""
        opened = self.pool.opened.astype(np.float64)
        return np.where(self.opened, discounting.during(opened, self._site_ends), 0.0)

    @cached_property
    def _monitored(self) -> Floats:
        """Visits (B, J) of monitors to each site."""
        every = self.operations.data_flow.monitoring
        days = self.last_at + self.last_of_visits - self.first_at
        return np.where(self.at_site > 0, np.ceil(np.nan_to_num(days) / every), 0.0)

    def data(self) -> dict[str, Floats]:
        found = {"last_visit_day": self.last_visit, "lock_day": self.lock}
        if self.operations.data_flow.visits:
            found["visits"] = self.trial.n * self._present.sum(axis=1)
        found["monitoring_visits"] = self._monitored.sum(axis=1)
        return found

    @cached_property
    def _present(self) -> Floats:
        """Share (B, V) of patients who come to each planned visit."""
        visits = np.array(self.operations.data_flow.visits, dtype=np.int64)
        within = visits <= self.trial.follow_up
        return np.asarray(self.trial.occupied[""][:, np.minimum(visits, self.trial.follow_up)] * within)

    def cost(self) -> dict[str, Floats]:
        """Every item of which the number is known here: kits and shipments are left out."""
        operations, pool, trial, costs = self.operations, self.pool, self.trial, self.operations.costs
        money, flow = Discounting(costs.discount), operations.data_flow
        entries = _sums(self.among, money.at(trial.day))
        at_visits = (self._present * money.at(np.array(flow.visits, dtype=np.int64))).sum(axis=1)
        end = np.where(np.isfinite(self.lock), self.lock, trial.closed)
        twice = np.isfinite(self.again)
        again = _sums(twice, money.at(np.where(twice, self.again, 0.0)))
        visited = np.nan_to_num(self.first_at)
        items = {
            "site_opened": np.where(self.opened, money.at(pool.opened), 0.0).sum(axis=1),
            "site_month": self._open_days(money).sum(axis=1) / MONTH,
            "patient_screened": _sums(self.screened, money.at(pool.time)) + again,
            "patient_randomised": _sums(self.among, money.at(trial.ready)),
            "visit": entries * at_visits,
            "monitoring_visit": money.every(visited, self._monitored, flow.monitoring).sum(axis=1),
            "project_day": money.during(np.zeros(len(end)), end),
        }
        found = {
            named("cost_of", ITEMS[name]): getattr(costs, name) * amount
            for name, amount in items.items()
            if getattr(costs, name) > 0.0
        }
        total = np.sum(list(found.values()), axis=0) if found else np.zeros(len(end))
        return {"cost": total, **found}

    def curves(self) -> dict[str, NDArray[np.float32]]:
        pool, trial = self.pool, self.trial
        anybody = np.arange(trial.day.shape[1]) < np.minimum(trial.unstopped, trial.planned)[:, None]
        entry = trial.day.astype(np.int64)
        ends = [self.lock, trial.closed, np.where(anybody, entry, 0).max(axis=1, initial=0)]
        days = int(max(np.nanmax(one, initial=0.0) for one in ends)) + 2
        entered = _by_day(entry, self.among, days)
        found = {
            "recruited": _by_day(entry, anybody, days),
            "randomised": entered,
            "screened": _by_day(np.floor(pool.time).astype(np.int64), self.screened, days),
            "sites_recruiting": self._recruiting(days),
        }
        new = np.diff(entered, axis=1, prepend=0.0)
        for name, shares in trial.occupied.items():
            found[named("in_states", name) if name else "in_follow_up"] = _occupying(new, shares)
        return found

    def _recruiting(self, days: int) -> NDArray[np.float32]:
        recruitment = self.operations.recruitment
        end = np.minimum(np.full(self.opened.shape, recruitment.until + 1.0), self.trial.closed[:, None])
        if recruitment.capped:
            end = np.minimum(end, self._shut)
        end = np.minimum(end, recruitment.closing)
        ends = np.minimum(np.ceil(end), days - 1).astype(np.int64)
        ever = self.opened & (self.pool.opened < ends)
        return _by_day(self.pool.opened, ever, days) - _by_day(ends, ever, days)


def _sums(where: Booleans, values: Floats) -> Floats:
    """Sums (B,) of the values in places of each row, one after the other, so that no wider row changes a digit."""
    return np.asarray(np.bincount(np.nonzero(where)[0], weights=values[where], minlength=len(where)), dtype=np.float64)


def _counts(site: NDArray[np.integer], among: Booleans, n_sites: int) -> Integers:
    """Patients (B, J) of each site."""
    flat = site.astype(np.int64) + n_sites * np.arange(len(site))[:, None]
    return np.bincount(flat[among], minlength=len(site) * n_sites).reshape(len(site), n_sites)


def _occupying(new: NDArray[np.float32], shares: Floats) -> NDArray[np.float32]:
    """Expected patients (B, D) by day, of those who enter on each day (B, D), by shares (B, H + 1) since then."""
    found = np.zeros(new.shape)
    for day in range(shares.shape[1]):
        found[:, day:] += shares[:, day, None] * new[:, : new.shape[1] - day]
    return found.astype(np.float32)


def _first_and_last(day: Integers, site: NDArray[np.integer], among: Booleans, n_sites: int) -> tuple[Floats, Floats]:
    """Days (B, J) of the first and the last entry at each site, NaN where there is none."""
    row = np.nonzero(among)[0]
    first, last = np.full((len(day), n_sites), np.inf), np.full((len(day), n_sites), -np.inf)
    np.minimum.at(first, (row, site[among]), day[among])
    np.maximum.at(last, (row, site[among]), day[among])
    return np.where(np.isfinite(first), first, np.nan), np.where(np.isfinite(last), last, np.nan)


def _by_day(day: Integers, among: Booleans, days: int) -> NDArray[np.float32]:
    """How many (B, days) of those counted had their day by the end of each day."""
    flat = np.minimum(day, days - 1) + days * np.arange(len(day))[:, None]
    each = np.bincount(flat[among], minlength=len(day) * days).reshape(len(day), days)
    return np.cumsum(each, axis=1).astype(np.float32)
