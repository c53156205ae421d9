"""Named strategies for what comes between a patient and the endpoint: withdrawal, treatment stop, missed visits."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Final

import numpy as np

from jaksim.endpoint.automaton import Automaton
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.kind import CARRY, CENSOR, COMPETING, END, FAILURE, UNKNOWN, WORST
from jaksim.endpoint.kinds import kind_of
from jaksim.endpoint.options import one_of
from jaksim.errors import InputError

TREATMENT_EVENTS: Final = ("switch", "rescue", "treatment_stop")
"""Events of the treatment that an endpoint may have a strategy for; a kind of endpoints has the same for all."""
STRATEGY_KEYS: Final = {
    "withdrawal": (
        "What leaving the study before the endpoint is known means: 'hypothetical' (as if the patient had stayed), "
        "'composite' (a failure), 'worst case', 'while observed' or 'carry forward' (the last score seen stands). A "
        "time to event also takes 'censor' (its default; on the last day seen), others 'complete case' (their default; "
        "left out unless the answer was known)."
    ),
    "treatment_stop": (
        "What a stop of the treatment before the endpoint is known means: 'treatment policy' (default; the scores "
        "count), 'hypothetical' (as if the patient had gone on), 'composite' (a failure), 'worst case' or 'while on "
        "treatment'; a time to event also takes 'censor'."
    ),
    "rescue": (
        "What a rescue before the endpoint is known means: 'treatment policy' (default; the scores count), "
        "'hypothetical' (as if there were no rescue), 'composite' (a failure), 'worst case' or 'while on treatment' "
        "(until the rescue); a time to event also takes 'censor'."
    ),
    "switch": ("What a switch of the regimen before the endpoint is known means; strategies as for a rescue."),
    "missed_visit": (
        "What a missed visit means on the only day that the endpoint reads: 'complete case' (default; left out), "
        "'carry forward' (the score of the day before), 'composite' (a failure), 'worst case' or 'hypothetical' (as if "
        "seen)."
    ),
}

_WHILE: Final = ("while observed", "while on treatment")
_NOT_POSSIBLE: Final = {
    ("withdrawal", "treatment policy"): (
        "no score is seen after a patient has left the study, so there is nothing to take as it is observed"
    ),
    **{
        (event, "complete case"): "the patient is still seen after it; nothing is missing" for event in TREATMENT_EVENTS
    },
    **{
        (event, "carry forward"): "the patient is still seen after it; 'while on treatment' ends there"
        for event in TREATMENT_EVENTS
    },
    ("missed_visit", "treatment policy"): "a visit that was missed has no score to take as it is observed",
}
_WORDS: Final = {
    CENSOR: "censors",
    FAILURE: "is a failure",
    WORST: "is the worst outcome",
    COMPETING: "is a competing event",
    CARRY: "leaves the last score before it",
    UNKNOWN: "leaves the patient out, unless the answer was known",
    END: "ends the days that count",
}
_IGNORED: Final = {
    "treatment policy": "is ignored",
    "hypothetical": "is thought away",
    "while observed": "ends the days that count",
}


def chosen_strategies(endpoint: Endpoint, given: Mapping[str, object]) -> dict[str, str]:
    """The strategy of an endpoint for each intercurrent event that it can have one for, defaults filled in.

    Raises InputError, with the reason, for one that makes no sense for the endpoint.
    """
    chosen: dict[str, str] = {}
    for event in STRATEGY_KEYS:
        allowed = _allowed(endpoint, event)
        value = given.get(event, next(iter(allowed), None))
        if event == "missed_visit" and not allowed:
            if value is not None:
                raise InputError(
                    "only an endpoint that reads a single day can miss a visit; this one reads the daily scores",
                    where=event,
                    got=value,
                )
            continue
        if isinstance(value, str) and value not in allowed and (event, value) in _NOT_POSSIBLE:
            raise InputError(_NOT_POSSIBLE[event, value], where=event, allowed=allowed, got=value)
        if value in _WHILE and value not in allowed:
            raise InputError(
                "the endpoint has no value for a part of the days", where=event, allowed=allowed, got=value
            )
        one_of(value, allowed, where=event)
        chosen[event] = str(value)
    return chosen


def action(endpoint: Endpoint, event: str, strategy: str) -> int:
    """What a strategy does when the event comes before the endpoint is known."""
    if strategy in _WHILE and kind_of(endpoint).ends_days:
        return END
    return _strategies(endpoint, event)[strategy]


def strategy_words(endpoint: Endpoint, strategies: Mapping[str, str]) -> str:
    """What strategies add to the definition of an endpoint."""
    words = ""
    for event, strategy in strategies.items():
        done = action(endpoint, event, strategy)
        meaning = _WORDS.get(done) or _IGNORED[strategy]
        words += f"; {event.replace('_', ' ')} {meaning} ({strategy})"
    return words


def days_read(automaton: Automaton, most: int | None = None) -> list[int]:
    """Days whose score can change a memory, the first `most` of them."""
    own = np.arange(automaton.n_memory)[:, None]
    days = (day for day, step in enumerate(automaton.step, start=1) if (step != own).any())
    return list(islice(days, most))


def _allowed(endpoint: Endpoint, event: str) -> list[str]:
    kind = kind_of(endpoint)
    names = list(_strategies(endpoint, event))
    if event == "missed_visit":
        return [] if len(days_read(endpoint.automaton, 2)) > 1 else names
    whole = bool(endpoint.components) or (kind.ends_days and endpoint.idle is None)
    return [name for name in names if not (whole and name in _WHILE)]


def _strategies(endpoint: Endpoint, event: str) -> Mapping[str, int]:
    strategies = kind_of(endpoint).strategies
    return strategies["treatment_stop"] if event in TREATMENT_EVENTS else strategies[event]
