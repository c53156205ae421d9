"""What has happened in a trial by the end of a day, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from jaksim.arrays import Booleans, Integers
from jaksim.trial.operations.recruitment import Recruitment

NEVER: Final = np.iinfo(np.int64).max
PENDING: Final = -2
PASSED: Final = -1
UNKNOWN: Final = -1
"""What is not in the log: an arm, a stratum, a score, a day."""


@dataclass(frozen=True, eq=False)
class SitesSoFar:
    """Each site of the plan (J,): its name in the log, empty where the log has none of it, the day on which it opened,
    `NEVER` for those that have not, and the last day on which it recruits, `NEVER` for those that go on."""

    names: tuple[str, ...]
    opened: Integers
    last_day: Integers

    @property
    def open(self) -> Booleans:
        """Whether each has opened."""
        return np.asarray(self.opened != NEVER)


@dataclass(frozen=True, eq=False)
class ScreenedSoFar:
    """Each patient screened so far (P,): name, site, day of her first and of her last screening, `outcome`, and the day
    on which it was known (`UNKNOWN` while it is not).

    `outcome` is that of her last screening: `PASSED` for who was randomised, the number of the reason for who failed
    (that of reasons where the log gives none), `PENDING` while in screening. `first_failed` is the reason for which the
    first screening failed of those who came again, else `UNKNOWN`.
    """

    names: tuple[str, ...]
    site: Integers
    first_day: Integers
    last_day: Integers
    outcome: Integers
    known: Integers
    first_failed: Integers

    @property
    def again(self) -> Booleans:
        """Who was screened a second time."""
        return np.asarray(self.first_failed != UNKNOWN)


@dataclass(frozen=True, eq=False)
class RandomisedSoFar:
    """Each patient randomised so far (N,), in order of entry: name, site, day, arm and stratum by number, and the score
    at the end of each day since randomisation (N, H + 1) by its place on the scale, `UNKNOWN` where the log has none.

    `alive` tells on which day since randomisation a patient was last known to be alive."""

    names: tuple[str, ...]
    site: Integers
    day: Integers
    arm: Integers
    stratum: Integers
    score: Integers
    alive: Integers

    @property
    def n(self) -> int:
        """How many they are."""
        return len(self.names)

    @property
    def arms_known(self) -> bool:
        """Whether the log says in which arm everybody is."""
        return bool((self.arm != UNKNOWN).all())


@dataclass(frozen=True, eq=False)
class RunningLog:
    """What has happened by the end of day `on`; `analyses` are the days of the data cuts of interim analyses made."""

    on: int
    sites: SitesSoFar
    screened: ScreenedSoFar
    randomised: RandomisedSoFar
    analyses: tuple[int, ...]

    def by_site(self, recruitment: Recruitment) -> tuple[Integers, Integers]:
        """Patients screened, and randomised, at each site (J,)."""
        n = recruitment.n_sites
        return np.bincount(self.screened.site, minlength=n), np.bincount(self.randomised.site, minlength=n)
