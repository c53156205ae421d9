"""Reading safety events instead of scores: the number a patient has had, dead or alive, as a scale of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from jaksim.arrays import Integers
from jaksim.endpoint.automaton import Automaton
from jaksim.endpoint.endpoint import Endpoint
from jaksim.errors import InputError
from jaksim.model.patient_states import PatientStates
from jaksim.scale import OrdinalScale

SAFETY_KEY: Final = "safety"
SAFETY_KEYS: Final = {
    SAFETY_KEY: (
        "Name of a safety event that is read in place of the scores: their sets are then 'event' (taken when no set is "
        "named), 'none', 'dead' and 'event or death', and their scores the number of events, of the dead that number "
        "and one more than the most counted."
    )
}


@dataclass(frozen=True, eq=False)
class Reading:
    """What an endpoint reads of the states of a patient: a `scale`, and the position on it (E,) of each state."""

    scale: OrdinalScale
    of_state: Integers


def read_events(states: PatientStates | None, name: object) -> Reading:
    """The number of safety events of a name, InputError where the trial counts none of that name."""
    kinds = () if states is None else states.events.safety
    found = next((kind for kind in kinds if kind.name == name), None)
    if found is None or states is None:
        allowed = [kind.name for kind in kinds] or "a [[safety]] table of that name"
        raise InputError("no safety events of that name are counted", where=SAFETY_KEY, allowed=allowed, got=name)
    n = found.most + 1
    last = "" if found.most == 1 else " or more"
    counted = ["none", *(str(number) for number in range(1, n))]
    counted[-1] = "after one" if found.most == 1 else f"{found.most}{last}"
    scale = OrdinalScale(
        name=found.name,
        scores=tuple(range(2 * n)),
        labels=(*(f"alive, {words}" for words in counted), *(f"dead, {words}" for words in counted)),
        higher_is_worse=True,
        absorbing=tuple(range(n, 2 * n)),
        sets={
            "event": tuple(score for score in range(2 * n) if score % n),
            "none": (0, n),
            "dead": tuple(range(n, 2 * n)),
            "event or death": tuple(range(1, 2 * n)),
        },
    )
    return Reading(scale, states.events_counted(found.name) + n * _dead(states))


def read_both(states: PatientStates, names: Sequence[str]) -> Reading:
    """Score and numbers of several safety events together, as a scale that no one names the scores of."""
    parts = [states.score, *(states.events_counted(name) for name in names)]
    rows, of_state = np.unique(np.stack(parts, axis=1), axis=0, return_inverse=True)
    dead = np.isin(rows[:, 0], states.scale.indices(states.scale.absorbing))
    scale = OrdinalScale(
        name=states.scale.name,
        scores=tuple(range(len(rows))),
        labels=tuple(" ".join(map(str, row)) for row in rows.tolist()),
        higher_is_worse=True,
        absorbing=tuple(np.flatnonzero(dead).tolist()),
    )
    return Reading(scale, of_state.ravel().astype(np.int64))


def seen_through(endpoint: Endpoint, own: Reading, both: Reading) -> Endpoint:
    """An endpoint of one reading as one of a finer one, which tells the states apart that it reads."""
    place = np.zeros(both.scale.n_states, dtype=np.int64)
    place[both.of_state] = own.of_state
    automaton = endpoint.automaton
    finer = Automaton(
        automaton.horizon,
        automaton.start[place],
        np.ascontiguousarray(automaton.step[:, :, place]),
        automaton.final,
        automaton.n_categories,
        both.scale.indices(both.scale.absorbing),
    )
    return replace(endpoint, automaton=finer, scale=both.scale)


def scores_read(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The table of an endpoint that reads safety events, with the set that it means where it names none."""
    named = {key for key in ("set", "scores") if spec.get(key) is not None}
    return dict(spec) if named else {**spec, "set": "event"}


def in_words(endpoint: Endpoint, scale: OrdinalScale) -> Endpoint:
    """The endpoint with the meaning of its scores in its definition."""
    listed = "; ".join(f"{score} {label}" for score, label in zip(scale.scores, scale.labels, strict=True))
    return replace(
        endpoint, definition=f"{endpoint.definition.rstrip('.')}, counting '{scale.name}': {listed}.".replace("..", ".")
    )


def _dead(states: PatientStates) -> Integers:
    return np.isin(states.score, states.scale.indices(states.scale.absorbing)).astype(np.int64)
