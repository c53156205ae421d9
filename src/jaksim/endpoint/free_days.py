"""Days free of a set of scores by a day: ventilator-free, oxygen-free and hospital-free days."""

from __future__ import annotations

from typing import Literal

from jaksim.endpoint.automaton import Category, Memory, enumerate_automaton
from jaksim.endpoint.endpoint import Endpoint, endpoint_of
from jaksim.endpoint.options import SCORE_KEYS, ScoreChoice, fixed_day, one_of, target_scores
from jaksim.scale import OrdinalScale

KEYS = {
    **SCORE_KEYS,
    "day": "Last day counted, days since randomisation; the horizon if not given.",
    "death": "Days given to a patient who dies by then: -1 (default; worse than any survivor) or 0.",
    "counting": "'every day' (default): all days outside the set; 'last stretch': those after the last day in the set.",
    "follow_up": "Last day observed in an interim data cut; before 'day' nobody's count is known yet.",
}

_DEAD = "dead"


def free_days(
    scale: OrdinalScale,
    horizon: int,
    *,
    name: str,
    scores: ScoreChoice,
    day: int | None = None,
    death: Literal[-1, 0] = -1,
    counting: Literal["every day", "last stretch"] = "every day",
    follow_up: int | None = None,
) -> Endpoint:
    """Number of days from 1 to `day` alive with a score outside `scores`; a patient who dies by then gets `death` days.

    Raises InputError for values that `KEYS` does not allow.
    """
    one_of(death, (-1, 0), where="death")
    one_of(counting, ("every day", "last stretch"), where="counting")
    last, complete = fixed_day(day, follow_up, horizon)
    target = target_scores(scale, scores)

    # The memory counts the days that are not free: those are the rarer, and simulated patients pay for each change.
    def step(memory: Memory, score: int, today: int) -> Memory:
        if not complete or today > last or not isinstance(memory, int):
            return memory
        if score in scale.absorbing:
            return _DEAD
        if score in target.scores:
            return memory + 1 if counting == "every day" else today
        return memory

    def category(memory: Memory) -> Category:
        if not complete:
            return Category(f"not known before day {last}")
        days = last - memory if isinstance(memory, int) else death
        return Category(f"{days} day" if days == 1 else f"{days} days", rank=last - days, value=days)

    automaton, categories = enumerate_automaton(scale, horizon, lambda score: 0, step, category)
    stretch = "" if counting == "every day" else " after the last day inside it"
    return endpoint_of(
        automaton,
        categories,
        name=name,
        kind="day_count",
        scale=scale,
        event=f"day with a score outside {target.words}",
        better="higher value",
        definition=(
            f"Days from 1 to {last} with a score outside {target.words}{stretch}; patients who die by day {last} are "
            f"given {death} days."
        ),
    )
