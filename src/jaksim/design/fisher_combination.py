"""Critical values of Fisher's product test over the stages of an adaptive trial."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from jaksim.errors import InputError

MOST_STAGES = 10


@dataclass(frozen=True)
class FisherDesign:
    """A trial rejects at stage k when the product of its p values is at most `critical[k]`.

    `alpha_spent` is the probability without effect of having rejected by each stage; `stage_level` that of each stage
    by itself.
    """

    critical: tuple[float, ...]
    alpha_spent: tuple[float, ...]
    stage_level: float


def fisher_design(stages: int, *, alpha: float) -> FisherDesign:
    """Equal levels of all stages by themselves, one-sided `alpha` together, no futility (Bauer and Koehne 1994).

    The p values of the stages are independent and uniform without effect. InputError for other than 1 to 10 stages and
    for an alpha out of range.
    """
    from scipy.optimize import brentq

    if not 1 <= stages <= MOST_STAGES:
        raise InputError("out of range", where="stages", allowed=f"1 to {MOST_STAGES}", got=stages)
    if not 0.0 < alpha <= 0.5:
        raise InputError("out of range", where="alpha", allowed="above 0, at most 0.5", got=alpha)

    def critical(level: float) -> tuple[float, ...]:
        return tuple(_critical(stage, level) for stage in range(1, stages + 1))

    if stages == 1:
        return FisherDesign((alpha,), (alpha,), alpha)
    level = brentq(lambda one: product_levels(critical(one))[-1] - alpha, alpha / stages, alpha, xtol=1e-15)
    found = critical(float(level))
    return FisherDesign(found, product_levels(found), float(level))


def product_levels(critical: Sequence[float]) -> tuple[float, ...]:
    """Probability without effect of a product at or below its critical value by each stage; the values must fall.

    With s_j minus the logarithm of the product, stage k adds its critical value times the volume of
    0 <= s_1 <= ... <= s_(k-1) with each s_j at most minus the logarithm of its own critical value.
    """
    if any(not 0.0 < value < 1.0 for value in critical):
        raise InputError("a critical value is out of range", where="critical", allowed="between 0 and 1")
    if any(later > earlier for earlier, later in pairwise(critical)):
        raise InputError("the critical values must fall", where="critical", got=list(critical))
    limits = [-math.log(value) for value in critical]
    volumes, spent, total = [1.0], [], 0.0
    for stage, value in enumerate(critical):
        total += value * volumes[stage]
        spent.append(total)
        volumes.append(
            sum(
                (-1.0) ** i * limits[stage - i] ** (i + 1) / math.factorial(i + 1) * volumes[stage - i]
                for i in range(stage + 1)
            )
        )
    return tuple(spent)


def _critical(stage: int, level: float) -> float:
    """The product of so many uniform p values that is undercut with this probability."""
    from scipy.special import gammainccinv

    return math.exp(-float(gammainccinv(stage, level)))
