"""What the data hold at each analysis of a monitored trial that nothing stops, by simulation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from jaksim.analysis import ESTIMATE, STANDARD_ERROR
from jaksim.arrays import Floats
from jaksim.design.conduct.sequential import GroupSequential
from jaksim.design.conduct.timeline import numbers_on
from jaksim.design.engine.executor import check_workers, run_blocks
from jaksim.operations.observing.observed import named

PERCENT_POINTS: Final = (10.0, 90.0)
KINDS: Final = (
    "analysis_day",
    "enrolled_at_cut",
    "complete_at_cut",
    "events_at_cut",
    "decision_day",
    "enrolled_at_decision",
    "overrun",
)
"""What is counted at an analysis; events only where the endpoint has them."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A number over replicates: mean with its Monte Carlo standard error, and its 10 and 90 % points."""

    mean: float
    mc_se: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Floats) -> Spread:
        low, high = np.percentile(values, PERCENT_POINTS)
        error = values.std(ddof=1) / math.sqrt(len(values)) if len(values) > 1 else math.nan
        return cls(float(values.mean()), float(error), float(low), float(high))


@dataclass(frozen=True)
class ExpectedLook:
    """One analysis over replicates: what is counted there by name, its information in parts of the planned maximum,
    and the median standard error of its estimate over those that have one."""

    numbers: Mapping[str, Spread]
    information: Spread
    standard_error: float
    not_estimable: int


def expected_looks(
    design: GroupSequential,
    replicates: int,
    *,
    workers: int | None = None,
    advance: Callable[[int], None] | None = None,
) -> tuple[ExpectedLook, ...]:
    """The analyses (K,) of so many replicates, each taken as far as its last analysis whatever the bounds say."""
    looks = design.looks

    def block(first: int, n: int) -> dict[str, Floats]:
        cohort = design.enrolled(first, n)
        days = design.days(cohort)
        found = dict(numbers_on(design, cohort, days, cohort.n))
        information = design.information(cohort, days)
        for k in range(looks):
            results = design.cut.results(cohort, days[:, k])
            usable = np.isfinite(results[:, ESTIMATE]) & np.isfinite(results[:, STANDARD_ERROR])
            found[named("standard_error", str(k + 1))] = np.where(usable, results[:, STANDARD_ERROR], np.nan)
            found[named("information", str(k + 1))] = information[:, k]
        return found

    parts = list(run_blocks(block, 0, replicates, design.block(512), check_workers(workers), advance))
    together = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return tuple(_look(together, str(k + 1)) for k in range(looks))


def _look(found: Mapping[str, Floats], number: str) -> ExpectedLook:
    errors = found[named("standard_error", number)]
    usable = errors[np.isfinite(errors)]
    counted = {kind: found[named(kind, number)] for kind in KINDS if named(kind, number) in found}
    return ExpectedLook(
        numbers={kind: Spread.of(values) for kind, values in counted.items()},
        information=Spread.of(found[named("information", number)]),
        standard_error=float(np.median(usable)) if len(usable) else math.nan,
        not_estimable=len(errors) - len(usable),
    )
