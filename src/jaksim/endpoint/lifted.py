"""Endpoints read off patients who may withdraw, stop their treatment or miss a visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Booleans
from jaksim.endpoint.automaton import Automaton, Category, category_order, check_table, possible_moves
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.intercurrent_strategy import TREATMENT_EVENTS, action, chosen_strategies, days_read, strategy_words
from jaksim.endpoint.kind import CARRY, CENSOR, COMPETING, END, FAILURE, IGNORE, UNKNOWN
from jaksim.endpoint.kinds import kind_of
from jaksim.endpoint.transition_counts import blank_automaton
from jaksim.errors import InputError
from jaksim.model.patient_states import PatientStates

Integers = NDArray[np.int32]

LEFT_OUT = "not observed"


def with_strategies(
    endpoint: Endpoint,
    states: PatientStates,
    strategies: Mapping[str, object],
    reading: NDArray[np.int64] | None = None,
) -> Endpoint:
    """The endpoint over all `states` of the patients, by the strategies named for what comes before it is known.

    It reads the score of a state, or what `reading` (E,) gives in its place.

    `strategies` has the keys of `STRATEGY_KEYS`, each with a default. Of two events on the same day withdrawal goes
    before a treatment stop, that before a rescue and that before a switch, and all of them before a missed visit.
    InputError for a strategy that the endpoint cannot have.
    """
    chosen = chosen_strategies(endpoint, strategies)
    events = states.events
    happening = {name: strategy for name, strategy in chosen.items() if getattr(events, name)}
    if not events:
        return endpoint
    words = strategy_words(endpoint, happening)
    if endpoint.transitions is not None:
        return _count_seen(endpoint, states, words)
    without = bool(states.thought_away) and {happening.get(event) for event in states.thought_away} == {"hypothetical"}
    if without and reading is not None:
        raise InputError(
            "safety events are those of the course as it was",
            where=next(event for event in states.thought_away),
            allowed="other strategies than 'hypothetical'",
        )
    score = states.score_without if without else states.score
    read = score if reading is None else reading
    actions = {name: action(endpoint, name, strategy) for name, strategy in happening.items()}
    lift = _Lift(endpoint, read, carry=CARRY in actions.values())
    # What is written last holds, where two events come on the same day.
    for visit, number in zip(states.visits, states.visit_set, strict=True):
        if actions.get("missed_visit", IGNORE) != IGNORE and visit.day in days_read(endpoint.automaton):
            lift.interrupt(visit.missed[number, score], actions["missed_visit"], visit.day)
    for name in (*TREATMENT_EVENTS, "withdrawal"):
        if actions.get(name, IGNORE) != IGNORE:
            flagged = states.withdrawn if name == "withdrawal" else states.happened(name, without=without)
            lift.interrupt(flagged, actions[name])
    return lift.endpoint(states.absorbing, words)


def _count_seen(endpoint: Endpoint, states: PatientStates, words: str) -> Endpoint:
    assert endpoint.transitions is not None
    return replace(
        endpoint,
        automaton=blank_automaton(endpoint.horizon, states.size, states.absorbing),
        transitions=replace(endpoint.transitions, seen_as=states.seen_as),
        definition=f"{endpoint.definition.rstrip('.')}{words}.",
    )


def told_by_scores(endpoint: Endpoint, states: PatientStates) -> bool:
    """Whether scores alone tell an endpoint over the states of patients, wherever their treatment changes."""
    step = endpoint.automaton.step
    changed = np.zeros(states.size, dtype=bool)
    for event in TREATMENT_EVENTS:
        changed |= states.happened(event)
    changed &= ~states.withdrawn
    return bool((step[:, :, changed] == step[:, :, states.unchanged[changed]]).all())


class _Lift:
    """The tables of an endpoint on the way from states of the scale to more states.

    A memory is (memory of the endpoint, last score); the last score is kept only where it may be carried forward, and
    is 0 once it no longer matters. `table` (H, M, L, E) holds the memory after a day as memory * L + last score, or
    -1 - k where the day brings category k for good.
    """

    def __init__(self, endpoint: Endpoint, read: NDArray[np.int64], *, carry: bool) -> None:
        self.base, self.read = endpoint, read
        automaton = endpoint.automaton
        self.n_last = automaton.n_states if carry else 1
        self.categories = [_category(endpoint, number) for number in range(endpoint.n_categories)]
        self.reached = _reached(automaton)
        self.closed = automaton.settled[1:]
        check_table(automaton.horizon, automaton.n_memory * self.n_last, len(read))
        after = automaton.step[:, :, read]
        kept = np.where(np.take_along_axis(self.closed, after.reshape(automaton.horizon, -1), axis=1), 0, 1)
        last = kept.reshape(after.shape) * read if carry else 0
        self.table = np.repeat((after * self.n_last + last)[:, :, None, :], self.n_last, axis=2).astype(np.int32)

    def interrupt(self, states: Booleans, done: int, day: int | None = None) -> None:
        """Let a day in these states (the one `day`, or any) bring the outcome of what is `done`, where it is open."""
        automaton = self.base.automaton
        frozen = self._frozen() if done in (CARRY, END) else None
        for today in range(1, automaton.horizon + 1) if day is None else [day]:
            is_open = np.flatnonzero(self.reached[today - 1].any(axis=1) & ~automaton.settled[today - 1])
            if not len(is_open) or not states.any():
                continue
            if frozen is None:
                outcome: int | Integers = self._category(done, today)
            elif done == CARRY:
                outcome = frozen[today - 1][is_open][:, :, None]
            else:
                outcome = frozen[today - 1][is_open, self.base.idle][:, None, None]
            rows = self.table[today - 1][is_open]
            rows[:, :, states] = -1 - outcome
            self.table[today - 1][is_open] = rows

    def endpoint(self, absorbing: tuple[int, ...], words: str) -> Endpoint:
        """The endpoint over the states read, its categories in order."""
        order = sorted(range(len(self.categories)), key=lambda number: category_order(self.categories[number]))
        base, categories = self.base, [self.categories[number] for number in order]
        added = np.full((len(base.component_rank), len(order) - base.n_categories), -1, dtype=np.int64)
        return replace(
            base,
            automaton=self._automaton(np.argsort(order), absorbing),
            labels=tuple(category.label for category in categories),
            time=_column(categories, "time", np.nan),
            status=_column(categories, "status", -1).astype(np.int64),
            rank=_column(categories, "rank", -1).astype(np.int64),
            value=_column(categories, "value", np.nan),
            component_rank=np.concatenate([base.component_rank, added], axis=1)[:, order],
            definition=f"{base.definition.rstrip('.')}{words}.",
        )

    def _automaton(self, place: NDArray[np.int64], absorbing: tuple[int, ...]) -> Automaton:
        base, n_states, n_categories = self.base.automaton, len(self.read), len(place)
        n_open = base.n_memory * self.n_last
        step = np.empty((base.horizon, n_open + n_categories, n_states), dtype=np.int32)
        coded = self.table.reshape(base.horizon, n_open, n_states)
        step[:, :n_open] = np.where(coded < 0, n_open - 1 - coded, coded)
        step[:, n_open:] = np.arange(n_open, n_open + n_categories)[:, None]
        first = base.start[self.read] * self.n_last
        if self.n_last > 1:
            first = first + np.where(base.settled[0, base.start[self.read]], 0, self.read)
        known = np.append(place, -1)[base.final]
        final = np.concatenate([np.repeat(known, self.n_last), place])
        return Automaton(base.horizon, first.astype(np.int32), step, final.astype(np.int32), n_categories, absorbing)

    def _category(self, done: int, today: int) -> int:
        """Number of the category that a patient gets for an event on this day, added where it is new."""
        base = self.base
        if kind_of(base).timed:
            last = int(base.time.max())
            code, time = {CENSOR: (0, today - 1), COMPETING: (2, today)}.get(done, (1, today))
            if done == FAILURE and base.better == "event":
                code, time = 0, last
            return self._number(Category(f"{_STATUS_WORDS[code]} day {time}", time=time, status=code))
        if done == UNKNOWN:
            return self._number(Category(LEFT_OUT))
        living = np.ones(base.automaton.n_states, dtype=bool)
        if done == FAILURE and not kind_of(base).has_event:
            living[list(base.automaton.absorbing)] = False
        ends = np.unique(base.automaton.final[self.reached[-1][:, living].any(axis=1)])
        return int(ends[np.argmax(base.rank[ends])])

    def _number(self, category: Category) -> int:
        if category not in self.categories:
            self.categories.append(category)
        return self.categories.index(category)

    def _frozen(self) -> Integers:
        """Category (H, M, S) of a memory before each day if one score holds from that day to the last."""
        automaton = self.base.automaton
        own = np.arange(automaton.n_states)
        memory = np.repeat(automaton.final[:, None], automaton.n_states, axis=1)
        found = []
        for step in automaton.step[::-1]:
            memory = memory[step, own]
            found.append(memory)
        return np.array(found[::-1])


def _reached(automaton: Automaton) -> Booleans:
    """Which memories and states a path can have together at the end of each day, bool (H+1, M, S)."""
    possible = possible_moves(automaton.n_states, automaton.absorbing)
    reached = np.zeros((automaton.horizon + 1, automaton.n_memory, automaton.n_states), dtype=bool)
    reached[0, automaton.start, np.arange(automaton.n_states)] = True
    for day, step in enumerate(automaton.step, start=1):
        before, state = np.nonzero((reached[day - 1].astype(np.float32) @ possible) > 0)
        reached[day, step[before, state], state] = True
    return reached


def _category(endpoint: Endpoint, number: int) -> Category:
    time, status, rank, value = (getattr(endpoint, name)[number].item() for name in ("time", "status", "rank", "value"))
    return Category(
        endpoint.labels[number],
        time=None if np.isnan(time) else int(time),
        status=None if status < 0 else status,
        rank=None if rank < 0 else rank,
        value=None if np.isnan(value) else value,
    )


def _column(categories: list[Category], name: str, unused: float) -> NDArray[np.float64]:
    values = [getattr(category, name) for category in categories]
    return np.array([unused if value is None else value for value in values], dtype=np.float64)


_STATUS_WORDS = {0: "censored", 1: "event", 2: "competing event"}
