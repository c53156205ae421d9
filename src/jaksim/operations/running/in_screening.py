"""What becomes of the patients who are in screening, or may come back to it, on the day of a forecast.

By the plan a failure is known on the day of the screening, and who passes is randomised after a delay. A patient whose
outcome is not known e days after her screening passes with probability p S(e) / (p S(e) + (1 - p) F(e)), p being the
chance of passing, S the planned chance of a longer delay, and F the share of the failures of the log that were known
later than after e days: 0 where the log has all of them on the day of screening, as the plan does. Her delay is the
planned one given that it is longer. Where neither happens so late, she is decided on the day after the log ends, and
passes with probability p.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jaksim import rng
from jaksim.arrays import Booleans, Floats, Integers
from jaksim.operations.running.log import PASSED, PENDING, RunningLog
from jaksim.rng import Purpose
from jaksim.trial.operations.screening import Screening

_UNIT = 2.0**-32
PERSON_CELL = 2
SHARE_CELL = 3
_NOON = 0.5


@dataclass(frozen=True, eq=False)
class InScreening:
    """Patients (P,) whose outcome is open: their places among those screened, whether they failed and may come `back`,
    or else wait for the outcome of a screening."""

    log: RunningLog
    screening: Screening
    place: Integers
    back: Booleans

    @classmethod
    def of(cls, log: RunningLog, screening: Screening) -> InScreening:
        """Those of a log: in screening, or failed for a reason that may pass and not screened again."""
        people = log.screened
        waiting = people.outcome == PENDING
        may_return = np.array([*(reason.again for reason in screening.reasons), True]) & (screening.rescreened > 0.0)
        failed = (people.outcome >= 0) & ~people.again
        longest = screening.rescreen_delay.longest
        back = failed & may_return[np.where(failed, people.outcome, 0)] & (log.on - people.first_day < longest)
        place = np.flatnonzero(waiting | back)
        return cls(log, screening, place, back[place])

    @property
    def site(self) -> Integers:
        """The site of each."""
        return self.log.screened.site[self.place]

    @cached_property
    def elapsed(self) -> Integers:
        """Days from the last screening of each to the end of the log."""
        return np.asarray(self.log.on - self.log.screened.last_day[self.place])

    @cached_property
    def late_failures(self) -> Floats:
        """Share (D,) of the failures of the log that were known more than 0, 1, ... days after the screening."""
        people = self.log.screened
        failed = people.outcome >= 0
        lags = (people.known - people.last_day)[failed]
        longest = int(self.elapsed.max(initial=0)) + 1
        return np.array([float((lags > day).mean()) if len(lags) else 0.0 for day in range(longest)])

    @cached_property
    def overdue(self) -> Booleans:
        """Who waits for an outcome longer than plan and log allow."""
        later = 1.0 - self.screening.delay.cdf
        still = np.where(self.elapsed < len(later), later[np.minimum(self.elapsed, len(later) - 1)], 0.0)
        return np.asarray(~self.back & (still <= 0.0) & (self.late_failures[self.elapsed] <= 0.0))

    def passing(self, eligible: Floats | float) -> Floats:
        """Chance of passing of each who waits for an outcome; `eligible`, the chance of passing a first screening."""
        later = 1.0 - self.screening.delay.cdf
        still = np.where(self.elapsed < len(later), later[np.minimum(self.elapsed, len(later) - 1)], 0.0)
        second = self.log.screened.again[self.place]
        p = np.where(second, self.screening.passes_again, eligible)
        with np.errstate(invalid="ignore"):
            found = p * still / (p * still + (1.0 - p) * self.late_failures[self.elapsed])
        return np.where(self.overdue, p, found)

    def drawn(self, seed: int, replicates: Integers, eligible: Floats) -> tuple[Floats, NDArray[np.int16]]:
        """When each (B, P) is ready, and her outcome: randomised, or the reason 0 for all who are not.

        `eligible` (B, 1) is the chance of passing a first screening."""
        number = np.arange(len(self.place))
        found = rng.addressed(seed, Purpose.FORECAST, replicates[:, None], PERSON_CELL, number[None, :])
        words: Floats = found.astype(np.float64) * _UNIT
        passes = words[..., 0] < self.passing(eligible)
        wait = _longer(self.screening.delay.cdf, self.elapsed, words[..., 2])
        ready = self.log.screened.last_day[self.place] + np.where(self.overdue, self.elapsed + 1, wait)
        if self.back.any():
            returns, again = self._returning(words)
            delay = self.screening.delay.days(words[..., 2])
            passes = np.where(self.back, returns & (words[..., 3] < self.screening.passes_again), passes)
            ready = np.where(self.back, self.log.screened.first_day[self.place] + again + delay, ready)
        return (ready + _NOON).astype(np.float64), np.where(passes, PASSED, 0).astype(np.int16)

    def _returning(self, words: Floats) -> tuple[Booleans, Integers]:
        """Whether each who failed is screened again, and how many days after her first screening."""
        law, e = self.screening.rescreen_delay, self.elapsed
        later = 1.0 - law.cdf[np.minimum(e, law.longest)]
        outcome = self.log.screened.outcome[self.place]
        share = self.screening.rescreened * self._may_pass(outcome)
        chance = share * later / (1.0 - share + share * later)
        return np.asarray(words[..., 0] < chance), _longer(law.cdf, e, words[..., 1])

    def _may_pass(self, outcome: Integers) -> Floats:
        """Chance that the reason of a failure is one that may pass: 1 or 0 where the log has the reason."""
        reasons = self.screening.reasons
        weights = np.array([reason.probability for reason in reasons])
        again = np.array([float(reason.again) for reason in reasons])
        unknown = float(weights @ again / weights.sum()) if weights.sum() > 0.0 else 0.0
        return np.asarray(np.append(again, unknown)[np.clip(outcome, 0, len(reasons))])


def _longer(cdf: Floats, than: Integers, uniform: Floats) -> Integers:
    """Days of a law, given that they are more than so many; by inversion."""
    below = cdf[np.minimum(than, len(cdf) - 1)]
    return np.asarray(np.searchsorted(cdf, below + uniform * (1.0 - below), side="right").clip(0, len(cdf) - 1))


@dataclass(frozen=True, eq=False)
class ScreeningShares:
    """Shares of the first screenings that fail for each reason, and that pass (K + 1,): Dirichlet by the plan with a
    `weight` in patients, infinite where the planned shares are taken for granted, and by what was counted."""

    planned: Floats
    counted: Floats
    weight: float

    @classmethod
    def of(cls, log: RunningLog, screening: Screening, weight: float, waiting: InScreening) -> ScreeningShares:
        """From the first screenings of a log; whoever waits for an outcome counts with her chances, and a failure
        without a reason by the planned shares."""
        planned = np.array([*(reason.probability for reason in screening.reasons), screening.eligible])
        people, k = log.screened, len(screening.reasons)
        first = np.where(people.again, people.first_failed, people.outcome)
        counted = np.bincount(np.where(first >= 0, first, k + 1), minlength=k + 2).astype(np.float64)
        failed, unknown = counted[:k], counted[k]
        if k:
            failed = failed + unknown * planned[:k] / planned[:k].sum()
        open_first = ~waiting.back & (log.screened.outcome[waiting.place] == PENDING) & ~people.again[waiting.place]
        chance = waiting.passing(screening.eligible)[open_first]
        passed = float((first == PASSED).sum() + chance.sum())
        fails = (1.0 - chance).sum()
        if k:
            failed = failed + fails * planned[:k] / planned[:k].sum()
        return cls(planned, np.array([*failed, passed]), weight)

    @property
    def certain(self) -> bool:
        """Whether they are the same in all replicates: those of the plan, or of a plan in which nobody fails."""
        return bool(np.isinf(self.weight)) or len(self.planned) == 1

    @property
    def mean(self) -> Floats:
        """Posterior mean (K + 1,)."""
        if self.certain:
            return self.planned
        return np.asarray((self.weight * self.planned + self.counted) / (self.weight + self.counted.sum()))

    def drawn(self, seed: int, replicates: Integers) -> Floats:
        """Shares (B, K + 1) of replicates."""
        if self.certain:
            return np.tile(self.planned, (len(replicates), 1))
        from scipy.special import gammaincinv

        shape = self.weight * self.planned + self.counted
        kinds = np.arange(len(shape))
        words = rng.addressed(seed, Purpose.FORECAST, replicates[:, None], SHARE_CELL, kinds[None, :])
        uniform = (words[..., 0].astype(np.float64) + 0.5) * _UNIT
        gamma = np.where(shape > 0.0, gammaincinv(np.where(shape > 0.0, shape, 1.0), uniform), 0.0)
        return np.asarray(gamma / gamma.sum(axis=1, keepdims=True))
