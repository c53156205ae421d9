"""When patients enter: arrivals at a rate that may change with calendar time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jaksim.errors import InputError
from jaksim.piecewise import PiecewiseConstant

Arrivals = Literal["random", "even"]
ARRIVALS = ("random", "even")
LONGEST_RAMP = 3650
LONGEST_ACCRUAL = 365_250


@dataclass(frozen=True)
class Site:
    """A recruiting site: the day it opens, its patients per day at full speed, and the days it takes to get there."""

    name: str
    opens: float
    rate: float
    ramp: int = 0

    def __post_init__(self) -> None:
        where = f"site {self.name!r}"
        if self.opens < 0.0:
            raise InputError("a site opens before the trial", where=where, allowed="0 or later", got=self.opens)
        if not self.rate > 0.0:
            raise InputError("a site's rate is not positive", where=where, allowed="above 0", got=self.rate)
        if not 0 <= self.ramp <= LONGEST_RAMP:
            raise InputError(
                "the ramp is out of range", where=where, allowed=f"0 to {LONGEST_RAMP} days", got=self.ramp
            )

    def speed(self) -> PiecewiseConstant:
        """Patients per day since the start of the trial; a linear ramp climbs in daily steps of the same total."""
        steps = [self.rate * (day + 0.5) / self.ramp for day in range(self.ramp)]
        starts = [self.opens + day for day in range(self.ramp + 1)]
        if self.opens == 0.0:
            return PiecewiseConstant(tuple(starts[1:]), (*steps, self.rate))
        return PiecewiseConstant(tuple(starts), (0.0, *steps, self.rate))


@dataclass(frozen=True)
class Accrual:
    """Patients per day since the first day of the trial, as a step function, and how they come.

    "random" arrivals are a Poisson process; "even" ones come as exactly as the rate says. The last rate holds for ever
    and must be positive. `lag` is the number of days between an observation and its place in the data of an analysis.
    """

    rate: PiecewiseConstant
    arrivals: Arrivals = "random"
    lag: int = 0

    def __post_init__(self) -> None:
        for position, value in enumerate(self.rate.values):
            if value < 0.0:
                raise InputError("a rate is negative", where=f"rates[{position}]", allowed="0 or more", got=value)
        if not self.rate.values[-1] > 0.0:
            raise InputError(
                "accrual ends before the trial is full",
                where="the last rate",
                allowed="above 0, since it holds for ever",
                got=self.rate.values[-1],
            )
        if self.arrivals not in ARRIVALS:
            raise InputError("unknown kind of arrivals", where="accrual", allowed=ARRIVALS, got=self.arrivals)
        if not 0 <= self.lag <= LONGEST_RAMP:
            raise InputError(
                "the data lag is out of range", where="accrual", allowed=f"0 to {LONGEST_RAMP} days", got=self.lag
            )

    @property
    def starts(self) -> NDArray[np.float64]:
        """Days (P,) on which the pieces of the rate begin."""
        return np.array([0.0, *self.rate.cuts])

    @property
    def expected_before(self) -> NDArray[np.float64]:
        """Expected patients (P,) before each piece begins."""
        values = np.array(self.rate.values)
        return np.concatenate([[0.0], np.cumsum(np.diff(self.starts) * values[:-1])])

    def expected(self, day: float) -> float:
        """Expected patients before a day."""
        return self.rate.integral(0.0, max(day, 0.0))

    def day_of(self, patients: float) -> float:
        """Day on which so many patients are expected to have come."""
        before = self.expected_before
        usable = np.flatnonzero(np.array(self.rate.values) > 0.0)
        piece = usable[max(int(np.searchsorted(before[usable], patients, side="left")) - 1, 0)]
        return float(self.starts[piece] + max(patients - before[piece], 0.0) / self.rate.values[piece])

    def check_patients(self, patients: int) -> None:
        """Refuse a number of patients that does not come in a thousand years."""
        last = self.day_of(patients)
        if not last <= LONGEST_ACCRUAL:
            raise InputError(
                f"{patients:,} patients take {last / 365.25:,.3g} years to come",
                where="accrual",
                allowed=f"a rate at which they come within {LONGEST_ACCRUAL // 365:,} years",
                got=self.rate.values[-1],
            )


def of_sites(sites: Sequence[Site]) -> PiecewiseConstant:
    """The rate of all sites together, patients per day since the start of the trial."""
    speeds = [site.speed() for site in sites]
    if not speeds:
        raise InputError("no site recruits", where="accrual", allowed="at least one site")
    cuts = sorted({cut for speed in speeds for cut in speed.cuts})
    starts = np.array([0.0, *cuts])
    return PiecewiseConstant(tuple(cuts), tuple(np.sum([speed(starts) for speed in speeds], axis=0)))
