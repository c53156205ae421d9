"""One point of a sweep, made ready so that its blocks of replicates can be drawn."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from jaksim.design.analyses.evaluation import Test, evaluate_block, settle
from jaksim.design.analyses.multiple import MultipleTests, multiple_tests
from jaksim.design.conduct.design import CalendarSums, Design, block_length, conduct_block, truth_of
from jaksim.design.conduct.designs import is_conducted, make_design
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import CohortEngine
from jaksim.design.engine.engine import Engine, make_engine
from jaksim.design.engine.executor import blocks
from jaksim.design.power import BLOCK, CONTROL_VARIATES, check_controllable, planned_in_conduct, planned_result
from jaksim.design.sums.characteristics import Sums
from jaksim.design.sums.result import AnalysisResult
from jaksim.design.sums.summary import Summary
from jaksim.design.sweep.part import AnySums, Part, planned
from jaksim.design.sweep.plan import Task
from jaksim.design.twin.control_variates import control_variates
from jaksim.trial import Trial

Known = list[dict[str, Any]]


@dataclass(frozen=True, eq=False)
class PreparedPoint:
    """A trial with its engine; `block` gives the sums over a few replicates, and any number of threads may ask."""

    cells: Cells
    tests: tuple[Test, ...]
    engine: Engine | CohortEngine
    length: int
    block: Callable[[int, int], AnySums]
    empty: Callable[[], AnySums]
    multiple: MultipleTests | None
    design: Design | None = None

    def part(self, task: Task) -> Part:
        """The sums of a task."""
        total = self.empty()
        rejected = []
        for first, n in blocks(task.first, task.first + task.replicates, self.length):
            found = self.block(first, n)
            rejected.append(planned(found).rejected)
            total.add(found)  # type: ignore[arg-type]
        together = np.concatenate([one for one in rejected if one is not None], axis=1)
        return Part(task.point, task.first, total, together, self.known() if task.first == 0 else None)

    def known(self) -> Known:
        """What is known of every analysis without replicates, as plain values; that of the trial with the first."""
        entries = [_without_gaps(asdict(self._planned(test))) for test in self.tests]
        of_trial: dict[str, Any] = {"engine": self.engine.name}
        if self.multiple is not None:
            of_trial["hypotheses"] = list(self.multiple.positions)
        if self.design is not None:
            truth = truth_of(self.cells, self.design.decides)
            of_trial["truth"] = {
                "hypotheses": truth.hypotheses,
                "arms": truth.arms,
                "estimates": truth.estimates,
                "looks": self.design.looks,
                "analytic": [dict(one) for one in self.design.analytic()],
            }
        entries[0]["trial"] = of_trial
        return entries

    def _planned(self, test: Test) -> AnalysisResult:
        if self.design is None:
            return planned_result(self.cells, test)
        decided = {one.plan.name: position for position, one in enumerate(self.design.decides)}
        return planned_in_conduct(self.cells, self.design, test, decided.get(test.plan.name))


def prepare(
    trial: Trial,
    *,
    seed: int,
    engine: str,
    null: bool,
    variance_reduction: str = "none",
    like: PreparedPoint | None = None,
) -> PreparedPoint:
    """Make a point ready; `null` gives every arm the regimen of the reference arm.

    `like` is a point that was made ready with the same seed and engine, whose laws are used again where they are those
    of this trial too.
    """
    cells = Cells(trial.under_null() if null else trial)
    same = like is not None and cells.has_laws_of(like.cells)
    if like is not None and same:
        cells.share_laws(like.cells)
    tests = settle(cells)
    multiple = multiple_tests(cells, tests)
    if not is_conducted(cells.trial):
        known = like.engine if like is not None and same else None
        drawing = known.of(cells) if isinstance(known, Engine) else make_engine(cells, seed, engine)
        controls = control_variates(cells, tests, drawing) if variance_reduction == CONTROL_VARIATES else ()
        work = partial(evaluate_block, drawing, tests, multiple, controls=controls)
        length, nothing = drawing.block(BLOCK), partial(Summary.empty, len(tests))
        return PreparedPoint(cells, tests, drawing, length, work, nothing, multiple)
    check_controllable(cells.trial, variance_reduction)
    design = make_design(cells, tests, seed, engine)
    if multiple is not None:
        multiple.check_decided([one.plan.name for one in design.decides])
    truth = truth_of(cells, design.decides)
    length = min(BLOCK, block_length(cells.trial.population.patients))

    def empty() -> CalendarSums:
        return CalendarSums(Summary.empty(len(tests)), Sums(truth, design.looks))

    conduct = partial(conduct_block, design, truth, tests, multiple=multiple)
    return PreparedPoint(cells, tests, design.engine, length, conduct, empty, multiple, design)


_OF_SUMS = (
    "power", "mc_se", "ci", "favourable", "mean_estimate", "mean_estimate_mc_se", "sd_estimate",
    "mean_standard_error", "not_estimable", "not_tested", "z", "variance_reduction",
)  # fmt: skip


def _without_gaps(entry: dict[str, Any]) -> dict[str, Any]:
    """The values that do not come from replicates; None in place of a number that does not exist."""
    kept = {name: value for name, value in entry.items() if name not in _OF_SUMS}
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in kept.items()}
