"""Cells: the effects of a class of drugs that are one number each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jaksim.checks import items, number, table, text, whole
from jaksim.datafile import check_keys
from jaksim.errors import InputError
from jaksim.model.effect import Window
from jaksim.model.moves import GROUPS, KINDS, Move, group_of, kind_of, parse_selection
from jaksim.pooling.summaries import kind_of_cell
from jaksim.scale import OrdinalScale


@dataclass(frozen=True)
class Cell:
    """Effects of a class that are one number: moves, at some scores, while treated or to a fixed day (`until`)."""

    name: str
    moves: tuple[str | Move, ...]
    current_scores: tuple[int, ...] | None
    until: float | None

    def window(self, treatment_days: float) -> Window:
        """The days on which it acts in a trial that treats for so long."""
        return Window(0.0, treatment_days if self.until is None else self.until)

    def acts_on(self, scale: OrdinalScale) -> frozenset[Move]:
        """The moves of a scale that it changes, each in its default group."""
        origins = [score for score in scale.scores if score not in scale.absorbing]
        every = [Move(a, b) for a in origins for b in scale.scores if a != b]
        return frozenset(
            move
            for move in every
            if (self.current_scores is None or move.origin in self.current_scores)
            and (move in self.moves or group_of(move, scale) in self.moves)
        )


def cells_of(given: Any, where: str) -> tuple[Cell, ...]:
    """The cells of a class, from its entry in a selection."""
    check_keys(table(given, where), where=where, required=("cell",))
    found = []
    for name, entry in table(given["cell"], f"{where}, cell").items():
        place = f"{where}, cell {name}"
        check_keys(table(entry, place), where=place, required=("moves",), optional=("current_scores", "until"))
        if kind_of_cell(name) not in KINDS:
            raise InputError("a cell begins with its kind of effect", where=place, allowed=KINDS, got=name)
        scores = entry.get("current_scores")
        moves = tuple(parse_selection(text(move, f"{place}, moves")) for move in items(entry["moves"], place))
        if not moves:
            raise InputError("at least one move is needed", where=f"{place}, moves", allowed=GROUPS)
        found.append(
            Cell(
                name=name,
                moves=moves,
                current_scores=None
                if scores is None
                else tuple(whole(score, f"{place}, current_scores") for score in items(scores, place)),
                until=days_of(entry["until"], f"{place}, until") if "until" in entry else None,
            )
        )
    return tuple(found)


def check_cells(classes: Mapping[str, Sequence[Cell]], scale: OrdinalScale, horizon: int) -> None:
    """InputError where a cell is not what its name says, acts on nothing or beyond the horizon, or overlaps another.

    All cells act from the first day on, so that two with a move in common overlap whatever their last days are.
    """
    for treatment_class, cells in classes.items():
        taken: dict[Move, str] = {}
        for cell in cells:
            place = f"class {treatment_class}, cell {cell.name}"
            _check_scores(cell.current_scores, scale, place)
            _check_kind(cell, scale, place)
            if cell.until is not None and cell.until > horizon:
                allowed = f"at most {horizon}, the last day of the trials"
                raise InputError(
                    "no trial is followed for so long", where=f"{place}, until", allowed=allowed, got=cell.until
                )
            acted = cell.acts_on(scale)
            if not acted:
                raise InputError("no move is made from these scores", where=place, got=cell.current_scores)
            for move in sorted(acted):
                if move in taken:
                    raise InputError(
                        f"a move is changed by one cell of a class, and {move} is by '{taken[move]}' too", where=place
                    )
                taken[move] = cell.name


def _check_scores(scores: Collection[int] | None, scale: OrdinalScale, place: str) -> None:
    for score in scores or ():
        if score not in scale.scores:
            raise InputError("unknown score", where=f"{place}, current_scores", allowed=scale.scores, got=score)


def _check_kind(cell: Cell, scale: OrdinalScale, place: str) -> None:
    named = kind_of_cell(cell.name)
    for move in cell.moves:
        if isinstance(move, Move):
            try:
                move.check(scale)
            except InputError as error:
                raise error.at(f"{place}, moves") from None
        if (kind := kind_of(move, scale)) != named:
            allowed = [group for group in GROUPS if kind_of(group, scale) == named]
            raise InputError(
                f"a cell named {named} holds moves of {named}, and this is {kind}",
                where=f"{place}, moves",
                allowed=(*allowed, f"single moves of {named}"),
                got=str(move),
            )


def days_of(given: Any, where: str) -> float:
    """A number of days above 0."""
    days = number(given, where)
    if not days > 0:
        raise InputError("must be some days", where=where, allowed="above 0", got=given)
    return days
