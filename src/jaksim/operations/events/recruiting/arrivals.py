"""Who comes to be screened at the sites of one replicate, up to a day and on from it.

The fast door written a second time on arrays: the same addresses, the same patients
(`jaksim.kernel.entering.recruitment`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Booleans, Floats, Integers
from jaksim.operations.addresses import addressed
from jaksim.operations.events.draws import UNIT, exponentials, steps_of
from jaksim.operations.pool import Recruiter
from jaksim.rng import Purpose

PASSES = -1


@dataclass(frozen=True, eq=False)
class Screened:
    """Patients (n,) in order of their screening: `time` of it, `again` of a second one (nan without), `ready` when they
    can be randomised or are known to fail, `outcome` -1 for who passes, else the number of her reason."""

    time: Floats
    again: Floats
    ready: Floats
    site: Integers
    number: Integers
    outcome: Integers


class Arrivals:
    """The stream of patients of one replicate."""

    def __init__(self, recruiter: Recruiter, replicate: int) -> None:
        self._recruiter, self._replicate = recruiter, replicate
        sites, group = recruiter.sites, np.array(recruiter.recruitment.group_of)
        opened, factor = recruiter.openings(replicate, 1)
        self.opened, self.factor = opened[0], factor[0]
        opening = np.minimum(self.opened, recruiter.never[group])
        self._row = sites.row[group] + opening
        self._rate = sites.rate[group] * self.factor
        self._worked = np.zeros(len(group))
        self._number = np.zeros(len(group), dtype=np.int64)
        self._opening = opening
        self.last = float(recruiter.recruitment.until + 1)

    def enough_for(self, patients: int) -> float:
        """A day by which so many are very probably ready."""
        day = self._recruiter.enough(self._opening[None], self.factor[None], patients)
        return float(min(day[0], self.last))

    def until(self, day: float) -> Screened:
        """The next patients, all that are screened before a day."""
        parts = []
        sites = np.flatnonzero(self._rate > 0.0)
        while len(sites):
            found, more = self._draw(sites, day)
            parts.append(found)
            sites = sites[more]
        return self._screen(parts)

    def _draw(self, sites: Integers, day: float) -> tuple[tuple[NDArray[np.generic], ...], Booleans]:
        """Time, site, number and words of the next patients of some sites, and which sites may have more."""
        table = self._recruiter.sites.speed
        rate, row, so_far = self._rate[sites], self._row[sites], self._worked[sites]
        full = table[row, min(int(np.ceil(day)), table.shape[1] - 1)]
        mean = rate * np.maximum(full - so_far, 0.0)
        counts = (mean + 3.0 * np.sqrt(mean) + 2.0).astype(np.int64)
        which, place = steps_of(counts)
        number = self._number[sites][which] + place
        words = addressed(self._recruiter.seed, Purpose.SCREENING, self._replicate, sites[which], number)
        waits = np.full((len(sites), int(counts.max())), np.inf)
        waits[which, place] = exponentials(words[:, 0]) / rate[which]
        waits[:, 0] += so_far
        worked = np.cumsum(waits, axis=1)
        time = np.full(worked.shape, np.inf)
        for one in np.unique(row):
            mine = row == one
            time[mine] = _time_worked(table[one], worked[mine])
        here = time < day
        some = here.sum(axis=1)
        after = np.where(some > 0, worked[np.arange(len(sites)), np.maximum(some - 1, 0)], so_far)
        self._worked[sites] = after
        self._number[sites] += some
        keep = here[which, place]
        return (time[which, place][keep], sites[which][keep], number[keep], words[keep]), some == counts

    def _screen(self, parts: list[tuple[NDArray[np.generic], ...]]) -> Screened:
        """What becomes of them, in the order of their times."""
        if not parts:
            nobody = np.empty(0, dtype=np.int64)
            return Screened(np.empty(0), np.empty(0), np.empty(0), nobody, nobody, nobody)
        time, site, number, words = (np.concatenate([part[k] for part in parts]) for k in range(4))
        order = np.argsort(time, kind="stable")
        time, site, number, words = time[order], site[order], number[order], words[order]
        screen = self._recruiter.screen
        outcome = np.searchsorted(screen.up_to, words[:, 1] * UNIT, side="right")
        passes = outcome == len(screen.up_to)
        days = np.where(passes, np.searchsorted(screen.delay, words[:, 2] * UNIT, side="right"), 0)
        outcome[passes] = PASSES
        again = np.full(len(time), np.nan)
        if screen.rescreened > 0.0 and screen.again.any():
            twice = ~passes & np.append(screen.again, False)[outcome] & (words[:, 3] * UNIT < screen.rescreened)
            where = np.flatnonzero(twice)
            second = addressed(self._recruiter.seed, Purpose.SCREENING, self._replicate, site[where], number[where], 1)
            wait = np.searchsorted(screen.rescreen_delay, second[:, 0] * UNIT, side="right")
            better = second[:, 1] * UNIT < screen.passes_again
            more = np.searchsorted(screen.delay, second[:, 2] * UNIT, side="right")
            outcome[where[better]] = PASSES
            days[where] = wait + np.where(better, more, 0)
            again[where] = time[where] + wait
        return Screened(time, again, time + days, site, number, outcome)


def _time_worked(speed: Floats, worked: Floats) -> Floats:
    """When a site has worked so many days at full speed, infinite if it never has."""
    never = worked >= speed[-1]
    day = np.searchsorted(speed, np.where(never, 0.0, worked), side="right") - 1
    day = np.minimum(day, len(speed) - 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = day + (worked - speed[day]) / (speed[day + 1] - speed[day])
    return np.where(never, np.inf, found)
