"""The design that conducts a trial, by what the trial has: interim analyses, or an adaptation of some kind."""

from __future__ import annotations

from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.design import Design
from jaksim.design.conduct.sequential import GroupSequential
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import make_cohorts
from jaksim.errors import InputError
from jaksim.trial.adaptive.adaptation import Adaptation
from jaksim.trial.adaptive.kinds import module_of
from jaksim.trial.protocol import Trial
from jaksim.trial.trigger import endpoints_of


def is_conducted(trial: Trial) -> bool:
    """Whether the trial is conducted in calendar time rather than analysed once at its end."""
    return trial.monitoring is not None or trial.adaptation is not None


def make_design(cells: Cells, tests: tuple[Test, ...], seed: int, engine: str = "auto") -> Design:
    """The design of a trial that `is_conducted`."""
    trial = cells.trial
    if trial.adaptation is not None:
        return _adaptive(trial.adaptation, cells, tests, seed, engine)
    monitoring = trial.monitoring
    if monitoring is None or trial.accrual is None:
        raise InputError("the trial has no interim analyses", where="monitoring")
    by_name = {one.plan.name: one for one in tests}
    test, others = by_name[monitoring.analysis], {name: by_name[name] for name in monitoring.others}
    named = {one.plan.endpoint for one in (test, *others.values())} | endpoints_of(monitoring.triggers)
    cohorts = make_cohorts(cells, trial.accrual, trial.randomisation, seed, sorted(named), engine)
    return GroupSequential(cohorts, monitoring, test, others)


def _adaptive(adaptation: Adaptation, cells: Cells, tests: tuple[Test, ...], seed: int, engine: str) -> Design:
    module = module_of("jaksim.design.conduct.adaptive", adaptation.kind)
    found: Design = module.design(cells, tests, seed, engine)
    return found
