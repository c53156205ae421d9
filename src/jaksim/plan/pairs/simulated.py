"""z of simulated trials from the wins and losses of all their pairs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.formulas.win_law import WinLaw
from jaksim.plan.question import Question
from jaksim.plan.rule import Rule

TAG: Final = 0x77696E73
Law = Callable[[np.random.Generator, int, int], WinLaw]


def simulated_z(
    question: Question,
    rule: Rule,
    law: Law,
    asked: tuple[int, tuple[float, ...], int, int],
    measure: str | None = None,
) -> Floats:
    """z about each null at each analysis (nulls, replicates, K), benefit positive, by the Wald test of the measure.

    `law` draws the patients of both arms and gives their wins; analyses before the last are of independent parts of the
    trial put together, weighted by their information, which is what independent increments are. `asked` are size,
    shares of the analyses, replicates and seed; each replicate has a stream of its own.
    """
    size, shares, replicates, seed = asked
    name = measure or question.scale.name
    nulls = (1.0,) if measure else rule.nulls(question.scale)
    gains = np.diff(shares, prepend=0.0)
    out = np.empty((len(nulls), replicates, len(shares)))
    for replicate in range(replicates):
        rng = np.random.Generator(np.random.Philox(key=seed & (2**64 - 1), counter=[0, 0, replicate, TAG]))
        scores = np.zeros((len(nulls), len(shares)))
        for k, gain in enumerate(gains):
            n_1, n_0 = (max(2, round(count)) for count in question.allocation.counts(size * float(gain)))
            found = law(rng, n_1, n_0)
            for place, null in enumerate(nulls):
                scores[place, k] = _wald(found, name, null, n_1 / (n_1 + n_0), n_1 + n_0) * math.sqrt(gain)
        out[:, replicate] = np.cumsum(scores, axis=1) / np.sqrt(shares)
    return out


def _wald(law: WinLaw, measure: str, null: float, active_share: float, size: int) -> float:
    """z of one part of a trial; far out where one arm wins every pair."""
    value = law.value(measure)
    distance = value - null if measure == "net_benefit" else math.log(value / null) if 0.0 < value < math.inf else None
    sd = law.sd(measure, active_share) if distance is not None else 0.0
    if distance is None or not (0.0 < sd < math.inf):
        return math.copysign(9.0, law.net) if law.net else 0.0
    return distance / sd * math.sqrt(size)
