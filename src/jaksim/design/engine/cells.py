"""The cells of a trial, arm by stratum, and the exact law of every endpoint in each of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.design.engine.kinds_of_patients import KindsOfPatients, adjusted_endpoints, kinds_of_patients
from jaksim.endpoint.automaton import Automaton
from jaksim.endpoint.product import TooManyMemories, product
from jaksim.exact.law import mixture
from jaksim.exact.transition import stacked_transition_matrices
from jaksim.model.disease import PatientType
from jaksim.model.intensity import IntensityTable
from jaksim.trial import AnalysisPlan, Arm, Stratum, Trial

# Days, memories and states that the table of all endpoints together may have: a number and not an amount of memory,
# since it decides which engine is used.
MOST_ENTRIES: Final = 2**28


@dataclass(frozen=True)
class PatientGroup:
    """Patients of one type in one cell: their share of the cell, intensities and state at randomisation."""

    share: float
    intensities: IntensityTable
    start_index: int
    patient: PatientType


@dataclass(frozen=True)
class Cell:
    """One arm in one stratum."""

    arm: Arm
    stratum: Stratum
    groups: tuple[PatientGroup, ...]


@dataclass(frozen=True)
class JointLaw:
    """The law of all endpoints together, per cell.

    `laws` (C, K) sums to one over the joint categories; `parts` int32 (E, K) gives the category of each endpoint,
    which has `sizes[e]` categories.
    """

    laws: Floats
    parts: NDArray[np.int32]
    sizes: tuple[int, ...]


class Cells:
    """All cells of a trial, ordered by arm (the reference first, then as given) and by stratum within the arm."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.arms = (trial.reference, *(arm for arm in trial.arms if not arm.reference))
        self.cells = tuple(_cell(trial, arm, stratum) for arm in self.arms for stratum in trial.population.strata)
        self.inputs: dict[Hashable, Any] = {}  # of analyses, as `jaksim.design.twin.analytic` makes them from the laws

    def __len__(self) -> int:
        return len(self.cells)

    def has_laws_of(self, other: Cells) -> bool:
        """Whether patients behave in these cells as they do in others of a trial that was read together with this one.

        Numbers of patients, weights of strata, allocation and analyses may differ.
        """
        mine, theirs = self.trial, other.trial
        return (
            all(a is b for a, b in ((mine.disease, theirs.disease), (mine.endpoints, theirs.endpoints)))
            and mine.states.events == theirs.states.events
            and mine.horizon == theirs.horizon
            and mine.site_sd == theirs.site_sd
            and mine.population.characteristics == theirs.population.characteristics
            and [(arm.name, arm.regimen) for arm in self.arms] == [(arm.name, arm.regimen) for arm in other.arms]
            and [stratum.patients for stratum in mine.population.strata]
            == [stratum.patients for stratum in theirs.population.strata]
        )

    def share_laws(self, other: Cells) -> None:
        """Take over the laws that other cells, which these have the laws of, have computed."""
        self.inputs = other.inputs
        for name in ("groups", "law_groups", "transitions", "marginal_laws"):
            if name in vars(other):
                vars(self)[name] = vars(other)[name]

    @property
    def n_strata(self) -> int:
        """Number of strata."""
        return len(self.trial.population.strata)

    @property
    def allocation(self) -> tuple[int, ...]:
        """Allocation of the arms, in the order of the cells."""
        return tuple(arm.allocation for arm in self.arms)

    @property
    def shares(self) -> Floats:
        """Share of each arm of all patients (A,), in the order of the cells."""
        return np.array(self.allocation) / sum(self.allocation)

    @property
    def expected_sizes(self) -> Floats:
        """Expected number of patients in each cell (C,)."""
        return self.trial.population.patients * np.outer(self.shares, self.trial.stratum_shares).ravel()

    def arm_position(self, name: str) -> int:
        """Position of an arm in the order of the cells."""
        return [arm.name for arm in self.arms].index(name)

    def pair_positions(self, plan: AnalysisPlan) -> tuple[tuple[int, int], ...]:
        """Positions (reference, active) of every pair of arms that an analysis compares."""
        return tuple((self.arm_position(reference), self.arm_position(active)) for active, reference in plan.pairs)

    @property
    def seen_as(self) -> NDArray[np.int64]:
        """State of the scale (S,) that each state of a patient is seen as, -1 for one in which nobody is seen."""
        return self.trial.states.seen_as

    @cached_property
    def marginal_laws(self) -> tuple[Floats, ...]:
        """The exact law (C, K) of each endpoint by itself."""
        return tuple(self._law(endpoint.law, endpoint.n_categories) for endpoint in self.trial.endpoints)

    def joint_automaton(self, most_memories: int) -> Automaton | None:
        """The product of all endpoints.

        None when it has too many memories, or an endpoint counts transitions, which no automaton remembers.
        """
        if any(endpoint.transitions is not None for endpoint in self.trial.endpoints):
            return None
        return self.product_of([endpoint.automaton for endpoint in self.trial.endpoints], most_memories)

    def product_of(self, automata: Sequence[Automaton], most_memories: int) -> Automaton | None:
        """The product of automata over the moves that this disease allows; None when it has too many memories."""
        possible: NDArray[np.bool_] = np.max(self.transitions, axis=(0, 1)) > 0.0
        return _product(tuple(automata), possible.tobytes(), len(possible), most_memories)

    def law_of(self, automaton: Automaton) -> Floats:
        """The exact law (C, K) of the categories of an automaton."""
        return self._law(automaton.law, automaton.n_categories)

    def joint_law(self, automaton: Automaton) -> JointLaw:
        """The exact joint law of the endpoints; joint categories that no cell can reach are left out."""
        laws = self.law_of(automaton)
        reached = (laws > 0.0).any(axis=0)
        return JointLaw(laws[:, reached], np.ascontiguousarray(automaton.parts[:, reached]), automaton.part_sizes)

    @cached_property
    def kinds(self) -> KindsOfPatients:
        """The kinds of patients by what analyses adjust for."""
        return kinds_of_patients(self.trial, [group.patient for cell in self.law_groups for group in cell])

    def joint_law_by_kind(self, automaton: Automaton) -> JointLaw:
        """As `joint_law`, with the kind of the patient: behind the endpoints, as endpoints of their own, those of
        analyses that adjust, whose category is the number of the kind times theirs and that of the endpoint."""
        kinds, laws = self.kinds, self._laws(automaton.law, automaton.n_categories)
        mixed = np.zeros((len(self.cells), len(kinds), automaton.n_categories))
        group = 0
        for cell, groups in enumerate(self.law_groups):
            for one in groups:
                mixed[cell, kinds.of_group[group]] += one.share * laws[group]
                group += 1
        mixed /= mixed.sum(axis=(1, 2), keepdims=True)
        names = [endpoint.name for endpoint in self.trial.endpoints]
        asked = [names.index(name) for name in adjusted_endpoints(self.trial)]
        sizes = automaton.part_sizes
        of_kind = np.repeat(np.arange(len(kinds), dtype=np.int32), automaton.n_categories)
        parts = np.tile(automaton.parts, (1, len(kinds)))
        by_kind = [of_kind * np.int32(sizes[e]) + parts[e] for e in asked]
        reached = (mixed.reshape(len(mixed), -1) > 0.0).any(axis=0)
        return JointLaw(
            mixed.reshape(len(mixed), -1)[:, reached],
            np.ascontiguousarray(np.vstack([parts, *by_kind])[:, reached].astype(np.int32)),
            (*sizes, *(len(kinds) * sizes[e] for e in asked)),
        )

    @cached_property
    def groups(self) -> tuple[PatientGroup, ...]:
        """The groups of patients of all cells, cell by cell."""
        return tuple(group for cell in self.cells for group in cell.groups)

    @cached_property
    def law_groups(self) -> tuple[tuple[PatientGroup, ...], ...]:
        """The groups of patients of each cell that laws are mixtures of: where sites differ in the course of the
        disease, each group at the nodes of a quadrature over the sites."""
        sd = self.trial.site_sd
        if sd == 0.0:
            return tuple(cell.groups for cell in self.cells)
        from jaksim.operations.site_effects import over_sites

        better = self.trial.states.better
        return tuple(
            tuple(
                PatientGroup(group.share * weight, table, group.start_index, group.patient)
                for group in cell.groups
                for weight, table in over_sites(group.intensities, better, sd)
            )
            for cell in self.cells
        )

    @cached_property
    def transitions(self) -> Floats:
        """Daily transition probabilities (G, H, S, S) of the groups of all cells that laws are mixtures of."""
        tables = [group.intensities for cell in self.law_groups for group in cell]
        return stacked_transition_matrices(tables, self.trial.horizon)

    @cached_property
    def cell_of_group(self) -> list[int]:
        """Position of the cell of each group."""
        return [position for position, cell in enumerate(self.cells) for _ in cell.groups]

    def laws_at_sites(self, endpoint: int) -> tuple[Floats, Floats]:
        """Weights (Q,) of sites of so many kinds, and laws (C, Q, K) of an endpoint at each; one kind where all sites
        are alike."""
        from jaksim.operations.site_effects import site_nodes

        found = self.trial.endpoints[endpoint]
        laws, (_, weights) = self._laws(found.law, found.n_categories), site_nodes(self.trial.site_sd)
        first, at_sites = 0, []
        for cell in self.cells:
            shares = np.array([group.share for group in cell.groups])
            last = first + len(shares) * len(weights)
            at_sites.append(np.tensordot(shares, laws[first:last].reshape(len(shares), len(weights), -1), 1))
            first = last
        return weights, np.array(at_sites)

    def _laws(self, law: Callable[[Floats, int], Floats], n_categories: int) -> Floats:
        """The law of each of the groups that laws are mixtures of."""
        starts = np.array([group.start_index for cell in self.law_groups for group in cell])
        laws = np.empty((len(starts), n_categories))
        for start in np.unique(starts):
            laws[starts == start] = law(self.transitions[starts == start], int(start))
        return laws

    def _law(self, law: Callable[[Floats, int], Floats], n_categories: int) -> Floats:
        laws = self._laws(law, n_categories)
        mixed, first = [], 0
        for groups in self.law_groups:
            last = first + len(groups)
            mixed.append(mixture(laws[first:last], [group.share for group in groups]))
            first = last
        return np.array(mixed)


@lru_cache(maxsize=8)  # trials that differ in effects or patients have the same
def _product(automata: tuple[Automaton, ...], moves: bytes, n_states: int, most_memories: int) -> Automaton | None:
    possible = np.frombuffer(moves, dtype=bool).reshape(n_states, n_states)
    joint: Automaton | None = None
    for automaton in automata:
        most = min(most_memories, MOST_ENTRIES // (automaton.horizon * n_states))
        try:
            joint = automaton if joint is None else product(joint, automaton, possible=possible, most=most)
        except TooManyMemories:
            return None
        if joint.n_memory > most:
            return None
    return joint


def _cell(trial: Trial, arm: Arm, stratum: Stratum) -> Cell:
    trial.prepare(arm, [patient for _, patient in stratum.patients])
    groups = tuple(
        PatientGroup(share * part, table, start, patient)
        for share, patient in stratum.patients
        if share > 0.0
        for table in [trial.intensities(arm, patient)]
        for part, start in trial.states.starts(arm.name, trial.scale.index(patient.baseline_score))
    )
    return Cell(arm, stratum, groups)
