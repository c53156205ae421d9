"""What is observed of trials that the fast door conducts: without shared stock and without wards."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Booleans, Floats, Integers
from jaksim.kernel.recruitment import RANDOMISED
from jaksim.operations.costing import ITEMS, MONTH, Discounting
from jaksim.operations.observed import Observed, named
from jaksim.operations.pool import Pool
from jaksim.trial.operations.operations import Operations


@dataclass(frozen=True, eq=False)
class AsConducted:
    """How B trials went: patients (B, N) in order of entry, of whom the first n[b] were randomised.

    `day` of entry, `site` and `late`, days until the data of a patient are entered and clean ((B, 0) where they never
    are late). `closed` float64 (B,) is when enrolment ended; `planned` patients were to come, and each is followed for
    `follow_up` days.
    """

    n: Integers
    day: NDArray[np.integer]
    site: NDArray[np.integer]
    late: NDArray[np.integer]
    closed: Floats
    planned: int
    follow_up: int

    @property
    def among(self) -> Booleans:
        """Who was randomised (B, N)."""
        return np.asarray(np.arange(self.day.shape[1]) < self.n[:, None])


def observe(operations: Operations, pool: Pool, trial: AsConducted, unstopped: Pool) -> Observed:
    """Enrolment, screening, sites, data and cost of trials and of the pool that their patients come from, whose caps
    are not looked at; `unstopped` has the patients of the trials if nothing stops them."""
    found = _Observation(operations, pool, trial, unstopped)
    numbers = {
        **found.enrolment(), **found.screening(), **found.sites(), **found.data(),
        **(found.cost() if operations.costs.any else {}),
    }  # fmt: skip
    return Observed(numbers, found.curves())


class _Observation:
    """The parts of what is observed, which share what they are counted from."""

    def __init__(self, operations: Operations, pool: Pool, trial: AsConducted, unstopped: Pool) -> None:
        self.operations, self.pool, self.trial, self.unstopped = operations, pool, trial, unstopped
        recruitment, flow = operations.recruitment, operations.data_flow
        self.rows = np.arange(len(trial.n))
        self.n_sites = recruitment.n_sites
        self.among = trial.among
        here = np.arange(pool.time.shape[1]) < pool.n[:, None]
        self.screened = here & (pool.time <= trial.closed[:, None])
        self.known = self.screened & (pool.ready <= trial.closed[:, None])
        self.at_site = _counts(trial.site, self.among, self.n_sites)
        self.opened = pool.opened <= np.minimum(trial.closed, recruitment.until)[:, None]
        some = trial.n > 0
        last = np.where(self.among, trial.day.astype(np.int64), 0).max(axis=1, initial=0)
        self.last_entry = np.where(some, last, np.nan)
        self.last_of_visits = max(flow.visits, default=trial.follow_up)
        self.last_visit = self.last_entry + self.last_of_visits
        self.lock = self.last_visit + flow.lock
        if trial.late.shape[1]:
            clean = np.where(self.among, trial.day.astype(np.int64) + trial.late, 0).max(axis=1, initial=0)
            self.lock = np.maximum(self.lock, clean + self.last_of_visits)

    def _number(self, where: Booleans) -> Floats:
        return np.asarray(np.count_nonzero(where, axis=1), dtype=np.float64)

    def enrolment(self) -> dict[str, Floats]:
        pool, trial = self.unstopped, self.trial
        place = pool.order[:, trial.planned - 1]
        full = np.where(
            pool.lined_up >= trial.planned, np.floor(np.take_along_axis(pool.ready, place[:, None], 1)[:, 0]), np.nan
        )
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
        pool, reasons = self.pool, self.operations.screening.reasons
        screened, failed = self._number(self.screened), self._number(self.known & (pool.outcome != RANDOMISED))
        found = {"screened": screened, "failed": failed}
        for k, reason in enumerate(reasons):
            found[named("failed_for", reason.name)] = self._number(self.known & (pool.outcome == k))
        again = self._number(self.screened & pool.twice)
        late = self._number(self.screened & ~self.known)
        not_taken = screened - failed - late - self.trial.n
        if reasons:
            found["screened_again"] = again
        found["too_late"] = late
        found["not_taken"] = not_taken
        with np.errstate(divide="ignore", invalid="ignore"):
            found["screened_per_patient"] = np.where(self.trial.n > 0, screened / self.trial.n, np.nan)
        return found

    def sites(self) -> dict[str, Floats]:
        found = {
            "sites_opened": self._number(self.opened),
            "sites_without_patient": self._number(self.opened & (self.at_site == 0)),
            "most_at_a_site": self.at_site.max(axis=1).astype(np.float64),
        }
        if self.operations.recruitment.capped:
            found["sites_full"] = self._number(self.opened & (self._cap_day <= self.trial.closed[:, None]))
        found["site_months"] = self._open_days(Discounting(0.0)).sum(axis=1) / MONTH
        return found

    @cached_property
    def _cap_day(self) -> Floats:
        """Day (B, J) on which each site takes its last, by its cap or that of its country; infinite if it does not."""
        recruitment, trial = self.operations.recruitment, self.trial
        found = np.full((len(trial.n), self.n_sites), np.inf)
        country_of = np.array(recruitment.country_of)
        own = [recruitment.groups[g].cap for g in recruitment.group_of]
        caps = [(np.arange(self.n_sites) == j, cap) for j, cap in enumerate(own)]
        caps += [(country_of == c, country.cap) for c, country in enumerate(recruitment.countries)]
        for sites, cap in caps:
            if cap is None:
                continue
            rows = np.flatnonzero(self.at_site[:, sites].sum(axis=1) >= cap)
            for b in rows:
                mine = trial.day[b, : trial.n[b]][sites[trial.site[b, : trial.n[b]]]]
                found[b, sites] = np.minimum(found[b, sites], mine[cap - 1])
        return found

    @property
    def _end(self) -> Floats:
        """When the sites close: at the last visit, or where nobody came at the end of enrolment."""
        return np.where(np.isfinite(self.last_visit), self.last_visit, self.trial.closed)

    def _open_days(self, discounting: Discounting) -> Floats:
        """Days (B, J) for which each site is open until the last visit."""
        opened = self.pool.opened.astype(np.float64)
        return np.where(self.opened, discounting.during(opened, self._end[:, None]), 0.0)

    @property
    def _monitored(self) -> Floats:
        """Visits (B, J) of monitors to each site."""
        days = np.maximum(self._end[:, None] - self.pool.opened, 0.0)
        return np.where(self.opened, np.floor(days / self.operations.data_flow.monitoring), 0.0)

    def data(self) -> dict[str, Floats]:
        flow = self.operations.data_flow
        found = {"last_visit_day": self.last_visit, "lock_day": self.lock}
        if flow.visits:
            found["visits"] = (self.trial.n * len(flow.visits)).astype(np.float64)
        if flow.visits or flow.verified > 0.0:
            found["monitoring_visits"] = self._monitored.sum(axis=1)
        return found

    def cost(self) -> dict[str, Floats]:
        """Items of which a number is known here, so shipments are left out."""
        operations, pool, trial, costs = self.operations, self.pool, self.trial, self.operations.costs
        money, flow = Discounting(costs.discount), operations.data_flow
        entries = (np.where(self.among, money.at(trial.day), 0.0)).sum(axis=1)
        end = np.where(np.isfinite(self.lock), self.lock, trial.closed)
        items = {
            "site_opened": np.where(self.opened, money.at(pool.opened), 0.0).sum(axis=1),
            "site_month": self._open_days(money).sum(axis=1) / MONTH,
            "patient_screened": np.where(self.screened, money.at(pool.time), 0.0).sum(axis=1),
            "patient_randomised": entries,
            "visit": entries * sum(float(money.at(day)) for day in flow.visits),
            "monitoring_visit": money.every(
                pool.opened.astype(np.float64), self._monitored, flow.monitoring
            ).sum(axis=1),
            "project_day": money.during(np.zeros(len(end)), end),
        }  # fmt: skip
        found = {
            named("cost_of", ITEMS[name]): getattr(costs, name) * amount
            for name, amount in items.items()
            if getattr(costs, name) > 0.0
        }
        total = np.sum(list(found.values()), axis=0) if found else np.zeros(len(end))
        return {"cost": total, **found}

    def curves(self) -> dict[str, NDArray[np.float32]]:
        pool, trial = self.unstopped, self.trial
        lined = np.arange(pool.order.shape[1])[None, :] < np.minimum(pool.lined_up, trial.planned)[:, None]
        ready = np.floor(np.take_along_axis(pool.ready, pool.order.astype(np.int64), axis=1)).astype(np.int64)
        ends = [self.lock, self.trial.closed, np.where(lined, ready, 0).max(axis=1, initial=0)]
        days = int(max(np.nanmax(one, initial=0.0) for one in ends)) + 2
        entered = _by_day(trial.day.astype(np.int64), self.among, days)
        left = _by_day(trial.day.astype(np.int64) + trial.follow_up, self.among, days)
        return {
            "recruited": _by_day(ready, lined, days),
            "randomised": entered,
            "screened": _by_day(np.floor(self.pool.time).astype(np.int64), self.screened, days),
            "sites_recruiting": self._recruiting(days),
            "in_follow_up": entered - left,
        }

    def _recruiting(self, days: int) -> NDArray[np.float32]:
        recruitment = self.operations.recruitment
        closes = np.array([g.closes if g.closes is not None else np.inf for g in recruitment.groups])
        end = np.minimum(np.full(self.opened.shape, recruitment.until + 1.0), self.trial.closed[:, None])
        if recruitment.capped:
            end = np.minimum(end, self._cap_day)
        end = np.minimum(end, closes[list(recruitment.group_of)] + 1.0)
        ends = np.minimum(np.floor(end), days - 1).astype(np.int64)
        ever = self.opened & (self.pool.opened < ends)
        return _by_day(self.pool.opened, ever, days) - _by_day(ends, ever, days)


def _counts(site: NDArray[np.integer], among: Booleans, n_sites: int) -> Integers:
    """Patients (B, J) of each site."""
    flat = site.astype(np.int64) + n_sites * np.arange(len(site))[:, None]
    return np.bincount(flat[among], minlength=len(site) * n_sites).reshape(len(site), n_sites)


def _by_day(day: Integers, among: Booleans, days: int) -> NDArray[np.float32]:
    """How many (B, days) of those counted had their day by the end of each day."""
    flat = np.minimum(day, days - 1) + days * np.arange(len(day))[:, None]
    each = np.bincount(flat[among], minlength=len(day) * days).reshape(len(day), days)
    return np.cumsum(each, axis=1).astype(np.float32)
