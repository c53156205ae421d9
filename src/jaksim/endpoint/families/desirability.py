"""Desirability of outcome ranking (DOOR): the dead last, survivors by the number of bad outcomes they had."""

from __future__ import annotations

from collections.abc import Sequence

from jaksim.endpoint.automaton import Category, Memory, enumerate_automaton
from jaksim.endpoint.endpoint import Endpoint, endpoint_of
from jaksim.endpoint.family import Family
from jaksim.endpoint.options import fixed_day
from jaksim.endpoint.ranked_components import Component, Side
from jaksim.errors import InputError
from jaksim.key import REQUIRED, Key
from jaksim.scale import OrdinalScale

_DEAD = "dead"


def desirability(
    scale: OrdinalScale,
    horizon: int,
    *,
    name: str,
    components: Sequence[Component],
    day: int | None = None,
    follow_up: int | None = None,
) -> Endpoint:
    """Rank 0 for survivors without a bad outcome, 1 with one, and so on; patients who die by `day` come last.

    Source: Evans et al., Clin Infect Dis 2015;61:800, without the tie-break by duration of treatment. For a tie-break
    make it the first component of a hierarchical endpoint. Raises InputError for values that `FAMILY` does not allow.
    """
    if not components:
        raise InputError("needs at least one component", where="components")
    for component in components:
        if component.endpoint.kind != "binary":
            raise InputError("needs binary components", where="components", got=component.endpoint.kind)
        if component.decisive:
            raise InputError("all components count, none decides", where="components, decisive", got=True)
    last, complete = fixed_day(day, follow_up, horizon)
    side = Side(components if complete else ())

    def step(memory: Memory, score: int, today: int) -> Memory:
        if memory == _DEAD or (complete and today <= last and score in scale.absorbing):
            return _DEAD
        return side.step(memory, scale.index(score), today)

    def category(memory: Memory) -> Category:
        if not complete:
            return Category(f"not known before day {last}")
        bad = len(components) + 1 if memory == _DEAD else sum(side.ranks(memory))
        label = _DEAD if memory == _DEAD else f"alive, {bad} bad outcome{'' if bad == 1 else 's'}"
        return Category(label, rank=bad, value=bad)

    automaton, categories = enumerate_automaton(
        scale, horizon, lambda score: side.start(scale.index(score)), step, category
    )
    listed = "; ".join(
        f"{component.endpoint.event} ({component.endpoint.better} is better)" for component in components
    )
    return endpoint_of(
        automaton,
        categories,
        name=name,
        kind="ordinal",
        scale=scale,
        event=f"desirability of outcome by day {last}",
        better="lower rank",
        unit="rank",
        definition=f"Survivors to day {last} by their number of bad outcomes, then the dead: {listed}.",
    )


FAMILY = Family(
    name="desirability",
    kind="ordinal",
    build=desirability,
    description="Desirability of outcome ranking (DOOR).",
    options=(
        Key(
            "components",
            "list of tables",
            "List of tables, each the 'kind' and keys of a binary endpoint without its days; a bad event, or a "
            "good one that did not come, is one bad outcome.",
            REQUIRED,
        ),
        Key("day", "whole number", "Last day of every component, days since randomisation; the horizon if not given."),
        Key(
            "follow_up",
            "whole number",
            "Last day observed in an interim data cut; before 'day' nobody's rank is known yet.",
        ),
    ),
)
