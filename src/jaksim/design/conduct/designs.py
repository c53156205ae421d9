"""The design that carries out a trial, by what the trial has: interim analyses, an adaptation, or neither."""

from __future__ import annotations

from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.design import Design
from jaksim.design.conduct.fixed import FixedDesign
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.choosing import make_engine
from jaksim.design.engine.drawn import Drawn
from jaksim.design.engine.engine import Engine
from jaksim.trial.adaptive.kinds import module_of


def make_design(
    cells: Cells,
    tests: tuple[Test, ...],
    seed: int,
    engine: str = "auto",
    *,
    drawing: Engine | None = None,
    drawn: Drawn | None = None,
) -> Design:
    """The design of a trial.

    `drawing` is an engine of that name and seed for cells that have the laws of these, which a fixed design uses again,
    and `drawn` where it keeps what it drew.
    """
    trial = cells.trial
    if trial.adaptation is not None:
        module = module_of("jaksim.design.conduct.adaptive", trial.adaptation.kind)
        adaptive: Design = module.design(cells, tests, seed, engine)
        return adaptive
    if trial.monitoring is not None:
        from jaksim.design.conduct.sequential import group_sequential

        return group_sequential(cells, tests, trial.monitoring, seed, engine)
    if trial.operations is not None:
        from jaksim.design.conduct.complete import complete_design

        return complete_design(cells, tests, seed, engine)
    found = make_engine(cells, seed, engine) if drawing is None else drawing.of(cells)
    return FixedDesign(found, drawn=drawn)
