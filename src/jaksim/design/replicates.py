"""What each replicate of a trial gives, one by one: the statistics and the decisions of every analysis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.counts import ESTIMATE, Z
from jaksim.arrays import Floats
from jaksim.design.analyses.evaluation import Test, settle
from jaksim.design.conduct.design import Design, block_length, results_at_end
from jaksim.design.conduct.designs import is_conducted, make_design
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.engine import Engine, make_engine
from jaksim.design.power import Settings
from jaksim.design.sums.summary import tally
from jaksim.trial import Trial


@dataclass(frozen=True, eq=False)
class Replicates:
    """A block of B replicates: `rejected` bool and `estimate` (T, B) of the T analyses, `patients` (B,) enrolled.

    `favourable` are the rejections that favour the active arm.
    """

    rejected: NDArray[np.bool_]
    favourable: NDArray[np.bool_]
    estimate: Floats
    patients: Floats


@dataclass(frozen=True, eq=False)
class Source:
    """Where replicates come from: `draw(first, n)`, in blocks of `block`; the tests are those of the analyses."""

    tests: tuple[Test, ...]
    engine: str
    block: int
    draw: Callable[[int, int], Replicates]


def source(trial: Trial, settings: Settings) -> Source:
    """The replicates of a trial, conducted in calendar time or analysed once at the end."""
    cells = Cells(trial)
    tests = settle(cells)
    if is_conducted(trial):
        design = make_design(cells, tests, settings.seed, settings.engine)
        block = min(settings.block, block_length(trial.population.patients))
        return Source(tests, design.engine.name, block, lambda first, n: _conducted(design, tests, first, n))
    engine = make_engine(cells, settings.seed, settings.engine)
    return Source(tests, engine.name, engine.block(settings.block), lambda first, n: _at_end(engine, tests, first, n))


def _at_end(engine: Engine, tests: tuple[Test, ...], first: int, n: int) -> Replicates:
    tables = engine.tables(first, n)
    rejected, results = [], []
    for test in tests:
        found = test.results(tables[test.table])
        rejected.append(tally(found, test.critical, test.plan.sides, test.favourable_sign)[1])
        results.append(found)
    return _replicates(tests, rejected, results, np.full(n, float(engine.cells.trial.population.patients)))


def _conducted(design: Design, tests: tuple[Test, ...], first: int, n: int) -> Replicates:
    conducted, cohort = design.conduct(first, n)
    decided = [one.plan.name for one in design.decides]
    rejected, results = [], []
    for test in tests:
        if test.plan.name in decided:
            h = decided.index(test.plan.name)
            rejected.append(conducted.rejected[h])
            results.append(conducted.results[h])
        else:
            found = results_at_end(design, test, conducted, cohort)
            rejected.append(tally(found, test.critical, test.plan.sides, test.favourable_sign)[1])
            results.append(found)
    return _replicates(tests, rejected, results, conducted.enrolled.sum(axis=1).astype(np.float64))


def _replicates(
    tests: tuple[Test, ...], rejected: list[NDArray[np.bool_]], results: list[Floats], patients: Floats
) -> Replicates:
    found = np.array(results)
    signs = np.array([test.favourable_sign for test in tests])[:, None]
    with np.errstate(invalid="ignore"):
        better = signs * found[..., Z] > 0.0
    return Replicates(np.array(rejected), np.array(rejected) & better, found[..., ESTIMATE], patients)
