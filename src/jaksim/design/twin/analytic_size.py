"""Patients needed for a large-sample power."""

from __future__ import annotations

import math

from jaksim.design.twin.analytic import AnalysisInput, LargeSample, large_sample
from jaksim.design.twin.doubt import LARGE, doubted_law

LARGEST_TRIAL = 10_000_000
STARTS = (LARGE, 10_000.0, 1_000.0)
"""Patients of the trials that the search starts from: the first whose statistic is within reach of the method."""
NEAR = 0.02
"""A twin is scaled to trials this near without being computed again: what that changes is far below one patient."""
MOST_TWINS = 12


def patients_needed(
    inputs: AnalysisInput,
    target: float,
    critical: float,
    sides: int,
    sign: int,
    multiple: int,
    known: tuple[float, LargeSample] | None = None,
) -> int | None:
    """Fewest patients, in whole multiples, whose large-sample power reaches the target; None beyond ten million.

    The power of a trial in the wrong direction is not sought: None when the effect does not favour the active arm or
    is absent. `known` is the twin of a trial with so many patients, to start from.
    """
    patients, twin = known if known is not None and usable(known[1]) else _start(inputs)
    for _ in range(MOST_TWINS):
        found = scaled_size(twin, patients, target, critical, sides, sign, multiple)
        if found is None or abs(found - patients) <= NEAR * patients:
            return found
        patients, twin = float(found), doubted_law(inputs, found)[0]
    return found


def _start(inputs: AnalysisInput) -> tuple[float, LargeSample]:
    for patients in STARTS:
        twin = large_sample(inputs, patients)
        if usable(twin):
            break
    return patients, twin


def usable(twin: LargeSample) -> bool:
    """Whether a twin tells a power."""
    return math.isfinite(twin.mean_z) and twin.sd_z > 0.0 and (twin.upper is None or usable(twin.upper))


def scaled_size(
    twin: LargeSample, patients: float, target: float, critical: float, sides: int, sign: int, multiple: int
) -> int | None:
    """The answer as far as the twin of a trial with so many patients can be scaled."""
    if not _favours(twin, patients, sign):
        return None

    def reaches(units: int) -> bool:
        return twin.scaled_power(units * multiple / patients, critical, sides, sign) >= target

    low, high = 0, 1
    while not reaches(high):
        low, high = high, 2 * high
        if low * multiple > LARGEST_TRIAL:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high * multiple if high * multiple <= LARGEST_TRIAL else None


def _favours(twin: LargeSample, patients: float, sign: int) -> bool:
    """Whether z grows with the number of patients, in favour of the active arm."""
    large = twin.scaled(STARTS[0] / patients)
    z = sign * large.mean_z if large.upper is None else min(large.mean_z, -large.upper.mean_z)
    return math.isfinite(z) and z > 1e-4 * math.sqrt(STARTS[0])
