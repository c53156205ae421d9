"""Time to the first day with a score better, or worse, than the baseline score by some number of categories."""

from __future__ import annotations

from typing import Literal

from jaksim.endpoint.automaton import Memory, enumerate_automaton
from jaksim.endpoint.endpoint import Endpoint, endpoint_of
from jaksim.endpoint.event_rule import RULE_KEYS, event_rule
from jaksim.endpoint.families.time_to_event import Death, Return
from jaksim.endpoint.family import Family, Offered
from jaksim.endpoint.options import ScoreChoice, last_days, one_of, target_scores, whole_number
from jaksim.key import Key
from jaksim.scale import OrdinalScale


def time_to_change(
    scale: OrdinalScale,
    horizon: int,
    *,
    name: str,
    direction: Literal["improvement", "worsening"] = "improvement",
    categories: int = 1,
    or_set: ScoreChoice | None = None,
    death: Death = "composite",
    sustained: int = 1,
    counted_on: Literal["first", "last"] = "last",
    readmission: Return = "treatment policy",
    day: int | None = None,
    follow_up: int | None = None,
) -> Endpoint:
    """First day from 1 on with a score at least `categories` better, or worse, than the baseline score.

    A patient whose baseline score leaves no room for that stays at risk to the last day. Death is no worsening by
    itself: `death` says what it means. Raises InputError for values that `FAMILY` does not allow.
    """
    one_of(direction, ("improvement", "worsening"), where="direction")
    change = whole_number(categories, scale.n_states - 1, where="categories")
    last, observed = last_days(day, follow_up, horizon)
    also = None if or_set is None else target_scores(scale, or_set)
    good = direction == "improvement"
    rule = event_rule(
        (last, observed),
        good=good,
        death=death,
        sustained=sustained,
        counted_on=counted_on,
        readmission=readmission,
    )
    absorbing = frozenset(scale.absorbing)
    rank = dict(zip(scale.scores, scale.rank.tolist(), strict=True))
    sign = 1 if good else -1
    always = (frozenset() if also is None else also.scores) | (absorbing if rule.death == "event" else frozenset())

    def start(baseline: int) -> Memory:
        changed = {score for score in rank if sign * (rank[baseline] - rank[score]) >= change}
        return (frozenset(changed - absorbing) | always, None)

    def step(memory: Memory, score: int, today: int) -> Memory:
        assert isinstance(memory, tuple)
        wanted, waiting = memory
        if not isinstance(wanted, frozenset):
            return memory
        after = rule.step(waiting, today, inside=score in wanted, absorbed=score in absorbing)
        return after if isinstance(after, tuple) else (wanted, after)

    automaton, found = enumerate_automaton(
        scale,
        horizon,
        start,
        step,
        lambda memory: rule.category(memory[1] if isinstance(memory[0], frozenset) else memory),  # type: ignore[index]
    )
    side = "better" if good else "worse"
    words = f"score at least {change} {'category' if change == 1 else 'categories'} {side} than at baseline"
    words += "" if also is None else f" or in {also.words}"
    return endpoint_of(
        automaton,
        found,
        name=name,
        kind="time_to_event",
        scale=scale,
        event=f"first {words}",
        better="event" if good else "no event",
        definition=f"First day from 1 to {last} with a {words}{rule.words(bool(absorbing))}.",
    )


def standard(scale: OrdinalScale, horizon: int, first_day: int) -> Offered:
    """Improvement by one category and by two."""
    for steps, words in ((1, "1 category"), (2, "2 categories")):
        yield 20, {"name": f"time to improvement by {words}", "categories": steps}


FAMILY = Family(
    name="time_to_change",
    kind="time_to_event",
    build=time_to_change,
    description="Time to improvement or worsening by some categories from baseline.",
    options=(
        Key("direction", "text", "'improvement' (default) or 'worsening' from the baseline score.", "improvement"),
        Key("categories", "whole number", "Number of categories that the score must change by; 1 if not given.", 1),
        Key(
            "or_set",
            "text, whole number or list",
            "Named set, score, or list of them, that counts as the event too, whatever the baseline score.",
        ),
        Key(
            "death",
            "text",
            "What death means: 'composite' (default) or 'worst case' (never improved and censored at the last day; "
            "a worsening on its day), 'while alive' or 'competing' (status 2 on its day), 'hypothetical' or "
            "'censor' (censored on its day), 'at_risk_to_horizon' (never an event) or 'event'.",
            "composite",
        ),
        *RULE_KEYS,
        Key("day", "whole number", "Last day counted, days since randomisation; the horizon if not given."),
        Key(
            "follow_up",
            "whole number",
            "Last day observed in an interim data cut; patients without an event by then are censored on it.",
        ),
    ),
    standard=standard,
)
