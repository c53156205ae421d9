"""Control variates of the planned analyses, fitted to replicates of their own so that they are fixed for all others."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Final

import numpy as np

from jaksim.analysis import Z
from jaksim.arrays import Floats
from jaksim.design.analyses.control import Control, End
from jaksim.design.analyses.evaluation import Test
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.engine import Engine
from jaksim.design.twin.analytic import analysis_input, slopes
from jaksim.rng import Purpose, generator

PILOT: Final = 2048
_BLOCK: Final = 256
# One period of the waves, and beyond what a threshold is not looked for, in standard deviations of the statistic.
_PERIOD: Final = 12.0
_FARTHEST: Final = 5.0
_NEIGHBOURHOOD: Final = 0.7
_EVERYWHERE: Final = 1e-3
_LEAST_WIDTH: Final = 0.02
_LEAST_GAIN: Final = 1.05
# With fewer rejections, or fewer of the others, the pilot does not tell whether a control helps.
_FEWEST: Final = 8


def control_variates(cells: Cells, tests: Sequence[Test], engine: Engine) -> tuple[Control | None, ...]:
    """The control of each analysis; None where there is none, or where it does not help.

    The weights are the slopes of z at the expected table. Where z passes its critical value, and how widely z scatters
    about the linear statistic there, is measured on `PILOT` replicates drawn with another seed.
    """
    weights = [_weights(cells, test) for test in tests]
    if all(weight is None for weight in weights):
        return (None,) * len(weights)
    other = copy(engine)
    other.seed = int(generator(engine.seed, Purpose.PILOT).integers(2**63))
    pilot: list[list[tuple[Floats, Floats]]] = [[] for _ in tests]
    for first in range(0, PILOT, _BLOCK):
        tables = other.tables(first, _BLOCK)
        for test, weight, found in zip(tests, weights, pilot, strict=True):
            if weight is not None:
                counts = tables[test.table]
                found.append(((counts * weight).sum(axis=(1, 2)), test.results(counts)))
    return tuple(
        None if weight is None else _control(cells, test, weight, found)
        for test, weight, found in zip(tests, weights, pilot, strict=True)
    )


def _weights(cells: Cells, test: Test) -> Floats | None:
    """Slopes of z in the counts (C, K) of the endpoint's table; none for one that reads patients one by one."""
    if test.by_patient is not None:
        return None
    found = slopes(analysis_input(cells, test.plan, test.method), cells.trial.population.patients)
    if found is None:
        return None
    arms = np.array(test.pairs).T
    rows = (arms[:, :, None] * cells.n_strata + np.array(test.strata)).reshape(2, -1)
    weights = np.zeros((len(cells), found.shape[-1]))
    np.add.at(weights, rows, found)
    return weights


def _control(cells: Cells, test: Test, weights: Floats, pilot: Sequence[tuple[Floats, Floats]]) -> Control | None:
    linear = np.concatenate([one for one, _ in pilot])
    results = np.concatenate([one for _, one in pilot])
    usable = np.isfinite(results[:, Z])
    statistic = linear[usable]
    if len(statistic) < PILOT // 2 or statistic.std() <= 0.0:
        return None
    mean, sd = float(statistic.mean()), float(statistic.std())
    place, z = (statistic - mean) / sd, results[usable, Z]
    edge = End(_PERIOD / 2.0, _NEIGHBOURHOOD)
    sides = (-1, 1) if test.plan.sides == 2 else (test.favourable_sign,)
    found = {side: _end(place, z, side * test.critical) for side in sides}
    ends = [found.get(side) or End(side * edge.at, edge.width) for side in (-1, 1)]
    if all(one is None for one in found.values()):
        return None
    begin, end = (End(mean + sd * one.at, sd * one.width) for one in ends)
    control = Control.of(weights, cells.marginal_laws[test.table], begin, end, _PERIOD * sd)
    rejected = test.decisions(results)[0]
    if min(rejected.sum(), (~rejected).sum()) < _FEWEST:
        return None
    left = rejected - control.step(linear)
    return control if rejected.var() > _LEAST_GAIN * left.var() else None


def _end(place: Floats, z: Floats, critical: float) -> End | None:
    """Where z passes a critical value, and how widely, by the line of z on the place of the statistic thereabouts."""
    at, _, _ = _crossing(place, z, critical, np.ones_like(z))
    near = np.exp(-0.5 * ((place - np.clip(at, -_FARTHEST, _FARTHEST)) / _NEIGHBOURHOOD) ** 2) + _EVERYWHERE
    at, slope, scatter = _crossing(place, z, critical, near)
    if not (slope > 0.0 and abs(at) <= _FARTHEST):
        return None
    return End(at, max(scatter / slope, _LEAST_WIDTH))


def _crossing(place: Floats, z: Floats, critical: float, weights: Floats) -> tuple[float, float, float]:
    """Where the weighted least-squares line of z reaches a value, its slope, and the scatter about it."""
    centre, middle = np.average(place, weights=weights), np.average(z, weights=weights)
    slope = float(np.average((place - centre) * (z - middle), weights=weights))
    slope /= float(np.average((place - centre) ** 2, weights=weights))
    left = z - middle - slope * (place - centre)
    at = centre + (critical - middle) / slope if slope != 0.0 else np.inf
    return float(at), slope, float(np.sqrt(np.average(left**2, weights=weights)))
