"""What designs that drop arms share: whose data count, and how the rest of a trial is enrolled."""

from __future__ import annotations

import numpy as np

from jaksim.arrays import Booleans, Integers
from jaksim.design.analyses.evaluation import Test
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import CohortEngine
from jaksim.simulate.enrolment import Cohort, enrolled_at_decision


def chosen_tests(tests: tuple[Test, ...], names: tuple[str, ...]) -> tuple[Test, ...]:
    """The tests of that name, in the order of the names."""
    by_name = {test.plan.name: test for test in tests}
    return tuple(by_name[name] for name in names)


def tests_by_arm(cells: Cells, tests: tuple[Test, ...], names: tuple[str, ...]) -> tuple[Test, ...]:
    """The tests of that name, in the order of their active arms."""
    return tuple(sorted(chosen_tests(tests, names), key=lambda test: cells.arm_position(test.plan.active)))


def of_arms(engine: CohortEngine, arms: list[int]) -> Booleans:
    """Cells (A, S) of some arms."""
    cells = np.zeros(engine.shape, dtype=np.bool_)
    cells[arms] = True
    return cells


def go_on(
    engine: CohortEngine,
    cohort: Cohort,
    day: Integers,
    chosen: Integers,
    kept: Booleans,
    before: Booleans,
    *,
    total: bool,
) -> None:
    """Enrol the patients after day (B,) of the chosen replicates again, to those of the arms open `before` (B, A) that
    are kept (B, A).

    They share the places as the allocation says; with `total` there are as many patients as planned, else as many as
    those arms would have had.
    """
    parts = np.array(engine.cells.allocation, dtype=np.float64)
    first, last = cohort.n.copy(), cohort.n.copy()
    weights = np.tile(parts, (cohort.replicates, 1))
    weights[chosen] = parts * kept[chosen]
    begin = enrolled_at_decision(cohort, day)[chosen]
    share = np.ones(len(chosen)) if total else weights[chosen].sum(axis=1) / (before[chosen] @ parts)
    first[chosen] = begin
    last[chosen] = begin + np.rint(share * (cohort.wanted[chosen] - begin)).astype(np.int64)
    engine.enrol(cohort, last, first=first, weights=weights)
