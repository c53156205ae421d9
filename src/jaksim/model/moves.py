"""Moves between the scores of a scale, and the groups of moves that effects speak of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jaksim.checks import is_text
from jaksim.errors import InputError
from jaksim.scale import OrdinalScale

GROUPS = ("improvement", "deterioration", "death", "discharge", "readmission")
KINDS = ("improvement", "deterioration", "death")
"""What an effect can do: help patients get better, make fewer of them get worse, make fewer of them die."""
_KIND_OF_GROUP = {"discharge": "improvement", "readmission": "deterioration"}

_WRITTEN = re.compile(r"\s*(-?\d+)\s*>\s*(-?\d+)\s*")


@dataclass(frozen=True, order=True)
class Move:
    """A direct move from one score to another, written `5>4`."""

    origin: int
    destination: int

    def __post_init__(self) -> None:
        if self.origin == self.destination:
            raise InputError("a move needs two different scores", where="move", got=str(self))

    def __str__(self) -> str:
        return f"{self.origin}>{self.destination}"

    def check(self, scale: OrdinalScale) -> None:
        """InputError unless both scores are on the scale and the origin can be left."""
        for score in (self.origin, self.destination):
            if score not in scale.scores:
                raise InputError("unknown score", where=f"move {self}", allowed=scale.scores, got=score)
        if self.origin in scale.absorbing:
            raise InputError(f"score {self.origin} is absorbing and cannot be left", where=f"move {self}")


def parse(text: str) -> Move:
    """The move written as `5>4`; InputError for any other text."""
    written = _WRITTEN.fullmatch(text) if is_text(text) else None
    if written is None:
        raise InputError("not a move", where="move", allowed="ORIGIN>DESTINATION, such as 5>4", got=text)
    return Move(int(written[1]), int(written[2]))


def parse_selection(text: str) -> str | Move:
    """A group of moves by name, or a single move written as `5>4`; InputError for anything else."""
    if text in GROUPS:
        return text
    if is_text(text) and _WRITTEN.fullmatch(text):
        return parse(text)
    raise InputError(
        "neither a group of moves nor a move", where="moves", allowed=(*GROUPS, "ORIGIN>DESTINATION"), got=text
    )


def group_of(move: Move, scale: OrdinalScale) -> str:
    """The group a move belongs to by default.

    Into the set "dead": death. Into the set "discharged" from outside it: discharge, and the reverse: readmission.
    Otherwise improvement or deterioration, by the ranks of the two scores.
    """
    dead = scale.sets.get("dead", ())
    discharged = scale.sets.get("discharged", ())
    if move.destination in dead:
        return "death"
    if (move.origin in discharged) != (move.destination in discharged):
        return "discharge" if move.destination in discharged else "readmission"
    better = scale.rank[scale.index(move.destination)] < scale.rank[scale.index(move.origin)]
    return "improvement" if better else "deterioration"


def kind_of(selection: str | Move, scale: OrdinalScale) -> str:
    """The kind of effect, one of `KINDS`, that changes a move or a group of moves.

    Discharge is improvement and readmission deterioration. A single move is of the kind of its default group.
    """
    group = group_of(selection, scale) if isinstance(selection, Move) else selection
    if group not in GROUPS:
        raise InputError("unknown group of moves", where="moves", allowed=GROUPS, got=group)
    return _KIND_OF_GROUP.get(group, group)
