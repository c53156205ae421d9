"""A process beside which events are counted."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from jaksim.arrays import Booleans, Floats, Integers


def counts_of(most: Sequence[int]) -> Integers:
    """Numbers of events of each kind (C, M) that are told apart, those of nobody first; each goes up to its `most`."""
    return np.array(list(itertools.product(*(range(one + 1) for one in most))), dtype=np.int64).reshape(
        math.prod(one + 1 for one in most), len(most)
    )


def counted(process: Floats, rates: Floats, most: Sequence[int], by_death: Sequence[bool], fatal: Booleans) -> Floats:
    """Generators (J, C * n, C * n) of a `process` (J, n, n) beside which events of several kinds are counted.

    Those of kind m come at `rates` (M, J, n), are counted up to `most`, and where `by_death` one more comes with each
    of the `fatal` moves (n, n) of the process. A patient without any event has the first n states.
    """
    counts, pieces, n = counts_of(most), len(process), process.shape[1]
    place = {tuple(one): number for number, one in enumerate(counts.tolist())}
    dying = np.where(fatal, process, 0.0)
    living, states = process - dying, np.arange(n)
    found = np.zeros((pieces, len(counts), n, len(counts), n))
    for held, number in place.items():
        found[:, number, :, number, :] += living
        found[:, number, :, place[_after(held, by_death, most)], :] += dying
        for kind, rate in enumerate(rates):
            one_more = place[_after(held, [other == kind for other in range(len(most))], most)]
            if one_more != number:
                found[:, number, states, number, states] -= rate
                found[:, number, states, one_more, states] += rate
    return found.reshape(pieces, len(counts) * n, len(counts) * n)


def _after(held: Sequence[int], added: Sequence[bool], most: Sequence[int]) -> tuple[int, ...]:
    return tuple(min(one + int(more), top) for one, more, top in zip(held, added, most, strict=True))
