"""Daily scores of patients, in any of the layouts data come in, as paths of state indices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from jaksim.errors import InputError
from jaksim.scale import OrdinalScale

Missing = Literal["refuse", "carry_forward"]

_COLUMNS = ("patient", "day", "score")


def daily_states(data: object, scale: OrdinalScale, horizon: int, *, missing: Missing = "refuse") -> NDArray[np.int64]:
    """State index of each patient at the end of days 0..H, int64 (n, H+1), -1 where no score is known.

    `data` is either a wide array (n, H+1 or more) of scores, or a long table: anything that gives columns "patient",
    "day" and "score" by name (dict of arrays, data frame, structured array), patients in order of first appearance.
    NaN is a missing score. An absorbing score is carried forward; with `missing="carry_forward"` so is every other.
    Raises InputError for unknown scores, a missing baseline, a score after an absorbing one, two scores of one day
    and a table without patients.
    """
    if missing not in ("refuse", "carry_forward"):
        raise InputError("unknown value", where="missing", allowed=("refuse", "carry_forward"), got=missing)
    names = getattr(getattr(data, "dtype", None), "names", None)
    if isinstance(data, Mapping) or names or hasattr(data, "columns"):
        states, patients = _from_long(data, scale, horizon)
    else:
        states = _from_wide(data, scale, horizon)
        patients = np.arange(1, len(states) + 1)
    return _carry_forward(states, patients, scale, everything=missing == "carry_forward")


def _from_wide(data: Any, scale: OrdinalScale, horizon: int) -> NDArray[np.int64]:
    try:
        scores = np.asarray(data)
    except ValueError:
        scores = np.empty(0)
    if scores.ndim != 2 or not len(scores) or scores.shape[1] <= horizon:
        raise InputError(
            "daily scores must have a row for each patient and a column for each day from 0",
            where="daily scores",
            allowed=f"(n, {horizon + 1}) or wider",
            got=scores.shape,
        )
    return _indices(scores[:, : horizon + 1], scale)


def _from_long(data: Any, scale: OrdinalScale, horizon: int) -> tuple[NDArray[np.int64], NDArray[Any]]:
    available = data.dtype.names if getattr(getattr(data, "dtype", None), "names", None) else list(data.keys())
    for column in _COLUMNS:
        if column not in available:
            raise InputError(f"a long table of daily scores needs a column '{column}'", got=list(available))
    patient, day, score = (np.asarray(data[column]) for column in _COLUMNS)
    if not patient.shape == day.shape == score.shape or patient.ndim != 1 or not len(patient):
        raise InputError("columns must be of one length, at least 1", where="daily scores")
    labels, first, which = np.unique(patient, return_index=True, return_inverse=True)
    order = np.argsort(first)
    row = np.argsort(order)[which]
    number = _whole(day, "day")
    if (number < 0).any():
        raise InputError("a day before randomisation", where="day", allowed="0 or later", got=int(number.min()))
    use = number <= horizon
    row, number = row[use], number[use]
    cell, counts = np.unique(row * (horizon + 1) + number, return_counts=True)
    if (counts > 1).any():
        twice = int(cell[counts > 1][0])
        who = labels[order][twice // (horizon + 1)]
        raise InputError(f"patient {who} has two scores on day {twice % (horizon + 1)}", where="daily scores")
    states = np.full((len(labels), horizon + 1), -1, dtype=np.int64)
    states[row, number] = _indices(score[use], scale)
    return states, labels[order]


def _whole(values: NDArray[Any], where: str) -> NDArray[np.int64]:
    try:
        numbers = values.astype(np.float64)
    except (TypeError, ValueError):
        raise InputError("must be whole numbers", where=where, got=str(values.ravel()[0])) from None
    wrong = ~np.isfinite(numbers) | (numbers != np.floor(numbers))
    if wrong.any():
        raise InputError("must be whole numbers", where=where, got=numbers[wrong][0].item())
    return numbers.astype(np.int64)


def _indices(scores: NDArray[Any], scale: OrdinalScale) -> NDArray[np.int64]:
    known = np.array(scale.scores)
    if np.issubdtype(scores.dtype, np.integer):
        numbers = scores
        absent = np.zeros(scores.shape, dtype=bool)
    else:
        try:
            numbers = scores.astype(np.float64)
        except (TypeError, ValueError):
            raise InputError("scores must be numbers", where="daily scores", allowed=scale.scores) from None
        absent = np.isnan(numbers)
    position = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
    unknown = ~absent & (known[position] != numbers)
    if unknown.any():
        raise InputError("unknown score", where="daily scores", allowed=scale.scores, got=numbers[unknown][0].item())
    return np.where(absent, -1, position)


def _carry_forward(
    states: NDArray[np.int64], patients: NDArray[Any], scale: OrdinalScale, *, everything: bool
) -> NDArray[np.int64]:
    if (states[:, 0] < 0).any():
        raise InputError(
            f"patient {patients[states[:, 0] < 0][0]} has no score on day 0, the baseline", where="daily scores"
        )
    absorbing = np.array(scale.indices(scale.absorbing), dtype=np.int64)
    for day in range(1, states.shape[1]):
        before, today = states[:, day - 1], states[:, day]
        dead = np.isin(before, absorbing)
        back = dead & (today >= 0) & (today != before)
        if back.any():
            raise InputError(
                f"patient {patients[back][0]} has another score on day {day}, after an absorbing one",
                where="daily scores",
            )
        states[:, day] = np.where((today < 0) & (dead | everything), before, today)
    return states
