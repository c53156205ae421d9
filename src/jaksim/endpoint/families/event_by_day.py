"""Whether a patient had a score in a set by a day: death, death or ventilation, recovery, as a binary endpoint."""

from __future__ import annotations

from typing import Literal

from jaksim.endpoint.automaton import Category, Memory, enumerate_automaton
from jaksim.endpoint.endpoint import Endpoint, endpoint_of
from jaksim.endpoint.family import Family, Offered
from jaksim.endpoint.offered import death, death_or
from jaksim.endpoint.options import SCORE_KEYS, ScoreChoice, favourable, fixed_day, one_of, target_scores, true_or_false
from jaksim.errors import InputError
from jaksim.key import Key
from jaksim.scale import OrdinalScale


def event_by_day(
    scale: OrdinalScale,
    horizon: int,
    *,
    name: str,
    scores: ScoreChoice,
    day: int | None = None,
    occasion: Literal["by", "on"] = "by",
    better: Literal["event", "no event"] | None = None,
    worse_than_baseline: bool = False,
    survivors_only: bool = False,
    follow_up: int | None = None,
) -> Endpoint:
    """Whether a score of `scores` was seen on a day from 1 to `day` (or on that day); the baseline does not count.

    Death counts only where `scores` holds it. With `worse_than_baseline` a patient's scores count that are worse than
    the baseline score; with `survivors_only` the dead of day `day` are left out, as if not known. Raises InputError
    for values that `FAMILY` does not allow.
    """
    true_or_false(worse_than_baseline, where="worse_than_baseline")
    true_or_false(survivors_only, where="survivors_only")
    one_of(occasion, ("by", "on"), where="occasion")
    last, complete = fixed_day(day, follow_up, horizon)
    target = target_scores(scale, scores)
    if survivors_only and target.scores & frozenset(scale.absorbing):
        raise InputError("death cannot be an event of survivors", where="survivors_only", got=sorted(target.scores))
    if better is None:
        better = "event" if favourable(scale, target.scores) else "no event"
    one_of(better, ("event", "no event"), where="better")
    good = better == "event"

    rank = dict(zip(scale.scores, scale.rank.tolist(), strict=True))

    def start(baseline: int) -> Memory:
        if not worse_than_baseline:
            return target.scores
        return frozenset(score for score in target.scores if rank[score] > rank[baseline])

    def step(memory: Memory, score: int, today: int) -> Memory:
        if not complete or today > last or memory == _DEAD:
            return memory
        if survivors_only and score in scale.absorbing:
            return _DEAD
        if memory is True or (occasion == "on" and today != last):
            return memory
        assert isinstance(memory, frozenset)
        return score in memory or memory

    def category(memory: Memory) -> Category:
        if not complete:
            return Category(f"not known before day {last}")
        if memory == _DEAD:
            return Category(f"dead by day {last}")
        happened = memory is True
        return Category(
            "event" if happened else "no event", status=int(happened), rank=int(happened != good), value=happened
        )

    worse = " and worse than at baseline" if worse_than_baseline else ""
    alive = ", of patients alive then" if survivors_only else ""
    automaton, categories = enumerate_automaton(scale, horizon, start, step, category)
    return endpoint_of(
        automaton,
        categories,
        name=name,
        kind="binary",
        scale=scale,
        event=f"score in {target.words}{worse} {occasion} day {last}",
        better=better,
        definition=f"Whether the score is in {target.words}{worse} {_SPAN[occasion].format(last=last)}{alive}.",
    )


_DEAD = "dead"
_SPAN = {"by": "on any day from 1 to {last}", "on": "on day {last}"}


def standard(scale: OrdinalScale, horizon: int, first_day: int) -> Offered:
    """Death, and ventilation or death."""
    if scale.absorbing:
        yield 50, {"name": "death", **death(scale)}
    if scale.absorbing and "ventilated" in scale.sets:
        yield 60, {"name": "ventilation or death", **death_or(scale, "ventilated")}


FAMILY = Family(
    name="event_by_day",
    kind="binary",
    build=event_by_day,
    description="Whether a score in a set was seen by a day, as a binary endpoint.",
    options=(
        *SCORE_KEYS,
        Key("day", "whole number", "Last day counted, days since randomisation; the horizon if not given."),
        Key(
            "occasion",
            "text",
            "'by' (default): a score in the set on any day from 1 to 'day'; 'on': on that day itself.",
            "by",
        ),
        Key(
            "better",
            "text",
            "Whether the 'event' or 'no event' is good for the patient; by default judged from the ranks of the set.",
        ),
        Key(
            "worse_than_baseline",
            "true or false",
            "Count only those of the scores that are worse than the patient's baseline score; false if not given.",
            False,
        ),
        Key(
            "survivors_only",
            "true or false",
            "Leave out patients who have died by 'day', whatever came before; false if not given.",
            False,
        ),
        Key(
            "follow_up",
            "whole number",
            "Last day observed in an interim data cut; before 'day' nobody's answer is known yet.",
        ),
    ),
    standard=standard,
)
