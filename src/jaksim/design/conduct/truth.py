"""What is true of a trial that is simulated: of its null hypotheses, of death, and of its arms."""

from __future__ import annotations

import numpy as np

from jaksim.arrays import Floats
from jaksim.design.analyses.evaluation import Test
from jaksim.design.engine.cells import Cells
from jaksim.design.sums.characteristics import Truth
from jaksim.design.twin.analytic import analysis_input, large_sample
from jaksim.design.twin.very_large import by_site, estimate_of_sites
from jaksim.endpoint.registry import build_endpoint


def truth_of(cells: Cells, decides: tuple[Test, ...]) -> Truth:
    """What is true of the null hypotheses that a design decides about, of death, and of the arms."""
    estimates = []
    effect = {arm.name: 0.0 for arm in cells.arms}
    for test in decides:
        if by_site(test):
            estimate = estimate_of_sites(cells, test)
        else:
            estimate = large_sample(analysis_input(cells, test.plan, test.method), 1e6).estimate
        estimates.append(estimate)
        for active, _ in test.plan.pairs:
            effect[active] = test.favourable_sign * (estimate - test.method.null)
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
