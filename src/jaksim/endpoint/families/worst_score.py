"""Worst score seen by a day, an ordinal endpoint."""

from __future__ import annotations

from typing import Literal

from jaksim.endpoint.automaton import Category, Memory, enumerate_automaton
from jaksim.endpoint.endpoint import Endpoint, endpoint_of
from jaksim.endpoint.family import Family
from jaksim.endpoint.options import fixed_day, strategy, true_or_false
from jaksim.errors import InputError
from jaksim.key import Key
from jaksim.scale import OrdinalScale


def worst_score(
    scale: OrdinalScale,
    horizon: int,
    *,
    name: str,
    day: int | None = None,
    include_baseline: bool = False,
    death: Literal["composite", "worst case", "while alive"] = "composite",
    follow_up: int | None = None,
) -> Endpoint:
    """Worst score at the end of any day from 1, or from the baseline, to `day`, one category for each score.

    Raises InputError for values that `FAMILY` does not allow.
    """
    strategy(death, ("composite", "worst case", "while alive"), where="death")
    true_or_false(include_baseline, where="include_baseline")
    before_death = death == "while alive"
    if before_death and not include_baseline:
        raise InputError("a patient who dies on day 1 has no score but the baseline", where="include_baseline, death")
    last, complete = fixed_day(day, follow_up, horizon)
    rank = dict(zip(scale.scores, scale.rank.tolist(), strict=True))
    counted = frozenset(rank) - (frozenset(scale.absorbing) if before_death else frozenset())

    def start(score: int) -> Memory:
        return score if include_baseline and complete else None

    def step(memory: Memory, score: int, today: int) -> Memory:
        if not complete or today > last or score not in counted:
            return memory
        return score if not isinstance(memory, int) or rank[score] > rank[memory] else memory

    def category(memory: Memory) -> Category:
        if not isinstance(memory, int):
            return Category(f"not known before day {last}")
        return Category(f"score {memory}", rank=rank[memory], value=memory)

    automaton, categories = enumerate_automaton(scale, horizon, start, step, category)
    first = "baseline" if include_baseline else "day 1"
    dead = "before death" if before_death else "death included"
    return endpoint_of(
        automaton,
        categories,
        name=name,
        kind="ordinal",
        scale=scale,
        event=f"worst score by day {last}",
        better="lower rank",
        definition=f"Worst score from {first} to day {last} on the {scale.name}, {dead}.",
    )


FAMILY = Family(
    name="worst_score",
    kind="ordinal",
    build=worst_score,
    description="Worst score by a day, as an ordinal endpoint.",
    options=(
        Key("day", "whole number", "Last day counted, days since randomisation; the horizon if not given."),
        Key("include_baseline", "true or false", "Whether the baseline score counts too; false if not given.", False),
        Key(
            "death",
            "text",
            "'composite' (default) or 'worst case': death is the worst score; 'while alive': the worst score "
            "before it, which needs the baseline score for those who die on the first day.",
            "composite",
        ),
        Key(
            "follow_up",
            "whole number",
            "Last day observed in an interim data cut; before 'day' nobody's worst score is known yet.",
        ),
    ),
    standard=lambda scale, horizon, first_day: [(80, {"name": "worst score"})],
)
