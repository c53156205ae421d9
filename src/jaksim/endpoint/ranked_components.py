"""Endpoints made of other endpoints that are read off the same path side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jaksim.endpoint.automaton import Automaton, Memory
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.kinds import kind_of
from jaksim.errors import InputError


@dataclass(frozen=True, eq=False)
class Component:
    """An endpoint inside another one; with `decisive`, an event of it makes later components not matter."""

    endpoint: Endpoint
    decisive: bool = False

    def __post_init__(self) -> None:
        if self.decisive and not kind_of(self.endpoint).has_event:
            raise InputError(
                "only an event can be decisive",
                where=f"components, {self.endpoint.name}, decisive",
                allowed="kinds with an event",
                got=self.endpoint.kind,
            )

    @property
    def automaton(self) -> Automaton:
        return self.endpoint.automaton

    @cached_property
    def rank(self) -> NDArray[np.int64]:
        """Rank (K,) of each category, 0 = best for the patient and without gaps.

        An event that is good is better the earlier, one that is bad the later; all patients without it are tied.
        InputError for categories without a rank.
        """
        one = self.endpoint
        order = np.asarray(one.rank, dtype=np.float64)
        if kind_of(one).timed:
            happened = one.status == 1
            order = np.where(happened, one.time if one.better == "event" else -one.time, np.inf)
            if one.better == "no event":
                order[~happened] = -np.inf
        elif (one.rank < 0).any():
            raise InputError("a component needs a rank for every patient", where=f"components, {one.name}")
        ranks: NDArray[np.int64] = np.unique(order, return_inverse=True)[1].astype(np.int64)
        return ranks

    @cached_property
    def deciding(self) -> NDArray[np.bool_]:
        """Whether a category (K,) leaves later components out: an event of a decisive time to event or binary one."""
        happened: NDArray[np.bool_] = self.endpoint.status == 1
        return happened & self.decisive

    @cached_property
    def closing(self) -> NDArray[np.bool_]:
        """Whether a memory leaves later components out for good after day d: bool (H+1, M)."""
        final = self.automaton.final
        decided = (final >= 0) & self.deciding[final]
        closing: NDArray[np.bool_] = self.automaton.settled & decided
        return closing


class Side:
    """Memories of several automata as one tuple of integers, cut off after one that decides."""

    def __init__(self, components: Sequence[Component]) -> None:
        self.components = components
        self._starts = [component.automaton.start.tolist() for component in components]
        self._steps = [component.automaton.step.tolist() for component in components]
        self._closing = [component.closing.tolist() for component in components]

    def start(self, state: int) -> tuple[int, ...]:
        """Memory after the baseline state."""
        return self._cut([start[state] for start in self._starts], 0)

    def step(self, memory: Memory, state: int, day: int) -> tuple[int, ...]:
        """Memory after the state at the end of a day."""
        assert isinstance(memory, tuple)
        before = zip(self._steps, memory, strict=False)
        return self._cut([steps[day - 1][one][state] for steps, one in before], day)

    def ranks(self, memory: Memory) -> tuple[int, ...]:
        """Rank in each component, best first, of a memory after the last day; -1 where it is not compared."""
        assert isinstance(memory, tuple)
        ranks = [-1] * len(self.components)
        for number, (component, held) in enumerate(zip(self.components, memory, strict=False)):
            category = int(component.automaton.final[held])
            ranks[number] = int(component.rank[category])
            if component.deciding[category]:
                break
        return tuple(ranks)

    def _cut(self, memory: list[int], day: int) -> tuple[int, ...]:
        for number, held in enumerate(memory):
            if self._closing[number][day][held]:
                return tuple(memory[: number + 1])
        return tuple(memory)
