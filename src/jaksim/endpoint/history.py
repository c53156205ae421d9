"""What is known of an endpoint at every data cut: one automaton behind all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.endpoint.automaton import Automaton
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.product import product
from jaksim.errors import InputError

COLUMNS = ("time", "status", "rank", "value")
# The time to join the cuts grows with the third power of the follow-up; a year takes about a minute.
LONGEST = 366


@dataclass(frozen=True, eq=False)
class History:
    """An endpoint together with what is known of it after each day of follow-up.

    `automaton` sends a path to one of K histories; `known` int32 (H + 1, K) is the category of `endpoint` that a
    patient of a history counts as after so many days of follow-up. The categories of the endpoint are those of the
    complete one, in its order, and after them those that occur only before the follow-up is complete.
    """

    endpoint: Endpoint
    automaton: Automaton
    known: NDArray[np.int32]

    @property
    def horizon(self) -> int:
        """Days of follow-up after which nothing changes any more."""
        return len(self.known) - 1

    @cached_property
    def complete_after(self) -> NDArray[np.int64]:
        """Days of follow-up (K,) after which the category is that of the complete endpoint for good."""
        differs = self.known != self.known[-1]
        last = np.where(differs.any(axis=0), self.horizon - np.argmax(differs[::-1], axis=0), -1)
        return np.asarray(last + 1, dtype=np.int64)

    @cached_property
    def event_after(self) -> NDArray[np.int64]:
        """Days of follow-up (K,) after which the event is known for good, horizon + 1 where it never is."""
        complete = self.endpoint.status[self.known[-1]] == 1
        return np.where(complete, self.complete_after, self.horizon + 1)


@lru_cache(maxsize=8)
def history_of(endpoint: Endpoint) -> History:
    """The history of an endpoint; InputError when it cannot be read before its follow-up is complete."""
    cut_at = _cuts_of(endpoint)
    cuts = [cut_at(days) for days in range(endpoint.horizon)]
    joint = product(endpoint.automaton, *(cut.automaton for cut in cuts))
    rows = {_meaning(endpoint, k): k for k in range(endpoint.n_categories)}
    added: list[tuple[Endpoint, int]] = []
    places = []
    for cut in cuts:
        place = np.empty(cut.n_categories, dtype=np.int32)
        for k in range(cut.n_categories):
            meaning = _meaning(cut, k)
            if meaning not in rows:
                rows[meaning] = len(rows)
                added.append((cut, k))
            place[k] = rows[meaning]
        places.append(place)
    known = [place[part] for place, part in zip(places, joint.parts[1:], strict=True)]
    automaton = replace(joint, parts=np.empty((0, 0), dtype=np.int32), part_sizes=())
    return History(_extended(endpoint, added), automaton, np.array([*known, joint.parts[0]], dtype=np.int32))


def check_cut(endpoint: Endpoint) -> None:
    """Raise InputError for an endpoint that cannot be read before its follow-up is complete."""
    _cuts_of(endpoint)


def _cuts_of(endpoint: Endpoint) -> Callable[[int], Endpoint]:
    where = f"endpoint {endpoint.name!r}"
    if endpoint.cut is None:
        raise InputError(
            "the endpoint has a follow-up of its own, so it cannot be cut",
            where=where,
            allowed="a family with the key 'follow_up', where that is not given",
        )
    if endpoint.horizon > LONGEST:
        raise InputError(
            "the follow-up is too long to be cut day by day",
            where=where,
            allowed=f"at most {LONGEST} days; count in weeks or months",
            got=endpoint.horizon,
        )
    return endpoint.cut


def _meaning(endpoint: Endpoint, k: int) -> tuple[str, ...]:
    return (endpoint.labels[k], *(repr(float(getattr(endpoint, column)[k])) for column in COLUMNS))


def _extended(endpoint: Endpoint, added: list[tuple[Endpoint, int]]) -> Endpoint:
    def column(name: str) -> NDArray[Any]:
        own = getattr(endpoint, name)
        return np.concatenate([own, [getattr(cut, name)[k] for cut, k in added]]).astype(own.dtype)

    unknown = np.full((len(endpoint.component_rank), len(added)), -1, dtype=np.int64)
    count = endpoint.n_categories + len(added)
    return replace(
        endpoint,
        automaton=replace(
            endpoint.automaton, n_categories=count, parts=np.empty((0, 0), dtype=np.int32), part_sizes=()
        ),
        labels=(*endpoint.labels, *(cut.labels[k] for cut, k in added)),
        time=column("time"),
        status=column("status"),
        rank=column("rank"),
        value=column("value"),
        component_rank=np.concatenate([endpoint.component_rank, unknown], axis=1),
    )
