"""The design that conducts a trial, by what the trial has: interim analyses, or an adaptation of some kind."""

from __future__ import annotations

from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.design import Design
from jaksim.design.conduct.sequential import group_sequential
from jaksim.design.engine.cells import Cells
from jaksim.errors import InputError
from jaksim.trial.adaptive.kinds import module_of
from jaksim.trial.protocol import Trial


def is_conducted(trial: Trial) -> bool:
    """Whether the trial is conducted in calendar time rather than analysed once at its end."""
    return trial.monitoring is not None or trial.adaptation is not None


def make_design(cells: Cells, tests: tuple[Test, ...], seed: int, engine: str = "auto") -> Design:
    """The design of a trial that `is_conducted`."""
    trial = cells.trial
    if trial.adaptation is not None:
        module = module_of("jaksim.design.conduct.adaptive", trial.adaptation.kind)
        found: Design = module.design(cells, tests, seed, engine)
        return found
    if trial.monitoring is None:
        raise InputError("the trial has no interim analyses", where="monitoring")
    return group_sequential(cells, tests, trial.monitoring, seed, engine)
