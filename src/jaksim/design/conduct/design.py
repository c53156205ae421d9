"""Trials conducted in calendar time: power of the planned analyses and the operating characteristics of the design."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.design.analyses.evaluation import Test
from jaksim.design.analyses.multiple import MultipleTests
from jaksim.design.conduct.data_cut import DataCut
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import CohortEngine
from jaksim.design.sums.characteristics import Sums, Truth
from jaksim.design.sums.conducted import Conducted
from jaksim.design.sums.summary import Summary, Tally, summarise, tally
from jaksim.design.twin.analytic import analysis_input, large_sample
from jaksim.design.twin.planned_power import KnownSize
from jaksim.endpoint.registry import build_endpoint
from jaksim.simulate.enrolment import Cohort

PATIENTS_AT_ONCE: Final = 300_000
_MOST_AT_ONCE: Final = 4_000_000


@dataclass(frozen=True, eq=False)
class Design(ABC):
    """How a trial is conducted in calendar time, and the tests that it decides itself.

    `decides` are the planned analyses whose null hypotheses the design decides about, in the order of `Conducted`. What
    is known of it without simulation is nothing unless a design says otherwise; an analytic power is that of rejecting
    one of these hypotheses, by its position.
    """

    engine: CohortEngine
    decides: tuple[Test, ...]

    @property
    @abstractmethod
    def looks(self) -> int:
        """Number of analyses, the last one included."""

    @abstractmethod
    def conduct(self, first_replicate: int, n: int) -> tuple[Conducted, Cohort]:
        """Conduct n trials; the cohort holds all patients who could have been enrolled, of whom `enrolled` were."""

    def analytic(self) -> tuple[Mapping[str, float], ...]:
        """Probability of ending at each analysis, by reason."""
        return ()

    def analytic_power(self, hypothesis: int = 0) -> float:
        """Probability of rejecting a hypothesis."""
        return math.nan

    @property
    def doubt(self) -> str:
        """Why the analytic power is not to be relied on, nothing where it is."""
        return ""

    def patients_for_power(self, target: float) -> KnownSize:
        """Fewest patients with which the trial, conducted in the same way, has an analytic power."""
        return KnownSize(None)

    @property
    def patients(self) -> int:
        """Number of patients planned."""
        return self.engine.cells.trial.population.patients

    @cached_property
    def cuts(self) -> tuple[DataCut, ...]:
        """The data cuts of each test that the design decides."""
        return tuple(DataCut(self.engine, test) for test in self.decides)

    def enrolled(self, first_replicate: int, n: int, room: int | None = None) -> Cohort:
        """A block of trials with all planned patients, and room for so many in all."""
        cohort = self.engine.open_cohort(first_replicate, n, self.patients if room is None else room)
        self.engine.enrol(cohort, self.patients)
        return cohort


@dataclass(slots=True)
class CalendarSums:
    """What is kept of the replicates: the planned analyses as in a trial without interim analyses, and the design."""

    summary: Summary
    design: Sums

    def add(self, other: CalendarSums) -> None:
        """Add the sums of other replicates."""
        self.summary.add(other.summary)
        self.design.add(other.design)


def conduct_block(
    design: Design,
    truth: Truth,
    tests: tuple[Test, ...],
    first_replicate: int,
    n: int,
    *,
    multiple: MultipleTests | None = None,
) -> CalendarSums:
    """Sums over n trials; analyses that the design does not decide are made at its end, on all who were randomised."""
    conducted, cohort = design.conduct(first_replicate, n)
    sums = Sums(truth, design.looks)
    sums.add_block(conducted)
    decided = [one.plan.name for one in design.decides]
    tallies: list[Tally] = []
    rejected: list[NDArray[np.bool_]] = []
    results: list[Floats] = []
    for test in tests:
        if test.plan.name in decided:
            h = decided.index(test.plan.name)
            one, _ = tally(conducted.results[h], np.inf, 1, test.favourable_sign)
            one.rejections = int(conducted.rejected[h].sum())
            with np.errstate(invalid="ignore"):
                good = test.favourable_sign * conducted.results[h, :, 2] > 0.0
            one.favourable = int((conducted.rejected[h] & good).sum())
            rejections = conducted.rejected[h]
            results.append(conducted.results[h])
        else:
            results.append(results_at_end(design, test, conducted, cohort))
            one, rejections = tally(results[-1], test.critical, test.plan.sides, test.favourable_sign)
        tallies.append(one)
        rejected.append(rejections)
    summary = summarise(tallies, np.array(rejected))
    if multiple is not None:
        own = {i: rejected[i] for i, test in enumerate(tests) if test.plan.name in decided}
        summary.multiple = multiple.counts(results, own, conducted.look)
    return CalendarSums(summary, sums)


def results_at_end(design: Design, test: Test, conducted: Conducted, cohort: Cohort) -> Floats:
    """Results (B, 3) of an analysis that the design does not decide: on all who were randomised, data complete."""
    return DataCut(design.engine, test).results(cohort, last=conducted.enrolled.sum(axis=1))


def truth_of(cells: Cells, decides: tuple[Test, ...]) -> Truth:
    """What is true of the null hypotheses that a design decides about, of death, and of the arms."""
    estimates = []
    effect = {arm.name: 0.0 for arm in cells.arms}
    for test in decides:
        twin = large_sample(analysis_input(cells, test.plan, test.method), 1e6)
        estimates.append(twin.estimate)
        for active, _ in test.plan.pairs:
            effect[active] = test.favourable_sign * (twin.estimate - test.method.null)
    effects = np.array([effect[arm.name] for arm in cells.arms])
    inferior = effects < effects.max() - 1e-9
    return Truth(
        hypotheses=tuple(test.plan.name for test in decides),
        arms=tuple(arm.name for arm in cells.arms),
        estimates=tuple(estimates),
        death=_death(cells),
        inferior=inferior if inferior.any() else None,
    )


def _death(cells: Cells) -> Floats | None:
    """Chance of death by the horizon in each cell (C,), None for a scale without death."""
    trial = cells.trial
    if not trial.scale.absorbing:
        return None
    spec = {"name": "death", "kind": "event_by_day", "scores": list(trial.scale.absorbing)}
    dead = build_endpoint(spec, trial.scale, trial.horizon, trial.states)
    return np.asarray(cells.law_of(dead.automaton)[:, dead.status == 1].sum(axis=1))


def block_length(patients: int) -> int:
    """Replicates in a block, so that it needs little memory."""
    fewest = int(np.clip(_MOST_AT_ONCE // max(patients, 1), 1, 8))
    return int(np.clip(PATIENTS_AT_ONCE // max(patients, 1), fewest, 512))
