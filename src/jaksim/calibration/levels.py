"""Scores on a day put together into the levels that a publication tells apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from jaksim.arrays import Floats
from jaksim.checks import items, whole
from jaksim.endpoint.endpoint import Endpoint
from jaksim.errors import InputError


def with_levels(endpoint: Endpoint, levels: Any, where: str) -> Endpoint:
    """An ordinal endpoint whose scores share a rank where they are in the same of the `levels`, best level first.

    InputError unless every score is in one level and the levels follow the order of the scale.
    """
    if endpoint.kind != "ordinal":
        raise InputError("only an ordinal endpoint has levels", where=where, got=endpoint.kind)
    groups = [[whole(score, where) for score in items(group, where)] for group in items(levels, where)]
    given = [score for group in groups for score in group]
    scores = [int(score) for ranked in scores_by_rank(endpoint) for score in ranked]
    if given != scores:
        raise InputError(
            "must list every score once, from the best to the worst", where=where, allowed=scores, got=given
        )
    level_of = {score: level for level, group in enumerate(groups) for score in group}
    rank = [
        level_of[int(score)] if known else -1 for score, known in zip(endpoint.value, endpoint.rank >= 0, strict=True)
    ]
    return replace(endpoint, rank=np.array(rank, dtype=endpoint.rank.dtype))


def scores_by_rank(endpoint: Endpoint) -> list[tuple[int, ...]]:
    """Scores of an ordinal endpoint that share a rank, best rank first."""
    ranks = sorted({int(rank) for rank in endpoint.rank if rank >= 0})
    return [tuple(int(score) for score in endpoint.value[endpoint.rank == rank]) for rank in ranks]


def by_level(probability: Floats, ranks: Sequence[int]) -> Floats:
    """Probabilities (N, levels) from those of categories (N, K), best level first."""
    rank = np.asarray(ranks)
    return np.stack(
        [probability[:, rank == level].sum(axis=1) for level in sorted(set(rank[rank >= 0].tolist()))], axis=1
    )
