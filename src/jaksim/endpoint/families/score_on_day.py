"""Score on one day, an ordinal endpoint."""

from __future__ import annotations

from jaksim.endpoint.automaton import Category, Memory, enumerate_automaton
from jaksim.endpoint.endpoint import Endpoint, endpoint_of
from jaksim.endpoint.family import Family, Offered
from jaksim.endpoint.options import fixed_day
from jaksim.key import Key
from jaksim.scale import OrdinalScale


def score_on_day(
    scale: OrdinalScale, horizon: int, *, name: str, day: int | None = None, follow_up: int | None = None
) -> Endpoint:
    """Score at the end of one day, one category for each score; death keeps its own, worst rank.

    Raises InputError for values that `FAMILY` does not allow.
    """
    last, complete = fixed_day(day, follow_up, horizon)

    def step(memory: Memory, score: int, today: int) -> Memory:
        return score if today == last and complete else memory

    def category(memory: Memory) -> Category:
        if not isinstance(memory, int):
            return Category(f"not known before day {last}")
        state = scale.index(memory)
        return Category(f"score {memory}", rank=int(scale.rank[state]), value=memory)

    automaton, categories = enumerate_automaton(scale, horizon, lambda score: None, step, category)
    return endpoint_of(
        automaton,
        categories,
        name=name,
        kind="ordinal",
        scale=scale,
        event=f"score on day {last}",
        better="lower rank",
        definition=f"Score at the end of day {last} on the {scale.name}, death included.",
    )


def standard(scale: OrdinalScale, horizon: int, first_day: int) -> Offered:
    """The middle and the last day."""
    for day in sorted({max(1, horizon // 2), horizon}):
        yield 30, {"name": f"score on day {day + first_day}", "day": day}


FAMILY = Family(
    name="score_on_day",
    kind="ordinal",
    build=score_on_day,
    description="Score on one day, as an ordinal endpoint.",
    options=(
        Key("day", "whole number", "Day whose score is taken, days since randomisation; the horizon if not given."),
        Key(
            "follow_up",
            "whole number",
            "Last day observed in an interim data cut; before 'day' nobody's score is known yet.",
        ),
    ),
    standard=standard,
)
