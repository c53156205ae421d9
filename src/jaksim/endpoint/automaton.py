"""Finite automata that read a daily path of scores: the one definition behind each value and law of an endpoint."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.budget import Pace, check_memory
from jaksim.errors import InputError
from jaksim.exact.law import Recursion, collapse, plan_recursion, run_recursion, settled_memories

if TYPE_CHECKING:
    from jaksim.scale import OrdinalScale

Memory = Hashable
# Of each day, memory and state: the table, its index and what is compared with it.
TABLE_BYTES = 20
# Seconds; a trial has several endpoints.
_TOLD_FROM = 10.0
_INSTEAD = "fewer days of follow-up, or counted in weeks or months"


class Category(NamedTuple):
    """What one final value of an endpoint means; a field that its kind does not use stays None.

    `time` in days, `status` 0 censored, 1 event, 2 competing, `rank` 0 = best for the patient, `value` the number
    reported.
    """

    label: str
    time: float | None = None
    status: int | None = None
    rank: int | None = None
    value: float | None = None


@dataclass(frozen=True, eq=False)
class Automaton:
    """Integer tables that turn a daily path of state indices into a category.

    `start` int32 (S,) memory after baseline; `step` int32 (H, M, S), `step[d-1, m, s]` the memory after day d;
    `final` int32 (M,) category of a final memory, -1 where no path ends in it; `absorbing` state indices that are
    never left. `parts` int32 (E, n_categories) gives the category of each of the E automata that it is a product of
    (itself, if it is none), which have `part_sizes` categories.
    """

    horizon: int
    start: NDArray[np.int32]
    step: NDArray[np.int32]
    final: NDArray[np.int32]
    n_categories: int
    absorbing: tuple[int, ...] = ()
    parts: NDArray[np.int32] = field(default_factory=lambda: np.empty((0, 0), dtype=np.int32))
    part_sizes: tuple[int, ...] = ()
    _recursions: dict[int, Recursion] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if not self.part_sizes:
            object.__setattr__(self, "parts", np.arange(self.n_categories, dtype=np.int32)[None, :])
            object.__setattr__(self, "part_sizes", (self.n_categories,))

    @property
    def n_memory(self) -> int:
        return int(self.step.shape[1])

    @property
    def n_states(self) -> int:
        return int(self.step.shape[2])

    @cached_property
    def settled(self) -> NDArray[np.bool_]:
        """Whether a memory can no longer change after day d: bool (H+1, M)."""
        return settled_memories(self.step)

    def run(self, states: ArrayLike) -> NDArray[np.int32]:
        """Category (n,) of each path of state indices (n, H+1).

        A negative index is a missing score, harmless where every score would mean the same; otherwise InputError names
        the row and the day.
        """
        categories, needed = self.follow(states)
        if (needed <= self.horizon).any():
            row = int(np.flatnonzero(needed <= self.horizon)[0])
            raise InputError(f"patient number {row + 1} has no score on day {needed[row]}, which the endpoint needs")
        return categories

    def follow(self, states: ArrayLike) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Category (n,) of each path, and the first day (n,) on which it lacks a score that matters, H + 1 if none.

        The category of a path that lacks such a score means nothing.
        """
        paths = np.asarray(states)
        needed = np.full(len(paths), self.horizon + 1, dtype=np.int64)
        if paths.min(initial=0) >= 0:
            return self.final[self.memories(paths)], needed
        memory = self.start[paths[:, 0]]
        for day in range(1, self.horizon + 1):
            step, state = self.step[day - 1], paths[:, day]
            absent = state < 0
            if absent.any():
                undecided = absent & (step != step[:, :1]).any(axis=1)[memory]
                needed[undecided] = np.minimum(needed[undecided], day)
            memory = step[memory, np.maximum(state, 0)]
        categories: NDArray[np.int32] = self.final[memory]
        return categories, needed

    def memories(self, states: NDArray[np.integer]) -> NDArray[np.int32]:
        """Final memory (n,) of each path of state indices (n, H+1), none of them missing."""
        days = np.ascontiguousarray(states.T)
        memory: NDArray[np.int32] = self.start[days[0]]
        for step, state in zip(self.step, days[1:], strict=False):
            memory = step.ravel().take(memory * self.n_states + state)
        return memory

    def law(self, P: ArrayLike, start_index: int) -> NDArray[np.float64]:
        """Exact probability (..., K) of each category under daily transition probabilities `P` (..., H, S, S)."""
        memory = int(self.start[start_index])
        if memory not in self._recursions:
            self._recursions[memory] = plan_recursion(self.step, memory, self.settled)
        return collapse(run_recursion(self._recursions[memory], P, start_index), self.final, self.n_categories)

    def marginal(self, law: ArrayLike, part: int) -> NDArray[np.float64]:
        """Law (..., K of the part) of one part, from the joint `law` (..., K)."""
        return collapse(law, self.parts[part], self.part_sizes[part])


