"""Everybody who comes to the sites of one replicate, and what is known of each by address."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jaksim.operations.addresses import addressed
from jaksim.operations.data_delays import entry_delays
from jaksim.operations.events.course.readings import Reading
from jaksim.operations.events.patient import Patient
from jaksim.operations.events.plan import Plan
from jaksim.operations.events.recruiting.arrivals import PASSES, Arrivals
from jaksim.operations.strata_mix import strata_thresholds
from jaksim.rng import Purpose


class Candidates:
    """Lists over everybody who is drawn, in order of screening, that grow as more are drawn: times of screening, of a
    second one (nan without) and of readiness, site, number at it, outcome. Those who pass have more, by `place`."""

    def __init__(self, plan: Plan, replicate: int) -> None:
        self._plan, self._replicate = plan, replicate
        self.arrivals = Arrivals(plan.recruiter, replicate)
        self.time: list[float] = []
        self.again: list[float] = []
        self.ready: list[float] = []
        self.site: list[int] = []
        self.number: list[int] = []
        self.outcome: list[int] = []
        self.place: list[int] = []
        self.stratum: list[int] = []
        self.word: list[int] = []
        self._late: list[int] = []
        self._reading: list[tuple[list[Reading], int]] = []
        recruitment, weights = plan.operations.recruitment, plan.trial.population.weights
        self._shares = strata_thresholds(recruitment, weights, plan.seed, replicate, 1)[0]
        """Cumulative weights (J, S) of the strata at each site, in units of 2**-32."""
        self.until = self.arrivals.enough_for(plan.target)
        """The day up to which everybody is drawn."""
        self._draw()

    @property
    def are_all(self) -> bool:
        """Whether nobody comes after those who are drawn."""
        return self.until >= self.arrivals.last

    def more(self) -> None:
        """Draw who comes later."""
        self.until = min(1.3 * self.until + 30.0, self.arrivals.last)
        self._draw()

    def patient(self, i: int, arm: int) -> Patient:
        """Candidate i, who has been randomised to an arm."""
        place = self.place[i]
        found = Patient(
            self.site[i], self.number[i], self.time[i], self.ready[i], self.stratum[place], arm, self._late[place]
        )
        if self._reading:
            readings, first = self._reading[place]
            found.reading, found.row = readings[arm], place - first
        return found

    def _draw(self) -> None:
        drawn, plan = self.arrivals.until(self.until), self._plan
        passes = drawn.outcome == PASSES
        first = len(self.stratum)
        self.place.extend((np.cumsum(passes) - 1 + first).tolist())
        self.time.extend(drawn.time.tolist())
        self.again.extend(drawn.again.tolist())
        self.ready.extend(drawn.ready.tolist())
        self.site.extend(drawn.site.tolist())
        self.number.extend(drawn.number.tolist())
        self.outcome.extend(drawn.outcome.tolist())
        site, number = drawn.site[passes], drawn.number[passes]
        words = addressed(plan.seed, Purpose.CANDIDATE, self._replicate, site, number)
        stratum = (words[:, 1, None] >= self._shares[site, :-1]).sum(axis=1)
        late = entry_delays(plan.operations.data_flow, plan.seed, np.full(len(site), self._replicate), site, number)
        self.stratum.extend(stratum.tolist())
        self.word.extend(words[:, 2].tolist())
        self._late.extend(late.tolist())
        if plan.reader is not None:
            self._reading.extend([(self._readings(stratum, site, number), first)] * len(site))

    def _readings(
        self, stratum: NDArray[np.int64], site: NDArray[np.int64], number: NDArray[np.int64]
    ) -> list[Reading]:
        """The courses of some patients in each arm."""
        reader, courses = self._plan.reader, self._plan.courses
        assert reader is not None
        arms, m = len(courses.arms), len(site)
        again = [np.tile(one, arms) for one in (stratum, site, number)]
        states = courses.states(self._replicate, np.repeat(np.arange(arms), m), *again)
        return [reader.read(states[a * m : (a + 1) * m]) for a in range(arms)]
