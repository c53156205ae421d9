"""Words for whom and when an intercurrent event concerns, in the lines of what a scenario assumes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from jaksim.model.selection import Selection
from jaksim.trial.assumption import Assumption


def concerned(values: Mapping[str, Any]) -> tuple[tuple[int, ...] | None, tuple[str, ...]]:
    """Scores and arms of a table."""
    scores = values["current_scores"]
    return None if scores is None else tuple(scores), tuple(values["arms"])


def window_words(start: float, end: float) -> str:
    """The days since randomisation, nothing where they are all."""
    if end < math.inf:
        return f", days {start:g}-{end:g}"
    return f", from day {start:g}" if start > 0.0 else ""


def arms_words(one: Selection) -> str:
    """The arms concerned, nothing where they are all."""
    return f", {' and '.join(one.arms)}" if one.arms else ""


def line(about: str, statement: str, one: Selection, values: Mapping[str, Any]) -> Assumption:
    """What is assumed, of which scores and arms, with its source or reason."""
    scores = "" if one.current_scores is None else f", score {', '.join(map(str, one.current_scores))}"
    return assumed(about, f"{statement}{scores}{arms_words(one)}", values)


def assumed(about: str, statement: str, values: Mapping[str, Any]) -> Assumption:
    """What is assumed, with its source or reason."""
    return Assumption(
        about=about,
        statement=statement,
        source=values["source"],
        published=bool(values["source"]) and not values["assumption"],
        note=values["assumption"],
    )
