"""The daily states of patients who come through sites: those of the path engine, by the same addresses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Booleans, Floats, Integers
from jaksim.endpoint.history import History, history_of
from jaksim.model.intensity import IntensityTable
from jaksim.operations.site_effects import site_factors
from jaksim.rng import SITE_BITS
from jaksim.simulate.alias_table import quantise
from jaksim.simulate.arguments import key_words
from jaksim.simulate.paths import PURPOSES, check_components
from jaksim.simulate.tilted_paths import TiltedPlan, lay_out_tilt, tilted_states
from jaksim.trial import Arm, Trial

if TYPE_CHECKING:
    from jaksim.kernel.walk import Processes


@dataclass(frozen=True)
class Component:
    """Patients of one kind in one cell: their share of it, intensities and state at randomisation."""

    share: float
    intensities: IntensityTable
    start: int


class Courses:
    """The disease of a trial under one seed. Cells go by arm, the reference first, and by stratum within the arm."""

    def __init__(self, trial: Trial, seed: int) -> None:
        self.trial, self.seed = trial, seed
        self.arms: tuple[Arm, ...] = (trial.reference, *(arm for arm in trial.arms if not arm.reference))
        self.n_strata = len(trial.population.strata)
        self.horizon = trial.horizon
        self._factors: tuple[int, Floats] | None = None
        self.cells = [
            [
                Component(share * part, trial.intensities(arm, patient), start)
                for share, patient in stratum.patients
                if share > 0.0
                for part, start in trial.states.starts(arm.name, trial.scale.index(patient.baseline_score))
            ]
            for arm in self.arms
            for stratum in trial.population.strata
        ]
        states = trial.states
        dead = np.isin(np.arange(states.size), states.absorbing)
        gone = dead | states.withdrawn
        self.unseen: Booleans = gone
        """States (S,) in which a patient has no visit any more."""
        self.undrugged: Booleans = gone | states.stopped
        """States (S,) in which nothing is dispensed any more."""
        self.score = states.score

    @cached_property
    def loses(self) -> list[bool]:
        """Whether patients of each arm lose anything with a missed dispensing."""
        supply = self.trial.operations.supply if self.trial.operations is not None else None
        if supply is None or supply.missed_dose_effect == 0.0:
            return [False] * len(self.arms)
        kits = set(self.trial.treatments_in_kits)
        return [bool(kits.intersection(arm.regimen.treatments)) for arm in self.arms]

    @cached_property
    def undosed(self) -> list[list[IntensityTable]]:
        """Intensities of the components of each cell from a missed dispensing until the next kit."""
        assert self.trial.operations is not None
        assert self.trial.operations.supply is not None
        trial, share, kits = self.trial, self.trial.operations.supply.missed_dose_effect, self.trial.treatments_in_kits
        return [
            [
                trial.intensities(arm, patient).towards(trial.intensities(arm, patient, without=kits), share)
                for weight, patient in stratum.patients
                if weight > 0.0
                for _ in trial.states.starts(arm.name, trial.scale.index(patient.baseline_score))
            ]
            for arm in self.arms
            for stratum in trial.population.strata
        ]

    @cached_property
    def processes(self) -> Processes:
        """The intensities of all cells, laid out for the kernel."""
        from jaksim.simulate.process_tables import lay_out_processes

        parts = [one for cell in self.cells for one in cell]
        tables, first = [one.intensities for one in parts], [one.start for one in parts]
        check_components(tables, first)
        starts = np.cumsum([0, *(len(cell) for cell in self.cells)]).astype(np.int64)
        weights = [quantise([one.share for one in cell]) for cell in self.cells]
        return lay_out_processes(tables, first, starts, weights)

    @cached_property
    def _tilted(self) -> TiltedPlan:
        """The same with the moves apart that the factor of a site multiplies."""
        tables = [one.intensities for cell in self.cells for one in cell]
        tilt = lay_out_tilt(self.processes, tables, self.trial.states.better)
        return TiltedPlan(self.processes, tilt, self.horizon, self.n_strata)

    def factors(self, replicate: int) -> Floats:
        """Factors (J,) of the intensities of getting better at each site."""
        if self._factors is None or self._factors[0] != replicate:
            assert self.trial.operations is not None
            self._factors = replicate, site_factors(self.trial.operations, self.seed, replicate, 1)[0]
        return self._factors[1]

    def states(
        self, replicate: int, arm: Integers, stratum: Integers, site: Integers, number: Integers
    ) -> NDArray[np.int8]:
        """State (n, H + 1) of each patient at the end of each day since randomisation, her first state in front."""
        from jaksim.kernel.path_outcomes import cohort_states

        if self.trial.site_sd > 0.0:
            factor = self.factors(replicate)[site]
            of_arms = (stratum.astype(np.int8), arm.astype(np.int8), who(site, number).astype(np.uint32))
            return tilted_states(self._tilted, self.seed, replicate, *of_arms, factor)
        low, high = key_words(self.seed)
        found = np.empty((len(site), self.horizon + 1), dtype=np.int8)
        cohort_states(
            self.processes, np.uint64(self.horizon), self.n_strata, np.array(PURPOSES, dtype=np.uint64),
            np.uint64(replicate), low, high, stratum.astype(np.int8), arm.astype(np.int8),
            who(site, number).astype(np.uint32), found,
        )  # fmt: skip
        return found

    def first_day_in(self, states: NDArray[np.int8], kinds: Booleans) -> Integers:
        """First day (n,) on which each path is in states of some kinds that are not left, H + 1 if it never is."""
        inside = kinds[states]
        return np.where(inside[:, -1], inside.argmax(axis=1), self.horizon + 1)


def who(site: Integers, number: Integers) -> Integers:
    """The number of a patient of a site among all patients."""
    return np.asarray((site << SITE_BITS) | number)


@dataclass(frozen=True, eq=False)
class Watched:
    """An endpoint whose events and complete outcomes are counted while the trial runs."""

    name: str
    history: History

    def known_after(self, states: NDArray[np.int8]) -> tuple[Integers, Integers]:
        """Days of follow-up (n,) after which the outcome of each path is complete, and its event known; H + 1 for
        never."""
        automaton = self.history.automaton
        found = automaton.final[automaton.memories(states)]
        never = self.history.horizon + 1
        event = self.history.event_after[found]
        return self.history.complete_after[found], np.where(event > self.history.horizon, never, event)


def watched(trial: Trial, names: list[str]) -> dict[str, Watched]:
    """Endpoints by their names."""
    return {name: Watched(name, history_of(trial.endpoint(name))) for name in dict.fromkeys(names)}
