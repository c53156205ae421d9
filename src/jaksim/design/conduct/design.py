"""Trials conducted in calendar time: power of the planned analyses and the operating characteristics of the design."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.design.analyses.evaluation import Test
from jaksim.design.analyses.multiple import MultipleTests
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


class Design(Protocol):
    """A way to conduct a trial: the tests that it decides itself, and what becomes of a block of replicates.

    `decides` are the planned analyses whose null hypotheses the design decides about, in the order of `Conducted`;
    `analytic_power` is that of rejecting one of them, by its position.
    """

    @property
    def engine(self) -> CohortEngine: ...

    @property
    def decides(self) -> tuple[Test, ...]: ...

    @property
    def looks(self) -> int: ...

    def conduct(self, first_replicate: int, n: int) -> tuple[Conducted, Cohort]: ...

    def analytic(self) -> tuple[Mapping[str, float], ...]: ...

    def analytic_power(self, hypothesis: int = 0) -> float: ...


@runtime_checkable
class Sized(Protocol):
    """A design that knows how many patients it needs; `doubt` is why its analytic power is not to be relied on."""

    @property
    def doubt(self) -> str: ...

    def patients_for_power(self, target: float) -> KnownSize: ...


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
    engine = design.engine
    at_end = replace(test, endpoint=engine.watched[test.table].endpoint)
    last = conducted.enrolled.sum(axis=1)
    return at_end.results(engine.tables(cohort, test.table, np.iinfo(np.int32).max, last=last))


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
