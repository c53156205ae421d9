"""Several endpoints read off simulated paths by one automaton, where that is the same and costs less."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jaksim.endpoint.automaton import Automaton
from jaksim.endpoint.product import TooManyMemories, is_product, product

# Of days, memories and states: tables of 2 MB, which a second-level cache holds for the most part.
MOST_ENTRIES: Final = 2**19


def read_together(automata: Sequence[Automaton], possible: NDArray[np.bool_]) -> list[Automaton]:
    """The product of automata over the `possible` moves (S, S), in place of them; the automata themselves where it is
    too large to save time, or does not agree with them on every path there can be."""
    joint = _checked_product(tuple(automata), possible.tobytes()) if len(automata) > 1 else None
    return list(automata) if joint is None else [joint]


@lru_cache(maxsize=8)  # trials that differ in effects or patients have the same
def _checked_product(automata: tuple[Automaton, ...], moves: bytes) -> Automaton | None:
    horizon, _, n_states = automata[0].step.shape
    possible = np.frombuffer(moves, dtype=bool).reshape(n_states, n_states)
    try:
        joint = product(*automata, possible=possible, most=MOST_ENTRIES // ((horizon + 2) * n_states))
    except TooManyMemories:
        return None
    return joint if is_product(joint, automata, possible) else None
