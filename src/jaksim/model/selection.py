"""The patients that something concerns, by their scores and arms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaksim.errors import InputError
from jaksim.scale import OrdinalScale


@dataclass(frozen=True)
class Selection:
    """Patients concerned: those in `current_scores` (every living score when None) of `arms` (every arm when empty)."""

    current_scores: tuple[int, ...] | None = None
    arms: tuple[str, ...] = ()

    def members(self, scale: OrdinalScale, arm: str) -> NDArray[np.bool_]:
        """Which states of the scale it holds in an arm, bool (S,)."""
        chosen = np.zeros(scale.n_states, dtype=bool)
        if not self.arms or arm in self.arms:
            living = [score for score in scale.scores if score not in scale.absorbing]
            chosen[list(scale.indices(living if self.current_scores is None else self.current_scores))] = True
        return chosen

    def check(self, scale: OrdinalScale, arms: Iterable[str]) -> None:
        """InputError for scores and arms that do not exist, and for a score in which a patient is dead."""
        known = list(arms)
        for arm in self.arms:
            if arm not in known:
                raise InputError("unknown arm", where="arms", allowed=known, got=arm)
        for score in self.current_scores or ():
            scale.index(score)
            if score in scale.absorbing:
                raise InputError("an absorbing score is never left", where="current_scores", got=score)
