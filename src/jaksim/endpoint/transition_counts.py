"""Counts of daily transitions: all that a first-order Markov model of daily scores needs to know of the patients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.arrays import Floats
from jaksim.endpoint.automaton import Automaton


@dataclass(frozen=True, eq=False)
class TransitionCounts:
    """How often each state follows each other one on each day.

    A table has K = H * S * S counts in the order (day 1 .. H, state the day before, state of the day); a patient adds
    H of them. Days after `last_day` are counted but not analysed. `rank` (S,) is 0 for the best state, `absorbing`
    bool (S,) marks states that are never left, `value` (S,) holds the scores. `counted` bool (S,) are the states in
    which days are added up. Where patients have more states than scores, `seen_as` is the score index of each, -1 for
    one in which the patient is not seen.
    """

    horizon: int
    last_day: int
    rank: NDArray[np.int64]
    absorbing: NDArray[np.bool_]
    value: Floats
    counted: NDArray[np.bool_]
    seen_as: NDArray[np.int64] | None = None

    @property
    def n_states(self) -> int:
        return len(self.rank)

    @property
    def n_categories(self) -> int:
        return self.horizon * self.n_states**2

    def by_day(self, table: ArrayLike) -> Floats:
        """A table (..., K) as counts (..., H, S, S)."""
        counts = np.asarray(table, dtype=np.float64)
        return counts.reshape(*counts.shape[:-1], self.horizon, self.n_states, self.n_states)

    def categories_of(self, states: NDArray[np.int64]) -> NDArray[np.int64]:
        """Category (n, H) of each day of paths of state indices (n, H+1); -1 where a score is missing (negative)."""
        before, after = states[:, :-1], states[:, 1:]
        day = np.arange(self.horizon)
        category = (day * self.n_states + before) * self.n_states + after
        return np.asarray(np.where((before >= 0) & (after >= 0), category, -1))

    def expected(self, P: ArrayLike, start_index: int) -> Floats:
        """Expected counts (..., K) of one patient under daily transition probabilities P (..., H, S, S)."""
        daily = np.asarray(P, dtype=np.float64)[..., : self.horizon, :, :]
        counts = np.empty(daily.shape)
        occupied = np.zeros((*daily.shape[:-3], daily.shape[-1]))
        occupied[..., start_index] = 1.0
        for day in range(self.horizon):
            counts[..., day, :, :] = occupied[..., :, None] * daily[..., day, :, :]
            occupied = counts[..., day, :, :].sum(axis=-2)
        if self.seen_as is not None:
            shown = self.seen_as[:, None] == np.arange(self.n_states)
            counts = shown.T.astype(np.float64) @ counts @ shown
        return counts.reshape(*daily.shape[:-3], self.n_categories)


def blank_automaton(horizon: int, n_states: int, absorbing: tuple[int, ...]) -> Automaton:
    """The automaton that remembers nothing and puts every path in one category."""
    return Automaton(
        horizon,
        np.zeros(n_states, dtype=np.int32),
        np.zeros((horizon, 1, n_states), dtype=np.int32),
        np.zeros(1, dtype=np.int32),
        1,
        absorbing,
    )
