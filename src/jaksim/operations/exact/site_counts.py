"""How many patients one site has randomised by a day, as a distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from scipy.special import betainc, gammainc, gammaln

from jaksim.arrays import Floats, Integers
from jaksim.trial.operations.recruitment import Recruitment

_NOTHING: Final = 1e-16
_SMALLEST: Final = -600.0
_AT_ONCE: Final = 32


@dataclass(frozen=True, eq=False)
class SiteCounts:
    """The sites of one group of a recruitment, whose patients are randomised 0, 1, ... days after their screening with
    the probabilities `delays`, which sum to the share that is randomised at all.

    Given its opening on day u and its rate, a site randomises patients by a Poisson process: those screened, thinned
    and delayed. With a rate from a gamma distribution of shape a, its count by the end of day t has the generating
    function [a / (a + E(t; u) (1 - z))]^a, E(t; u) being the number expected of a site that opened on day u
    (Anisimov and Fedorov, Statist. Med. 2007;26:4958); opening days are mixed over, a cap truncates.
    """

    recruitment: Recruitment
    number: int
    delays: Floats
    _expected: dict[int, Floats] = field(default_factory=dict, repr=False)
    _full: dict[int, Floats] = field(default_factory=dict, repr=False)
    """What has been found of a day: expected patients, and the distribution under a cap."""

    @cached_property
    def count(self) -> int:
        """How many sites there are of this kind."""
        return self.recruitment.groups[self.number].count

    @cached_property
    def shape(self) -> float:
        """Shape of the gamma distribution of their rates."""
        return self.recruitment.groups[self.number].shape

    @cached_property
    def cap(self) -> float:
        """Most patients of a site."""
        cap = self.recruitment.groups[self.number].cap
        return math.inf if cap is None else cap

    @cached_property
    def opening_days(self) -> Integers:
        """Days (U,) until the end of recruitment on which a site may open."""
        opens = self.recruitment.groups[self.number].opens.pmf[: self.recruitment.until + 1]
        return np.flatnonzero(opens > 0.0).astype(np.int64)

    @cached_property
    def chances(self) -> Floats:
        """Probabilities (U,) of these days; what is missing to 1 is that the site does not open in time."""
        return self.recruitment.groups[self.number].opens.pmf[self.opening_days]

    @cached_property
    def screened(self) -> Floats:
        """Expected patients (U, T + 1) screened by the start of each day by a site that opened on each of the days."""
        speed = self.recruitment.speeds(self.number)[self.opening_days]
        found = np.zeros((len(speed), speed.shape[1] + 1))
        np.cumsum(speed, axis=1, out=found[:, 1:])
        return self.recruitment.groups[self.number].rate * found

    def expected(self, day: int) -> Floats:
        """Patients (U,) expected to be randomised by the end of a day, without the cap, by day of opening."""
        if day not in self._expected:
            start = np.clip(day + 1 - np.arange(len(self.delays)), 0, self.screened.shape[1] - 1)
            self._expected[day] = self.screened[:, start] @ self.delays
        return self._expected[day]

    def pmf(self, day: int, most: int, factor: float = 1.0) -> Floats:
        """Probabilities (K,) of 0, 1, ... patients by the end of a day, as many as matter, at most up to `most`.

        Rates are `factor` times what they are. What is missing to 1 belongs to counts above.
        """
        if self.cap > most or factor != 1.0:
            return self.mixed(factor * self.expected(day), most)
        if day not in self._full:
            self._full[day] = self.mixed(self.expected(day), most)
        return self._full[day]

    def mixed(self, expected: Floats, most: int) -> Floats:
        """As `pmf`, of a count that is Poisson given opening and rate, with a mean expected (U,) by day of opening."""
        if self.cap > most:
            return self._uncapped(expected, self._longest(expected, most))
        last = int(self.cap) - 1
        found = self._uncapped(expected, self._longest(expected, last))
        return np.append(np.pad(found, (0, last + 1 - len(found))), max(1.0 - found.sum(), 0.0))

    def _longest(self, expected: Floats, most: int) -> int:
        """The last count up to `most` above which there is a probability that matters."""
        top = float(expected.max(initial=0.0))
        low, high = 0, most
        while low < high:
            middle = (low + high) // 2
            if math.isinf(self.shape):
                above = float(gammainc(middle + 1.0, top))
            else:
                above = float(betainc(middle + 1.0, self.shape, top / (self.shape + top)))
            low, high = (low, middle) if above < _NOTHING else (middle + 1, high)
        return low

    def _uncapped(self, expected: Floats, most: int) -> Floats:
        working = expected > 0.0
        some, chances, a = expected[working], self.chances[working], self.shape
        log_none = -some if math.isinf(a) else -a * np.log1p(some / a)
        if log_none.min(initial=0.0) > _SMALLEST:
            # Each count is as probable as for the site that expects most, times a share to the power of the count.
            k, odds = np.arange(1.0, most + 1.0), some if math.isinf(a) else some / (a + some)
            top = odds.max(initial=0.0)
            lead = np.cumprod(top / k if math.isinf(a) else (a + k - 1.0) / k * top)
            some_or_more = lead * _power_sums(chances * np.exp(log_none), odds / top, most)
        else:
            # Where nobody is too improbable to be written down, by logarithms.
            k = np.arange(1.0, most + 1.0)[:, None]
            rising = 0.0 if math.isinf(a) else np.cumsum(np.log1p((k - 1.0) / a), axis=0)
            each = log_none if math.isinf(a) else log_none - k * np.log1p(some / a)
            some_or_more = np.exp(k * np.log(some) - gammaln(k + 1.0) + rising + each) @ chances
        nobody = 1.0 - chances.sum() + chances @ np.exp(log_none)
        return np.concatenate([[nobody], some_or_more])

    def moments(self, day: int) -> tuple[float, float]:
        """Mean and variance of the count by the end of a day."""
        if math.isfinite(self.cap):
            found = self.pmf(day, int(self.cap))
            k = np.arange(len(found))
            mean = float(found @ k)
            return mean, float(found @ (k - mean) ** 2)
        expected = self.expected(day)
        mean = float(self.chances @ expected)
        square = float(self.chances @ expected**2) * (1.0 + 1.0 / self.shape)
        return mean, mean + square - mean**2

    def without_patient(self, day: int) -> float:
        """Probability that a site has randomised nobody by the end of a day."""
        return float(self.pmf(day, 0)[0])


def _power_sums(weights: Floats, bases: Floats, most: int) -> Floats:
    """Sums (most,) over the bases (U,), each at most 1, of weight times base to the power of 1, 2, ...

    The powers up to a few are found once, and times the powers of the last of them give all others.
    """
    low: Floats = np.multiply.accumulate(np.broadcast_to(bases[:, None], (len(bases), _AT_ONCE)), axis=1)
    factors = np.broadcast_to(low[:, -1], (-(-most // _AT_ONCE), len(bases))).copy()
    factors[:1] = weights
    high: Floats = np.multiply.accumulate(factors, axis=0)
    return (high @ low).ravel()[:most]
