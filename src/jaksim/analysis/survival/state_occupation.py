"""Aalen-Johansen estimate of the probability of being in each state, from the histories of patients."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.errors import InputError

ENTRY, CENSORED = "entry", "censor"


def aalen_johansen(
    patient: Sequence[Hashable], start: ArrayLike, end: ArrayLike, state: Sequence[str], *, times: ArrayLike
) -> dict[str, NDArray[np.float64]]:
    """Probability of each state at the `times`, from rows (start, end] that end in a move to `state`.

    A patient's rows follow one another; the first is spent in the state "entry", and one that ends in "censor" ends
    without a move. Patients may come under observation late: a row counts as at risk after its start only. All start in
    "entry". Source: Aalen and Johansen (1978), Scandinavian Journal of Statistics 5:141. InputError for rows that do
    not last, or that leave a gap between the rows of a patient.
    """
    begin, stop = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    if not (len(patient) == len(begin) == len(stop) == len(state)) or not (stop > begin).all():
        raise InputError("every row needs a patient, a start, a later end and a state", where="histories")
    names = [ENTRY, *dict.fromkeys(sorted(name for name in state if name not in (ENTRY, CENSORED)))]
    origin = _origins(patient, begin, stop, state)
    place = {name: number for number, name in enumerate(names)}
    occupied = np.array([place[name] for name in origin])
    moved = np.array([name != CENSORED for name in state])
    target = np.array([place.get(name, 0) for name in state])
    share = np.zeros(len(names))
    share[0] = 1.0
    steps = [(-np.inf, share)]
    rows = np.flatnonzero(moved)[np.argsort(stop[moved], kind="stable")]
    moments, first = np.unique(stop[rows], return_index=True)
    at_risk = _at_risk(occupied, begin, stop, moments, len(names))
    for time, size, now in zip(moments.tolist(), at_risk, np.split(rows, first)[1:], strict=True):
        leaving = share[occupied[now]] / size[occupied[now]]
        share = share.copy()
        np.subtract.at(share, occupied[now], leaving)
        np.add.at(share, target[now], leaving)
        steps.append((time, share))
    days = np.array([time for time, _ in steps])
    found = np.array([shares for _, shares in steps])[np.searchsorted(days, np.asarray(times), side="right") - 1]
    return {name: found[:, number] for name, number in place.items()}


def _at_risk(
    occupied: NDArray[np.int64],
    begin: NDArray[np.float64],
    stop: NDArray[np.float64],
    moments: NDArray[np.float64],
    n_states: int,
) -> NDArray[np.int64]:
    """Rows (moments, states) that are spent in each state just before each moment."""
    found = np.empty((len(moments), n_states), dtype=np.int64)
    for state in range(n_states):
        inside = occupied == state
        entered = np.searchsorted(np.sort(begin[inside]), moments)
        found[:, state] = entered - np.searchsorted(np.sort(stop[inside]), moments)
    return found


def _origins(
    patient: Sequence[Hashable], begin: NDArray[np.float64], stop: NDArray[np.float64], state: Sequence[str]
) -> list[str]:
    """The state in which each row is spent."""
    origin = [ENTRY] * len(state)
    last: dict[Hashable, int] = {}
    for row in np.argsort(begin, kind="stable").tolist():
        previous = last.get(patient[row])
        if previous is not None:
            if state[previous] == CENSORED or stop[previous] != begin[row]:
                raise InputError("the rows of a patient leave a gap", where="histories", got=patient[row])
            origin[row] = state[previous]
        last[patient[row]] = row
    return origin
