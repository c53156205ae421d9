"""Days free of a set of scores by a day: ventilator-, oxygen- and hospital-free days, days alive and at home."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from jaksim.endpoint.automaton import Category, Memory, enumerate_automaton
from jaksim.endpoint.endpoint import Endpoint, endpoint_of
from jaksim.endpoint.family import Family, Offered
from jaksim.endpoint.options import SCORE_KEYS, ScoreChoice, fixed_day, one_of, strategy, target_scores
from jaksim.key import Key
from jaksim.scale import OrdinalScale

_BEFORE_DEATH = "while alive"
_DEATH_DAYS = {-1: -1, 0: 0, "composite": -1, "worst case": -1, _BEFORE_DEATH: 0}
_RETURNED, _DEAD = "returned", "dead"


def free_days(
    scale: OrdinalScale,
    horizon: int,
    *,
    name: str,
    scores: ScoreChoice,
    day: int | None = None,
    death: Literal[-1, 0, "composite", "worst case", "while alive"] = -1,
    counting: Literal["every day", "last stretch"] = "every day",
    readmission: Literal["treatment policy", "composite", "worst case"] = "treatment policy",
    follow_up: int | None = None,
) -> Endpoint:
    """Number of days from 1 to `day` alive with a score outside `scores`; `death` says what the dead are given.

    A return is a day in the set after a day outside it after a day in it, the baseline included. Raises InputError
    for values that `FAMILY` does not allow.
    """
    strategy(death, _DEATH_DAYS, where="death")
    one_of(counting, ("every day", "last stretch"), where="counting")
    strategy(readmission, ("treatment policy", "composite", "worst case"), where="readmission")
    last, complete = fixed_day(day, follow_up, horizon)
    target = target_scores(scale, scores)
    last_stretch = counting == "last stretch" or readmission == "composite"
    no_return = readmission == "worst case"

    # The memory counts the days that are not free: those are the rarer, and simulated patients pay for each change.
    # Where a return matters it also holds whether the set was never seen, is now, or has been left.
    def start(score: int) -> Memory:
        return (0, "in" if score in target.scores else "before") if no_return else 0

    def step(memory: Memory, score: int, today: int) -> Memory:
        if not complete or today > last or memory == _DEAD or (isinstance(memory, tuple) and memory[0] == _DEAD):
            return memory
        held, place = memory if isinstance(memory, tuple) else (memory, "")
        if score in scale.absorbing:
            if death != _BEFORE_DEATH:
                return _DEAD
            return (_DEAD, 0 if held == _RETURNED else today - 1 - held)
        if held == _RETURNED or (score not in target.scores and place != "in"):
            return memory
        if score not in target.scores:
            return (held, "left")
        if place == "left":
            return _RETURNED
        after = today if last_stretch else held + 1
        return (after, "in") if no_return else after

    def category(memory: Memory) -> Category:
        if not complete:
            return Category(f"not known before day {last}")
        days = _days(memory, last, _DEATH_DAYS[death])
        return Category(f"{days} day" if days == 1 else f"{days} days", rank=last - days, value=days)

    automaton, categories = enumerate_automaton(scale, horizon, start, step, category)
    stretch = " after the last day inside it" if last_stretch else ""
    returned = "; a patient who returns to it has none" if no_return else ""
    dead = f"patients who die by day {last} are given {_DEATH_DAYS[death]} days"
    if death == _BEFORE_DEATH:
        dead = "days before death count"
    endpoint = endpoint_of(
        automaton,
        categories,
        name=name,
        kind="day_count",
        scale=scale,
        event=f"day with a score outside {target.words}",
        better="higher value",
        definition=f"Days from 1 to {last} alive with a score outside {target.words}{stretch}{returned}; {dead}.",
    )
    idle = [scale.index(score) for score in sorted(target.scores - frozenset(scale.absorbing))]
    return replace(endpoint, idle=idle[0] if idle and not last_stretch and not no_return else None)


def _days(memory: Memory, last: int, dead: int) -> int:
    if memory == _DEAD:
        return dead
    if memory == _RETURNED:
        return 0
    if isinstance(memory, tuple):
        return int(memory[1] if memory[0] == _DEAD else last - memory[0])
    assert isinstance(memory, int)
    return last - memory


def standard(scale: OrdinalScale, horizon: int, first_day: int) -> Offered:
    """Days free of ventilation, of oxygen and of hospital."""
    for name, words in (("ventilated", "ventilator"), ("oxygen", "oxygen"), ("hospitalised", "hospital")):
        if name in scale.sets:
            yield 70, {"name": f"{words}-free days", "set": name}


FAMILY = Family(
    name="free_days",
    kind="day_count",
    build=free_days,
    description="Number of days free of a set of scores by a day.",
    options=(
        *SCORE_KEYS,
        Key("day", "whole number", "Last day counted, days since randomisation; the horizon if not given."),
        Key(
            "death",
            "text or whole number",
            "Days given to a patient who dies by then: -1 (default; worse than any survivor; also 'composite' or "
            "'worst case'), 0, or 'while alive' for the days before death, as in days alive and out of hospital.",
            -1,
        ),
        Key(
            "counting",
            "text",
            "'every day' (default): all days outside the set; 'last stretch': those after the last day in the set.",
            "every day",
        ),
        Key(
            "readmission",
            "text",
            "What a return to the set after leaving it means: 'treatment policy' (default; each free day counts), "
            "'composite' (as counting 'last stretch') or 'worst case' (no free day at all).",
            "treatment policy",
        ),
        Key(
            "follow_up",
            "whole number",
            "Last day observed in an interim data cut; before 'day' nobody's count is known yet.",
        ),
    ),
    standard=standard,
)
