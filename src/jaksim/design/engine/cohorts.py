"""Trials in calendar time: patients enrolled one by one, and their data cut at a date."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.arrays import Floats, Integers
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.engine import ENGINES, MOST_MEMORIES
from jaksim.design.engine.entry import entry_of
from jaksim.design.engine.site_strata import SiteStrata
from jaksim.design.engine.sites import Sites
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.history import History, history_of
from jaksim.errors import InputError
from jaksim.simulate.complete_tables import Outcomes, cell_sizes, complete_tables
from jaksim.simulate.enrolment import (
    Cohort,
    Counted,
    compile_outcomes,
    cut,
    day_reached,
    empty_cohort,
    enrol_patients,
    enrolled_by,
    law_outcomes,
)
from jaksim.simulate.law import compile_laws
from jaksim.simulate.path_outcomes import cohort_states, path_outcomes
from jaksim.simulate.paths import PathPlan, compile_paths
from jaksim.simulate.tilted_paths import TiltedPlan, tilted_plan, tilted_states


class TooManyMemories(InputError):
    """The endpoints have no joint law of a size that can be set up."""


@dataclass(frozen=True, eq=False)
class Watched:
    """An endpoint as a cohort sees it: from a category of automaton number `automaton`, by `part`, to what is `known`.

    `endpoint` has the categories of the tables; `complete_after` and `event_after` (histories,) are days of follow-up.
    """

    endpoint: Endpoint
    automaton: int
    part: NDArray[np.int32]
    known: NDArray[np.int32]
    complete_after: Integers
    event_after: Integers


class CohortEngine(ABC):
    """Enrols patients, draws their outcomes and cuts the data; a replicate is the same in whichever block it is drawn.

    The first endpoints, `interim` of them by name, are known at every cut; the others only once their follow-up is
    complete, and are cut to the patients who have entered.
    """

    name: str
    draws_by_word: bool
    """Whether outcomes are drawn by the word of a patient, rather than by her number."""

    def __init__(self, cells: Cells, seed: int, interim: Collection[str]) -> None:
        trial = cells.trial
        if trial.accrual is None:
            raise InputError("the accrual of patients is missing", where="accrual", allowed="an [accrual] table")
        self.cells, self.accrual, self.seed = cells, trial.accrual, seed
        self.histories = [history_of(endpoint) if endpoint.name in interim else None for endpoint in trial.endpoints]
        self.automata = [
            endpoint.automaton if history is None else history.automaton
            for endpoint, history in zip(trial.endpoints, self.histories, strict=True)
        ]
        self._entry = entry_of(trial, trial.accrual)
        # The data of a trial with sites are late by patient.
        self.lag = 0 if trial.operations is not None else trial.accrual.lag
        self.sites = None if trial.operations is None else Sites(trial, trial.operations, seed)
        self.block_size = trial.randomisation.block_size
        self.n_automata = 1
        self.watched: tuple[Watched, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Arms and strata of a table."""
        return len(self.cells.arms), self.cells.n_strata

    def open_cohort(self, first_replicate: int, replicates: int, most: int, *, at_once: bool = False) -> Cohort:
        """A block of replicates with room for `most` patients each, none enrolled; where all are `at_once`, nobody is
        enrolled after others or in their place."""
        if self.sites is None:
            self.accrual.check_patients(most)
            at_once &= self.draws_by_word
            return empty_cohort(first_replicate, replicates, most, self.n_automata, reuse=True, at_once=at_once)
        line = self.sites.line(first_replicate, replicates, most)
        found = empty_cohort(first_replicate, replicates, most, self.n_automata, line)
        found.decision[:] = self.sites.decisions(first_replicate, replicates)
        return found

    def enrol(
        self,
        cohort: Cohort,
        last: ArrayLike,
        *,
        first: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        recruiting: ArrayLike | None = None,
        closed: ArrayLike = -1,
        same_blocks: bool = False,
    ) -> None:
        """Enrol patients up to, not including, last[b], from first[b] on (those already there by default) and draw
        their outcomes.

        weights (B, A) replace the planned allocation: whole parts in a permuted block, any shares otherwise; recruiting
        bool (B, S) are the strata that are open, all by default. Where patients come through sites, those who come from
        first[b] on until the end of day closed[b] are turned away, and with `same_blocks` the blocks of the patients
        before are gone on with.
        """
        size = cohort.replicates
        begin = cohort.n.copy() if first is None else np.broadcast_to(np.asarray(first, dtype=np.int64), (size,)).copy()
        given = np.array(self.cells.allocation) if weights is None else np.asarray(weights)
        share = np.broadcast_to(given.astype(np.float64), (size, self.shape[0]))
        recruits = np.broadcast_to(True if recruiting is None else np.asarray(recruiting), (size, self.shape[1]))
        places, end = self._places(share), np.maximum(np.broadcast_to(np.asarray(last, dtype=np.int64), (size,)), begin)
        while True:
            enrol_patients(
                cohort,
                self._entry,
                self.seed,
                first=begin,
                last=end,
                weights=share,
                block_sizes=places,
                recruiting=recruits,
                closed=closed,
                same_blocks=same_blocks,
            )
            if self.sites is None or not self.sites.lengthen(cohort, begin < end):
                break
        if self.sites is not None:
            self.sites.note_delays(cohort, begin)
        self._outcomes(cohort, begin)

    def pause(self, cohort: Cohort, day: Integers, patients: int) -> None:
        """Turn away who comes to sites after day (B,) until the sites know what was decided about that day's data, and
        enrol later ones instead."""
        entered = enrolled_by(cohort, day)
        self.enrol(cohort, patients, first=entered, closed=day + cohort.decision, same_blocks=True)

    def tables(
        self,
        cohort: Cohort,
        endpoint: int,
        look: ArrayLike,
        *,
        first: ArrayLike = 0,
        last: ArrayLike | None = None,
        within: SiteStrata | None = None,
        rows: Integers | None = None,
        counted: Counted | None = None,
    ) -> Floats:
        """Tables (R, C, K) of an endpoint as known on day look[r] of patients first[r] .. last[r] - 1 of rows[r], all
        rows by default.

        `within` gives them by arm and other strata than those of the cells; `counted` spares counting patients again
        (`jaksim.simulate.enrolment.Counted`).
        """
        watched = self.watched[endpoint]
        arms = self.shape[0]
        strata = self.shape[1] if within is None else within.number
        counts = cut(
            cohort,
            watched.automaton,
            watched.part,
            watched.known,
            look,
            shape=(arms, strata, watched.endpoint.n_categories),
            lag=self.lag,
            first=first,
            last=last,
            stratum=None if within is None else within.of(cohort),
            rows=rows,
            counted=counted,
        )
        return counts.reshape(len(counts), arms * strata, watched.endpoint.n_categories)

    def complete_tables(
        self, cohort: Cohort, endpoints: Sequence[int], *, first: ArrayLike = 0, last: ArrayLike | None = None
    ) -> list[Floats]:
        """Tables (B, C, K) of several endpoints, data complete, of patients first[b] .. last[b] - 1; (B, P, C, K) of P
        parts of a replicate where first or last are (B, P)."""
        return complete_tables(cohort, self._complete.of(list(endpoints)), shape=self.shape, first=first, last=last)

    @cached_property
    def _complete(self) -> Outcomes:
        """What complete outcomes are read from."""
        final = np.zeros((len(self.watched), max(len(one.part) for one in self.watched)), dtype=np.uint32)
        for row, one in zip(final, self.watched, strict=True):
            row[: len(one.part)] = one.known[-1][one.part]
        return Outcomes(
            np.array([one.automaton for one in self.watched], dtype=np.int64),
            final,
            np.array([one.endpoint.n_categories for one in self.watched], dtype=np.int64),
        )

    def day_with(
        self, cohort: Cohort, endpoint: int, what: str, target: ArrayLike, *, counts: NDArray[np.bool_] | None = None
    ) -> Integers:
        """First day (B,) on which the data hold target[b] "events" or "complete" outcomes of an endpoint, -1 if never.

        counts bool (A, S) restricts this to some cells.
        """
        watched = self.watched[endpoint]
        after = watched.event_after if what == "events" else watched.complete_after
        horizon = len(watched.known) - 1
        waits = np.where(after <= horizon, after + self.lag, -1)
        everywhere = np.ones(self.shape, dtype=np.bool_) if counts is None else np.ascontiguousarray(counts)
        return day_reached(cohort, watched.automaton, watched.part, waits, target, counts=everywhere)

    def number_with(
        self, cohort: Cohort, endpoint: int, what: str, look: ArrayLike, *, counts: NDArray[np.bool_] | None = None
    ) -> Integers:
        """Number (B,) of "events" or "complete" outcomes of an endpoint in the data of day look[b].

        counts bool (A, S) restricts this to some cells.
        """
        watched = self.watched[endpoint]
        after = watched.event_after if what == "events" else watched.complete_after
        days = np.arange(len(watched.known))[:, None]
        arms, strata = self.shape
        tables = cut(
            cohort,
            watched.automaton,
            watched.part,
            (days >= after).astype(np.int32),
            look,
            shape=(arms, strata, 2),
            lag=self.lag,
        )[..., 1]
        return np.asarray(tables.sum(axis=(1, 2), where=True if counts is None else counts), dtype=np.int64)

    def sizes(self, cohort: Cohort, last: ArrayLike) -> Integers:
        """Patients (B, C) by cell among the first last[b]."""
        return cell_sizes(cohort, last, shape=self.shape)

    def complete_day(self, cohort: Cohort) -> Integers:
        """Day (B,) on which the data of every patient enrolled are complete."""
        return np.asarray(self.last_data(cohort, cohort.n) + self.cells.trial.horizon + self.lag)

    def last_data(self, cohort: Cohort, patients: ArrayLike) -> Integers:
        """Day (B,) of the last entry among the first patients[b], with how late her data are; 0 without patients."""
        some = np.minimum(np.asarray(patients, dtype=np.int64), cohort.n)
        if cohort.late.shape[1]:
            among = np.arange(cohort.most) < some[:, None]
            return np.asarray(np.where(among, cohort.day.astype(np.int64) + cohort.late, 0).max(axis=1, initial=0))
        entry = cohort.day[np.arange(cohort.replicates), np.maximum(some - 1, 0)]
        return np.asarray(np.where(some > 0, entry.astype(np.int64), 0))

    def _places(self, share: Floats) -> Integers:
        """Places of each arm in a block: the planned block for the planned allocation, else whole parts as given."""
        planned = np.array(self.cells.allocation)
        repeats = np.where((share == planned).all(axis=1), self.block_size // int(planned.sum()), 1)
        return np.asarray(np.rint(share) * repeats[:, None], dtype=np.int64)

    def _watch(self, parts: Sequence[tuple[int, NDArray[np.int32]]]) -> tuple[Watched, ...]:
        found = []
        for endpoint, history, (automaton, part) in zip(self.cells.trial.endpoints, self.histories, parts, strict=True):
            found.append(_watched(endpoint, history, automaton, np.ascontiguousarray(part, dtype=np.int32)))
        return tuple(found)

    @abstractmethod
    def _outcomes(self, cohort: Cohort, first: Integers) -> None:
        """Draw the outcomes of the patients from first[b] on."""


class LawCohorts(CohortEngine):
    """Draws each patient's joint category from the exact law of the cell."""

    name = "law"
    draws_by_word = True

    def __init__(self, cells: Cells, seed: int, interim: Collection[str]) -> None:
        super().__init__(cells, seed, interim)
        joint = cells.product_of(self.automata, MOST_MEMORIES)
        if joint is None:
            raise TooManyMemories(
                "the endpoints together have too many memories for the law engine",
                where="‹engine›",
                allowed="path, or fewer endpoints",
            )
        law = cells.joint_law(joint)
        self._laws = compile_outcomes(compile_laws(list(law.laws)))
        self.watched = self._watch([(0, part) for part in law.parts])

    def _outcomes(self, cohort: Cohort, first: Integers) -> None:
        law_outcomes(cohort, self._laws, self.shape[1], first)


class PathCohorts(CohortEngine):
    """Walks each patient through the disease process of the cell and reads every endpoint off the daily states."""

    name = "path"
    draws_by_word = False

    def __init__(self, cells: Cells, seed: int, interim: Collection[str]) -> None:
        super().__init__(cells, seed, interim)
        self._plan = self._compiled()
        self.n_automata = len(self.automata)
        self.watched = self._watch(
            [(e, np.arange(automaton.n_categories, dtype=np.int32)) for e, automaton in enumerate(self.automata)]
        )

        self._tilted = None
        if cells.trial.site_sd > 0.0:
            tables = [group.intensities for group in cells.groups]
            self._tilted = tilted_plan(self._plan, tables, cells.trial.states.better, self.shape[1])

    def _outcomes(self, cohort: Cohort, first: Integers) -> None:
        if self._tilted is None:
            path_outcomes(cohort, self._plan, self.shape[1], self.seed, first)
            return
        rows = [row for row, begin in enumerate(first.tolist()) if begin < cohort.n[row]]
        if rows:
            some = [slice(int(first[row]), int(cohort.n[row])) for row in rows]
            walked = [self._at_sites(self._tilted, cohort, *one) for one in zip(rows, some, strict=True)]
            states, ends = np.concatenate(walked), np.cumsum([len(one) for one in walked])[:-1]
            for e, automaton in enumerate(self.automata):
                for row, one, found in zip(rows, some, np.split(automaton.run(states), ends), strict=True):
                    cohort.category[e, row, one] = found

    def _compiled(self, *, any_move: bool = False) -> PathPlan:
        groups = self.cells.groups
        return compile_paths(
            [group.intensities for group in groups],
            [group.start_index for group in groups],
            self.cells.trial.horizon,
            self.automata,
            cells=self.cells.cell_of_group,
            weights=[group.share for group in groups],
            any_move=any_move,
        )

    def states(self, cohort: Cohort, row: int, n: int) -> NDArray[np.int8]:
        """Daily state indices (n, H + 1) of the first n patients of a row of the cohort, day of entry first."""
        if self._tilted is None:
            return cohort_states(cohort, self._plan, self.shape[1], self.seed, row, n)
        return self._at_sites(self._tilted, cohort, row, slice(n))

    def _at_sites(self, plan: TiltedPlan, cohort: Cohort, row: int, some: slice) -> NDArray[np.int8]:
        """Daily states of some patients of a row, each with the intensities of her site."""
        assert self.sites is not None
        replicate = cohort.first_replicate + row
        factors = self.sites.factors(replicate)[cohort.site[row, some]]
        who = (cohort.stratum[row, some], cohort.arm[row, some], cohort.number[row, some])
        return tilted_states(plan, self.seed, replicate, *who, factors)


def make_cohorts(cells: Cells, seed: int, interim: Collection[str], name: str = "auto") -> CohortEngine:
    """The engine of that name, whose data cuts know the endpoints `interim`; "auto" takes the law engine unless the
    endpoints together have too many memories, or sites differ in the course of the disease."""
    if name not in ENGINES:
        raise InputError("unknown engine", where="‹engine›", allowed=ENGINES, got=name)
    sd, law = cells.trial.site_sd, cells.trial.population.characteristics
    if law is not None and law.shared:
        raise InputError(
            "a frailty of sites is for trials with all patients at once",
            where="population.frailty",
            allowed="operations.site_sd for sites that differ in a trial in calendar time",
            got=law.shared[0].name,
        )
    if name == "law" and sd > 0.0:
        raise InputError(
            "sites differ in the course of the disease, so that patients of a cell have no law in common",
            where="‹engine›",
            allowed="path or auto, or operations.site_sd = 0",
            got=name,
        )
    if name == "path" or sd > 0.0:
        return PathCohorts(cells, seed, interim)
    try:
        return LawCohorts(cells, seed, interim)
    except TooManyMemories:
        if name == "law":
            raise
    return PathCohorts(cells, seed, interim)


def _watched(endpoint: Endpoint, history: History | None, automaton: int, part: NDArray[np.int32]) -> Watched:
    if history is not None:
        return Watched(history.endpoint, automaton, part, history.known, history.complete_after, history.event_after)
    known = np.tile(np.arange(endpoint.n_categories, dtype=np.int32), (endpoint.horizon + 1, 1))
    complete = np.full(endpoint.n_categories, endpoint.horizon, dtype=np.int64)
    return Watched(endpoint, automaton, part, known, complete, np.where(endpoint.status == 1, complete, complete + 1))
