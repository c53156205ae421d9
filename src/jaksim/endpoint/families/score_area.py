"""Area under the curve of daily scores: their sum or mean over the days from 1 to a day."""

from __future__ import annotations

from math import lcm
from typing import Literal

from jaksim.endpoint.automaton import Category, Memory, dense_ranks, enumerate_automaton
from jaksim.endpoint.endpoint import Endpoint, endpoint_of
from jaksim.endpoint.family import Family
from jaksim.endpoint.options import fixed_day, one_of, strategy
from jaksim.errors import InputError
from jaksim.key import Key
from jaksim.scale import OrdinalScale


def score_area(
    scale: OrdinalScale,
    horizon: int,
    *,
    name: str,
    statistic: Literal["mean", "sum"] = "mean",
    day: int | None = None,
    death: Literal["composite", "worst case", "while alive"] = "composite",
    follow_up: int | None = None,
) -> Endpoint:
    """Sum or mean of the scores at the end of days 1 to `day`, one category for each value.

    Raises InputError for values that `FAMILY` does not allow.
    """
    one_of(statistic, ("mean", "sum"), where="statistic")
    strategy(death, ("composite", "worst case", "while alive"), where="death")
    if death == "while alive" and statistic == "sum":
        raise InputError("a sum over fewer days would favour early death", where="statistic", allowed="'mean'")
    last, complete = fixed_day(day, follow_up, horizon)
    absorbing = frozenset(scale.absorbing)
    best = scale.scores[int(scale.rank.argmin())]
    common = lcm(*range(1, last + 1)) if death == "while alive" else last

    # A memory is the area above the best score so far, which improvement leaves as it is, or (total, days) for good;
    # before any day it is the baseline score, where that can matter.
    def start(score: int) -> Memory:
        return ("baseline", score) if death == "while alive" and complete else 0

    def step(memory: Memory, score: int, today: int) -> Memory:
        if not complete or today > last or (isinstance(memory, tuple) and memory[0] != "baseline"):
            return memory
        above = memory if isinstance(memory, int) else 0
        if score not in absorbing or death == "composite":
            return above + score - best
        if death == "worst case":
            return ((score - best) * last, last)
        return (above, today - 1) if today > 1 else (memory[1] - best, 1)  # type: ignore[index]

    def category(memory: Memory) -> Category:
        if not complete:
            return Category(f"not known before day {last}")
        total, days = memory if isinstance(memory, tuple) else (memory, last)
        rank = abs(total) * (common // days)
        value = best + total / days if statistic == "mean" else best * last + total
        return Category(f"{statistic} {value:.10g}", rank=rank, value=value)

    automaton, categories = enumerate_automaton(scale, horizon, start, step, category)
    return endpoint_of(
        automaton,
        dense_ranks(categories),
        name=name,
        kind="day_count",
        scale=scale,
        event=f"{statistic} of the daily scores",
        better="lower value" if scale.higher_is_worse else "higher value",
        unit="score",
        definition=f"{statistic.capitalize()} of the scores at the end of days 1 to {last}{_DEATH_WORDS[death]}.",
    )


_DEATH_WORDS = {
    "composite": ", the score of death counted from death on",
    "worst case": "; a patient who dies is given the score of death on every day",
    "while alive": " before death",
}


FAMILY = Family(
    name="score_area",
    kind="day_count",
    build=score_area,
    description="Sum or mean of the daily scores up to a day.",
    options=(
        Key("statistic", "text", "'mean' (default) or 'sum' of the scores at the end of days 1 to 'day'.", "mean"),
        Key("day", "whole number", "Last day counted, days since randomisation; the horizon if not given."),
        Key(
            "death",
            "text",
            "'composite' (default): the score of death counts on each day from death on; 'worst case': on every "
            "day, whenever the patient died; 'while alive': the mean of the days before death, with the baseline "
            "score for those who die on day 1.",
            "composite",
        ),
        Key(
            "follow_up",
            "whole number",
            "Last day observed in an interim data cut; before 'day' nobody's area is known yet.",
        ),
    ),
    standard=lambda scale, horizon, first_day: [(90, {"name": "mean daily score"})],
)
