"""Joint automaton of several endpoints read off the same path."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from jaksim.endpoint.automaton import Automaton, check_table, possible_moves


class TooManyMemories(Exception):
    """The automata together have more memories than were allowed."""


def product(*automata: Automaton, possible: NDArray[np.bool_] | None = None, most: int | None = None) -> Automaton:
    """Automaton whose categories are the combinations of the automata's categories that one path can have.

    `possible` bool (S, S) says which state may end a day that began in which; by default everything but leaving an
    absorbing state. A disease model that allows fewer moves makes the joint automaton smaller. Raises ValueError for
    automata that differ in horizon or states, and TooManyMemories as soon as there are more than `most`.
    """
    if not automata:
        raise ValueError("a product needs at least one automaton")
    if len({(automaton.horizon, automaton.n_states, automaton.absorbing) for automaton in automata}) > 1:
        raise ValueError("automata of a product must share horizon, states and absorbing states")
    first = automata[0]
    if possible is None:
        possible = possible_moves(first.n_states, first.absorbing)
    return reduce(lambda left, right: _pair(left, right, possible, most), automata)


def is_product(joint: Automaton, automata: Sequence[Automaton], possible: NDArray[np.bool_]) -> bool:
    """Whether `joint` puts every path of the `possible` moves (S, S) into the categories of the automata, as its parts.

    Found by following all of them side by side, day by day, whichever way the joint automaton was made.
    """
    n_states = joint.n_states
    state = np.arange(n_states)
    memory, apart = joint.start.astype(np.int64), np.stack([automaton.start for automaton in automata])
    for day in range(joint.horizon):
        source, after = np.nonzero(possible[state])
        memory = joint.step[day, memory[source], after].astype(np.int64)
        apart = np.stack([one.step[day, before[source], after] for one, before in zip(automata, apart, strict=True)])
        _, first, which = np.unique(memory * n_states + after, return_index=True, return_inverse=True)
        if (apart != apart[:, first[which]]).any():
            return False
        memory, apart, state = memory[first], apart[:, first], after[first]
    category = joint.final[memory]
    of_each = [automaton.final[last] for automaton, last in zip(automata, apart, strict=True)]
    return bool((category >= 0).all() and np.array_equal(joint.parts[:, category], np.stack(of_each)))


def _pair(left: Automaton, right: Automaton, possible: NDArray[np.bool_], most: int | None) -> Automaton:
    start = _encode(left.start, right.start, right)
    codes, reached = _reached(start[:, None], np.eye(left.n_states, dtype=bool))
    days = []
    for day in range(left.horizon):
        ends = (reached.astype(np.float32) @ possible) > 0
        after = _encode(left.step[day, codes // right.n_memory], right.step[day, codes % right.n_memory], right)
        days.append((codes, ends, after))
        codes, reached = _reached(after, ends)
        _check_memories(len(codes), left, most)

    memories = np.unique(np.concatenate([codes] + [before for before, _, _ in days]))
    _check_memories(len(memories), left, most)
    step = np.tile(np.arange(len(memories), dtype=np.int32)[:, None], (left.horizon, 1, left.n_states))
    for day, (before, ends, after) in enumerate(days):
        rows = np.searchsorted(memories, before)
        step[day, rows] = np.where(ends, np.searchsorted(memories, after), rows[:, None])

    pairs = (
        left.final[codes // right.n_memory].astype(np.int64) * right.n_categories + right.final[codes % right.n_memory]
    )
    joint, which = np.unique(pairs, return_inverse=True)
    final = np.full(len(memories), -1, dtype=np.int32)
    final[np.searchsorted(memories, codes)] = which
    parts = np.concatenate([left.parts[:, joint // right.n_categories], right.parts[:, joint % right.n_categories]])
    return Automaton(
        horizon=left.horizon,
        start=np.searchsorted(memories, start).astype(np.int32),
        step=step,
        final=final,
        n_categories=len(joint),
        absorbing=left.absorbing,
        parts=parts,
        part_sizes=left.part_sizes + right.part_sizes,
    )


def _check_memories(number: int, like: Automaton, most: int | None) -> None:
    if most is not None and number > most:
        raise TooManyMemories
    check_table(like.horizon, number, like.n_states)


def _encode(left: NDArray[np.int32], right: NDArray[np.int32], right_automaton: Automaton) -> NDArray[np.int64]:
    return left.astype(np.int64) * right_automaton.n_memory + right


def _reached(after: NDArray[np.int64], ends: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Distinct codes among the reachable (code, end state) pairs, and the states (N, S) that each is reached with."""
    n_states = ends.shape[1]
    source, state = np.nonzero(ends)
    values = np.broadcast_to(after, ends.shape)[source, state]
    codes, which = np.unique(values, return_inverse=True)
    reached = np.zeros((len(codes), n_states), dtype=bool)
    reached[which, state] = True
    return codes, reached