def possible_moves(n_states: int, absorbing: Sequence[int]) -> NDArray[np.bool_]:
    """Bool (S, S): which state may end a day that began in which; only absorbing states are never left."""
    possible = np.ones((n_states, n_states), dtype=bool)
    possible[list(absorbing)] = False
    possible[list(absorbing), list(absorbing)] = True
    return possible


def _ends(n_states: int, absorbing: Sequence[int]) -> Callable[[int], tuple[int, ...]]:
    """For a set of states, bit by bit, in which a day begins: those in which it may end."""
    possible = possible_moves(n_states, absorbing)

    @cache
    def ends(states: int) -> tuple[int, ...]:
        begins = [state for state in range(n_states) if states >> state & 1]
        return tuple(np.flatnonzero(possible[begins].any(axis=0)).tolist())

    return ends


def enumerate_automaton(
    scale: OrdinalScale,
    horizon: int,
    start: Callable[[int], Memory],
    step: Callable[[Memory, int, int], Memory],
    category: Callable[[Memory], Category],
) -> tuple[Automaton, tuple[Category, ...]]:
    """Tables of the automaton given by three functions, and its categories in order: best rank first, events by day.

    `start(score)` is the memory after the baseline score, `step(memory, score, day)` the memory after that day's
    score, `category(memory)` the meaning of the memory at the horizon. Memories are any hashable values; only those
    that some path reaches are enumerated, and an unreachable entry of the table leaves the memory as it is.
    """
    absorbing = tuple(scale.index(score) for score in scale.absorbing)
    ends = _ends(scale.n_states, absorbing)
    number: dict[Memory, int] = {}
    # Sets of states are whole numbers, bit by bit.
    reached: dict[Memory, int] = {}
    for state, score in enumerate(scale.scores):
        memory = start(score)
        number.setdefault(memory, len(number))
        reached[memory] = reached.get(memory, 0) | 1 << state
    first = np.array([number[start(score)] for score in scale.scores], dtype=np.int32)

    entries: list[NDArray[np.int32]] = []
    what = f"the memories of an endpoint over {horizon:,} days"
    pace = Pace(horizon, what, where="follow-up", instead=_INSTEAD, told_from=_TOLD_FROM, clock=time.thread_time)
    done = 0
    for day in range(1, horizon + 1):
        arriving: dict[Memory, int] = {}
        today: list[tuple[int, int, int, int]] = []
        for memory, states in reached.items():
            before = number[memory]
            for state in ends(states):
                after = step(memory, scale.scores[state], day)
                place = number.setdefault(after, len(number))
                arriving[after] = arriving.get(after, 0) | 1 << state
                today.append((day - 1, before, state, place))
        reached = arriving
        entries.append(np.array(today, dtype=np.int32))
        check_table(horizon, len(number), scale.n_states)
        done += len(today)
        # The work up to a day grows like a power of the days, which is what the last day adds to the mean before it.
        pace.advance(len(today), total=round(done * (horizon / day) ** (len(today) * day / done)))

    table = np.tile(np.arange(len(number), dtype=np.int32)[:, None], (horizon, 1, scale.n_states))
    days, memories, after_states, after_day = np.concatenate(entries).T
    table[days, memories, after_states] = after_day
    meaning = {memory: category(memory) for memory in reached}
    categories = tuple(sorted(set(meaning.values()), key=category_order))
    position = {meant: k for k, meant in enumerate(categories)}
    final = np.full(len(number), -1, dtype=np.int32)
    for memory, meant in meaning.items():
        final[number[memory]] = position[meant]
    return Automaton(horizon, first, table, final, len(categories), absorbing), categories


def check_table(horizon: int, memories: int, states: int) -> None:
    """Refuse an automaton whose table, with the work on it, would not fit into memory."""
    check_memory(
        TABLE_BYTES * horizon * memories * states,
        f"the memories of an endpoint ({memories:,} or more, {states} states) over {horizon:,} days",
        instead=_INSTEAD,
    )


def dense_ranks(categories: tuple[Category, ...]) -> tuple[Category, ...]:
    """The categories with ranks renumbered 0, 1, 2 ... in the same order; ties stay ties."""
    ranks = sorted({category.rank for category in categories if category.rank is not None})
    number = {rank: position for position, rank in enumerate(ranks)}
    return tuple(
        category if category.rank is None else category._replace(rank=number[category.rank]) for category in categories
    )


def category_order(category: Category) -> tuple[bool, float, int, float, str]:
    """What categories are sorted by: known ones first, then best rank, events, earliest time."""
    known = (category.rank, category.status, category.value) != (None, None, None)
    rank = np.inf if category.rank is None else category.rank
    status = {1: 0, 2: 1}.get(category.status or 0, 2)
    return (not known, rank, status, category.time or 0.0, category.label)
