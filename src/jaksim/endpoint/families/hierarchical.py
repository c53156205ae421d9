"""Hierarchical endpoint: patients compared on components in turn, the first that differs decides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jaksim.endpoint.automaton import Category, Memory, dense_ranks, enumerate_automaton
from jaksim.endpoint.endpoint import Endpoint, endpoint_of
from jaksim.endpoint.family import Family, Offered
from jaksim.endpoint.kinds import kind_of
from jaksim.endpoint.options import fixed_day
from jaksim.endpoint.ranked_components import Component, Side
from jaksim.errors import InputError
from jaksim.key import REQUIRED, Key
from jaksim.scale import OrdinalScale


def hierarchical(
    scale: OrdinalScale,
    horizon: int,
    *,
    name: str,
    components: Sequence[Component],
    day: int | None = None,
    follow_up: int | None = None,
) -> Endpoint:
    """Rank by the first component, ties by the second, and so on; equal in all of them is a tie.

    A time to event counts as better the later a bad event comes, the earlier a good one; patients without it are
    tied. Win ratio, win odds and net benefit of Finkelstein and Schoenfeld's and Pocock's kind compare these ranks.
    Raises InputError for values that `FAMILY` does not allow.
    """
    if not components:
        raise InputError("needs at least one component", where="components")
    last, complete = fixed_day(day, follow_up, horizon)
    side = Side(components if complete else ())
    sizes = [int(component.rank.max()) + 2 for component in side.components]

    def key(ranks: Sequence[int]) -> int:
        place = 0
        for rank, size in zip(ranks, sizes, strict=True):
            place = place * size + rank + 1
        return place

    def category(memory: Memory) -> Category:
        if not complete:
            return Category(f"not known before day {last}")
        ranks = side.ranks(memory)
        return Category(" > ".join(_label(*pair) for pair in zip(components, ranks, strict=True)), rank=key(ranks))

    automaton, found = enumerate_automaton(
        scale,
        horizon,
        lambda score: side.start(scale.index(score)),
        lambda memory, score, today: side.step(memory, scale.index(score), today),
        category,
    )
    ranked = tuple(category._replace(value=category.rank) for category in dense_ranks(found))
    listed = "; then ".join(_words(component) for component in components)
    return endpoint_of(
        automaton,
        ranked,
        name=name,
        kind="ordinal",
        scale=scale,
        event=f"rank in a hierarchy of {len(components)}",
        better="lower rank",
        unit="rank",
        components=tuple(component.endpoint.name for component in components),
        component_rank=_component_ranks([part.rank for part in found], sizes) if complete else None,
        definition=f"Rank by day {last}, the first that differs decides: {listed}.",
    )


def _component_ranks(keys: Sequence[int | None], sizes: Sequence[int]) -> NDArray[np.int64]:
    rest = np.array(keys, dtype=object)
    rows = []
    for size in reversed(sizes):
        rows.append(rest % size - 1)
        rest = rest // size
    return np.array(rows[::-1], dtype=np.int64).reshape(len(sizes), len(keys))


def _label(component: Component, rank: int) -> str:
    if rank < 0:
        return "not compared"
    one = component.endpoint
    number = int(np.flatnonzero(component.rank == rank)[0])
    event = not kind_of(one).timed or one.status[number] == 1
    return f"{one.name}: {one.labels[number] if event else 'no event'}"


def _words(component: Component) -> str:
    one = component.endpoint
    side: str = one.better
    if kind_of(one).timed:
        side = "late or never" if side == "no event" else "early"
    return f"{one.event} ({side} is better{', no more is compared after it' if component.decisive else ''})"


def standard(scale: OrdinalScale, horizon: int, first_day: int) -> Offered:
    """Death, ventilation, recovery and score, as far as the scale has them."""
    tables: list[dict[str, object]] = [
        {"name": name, "kind": "time_to_event", "set": name, "decisive": name != "recovered"}
        for name in ("dead", "ventilated", "recovered")
        if name in scale.sets
    ]
    yield 100, {"name": "hierarchy", "components": [*tables, {"name": "score", "kind": "score_on_day"}]}


FAMILY = Family(
    name="hierarchical",
    kind="ordinal",
    build=hierarchical,
    description="Rank by several endpoints in turn, for win ratio, win odds and net benefit.",
    options=(
        Key(
            "components",
            "list of tables",
            "List of tables, the most important first, each the 'kind' and keys of another endpoint without its "
            "days; 'decisive = true' compares patients with its event on nothing that stands later.",
            REQUIRED,
        ),
        Key("day", "whole number", "Last day of every component, days since randomisation; the horizon if not given."),
        Key(
            "follow_up",
            "whole number",
            "Last day observed in an interim data cut; before 'day' nobody's rank is known yet.",
        ),
    ),
    standard=standard,
)
