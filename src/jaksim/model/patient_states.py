"""States of a patient beyond the score: on treatment or not, in the study or not, seen or not at a visit."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Booleans, Floats
from jaksim.model.courses.treatment_courses import TreatmentCourses
from jaksim.model.flagged import flagged
from jaksim.model.intensity import IntensityTable
from jaksim.model.intercurrent import IntercurrentEvents, rates_of
from jaksim.model.missed_visits import Visit, visits_of
from jaksim.model.regimen import Regimen
from jaksim.model.safety.counting import counted, counts_of
from jaksim.scale import OrdinalScale


@dataclass(frozen=True)
class PatientStates:
    """The states of patients among whom `events` happen, in a trial with these `arms`.

    The states before any event come first, in the order of the scale, so a state of the scale is a state here. A
    patient to whom an event happens that is `thought_away` also has the score of the course without such events; the
    two courses share the past and are independent afterwards. The states are those of the `planned` events where the
    arms are treated otherwise than planned.
    """

    scale: OrdinalScale
    arms: tuple[str, ...]
    events: IntercurrentEvents = field(default_factory=IntercurrentEvents)
    thought_away: tuple[str, ...] = ()
    planned: IntercurrentEvents | None = None

    @cached_property
    def visits(self) -> tuple[Visit, ...]:
        """The visits that may be missed, in order of their days."""
        return visits_of(self.events.missed_visit, self.scale, self.arms)

    @cached_property
    def courses(self) -> TreatmentCourses:
        """The states before a withdrawal and without regard to visits."""
        return TreatmentCourses(self.scale, self.events.turns, self.thought_away, self._together)

    def under(self, events: IntercurrentEvents) -> PatientStates:
        """The same states where other events happen, of which each arm has those that were planned for some arm."""
        return replace(self, events=events, planned=self.planned or self.events)

    @property
    def _together(self) -> tuple[tuple[bool, ...], ...]:
        turns = (self.planned or self.events).turns
        return tuple(dict.fromkeys(tuple(turn.concerns(arm) for turn in turns) for arm in self.arms))

    @property
    def size(self) -> int:
        """Number of states."""
        return len(self.score)

    @cached_property
    def score(self) -> NDArray[np.int64]:
        """State of the scale (E,)."""
        return self._spread(self.courses.score)

    @cached_property
    def score_without(self) -> NDArray[np.int64]:
        """State of the scale (E,) in the course without the events thought away; `score` where there are none."""
        return self._spread(self.courses.score_without)

    @cached_property
    def stopped(self) -> Booleans:
        """Whether the treatment was stopped (E,)."""
        return self.happened("treatment_stop")

    @property
    def unchanged(self) -> NDArray[np.int64]:
        """The state (E,) of a patient with the same score and visits whose treatment has not changed."""
        return np.arange(self.size) // self._class_size * self._class_size + self.score

    def happened(self, event: str, *, without: bool = False) -> Booleans:
        """Whether an event has happened to the treatment (E,); of missed doses, whether it is paused. With `without` in
        the course without the events thought away."""
        return self._spread(self.courses.happened(event, without=without))

    def begun(self, turn: int) -> Booleans:
        """Whether one of the turns of the treatment has begun (E,), numbered as in `events.turns`."""
        return self._spread(self.courses.begun(turn))

    @cached_property
    def withdrawn(self) -> Booleans:
        """Whether the patient has left the study (E,)."""
        inner = self.courses.size
        return np.tile(np.arange(inner * self._n_blocks) >= inner, len(self._counts) * self._n_classes)

    def events_counted(self, name: str) -> NDArray[np.int64]:
        """Number of safety events of a name (E,) that a patient has had, up to the most that are counted."""
        kind = [event.name for event in self.events.safety].index(name)
        return np.tile(np.repeat(self._counts[:, kind], self.courses.size * self._n_blocks), self._n_classes)

    @property
    def seen_as(self) -> NDArray[np.int64]:
        """State of the scale (E,) that the trial sees, -1 after a withdrawal."""
        return np.where(self.withdrawn, -1, self.score)

    @cached_property
    def visit_set(self) -> NDArray[np.int64]:
        """Which of its sets each visit has (n_visits, E)."""
        return np.repeat(np.array(self._classes, dtype=np.int64).T, self._class_size, axis=1)

    @cached_property
    def absorbing(self) -> tuple[int, ...]:
        """States that are never left."""
        dead = np.isin(np.arange(self.scale.n_states), self.scale.indices(self.scale.absorbing))
        return tuple(np.flatnonzero(dead[self.score] & dead[self.score_without]).tolist())

    @cached_property
    def better(self) -> Booleans:
        """Moves (E, E) to a better score, in either course of the patient."""
        return self._moves(-1)

    @cached_property
    def worse(self) -> Booleans:
        """Moves (E, E) to a worse score, in either course of the patient."""
        return self._moves(1)

    def _moves(self, direction: int) -> Booleans:
        ranks = (self.scale.rank[self.score], self.scale.rank[self.score_without])
        there = [direction * (rank[None, :].astype(np.int64) - rank[:, None]) > 0 for rank in ranks]
        return np.asarray(there[0] | there[1])

    def starts(self, arm: str, state: int) -> Iterator[tuple[float, int]]:
        """Share and state at randomisation of the patients of an arm who enter in one state of the scale."""
        for number, chosen in enumerate(self._classes):
            share = math.prod(visit.shares[arm][kind] for visit, kind in zip(self.visits, chosen, strict=True))
            if share > 0.0:
                for part, start in self.courses.starts(arm, state):
                    yield share * part, number * self._class_size + start

    def regimens(self, arm: str, given: Regimen, background: Sequence[str]) -> tuple[Regimen, ...]:
        """What a patient of an arm receives in each course of the treatment, first the regimen of the arm."""
        return self.courses.regimens(arm, given, background)

    def intensities(self, arm: str, courses: Sequence[IntensityTable]) -> IntensityTable:
        """Intensities between all states, from those of the scale on each of the `regimens`.

        They are affine in those: moves between scores are theirs, and what comes between is added.
        """
        risks = self.events.withdrawal
        days = {day for risk in risks for day in (risk.start, risk.end) if day < math.inf}
        days.update(*(event.days for event in self.events.safety), self.courses.days)
        breaks = np.array(sorted({*(day for table in courses for day in table.breaks.tolist()), *days}))
        generators = self.courses.generators(arm, [_at(table, breaks) for table in courses], breaks)
        if risks:
            leaving = rates_of(risks, self.scale, arm, breaks)[:, self.courses.score]
            generators = flagged(generators, generators, leaving)
        if self.events.safety:
            generators = self._counted(arm, generators, breaks)
        blocks = np.eye(self._n_classes)
        return IntensityTable(breaks, np.array([np.kron(blocks, generator) for generator in generators]))

    def _counted(self, arm: str, generators: Floats, breaks: Floats) -> Floats:
        """The generators (J, E, E) beside which safety events are counted, also of patients who have left the study."""
        kinds, courses = self.events.safety, self.courses
        score = np.tile(courses.score, self._n_blocks)
        treated = np.tile(
            ~np.any([courses.happened(event) for event in ("treatment_stop", "switch", "missed_doses")], axis=0),
            self._n_blocks,
        )
        dead = np.isin(score, self.scale.indices(self.scale.absorbing))
        rates = np.array([kind.rates(self.scale, arm, score, treated, breaks) for kind in kinds])
        by_death = [kind.death_counts for kind in kinds]
        return counted(generators, rates, [kind.most for kind in kinds], by_death, dead & ~dead[:, None])

    @cached_property
    def _counts(self) -> NDArray[np.int64]:
        """Numbers of safety events of each kind (C, M) that are told apart."""
        return counts_of([event.most for event in self.events.safety])

    @cached_property
    def _classes(self) -> tuple[tuple[int, ...], ...]:
        return tuple(itertools.product(*(range(len(visit.missed)) for visit in self.visits)))

    @property
    def _n_classes(self) -> int:
        return len(self._classes)

    @property
    def _n_blocks(self) -> int:
        return 2 if self.events.withdrawal else 1

    @property
    def _class_size(self) -> int:
        return self.courses.size * self._n_blocks * len(self._counts)

    def _spread(self, inner: NDArray[Any]) -> NDArray[Any]:
        return np.tile(inner, self._n_blocks * len(self._counts) * self._n_classes)


def _at(table: IntensityTable, breaks: Floats) -> Floats:
    return table.generators[np.searchsorted(table.breaks, breaks, side="right") - 1]
