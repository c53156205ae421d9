"""The natural history: how patients move through a scale before any modelled treatment acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jaksim.errors import InputError
from jaksim.model.moves import GROUPS, KINDS, Move, group_of, kind_of, parse
from jaksim.piecewise import PiecewiseConstant
from jaksim.scale import OrdinalScale


@dataclass(frozen=True)
class NaturalHistory:
    """Intensities per day of the allowed moves, as functions of days since randomisation.

    A move that is not named does not happen. `groups` gives each move its group; moves it leaves out get the default of
    `group_of`. InputError for unknown scores, moves out of an absorbing score and negative intensities.
    """

    scale: OrdinalScale
    intensities: Mapping[Move, PiecewiseConstant] = field(hash=False)
    groups: Mapping[Move, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        intensities = dict(self.intensities)
        if not intensities:
            raise InputError("at least one move is needed", where="natural history")
        for move, intensity in intensities.items():
            if (type(move), type(intensity)) != (Move, PiecewiseConstant):
                raise InputError("each Move needs a PiecewiseConstant", where="natural history", got=(move, intensity))
            move.check(self.scale)
            for position, value in enumerate(intensity.values):
                if value < 0:
                    raise InputError(
                        "an intensity cannot be negative",
                        where=f"move {move}, values[{position}]",
                        allowed="0 or more",
                        got=value,
                    )
        for move, group in self.groups.items():
            if move not in intensities:
                allowed = [str(known) for known in intensities]
                raise InputError("no such move", where="natural history, groups", allowed=allowed, got=str(move))
            if group not in GROUPS:
                raise InputError("unknown group of moves", where=f"move {move}", allowed=GROUPS, got=group)
        groups = {move: self.groups.get(move) or group_of(move, self.scale) for move in intensities}
        object.__setattr__(self, "intensities", intensities)
        object.__setattr__(self, "groups", groups)

    @classmethod
    def of(cls, scale: OrdinalScale, intensities: Mapping[str, float | PiecewiseConstant]) -> NaturalHistory:
        """A natural history from moves as text and intensities per day, constant where a plain number is given."""
        return cls(
            scale,
            {
                parse(move): value if isinstance(value, PiecewiseConstant) else PiecewiseConstant.constant(value)
                for move, value in intensities.items()
            },
        )

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """The allowed moves, in the order they were given."""
        return tuple(self.intensities)

    @cached_property
    def cuts(self) -> tuple[float, ...]:
        """Days at which any intensity changes."""
        return tuple(sorted({cut for intensity in self.intensities.values() for cut in intensity.cuts}))

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """Intensities per day (n_moves, len(cuts) + 1) of each move in each piece between `cuts`."""
        starts = np.array([0.0, *self.cuts])
        return np.array([intensity(starts) for intensity in self.intensities.values()])

    @cached_property
    def positions(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """State indices of the origins and of the destinations (n_moves,) each."""
        origins = [self.scale.index(move.origin) for move in self.moves]
        destinations = [self.scale.index(move.destination) for move in self.moves]
        return np.array(origins, dtype=np.intp), np.array(destinations, dtype=np.intp)

    @cached_property
    def kinds(self) -> NDArray[np.intp]:
        """Position among `KINDS` of the kind of effect that changes each move (n_moves,)."""
        return np.array([KINDS.index(kind_of(self.groups[move], self.scale)) for move in self.moves], dtype=np.intp)

    def selected(self, moves: tuple[str | Move, ...], current_scores: tuple[int, ...] | None) -> NDArray[np.bool_]:
        """Which moves (n_moves,) are among `moves`, singly or by group, and start at one of `current_scores`."""
        key = (moves, current_scores)
        if key not in self._selections:
            self._selections[key] = np.array(
                [
                    (move in moves or self.groups[move] in moves)
                    and (current_scores is None or move.origin in current_scores)
                    for move in self.moves
                ]
            )
        return self._selections[key]

    @cached_property
    def _selections(self) -> dict[tuple[object, ...], NDArray[np.bool_]]:
        return {}
