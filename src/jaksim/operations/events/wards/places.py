"""The places of one kind, such as ventilators, at every site that has them, and who takes them."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Booleans, Floats
from jaksim.budget import check_memory
from jaksim.operations.addresses import addressed
from jaksim.operations.events.calendar import Calendar
from jaksim.operations.events.draws import UNIT, exponentials
from jaksim.operations.pool import Recruiter
from jaksim.rng import Purpose
from jaksim.trial.operations.wards import Ward

PLACE, ELSEWHERE, WITHOUT = "place", "elsewhere", "without"
_NEARLY_ALL: Final = 0.999
_WARD_BITS: Final = 12

Given = Callable[[Any], None]
"""What happens when a patient who has waited gets a place."""


class Others:
    """The wave of other patients who need a place of one ward at a site, the same in law at every site."""

    def __init__(self, ward: Ward, recruiter: Recruiter, number: int) -> None:
        groups = recruiter.recruitment.groups
        has = [not ward.groups or groups[g].name in ward.groups for g in recruiter.recruitment.group_of]
        self.sites: Booleans = np.array(has)
        self.ward, self.number = ward, number
        # The ward has run for as long as nearly all stays last when the trial starts.
        stay = ward.stay
        self.start = 0 if stay is None else -int(np.searchsorted(stay.cdf, _NEARLY_ALL))
        self.days = [float(self.start), *(float(day) for day, _ in sorted(ward.wave) if day > 0)]
        factors = [next((f for day, f in sorted(ward.wave, reverse=True) if day <= 0), 1.0)]
        factors.extend(factor for day, factor in sorted(ward.wave) if day > 0)
        self.rates = [ward.others * factor for factor in factors]
        lengths = np.diff(self.days)
        self.before = [0.0, *np.cumsum(np.array(self.rates[:-1]) * lengths).tolist()]

    def expected(self, day: float) -> float:
        """Other patients of a site expected before a day."""
        piece = bisect_right(self.days, day) - 1
        return self.before[piece] + self.rates[piece] * (day - self.days[piece]) if piece >= 0 else 0.0

    def times(self, expected: Floats) -> Floats:
        """When so many were expected, infinite for never."""
        piece = np.searchsorted(self.before, expected, side="right") - 1
        rate = np.array(self.rates)[piece]
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.array(self.days)[piece] + (expected - np.array(self.before)[piece]) / rate
        return np.where(rate > 0.0, found, np.inf)


class Places:
    """A ward of one replicate: who has a place at each site, and who waits for one where the rule is to stay.

    A place that becomes free goes to the patient who has waited longest.
    """

    def __init__(
        self, calendar: Calendar, others: Others, seed: int, replicate: int, until: float, given: Given
    ) -> None:
        self.calendar, self.others, self.ward = calendar, others, others.ward
        self._seed, self._replicate, self._given = seed, replicate, given
        n = len(others.sites)
        self.free = [self.ward.places if has else 0 for has in others.sites]
        self.has = others.sites.tolist()
        self.waiting: list[deque[Any]] = [deque() for _ in range(n)]
        self.others_came = self.others_turned_away = 0
        self.came = self.got = self.turned_away = 0
        self.most_taken = 0
        self.taken: list[float] = []
        self.left: list[float] = []
        self._until = float(others.start)
        self._expected = np.zeros(n)
        self._number = np.zeros(n, dtype=np.int64)
        if self.ward.others > 0.0:
            self._more(until)

    def come(self, patient: Any, site: int) -> str:
        """A patient of the trial needs a place; what becomes of her."""
        self.came += 1
        if self.free[site]:
            self._take(site)
            self.got += 1
            return PLACE
        self.turned_away += 1
        if self.ward.rule == "transfer":
            return ELSEWHERE
        self.waiting[site].append(patient)
        return WITHOUT

    def go(self, patient: Any, site: int, how: str) -> None:
        """A patient of the trial needs her place no longer."""
        if how == PLACE:
            self._leave(site)
        elif how == WITHOUT:
            self.waiting[site].remove(patient)

    def _take(self, site: int) -> None:
        left = self.free[site] - 1
        self.free[site] = left
        self.most_taken = max(self.most_taken, self.ward.places - left)
        self.taken.append(self.calendar.now)

    def _leave(self, site: int) -> None:
        self.free[site] += 1
        self.left.append(self.calendar.now)
        if self.waiting[site]:
            patient = self.waiting[site].popleft()
            self._take(site)
            self._given(patient)

    def _more(self, until: float) -> None:
        """Draw the other patients who come up to a day, and put the first of them into the calendar."""
        sites = np.flatnonzero(self.others.sites)
        parts = []
        target = self.others.expected(until)
        while len(sites):
            mean = max(target - float(self._expected[sites].min()), 0.0)
            n = int(mean + 3.0 * mean**0.5 + 2.0)
            check_memory(
                200 * n * len(sites),
                f"{n * len(sites):,} other patients of ward {self.ward.name!r}",
                instead="fewer of them a day, or fewer sites",
            )
            number = self._number[sites, None] + np.arange(n)
            cell = np.repeat(sites, n)
            address = (self.others.number << _WARD_BITS) | cell
            words = addressed(self._seed, Purpose.WARD, self._replicate, address, number.ravel())
            waits = exponentials(words[:, 0]).reshape(len(sites), n)
            waits[:, 0] += self._expected[sites]
            expected = np.cumsum(waits, axis=1)
            here = expected < target
            some = here.sum(axis=1)
            at = np.maximum(some - 1, 0)
            self._expected[sites] = np.where(some > 0, expected[np.arange(len(sites)), at], self._expected[sites])
            self._number[sites] += some
            keep = here.ravel()
            parts.append((self.others.times(expected.ravel()[keep]), cell[keep], words[keep, 1]))
            sites = sites[some == n]
        time, site, word = (np.concatenate([part[k] for part in parts]) for k in range(3))
        order = np.argsort(time, kind="stable")
        self._list(np.maximum(time[order], self._until), site[order], word[order])
        self._until = until
        self._next(None)

    def _list(self, time: Floats, site: NDArray[np.int64], word: NDArray[np.uint32]) -> None:
        assert self.ward.stay is not None
        self._times, self._sites = time.tolist(), site.tolist()
        self._stays = self.ward.stay.days(word * UNIT).tolist()
        self._place = 0

    def _next(self, _: Any) -> None:
        if self._place < len(self._times):
            self.calendar.at(self._times[self._place], self._other)
        else:
            # The trial lasts longer than was foreseen.
            self.calendar.at(self._until, lambda event: self._more(self._until + 60.0))

    def _other(self, event: Any) -> None:
        at = self._place
        site = self._sites[at]
        counts = self.calendar.now >= 0.0
        self.others_came += counts
        if self.free[site]:
            self._take(site)
            self.calendar.at(self.calendar.now + self._stays[at], self._freed, site)
        else:
            self.others_turned_away += counts
        self._place = at + 1
        self._next(event)

    def _freed(self, event: Any) -> None:
        self._leave(event._value)
