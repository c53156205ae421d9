"""A fixed design: one look at complete data, all that a trial without interim analyses and adaptation is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.design.analyses.control import Control
from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.design import Design, Foreseen
from jaksim.design.conduct.replicates import Followed, Replicates
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.drawn import Drawn
from jaksim.design.engine.engine import Engine, PathEngine
from jaksim.design.engine.individual import IndividualEngine
from jaksim.design.twin.control_variates import control_variates
from jaksim.design.twin.planned_power import PlannedPower
from jaksim.simulate import simulate_scores


@dataclass(frozen=True, eq=False)
class FixedDesign(Design):
    """The tables of counts of all patients planned, on an engine that draws them without enrolling anybody.

    `drawn` remembers blocks for other trials, where there are any.
    """

    engine: Engine
    decides: tuple[Test, ...] = ()
    drawn: Drawn | None = None

    @property
    def engine_name(self) -> str:
        return self.engine.name

    @property
    def looks(self) -> int:
        """One, at complete data."""
        return 1

    def block(self, most: int) -> int:
        return self.engine.block(most)

    def replicates(self, tests: tuple[Test, ...], first: int, n: int) -> Replicates:
        tables: Sequence[Floats]
        if isinstance(self.engine, IndividualEngine) and any(test.by_patient is not None for test in tests):
            tables, results = self._of_patients(self.engine, tests, first, n)
        elif self.drawn is not None:
            tables, results = self.drawn.of(self.engine, tests, first, n)
        else:
            tables = self.engine.tables(first, n)
            results = [test.results(tables[test.table]) for test in tests]
        decided = [test.decisions(found) for test, found in zip(tests, results, strict=True)]
        return Replicates(
            results=results,
            rejected=[rejected for rejected, _ in decided],
            favourable=[favourable for _, favourable in decided],
            patients=np.full(n, self.engine.cells.trial.population.patients, dtype=np.int64),
            tables=tables,
        )

    def _of_patients(
        self, engine: IndividualEngine, tests: tuple[Test, ...], first: int, n: int
    ) -> tuple[Sequence[Floats], list[Floats]]:
        """Tables of the endpoints, and results (n, 3) of the tests, those that adjust from the patients one by one."""
        patients = engine.patients(first, n)
        tables = engine.counted(patients)
        return tables, [
            test.results(tables[test.table]) if test.by_patient is None else test.results_of_patients(patients)
            for test in tests
        ]

    def follow(self, replicate: int) -> Followed:
        engine = self.engine
        if isinstance(engine, IndividualEngine):
            cell, states, brought = engine.follow(replicate)
            return Followed(cell, states, brought=brought)
        if not isinstance(engine, PathEngine):
            raise TypeError(type(engine))
        sizes = engine.sizes(replicate, 1)[0]
        states = simulate_scores(engine.plan, sizes, engine.seed, replicate)
        return Followed(np.repeat(np.arange(len(engine.cells)), sizes), states)

    def foreseen(self, test: Test, complete: PlannedPower) -> Foreseen:
        return Foreseen(complete.planned.power, complete.planned.doubt, complete.size)

    def controls(self, cells: Cells, tests: tuple[Test, ...]) -> tuple[Control | None, ...]:
        return control_variates(cells, tests, self.engine)
