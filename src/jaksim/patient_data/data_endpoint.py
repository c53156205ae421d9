"""Endpoints as columns of a data set give them: every distinct value is a category."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jaksim.analysis.survival.tied_times import tied
from jaksim.arrays import Floats, Integers
from jaksim.endpoint.kinds import KINDS
from jaksim.errors import InputError
from jaksim.patient_data.coding.event_codes import EVENT_CODES, STATUS_CODES

BETTER = {kind.name: kind.better for kind in KINDS.values() if kind.better is not None}
"""What may be good for the patient, by kind of endpoint, the default first, and what an endpoint then says."""


@dataclass(frozen=True, eq=False)
class DataEndpoint:
    """What the categories of a data set mean; arrays (K,) as in `jaksim.endpoint.Endpoint`, times need not be days."""

    name: str
    kind: str
    better: str
    labels: tuple[str, ...]
    time: Floats
    status: Integers
    rank: Integers
    value: Floats
    event: str
    definition: str

    @property
    def n_categories(self) -> int:
        return len(self.time)


def good_for_patient(kind: str, better: str | None) -> str:
    """`better` if the kind knows it, its default if None; InputError otherwise."""
    if better is None:
        return next(iter(BETTER[kind]))
    if better not in BETTER[kind]:
        raise InputError("unknown value", where=f"better, endpoint of kind {kind}", allowed=BETTER[kind], got=better)
    return better


def time_endpoint(name: str, time: Floats, status: Integers, better: str | None) -> tuple[DataEndpoint, Integers]:
    """The endpoint whose categories are the distinct times and statuses, and the category (n,) of each patient.

    Times that differ by rounding alone are one.
    """
    better = good_for_patient("time_to_event", better)
    times, position = np.unique(tied(time), return_inverse=True)
    found, category = np.unique(position * len(STATUS_CODES) + status, return_inverse=True)
    at, code = times[found // len(STATUS_CODES)], found % len(STATUS_CODES)
    unused = np.full(len(found), -1, dtype=np.int64)
    labels = tuple(f"{STATUS_CODES[c]} at {t:g}" for t, c in zip(at.tolist(), code.tolist(), strict=True))
    definition = "Time to the event (status 1)" + ("; status 2 is a competing event." if (status == 2).any() else ".")
    return (
        DataEndpoint(
            name, "time_to_event", better, labels, at, code, unused, np.full(len(found), np.nan), "event", definition
        ),
        category.astype(np.int64),
    )


def value_endpoint(name: str, kind: str, values: Floats, better: str | None) -> tuple[DataEndpoint, Integers]:
    """The endpoint of kind ordinal, day_count or binary whose categories are the distinct values."""
    better = good_for_patient(kind, better)
    found, category = np.unique(values, return_inverse=True)
    order = np.arange(len(found))
    rank = order if better in ("lower", "no event") else order[::-1].copy()
    binary = KINDS[kind].has_event
    status = found.astype(np.int64) if binary else np.full(len(found), -1, dtype=np.int64)
    labels = tuple(EVENT_CODES[int(value)] if binary else f"{value:g}" for value in found.tolist())
    words = BETTER[kind][better]
    definition = {"binary": "Event (1) or none (0).", "day_count": "Number of days.", "ordinal": "Score."}[kind]
    definition = definition if binary else f"{definition[:-1]}; {better} is better."
    empty = np.full(len(found), np.nan)
    return (
        DataEndpoint(name, kind, words, labels, empty, status, rank, found, "event", definition),
        category.astype(np.int64),
    )
