"""What is known by address of the patients who pass screening, whatever becomes of the trial around them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Booleans, Integers
from jaksim.operations.data_delays import entry_delays
from jaksim.operations.events.arrivals import Screened
from jaksim.operations.events.courses import Courses, Watched
from jaksim.operations.events.draws import block
from jaksim.rng import Purpose
from jaksim.simulate.alias_table import quantise
from jaksim.trial.operations.data_flow import DataFlow
from jaksim.trial.operations.recruitment import Recruitment


def strata_shares(recruitment: Recruitment, weights: tuple[float, ...]) -> NDArray[np.uint64]:
    """Cumulative weights (J, S) of the strata at each site, in units of 2**-32."""
    of_group = [np.cumsum(quantise(group.strata or weights), dtype=np.uint64) for group in recruitment.groups]
    return np.stack([of_group[g] for g in recruitment.group_of])


@dataclass
class Reading:
    """How the patients of one arm fare (m,): days since randomisation on which drug and visits end, outcomes are
    complete and events known by endpoint, and for each ward on which days a need begins and ends, in turns."""

    states: NDArray[np.int8]
    undrugged: list[int]
    known: dict[str, tuple[list[int], list[int]]]
    needs: list[dict[int, list[int]]]


class Reader:
    """Reads the daily states of patients for what the conduct of a trial has to know."""

    def __init__(self, courses: Courses, watched: dict[str, Watched], needed: list[Booleans], dispensed: bool) -> None:
        self._courses, self._watched, self._needed, self._dispensed = courses, watched, needed, dispensed

    def read(self, states: NDArray[np.int8]) -> Reading:
        """What the states (m, H + 1) of some patients tell."""
        undrugged = self._courses.first_day_in(states, self._courses.undrugged).tolist() if self._dispensed else []
        known = {name: one.known_after(states) for name, one in self._watched.items()}
        lists = {name: (complete.tolist(), event.tolist()) for name, (complete, event) in known.items()}
        return Reading(states, undrugged, lists, [needs_of(states, kinds) for kinds in self._needed])


def needs_of(states: NDArray[np.int8], kinds: Booleans) -> dict[int, list[int]]:
    """For those who are ever in states of some kinds: the days on which they come into them and leave them, in turns;
    follow-up ends on the day after the last."""
    inside = np.zeros((len(states), states.shape[1] + 2), dtype=np.int8)
    inside[:, 1:-1] = kinds[states]
    row, day = np.nonzero(np.diff(inside, axis=1))
    found: dict[int, list[int]] = {}
    for one, on in zip(row.tolist(), day.tolist(), strict=True):
        found.setdefault(one, []).append(on)
    return found


@dataclass
class Candidates:
    """Lists over everybody who passes screening, in order of screening; grows as more are drawn."""

    stratum: list[int] = field(default_factory=list)
    word: list[int] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    readings: list[list[Reading]] = field(default_factory=list)
    first: list[int] = field(default_factory=list)


class CandidateSource:
    """Draws what is known of patients by address, under one seed."""

    def __init__(
        self, courses: Courses, flow: DataFlow, shares: NDArray[np.uint64], reader: Reader | None, seed: int
    ) -> None:
        self._courses, self._flow, self._shares, self._reader, self._seed = courses, flow, shares, reader, seed

    def add(self, found: Candidates, screened: Screened, passing: Integers, replicate: int) -> None:
        """Add those of the screened (places `passing`) to the lists."""
        site, number = screened.site[passing], screened.number[passing]
        words = block(self._seed, Purpose.CANDIDATE, replicate, site, number)
        shares = self._shares[site, :-1]
        stratum = (words[:, 1, None] >= shares).sum(axis=1)
        late = entry_delays(self._flow, self._seed, np.full(len(site), replicate), site, number)
        found.first.append(len(found.stratum))
        found.stratum.extend(stratum.tolist())
        found.word.extend(words[:, 2].tolist())
        found.late.extend(late.tolist())
        if self._reader is not None:
            arms = len(self._courses.arms)
            arm, m = np.repeat(np.arange(arms), len(site)), len(site)
            again = [np.tile(one, arms) for one in (stratum, site, number)]
            states = self._courses.states(replicate, arm, *again)
            found.readings.append([self._reader.read(states[a * m : (a + 1) * m]) for a in range(arms)])
