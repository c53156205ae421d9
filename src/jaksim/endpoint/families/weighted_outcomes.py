"""Weighted outcomes: the weights of the bad outcomes a patient had, added up; benefits and harms in one number."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from jaksim.checks import number
from jaksim.endpoint.automaton import Category, Memory, dense_ranks, enumerate_automaton
from jaksim.endpoint.endpoint import Endpoint, endpoint_of
from jaksim.endpoint.family import Family
from jaksim.endpoint.options import fixed_day
from jaksim.endpoint.ranked_components import Component, Side
from jaksim.errors import InputError
from jaksim.key import REQUIRED, Key
from jaksim.scale import OrdinalScale


def weighted_outcomes(
    scale: OrdinalScale,
    horizon: int,
    *,
    name: str,
    components: Sequence[Component],
    weights: Sequence[float],
    day: int | None = None,
    follow_up: int | None = None,
) -> Endpoint:
    """The weights of the bad outcomes that a patient had by `day`, added up; 0 without any.

    The difference of means between arms, with the sign changed, is the net benefit of a treatment in units of the
    weights, and its standard error takes into account that outcomes occur in the same patients. Raises InputError for
    values that `FAMILY` does not allow.
    """
    _check(components, weights)
    last, complete = fixed_day(day, follow_up, horizon)
    side = Side(components if complete else ())
    values = {_sum(weights, chosen) for chosen in product((False, True), repeat=len(weights))}
    ranks = {value: rank for rank, value in enumerate(sorted(values))}

    def category(memory: Memory) -> Category:
        if not complete:
            return Category(f"not known before day {last}")
        had = [rank > 0 for rank in side.ranks(memory)]
        value = _sum(weights, had)
        names = [component.endpoint.name for component, bad in zip(components, had, strict=True) if bad]
        return Category(f"{value:.10g}: {', '.join(names) or 'none'}", rank=ranks[value], value=value)

    automaton, categories = enumerate_automaton(
        scale,
        horizon,
        lambda score: side.start(scale.index(score)),
        lambda memory, score, today: side.step(memory, scale.index(score), today),
        category,
    )
    pairs = zip(weights, components, strict=True)
    listed = "; ".join(f"{weight:g} for {_words(component.endpoint)}" for weight, component in pairs)
    return endpoint_of(
        automaton,
        dense_ranks(categories),
        name=name,
        kind="day_count",
        scale=scale,
        event=f"weighted outcomes by day {last}",
        better="lower value",
        unit="score",
        definition=f"Sum of weights by day {last}: {listed}.",
    )


def _check(components: Sequence[Component], weights: Sequence[float]) -> None:
    if not components:
        raise InputError("needs at least one component", where="components")
    for component in components:
        if component.endpoint.kind != "binary":
            raise InputError("needs binary components", where="components", got=component.endpoint.kind)
        if component.decisive:
            raise InputError("all components count, none decides", where="components, decisive", got=True)
    if len(weights) != len(components):
        raise InputError(
            "one weight for each component", where="weights", allowed=f"{len(components)} numbers", got=list(weights)
        )
    values = [number(weight, "weights") for weight in weights]
    if min(values) < 0.0 or max(values) == 0.0:
        raise InputError(
            "a weight says how bad an outcome is", where="weights", allowed="0 or more, not all 0", got=list(weights)
        )


def _sum(weights: Sequence[float], bad: Sequence[bool]) -> float:
    """Rounded, so that sums that are equal on paper are one value."""
    return round(float(sum(weight for weight, counts in zip(weights, bad, strict=True) if counts)), 12)


def _words(component: Endpoint) -> str:
    """The bad outcome of a component."""
    return component.event if component.better == "no event" else f"not {component.event}"


FAMILY = Family(
    name="weighted_outcomes",
    kind="day_count",
    build=weighted_outcomes,
    description="Benefits and harms in one number: the weights of a patient's bad outcomes.",
    options=(
        Key(
            "components",
            "list of tables",
            "List of tables, each the 'kind' and keys of a binary endpoint without its days; a bad event, or a "
            "good one that did not come, is a bad outcome.",
            REQUIRED,
        ),
        Key("weights", "list of numbers", "How bad each of them is, in the order of the components.", REQUIRED),
        Key("day", "whole number", "Last day of every component, days since randomisation; the horizon if not given."),
        Key(
            "follow_up",
            "whole number",
            "Last day observed in an interim data cut; before 'day' nobody's outcomes are known yet.",
        ),
    ),
)
