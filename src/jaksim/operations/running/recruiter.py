"""Who comes to the sites of a running trial from the day after its log on, by the fast door."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from jaksim.arrays import Booleans, Floats, Integers
from jaksim.errors import InputError
from jaksim.operations.pool import NO_CAP, Pool, Recruiter, site_words, uniform_of
from jaksim.operations.running.in_screening import InScreening, ScreeningShares
from jaksim.operations.running.log import NEVER, RunningLog
from jaksim.operations.running.site_rates import SiteRates, last_recruiting_days
from jaksim.trial.operations.day_law import DayLaw
from jaksim.trial.operations.operations import Operations
from jaksim.trial.operations.recruitment import Recruitment

IN_SCREENING: Final = 1 << 18
"""Numbers at a site from this one on are those of patients in screening; smaller ones belong to who comes later."""
RANDOMISED: Final = 1 << 19
"""Numbers from this one on are those of patients randomised so far."""
_UNIT: Final = 2.0**-32

if TYPE_CHECKING:
    from jaksim.kernel.entering.recruitment import Screen, Sites


class RunningRecruiter(Recruiter):
    """Recruitment of a running trial under one seed: sites as the log tells of them, those not open as planned, given
    that they have not opened yet; patients in screening as the plan says, given how long they have been."""

    def __init__(
        self, operations: Operations, log: RunningLog, rates: SiteRates, shares: ScreeningShares, seed: int
    ) -> None:
        super().__init__(operations.recruitment, operations.screening, seed)
        self.log, self.rates, self.shares = log, rates, shares
        self.waiting = InScreening.of(log, operations.screening)
        self.opens = [opening_ahead(group.opens, log.on) for group in self.recruitment.groups]
        self._of_site = np.array(self.recruitment.group_of)
        # Each site is a group of its own here.
        self._group = np.arange(self.recruitment.n_sites)
        self.sites, self._first_row = _sites_ahead(self.recruitment, log, self.opens)

    @property
    def overdue_sites(self) -> Booleans:
        """Sites (J,) that by the plan would have opened by now, and are taken to open on the day after the log."""
        late = np.array([group.opens.longest <= self.log.on for group in self.recruitment.groups])
        return np.asarray(late[self._of_site] & ~self.log.sites.open)

    def openings(self, first_replicate: int, replicates: int) -> tuple[Integers, Floats]:
        words = site_words(self.seed, first_replicate, replicates, self.recruitment.n_sites)
        opened = np.tile(self.log.sites.opened, (replicates, 1))
        for g, law in enumerate(self.opens):
            mine = (self._of_site == g) & ~self.log.sites.open
            opened[:, mine] = law.days(words[:, mine, 0] * _UNIT)
        of = first_replicate + np.arange(replicates)
        return opened, self.rates.factors(self.seed, of, uniform_of(words[..., 1], words[..., 2]))

    def rows(self, opened: Integers) -> Integers:
        """A site that is open has one row; one that is not has one for each day on which it may open, and one for
        never."""
        ahead = np.minimum(opened, self.recruitment.until + 1) - (self.log.on + 1)
        return np.where(self.log.sites.open, 0, ahead)

    def see(
        self, found: Pool, opening: Integers, until: Floats, first_replicate: int, screen: Screen | None = None
    ) -> None:
        """Each replicate has its own shares of those who fail."""
        if screen is not None or self.shares.certain:
            super().see(found, opening, until, first_replicate, screen)
            return
        shares = self.shares.drawn(self.seed, first_replicate + np.arange(len(until)))
        for b, one in enumerate(shares):
            own = self.screen._replace(up_to=np.cumsum(one[:-1]))
            super().see(found.only(b), opening[b : b + 1], until[b : b + 1], first_replicate + b, own)

    def with_others(self, found: Pool, first_replicate: int) -> Pool:
        """Those in screening stand in front of the others."""
        waiting, replicates = self.waiting, first_replicate + np.arange(len(found.n))
        if not len(waiting.place):
            return found
        eligible = self.shares.drawn(self.seed, replicates)[:, -1:]
        ready, outcome = waiting.drawn(self.seed, replicates, eligible)
        shape = (len(replicates), 1)
        number = IN_SCREENING + np.arange(len(waiting.place), dtype=np.int32)
        joined = {
            "time": np.tile(self.log.screened.first_day[waiting.place] + 0.5, shape),
            "ready": ready,
            "site": np.tile(waiting.site.astype(np.int32), shape),
            "number": np.tile(number, shape),
            "outcome": outcome,
            "twice": np.tile(waiting.back | self.log.screened.again[waiting.place], shape),
        }
        arrays = {name: np.concatenate([one, getattr(found, name)], axis=1) for name, one in joined.items()}
        return replace(found, n=found.n + len(waiting.place), **arrays)


def opening_ahead(law: DayLaw, on: int) -> DayLaw:
    """The law of the day on which a site opens that has not by the end of day `on`; the day after if by the plan it
    would have."""
    left = law.pmf.copy()
    left[: on + 1] = 0.0
    if not left.sum() > 0.0:
        left = np.zeros(on + 2)
        left[-1] = 1.0
    return DayLaw(tuple((left / left.sum()).tolist()), law.words)


def check_day(on: int, recruitment: Recruitment) -> None:
    """Refuse a day after the last on which anybody is screened."""
    if on > recruitment.until:
        raise InputError(
            "the day is after the last on which anybody is screened",
            where="‹on›", allowed=f"days up to {recruitment.until}, operations.until", got=on,
        )  # fmt: skip


def _sites_ahead(recruitment: Recruitment, log: RunningLog, opens: list[DayLaw]) -> tuple[Sites, Integers]:
    """The sites, each a group of its own, whose work begins on the day after the log, and the first row of each."""
    from jaksim.kernel.entering.recruitment import Sites

    tables: list[Floats] = []
    row = np.zeros(recruitment.n_sites, dtype=np.int64)
    shared: dict[int, int] = {}
    at = 0
    last = last_recruiting_days(log, recruitment)
    for j, g in enumerate(recruitment.group_of):
        if not log.sites.open[j] and g in shared:
            row[j] = shared[g]
            continue
        if log.sites.open[j]:
            days = [int(log.sites.opened[j])]
        else:
            longest = min(opens[g].longest, recruitment.until)
            days = [*range(log.on + 1, longest + 1)]
            shared[g] = at
        made = np.stack([*(recruitment.speed(g, day) for day in days), np.zeros(recruitment.until + 1)])
        made[:, : log.on + 1] = 0.0
        if last[j] != NEVER:
            made[:, last[j] + 1 :] = 0.0
        worked = np.zeros((len(made), recruitment.until + 2))
        np.cumsum(made, axis=1, out=worked[:, 1:])
        tables.append(worked)
        row[j] = at
        at += len(worked)
    caps = [NO_CAP if group.cap is None else group.cap for group in recruitment.groups]
    return Sites(
        np.arange(recruitment.n_sites),
        np.array(recruitment.country_of, dtype=np.int64),
        np.array([recruitment.groups[g].rate for g in recruitment.group_of]),
        row,
        np.concatenate(tables),
        np.array([caps[g] for g in recruitment.group_of], dtype=np.int64),
        np.array([NO_CAP if c.cap is None else c.cap for c in recruitment.countries], dtype=np.int64),
    ), row
