"""The patients of a block of replicates as they come through the sites of a trial, by the fast door."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from jaksim import rng
from jaksim.arrays import Booleans, Floats, Integers
from jaksim.budget import check_memory
from jaksim.operations.addresses import addressed
from jaksim.rng import Purpose
from jaksim.simulate.arguments import key_words
from jaksim.trial.operations.recruitment import Recruitment
from jaksim.trial.operations.screening import Screening

if TYPE_CHECKING:
    from jaksim.kernel.entering.recruitment import Screen, Sites

NO_CAP: Final = np.iinfo(np.int64).max
_UNIT: Final = 2.0**-32
_FINE: Final = 2.0**-53


@dataclass(frozen=True, eq=False)
class Pool:
    """Everybody who is screened in B replicates, M places in each, of which n (B,) are used.

    `time` and `ready` float64 (B, M) are days since the start of the trial, `site` and `number` int32 the address of a
    patient, `outcome` int16 -1 for who passes, else the number of her reason; `twice` whether she was screened again.
    `order` int32 (B, N) are the places of those who can be randomised, `lined_up` (B,) of them, in that order;
    `opened` int64, `factor` and `closed` float64 (B, J) belong to the sites.
    """

    n: Integers
    time: Floats
    ready: Floats
    site: NDArray[np.int32]
    number: NDArray[np.int32]
    outcome: NDArray[np.int16]
    twice: Booleans
    order: NDArray[np.int32]
    lined_up: Integers
    opened: Integers
    factor: Floats
    closed: Floats

    def only(self, replicate: int) -> Pool:
        """The pool of one replicate of the block, in the same memory."""
        return Pool(*(getattr(self, one.name)[replicate : replicate + 1] for one in fields(self)))


class Recruiter:
    """Recruitment and screening of a trial, laid out for the kernels, under one seed."""

    def __init__(self, recruitment: Recruitment, screening: Screening, seed: int) -> None:
        self.recruitment, self.screening, self.seed = recruitment, screening, seed
        self.sites, self.never = _sites(recruitment)
        self.screen = _screen(screening)
        self._group = np.array(recruitment.group_of)

    @property
    def _without_caps(self) -> Sites:
        caps = [np.full_like(one, NO_CAP) for one in (self.sites.cap, self.sites.country_cap)]
        return self.sites._replace(cap=caps[0], country_cap=caps[1])

    def openings(self, first_replicate: int, replicates: int) -> tuple[Integers, Floats]:
        """Opening day and factor of the rate (B, J) of every site."""
        words = site_words(self.seed, first_replicate, replicates, self.recruitment.n_sites)
        opened = np.empty(words.shape[:2], dtype=np.int64)
        factor = np.ones(words.shape[:2])
        for g, group in enumerate(self.recruitment.groups):
            mine = self._group == g
            opened[:, mine] = group.opens.days(words[:, mine, 0] * _UNIT)
            if math.isfinite(group.shape):
                from scipy.special import gammaincinv

                uniform = uniform_of(words[:, mine, 1], words[:, mine, 2])
                factor[:, mine] = gammaincinv(group.shape, uniform) / group.shape
        return opened, factor

    def pool(self, first_replicate: int, replicates: int, patients: int, *, capped: bool = True) -> Pool:
        """Replicates with `patients` who can be randomised, or as many as come at all; caps of sites and countries are
        left to whoever randomises them where not `capped`."""
        from jaksim.kernel.entering.recruitment import line_up

        opened, factor = self.openings(first_replicate, replicates)
        opening = self.rows(opened)
        last = float(self.recruitment.until + 1)
        until = np.minimum(self.enough(opening, factor, patients), last)
        sites = self.sites if capped else self._without_caps
        room = int(1.15 * _amply(patients) / max(self.screening.randomised, 1e-3)) + 64
        while True:
            found = _empty_pool(replicates, room, patients, opened, factor)
            self.see(found, opening, until, first_replicate)
            if found.n.max(initial=0) > room:
                room = int(1.1 * found.n.max()) + 64
                continue
            found = self.with_others(found, first_replicate)
            complete = np.where(until < last, until, np.inf)
            line_up(
                sites, found.ready, found.site, found.outcome, found.n, complete,
                found.closed, found.order, found.lined_up,
            )  # fmt: skip
            short = (found.lined_up < patients) & (until < last)
            if not short.any():
                return found
            until = np.where(short, np.minimum(1.3 * until + 30.0, last), until)

    def rows(self, opened: Integers) -> Integers:
        """Which row of its speeds each site (B, J) has that opened on a day."""
        return np.asarray(np.minimum(opened, self.never[self._group]))

    def see(
        self, found: Pool, opening: Integers, until: Floats, first_replicate: int, screen: Screen | None = None
    ) -> None:
        """Screen whoever comes before until (B,) into a pool."""
        from jaksim.kernel.entering.recruitment import screened

        low, high = key_words(self.seed)
        address = np.uint64(int(Purpose.SCREENING) << 24)
        screened(
            self.sites, self.screen if screen is None else screen, opening, found.factor, until, address,
            first_replicate, low, high,
            found.time, found.ready, found.site, found.number, found.outcome, found.twice, found.n,
        )  # fmt: skip

    def with_others(self, found: Pool, first_replicate: int) -> Pool:
        """The pool with those who do not come by the plan: nobody."""
        return found

    def second_screenings(self, pool: Pool, first_replicate: int) -> Floats:
        """Times (B, M) of the second screenings of a pool, infinite for who has none."""
        found = np.full(pool.time.shape, np.inf)
        here = pool.twice & (np.arange(pool.time.shape[1]) < pool.n[:, None])
        row, place = np.nonzero(here)
        again = first_replicate + row
        words = addressed(self.seed, Purpose.SCREENING, again, pool.site[here], pool.number[here], block=1)
        wait = np.searchsorted(self.screen.rescreen_delay, words[:, 0] * _UNIT, side="right")
        found[row, place] = pool.time[here] + wait
        return found

    def enough(self, opening: Integers, factor: Floats, patients: int) -> Floats:
        """Days (B,) by which so many are very probably ready, from what the sites are expected to do as they are."""
        rows = self.sites.row[self._group] + opening
        pace = self.sites.rate[self._group] * factor * self.screening.randomised
        wanted = _amply(patients)
        low, high = np.zeros(len(opening), dtype=np.int64), np.full(len(opening), self.recruitment.until + 1)
        while (low < high).any():
            day = (low + high) // 2
            enough = np.sum(pace * self.sites.speed[rows, day[:, None]], axis=1) >= wanted
            high = np.where(enough, day, high)
            low = np.where(enough, low, np.minimum(day + 1, high))
        waiting = np.cumsum(self.screening.days_to_randomisation)
        usual = int(np.searchsorted(waiting, 0.99 * waiting[-1]))
        return (high + usual + 1).astype(np.float64)


def site_words(seed: int, first_replicate: int, replicates: int, n_sites: int) -> NDArray[np.uint32]:
    """Words (B, J, 4) of the sites: opening, two for the rate, and the intercept."""
    rng.check_address(seed=seed, replicate=first_replicate + replicates, cell=n_sites)
    of = first_replicate + np.arange(replicates)[:, None]
    return addressed(seed, Purpose.SITE, of, np.arange(n_sites), 0)


def uniform_of(high: NDArray[np.uint32], low: NDArray[np.uint32]) -> Floats:
    """Numbers strictly between 0 and 1 of 53 bits."""
    whole = (high.astype(np.uint64) << np.uint64(21)) | (low.astype(np.uint64) >> np.uint64(11))
    found: Floats = (whole.astype(np.float64) + 0.5) * _FINE
    return found


def _amply(patients: int) -> float:
    """A number of patients to expect so that these are there very probably."""
    return patients + 6.0 * math.sqrt(patients) + 10.0


def _empty_pool(replicates: int, room: int, patients: int, opened: Integers, factor: Floats) -> Pool:
    check_memory(
        2 * replicates * (27 * room + 4 * patients),
        f"{room:,} patients screened in each of {replicates:,} replicates",
        instead="fewer patients, or fewer who fail screening",
    )
    shape = (replicates, room)
    return Pool(
        np.zeros(replicates, dtype=np.int64),
        np.zeros(shape),
        np.zeros(shape),
        np.zeros(shape, dtype=np.int32),
        np.zeros(shape, dtype=np.int32),
        np.zeros(shape, dtype=np.int16),
        np.zeros(shape, dtype=np.bool_),
        np.zeros((replicates, patients), dtype=np.int32),
        np.zeros(replicates, dtype=np.int64),
        opened,
        factor,
        np.full(opened.shape, np.inf),
    )


def _sites(recruitment: Recruitment) -> tuple[Sites, Integers]:
    """The sites, and for each group the row, after its first, of a site that never opens."""
    from jaksim.kernel.entering.recruitment import Sites

    tables = []
    for g in range(len(recruitment.groups)):
        speed = recruitment.speeds(g)
        worked = np.zeros((len(speed) + 1, recruitment.until + 2))
        np.cumsum(speed, axis=1, out=worked[:-1, 1:])
        tables.append(worked)
    lengths = np.array([len(table) for table in tables], dtype=np.int64)
    caps = [NO_CAP if group.cap is None else group.cap for group in recruitment.groups]
    return Sites(
        np.array(recruitment.group_of, dtype=np.int64),
        np.array(recruitment.country_of, dtype=np.int64),
        np.array([group.rate for group in recruitment.groups]),
        np.cumsum(lengths) - lengths,
        np.concatenate(tables),
        np.array([caps[g] for g in recruitment.group_of], dtype=np.int64),
        np.array([NO_CAP if c.cap is None else c.cap for c in recruitment.countries], dtype=np.int64),
    ), lengths - 1


def _screen(screening: Screening) -> Screen:
    from jaksim.kernel.entering.recruitment import Screen

    return Screen(
        np.cumsum([reason.probability for reason in screening.reasons], dtype=np.float64),
        np.array([reason.again for reason in screening.reasons], dtype=np.bool_),
        float(screening.rescreened),
        float(screening.passes_again),
        screening.delay.cdf,
        screening.rescreen_delay.cdf,
    )
