"""Who is let into a trial: criteria on characteristics, as intervals of the latents behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from jaksim.arrays import Booleans, Floats
from jaksim.trial.characteristics.characteristics import EVERYBODY, Characteristic, Characteristics
from jaksim.trial.characteristics.criterion import Criterion, Intervals


def allowed_by(
    criteria: Iterable[Criterion], items: Sequence[Characteristic], n_latents: int, stratum: int
) -> tuple[Intervals, ...]:
    """The intervals of each latent of those whom all criteria let in, in a stratum."""
    found = [EVERYBODY] * n_latents
    by_name = {item.name: item for item in items}
    for criterion in criteria:
        item = by_name[criterion.characteristic]
        found[item.latent] = both(found[item.latent], criterion.intervals(item.marginal(stratum)))
    return tuple(found)


def both(one: Intervals, other: Intervals) -> Intervals:
    """What is in both of two sets of intervals."""
    parts = [(max(a, c), min(b, d)) for a, b in one for c, d in other]
    return tuple(sorted((low, high) for low, high in parts if low < high))


def admitted(law: Characteristics, z: Floats, stratum: int) -> Booleans:
    """Which patients of a stratum, with latents z (n, d), are let in by all criteria."""
    inside = np.ones(len(z), dtype=np.bool_)
    for latent, intervals in enumerate(law.allowed_in(stratum)):
        if intervals != EVERYBODY:
            inside &= np.any([(z[:, latent] >= low) & (z[:, latent] < high) for low, high in intervals], axis=0)
    return inside
