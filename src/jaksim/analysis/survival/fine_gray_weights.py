"""Risk sets of the Fine-Gray model written out as rows with weights, as other software wants them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from jaksim.analysis.survival.days import CENSORED, COMPETING, EVENT, by_day
from jaksim.analysis.survival.methods.fine_gray import CENSORING_FREE, keep_at_risk
from jaksim.analysis.survival.tied_times import tied
from jaksim.arrays import Floats, Integers
from jaksim.errors import InputError
from jaksim.kernel.jit import kernel


@dataclass(frozen=True)
class FineGrayRows:
    """Intervals (start, stop] at risk with their weight: patient counted from 0, 1 where the event ends the row.

    `extra` (R,) is 0 in a patient's first row and counts those after it.
    """

    patient: Integers
    start: Floats
    stop: Floats
    event: Integers
    weight: Floats
    extra: Integers


def fine_gray_weights(time: ArrayLike, status: ArrayLike) -> FineGrayRows:
    """Rows for which weighted Cox regression is the Fine-Gray model of event 1, for patients (n,) of one stratum.

    Status 1 is the event, 2 a competing one, 0 is censored; events of a time come before its censorings. After a
    competing event at u a patient stays at risk with the weight G(t-) / G(u-), G the Kaplan-Meier estimate of not being
    censored; pieces of time without an event are left out (Geskus 2011; as survival::finegray). InputError for other
    codes or shapes.
    """
    times, codes = tied(np.asarray(time, dtype=np.float64)), np.asarray(status, dtype=np.int64)
    if times.ndim != 1 or times.shape != codes.shape:
        raise InputError("one status per time is needed", where="status", allowed=str(times.shape), got=codes.shape)
    if not np.isin(codes, (CENSORED, EVENT, COMPETING)).all():
        raise InputError("unknown status", where="status", allowed="0 censored, 1 event, 2 competing")
    days, position, codes = by_day(times, codes, competing=True)
    counts = np.zeros((2, 3, len(days)))
    np.add.at(counts[0], (codes, position), 1.0)
    risk = np.zeros((2, len(days) + 1))
    risk[0, :-1] = counts[0].sum(axis=0)[::-1].cumsum()[::-1]
    work = np.zeros((6, len(days)))
    _censoring(counts, risk, work)
    free = work[CENSORING_FREE]
    rows = [
        (patient, *row)
        for patient, (at, code) in enumerate(zip(position, codes, strict=True))
        for row in _rows(int(at), int(code), days, counts[0], free)
    ]
    patient, start, stop, event, weight, extra = (np.array(column) for column in zip(*rows, strict=True))
    return FineGrayRows(patient, start, stop, event, weight, extra)


@kernel
def _censoring(counts: Any, risk: Any, work: Any) -> None:
    keep_at_risk(counts, risk, True, work)


def _rows(
    at: int, code: int, days: Floats, counts: Floats, free: Floats
) -> Iterator[tuple[float, float, int, float, int]]:
    """Start, stop, event, weight, number of the rows of a patient who left at a day."""
    if code != COMPETING:
        yield 0.0, float(days[at]), int(code == EVENT), 1.0, 0
        return
    ends = [day for day in range(at, len(days)) if counts[CENSORED, day] > 0.0 or day == len(days) - 1]
    yield 0.0, float(days[ends[0]]), 0, 1.0, 0
    number = 0
    for before, end in pairwise(ends):
        if counts[EVENT, before + 1 : end + 1].any():
            number += 1
            yield float(days[before]), float(days[end]), 0, float(free[end] / free[at]), number
