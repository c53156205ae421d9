"""Time to the first day in, or out of, a set of scores: recovery, death, ventilation, discharge, composites."""

from __future__ import annotations

from typing import Literal

from jaksim.endpoint.automaton import Category, Memory, enumerate_automaton
from jaksim.endpoint.endpoint import Better, Endpoint, endpoint_of
from jaksim.endpoint.options import SCORE_KEYS, ScoreChoice, favourable, last_days, one_of, target_scores
from jaksim.scale import OrdinalScale

Death = Literal["at_risk_to_horizon", "competing", "censor", "event"]

KEYS = {
    **SCORE_KEYS,
    "direction": "'into' (default): first day with a score in the set; 'out_of': first day with a score outside it.",
    "death": (
        "What death before the event means: 'at_risk_to_horizon' (default; never an event, censored at the last day, "
        "as in the ACTT trials), 'competing' (status 2 on the day of death), 'censor' (censored on that day) or "
        "'event' (a composite)."
    ),
    "day": "Last day counted, days since randomisation; the horizon if not given.",
    "follow_up": "Last day observed in an interim data cut; patients without an event by then are censored on it.",
    "better": "Whether the 'event' or 'no event' is good for the patient; by default judged from the ranks of the set.",
}

_DEATH_WORDS = {
    "at_risk_to_horizon": "patients who die are censored at day {last}",
    "competing": "death before it is a competing event",
    "censor": "death before it censors",
    "event": "death counts as the event",
}


def time_to_event(
    scale: OrdinalScale,
    horizon: int,
    *,
    name: str,
    scores: ScoreChoice,
    direction: Literal["into", "out_of"] = "into",
    death: Death = "at_risk_to_horizon",
    day: int | None = None,
    follow_up: int | None = None,
    better: Literal["event", "no event"] | None = None,
) -> Endpoint:
    """First day from 1 on with a score in (or outside) `scores`; the baseline score does not count.

    `death` says what an absorbing score outside the target means. Raises InputError for values that `KEYS` does not
    allow.
    """
    one_of(direction, ("into", "out_of"), where="direction")
    one_of(death, _DEATH_WORDS, where="death")
    last, observed = last_days(day, follow_up, horizon)
    target = target_scores(scale, scores)
    absorbing = frozenset(scale.absorbing)
    wanted = target.scores if direction == "into" else frozenset(scale.scores) - target.scores - absorbing
    if death == "event":
        wanted |= absorbing
    if better is None:
        better = "event" if favourable(scale, wanted) else "no event"
    one_of(better, ("event", "no event"), where="better")
    dead_censored_later = observed < last

    def step(memory: Memory, score: int, today: int) -> Memory:
        if memory is not None or today > observed:
            return memory
        if score in wanted:
            return (today, 1)
        if score not in absorbing:
            return None
        if death == "at_risk_to_horizon":
            return (last, 0) if dead_censored_later else None
        return (today, 2 if death == "competing" else 0)

    def category(memory: Memory) -> Category:
        time, status = memory if isinstance(memory, tuple) else (observed, 0)
        return Category(f"{_STATUS_WORDS[status]} day {time}", time=time, status=status)

    side = "in" if direction == "into" else "outside"
    event = f"first score {side} {target.words}"
    words = f"; {_DEATH_WORDS[death].format(last=last)}" if absorbing - target.scores else ""
    automaton, categories = enumerate_automaton(scale, horizon, lambda score: None, step, category)
    good: Better = better
    return endpoint_of(
        automaton,
        categories,
        name=name,
        kind="time_to_event",
        scale=scale,
        event=event,
        better=good,
        definition=f"First day from 1 to {last} with a score {side} {target.words}{words}.",
    )


_STATUS_WORDS = {0: "censored", 1: "event", 2: "competing event"}
