"""Time to the first day in, or out of, a set of scores: recovery, death, ventilation, discharge, composites."""

from __future__ import annotations

from typing import Literal

from jaksim.endpoint.automaton import Memory, enumerate_automaton
from jaksim.endpoint.endpoint import Better, Endpoint, endpoint_of
from jaksim.endpoint.event_rule import RULE_KEYS, event_rule
from jaksim.endpoint.family import Family, Offered
from jaksim.endpoint.offered import death, death_or
from jaksim.endpoint.options import SCORE_KEYS, ScoreChoice, favourable, last_days, one_of, target_scores
from jaksim.key import Key
from jaksim.scale import OrdinalScale

Death = Literal[
    "at_risk_to_horizon",
    "competing",
    "censor",
    "event",
    "composite",
    "worst case",
    "while alive",
    "hypothetical",
]
Return = Literal["treatment policy", "composite", "worst case"]


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
    sustained: int = 1,
    counted_on: Literal["first", "last"] = "last",
    readmission: Return = "treatment policy",
) -> Endpoint:
    """First day from 1 on with a score in (or outside) `scores`; the baseline score does not count.

    `death` says what an absorbing score outside the target means. Raises InputError for values that `KEYS` does not
    allow.
    """
    one_of(direction, ("into", "out_of"), where="direction")
    last, observed = last_days(day, follow_up, horizon)
    target = target_scores(scale, scores)
    absorbing = frozenset(scale.absorbing)
    wanted = target.scores if direction == "into" else frozenset(scale.scores) - target.scores - absorbing
    if death == "event":
        wanted |= absorbing
    if better is None:
        better = "event" if favourable(scale, wanted) else "no event"
    one_of(better, ("event", "no event"), where="better")
    rule = event_rule(
        (last, observed),
        good=better == "event",
        death=death,
        sustained=sustained,
        counted_on=counted_on,
        readmission=readmission,
    )
    if rule.death == "event":
        wanted |= absorbing

    def step(memory: Memory, score: int, today: int) -> Memory:
        return rule.step(memory, today, inside=score in wanted, absorbed=score in absorbing)

    side = "in" if direction == "into" else "outside"
    automaton, categories = enumerate_automaton(scale, horizon, lambda score: None, step, rule.category)
    good: Better = better
    return endpoint_of(
        automaton,
        categories,
        name=name,
        kind="time_to_event",
        scale=scale,
        event=f"first score {side} {target.words}",
        better=good,
        definition=(
            f"First day from 1 to {last} with a score {side} {target.words}"
            f"{rule.words(bool(absorbing - target.scores))}."
        ),
    )


def standard(scale: OrdinalScale, horizon: int, first_day: int) -> Offered:
    """Time to recovery and to discharge, to death, and to ventilation or death."""
    for order, (name, words) in enumerate((("recovered", "recovery"), ("discharged", "discharge")), start=10):
        if name in scale.sets:
            yield order, {"name": f"time to {words}", "set": name}
    if scale.absorbing:
        yield 50, {"name": "time to death", **death(scale)}
    if scale.absorbing and "ventilated" in scale.sets:
        yield 60, {"name": "time to ventilation or death", **death_or(scale, "ventilated")}


FAMILY = Family(
    name="time_to_event",
    kind="time_to_event",
    build=time_to_event,
    description="Time to the first day in, or out of, a set of scores.",
    options=(
        *SCORE_KEYS,
        Key(
            "direction",
            "text",
            "'into' (default): first day with a score in the set; 'out_of': first day with a score outside it.",
            "into",
        ),
        Key(
            "death",
            "text",
            "What death before the event means: 'at_risk_to_horizon' (default; never an event, censored at the "
            "last day, as in the ACTT trials), 'competing' (status 2 on the day of death), 'censor' (censored on "
            "that day) or 'event'. By strategy: 'composite' or 'worst case' ('at_risk_to_horizon' for a good "
            "event, 'event' for a bad one), 'while alive' (as 'competing'), 'hypothetical' (as 'censor').",
            "at_risk_to_horizon",
        ),
        *RULE_KEYS,
        Key("day", "whole number", "Last day counted, days since randomisation; the horizon if not given."),
        Key(
            "follow_up",
            "whole number",
            "Last day observed in an interim data cut; patients without an event by then are censored on it.",
        ),
        Key(
            "better",
            "text",
            "Whether the 'event' or 'no event' is good for the patient; by default judged from the ranks of the set.",
        ),
    ),
    standard=standard,
)
