"""A stated effect with the hazard ratio that gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from jaksim.analysis import get_method
from jaksim.model.moves import GROUPS, Move


@dataclass(frozen=True)
class StatedEffect:
    """What is stated of an effect on an endpoint, and what was solved for.

    `value` is the estimate of the `method` (as a ratio, difference or probability), or the risk of the event where
    there is no method, with its 95 % `interval` if one is given. `hazard_ratio` multiplies the intensities of `moves`,
    by group; its logarithm has the `standard_error`, None for a fixed effect. Compared are patients on `active` and on
    `reference`, each the treatments of a regimen.
    """

    treatment: str
    endpoint: str
    method: str
    value: float
    interval: tuple[float, float] | None
    moves: Mapping[str, tuple[str, ...]]
    active: tuple[str, ...]
    reference: tuple[str, ...]
    hazard_ratio: float
    standard_error: float | None

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @property
    def moves_in_words(self) -> str:
        """The moves by group, such as "improvement: 5>4, 4>3; discharge: 3>2"."""
        return "; ".join(f"{group}: {', '.join(moves)}" for group, moves in self.moves.items())

    @property
    def words(self) -> str:
        """What is stated, with its uncertainty, in a clause."""
        known = "fixed: no interval or sd is given"
        if self.interval is not None:
            known = f"95 % interval {self.interval[0]:.4g} to {self.interval[1]:.4g}"
        return f"{self._estimate} on '{self.endpoint}' ({known}), {_regimen(self.active)} against {self._other}"

    @property
    def _estimate(self) -> str:
        if not self.method:
            return f"a risk of {self.value:.4g}"
        method = get_method(self.method)
        kind = {"difference": "a difference", "probability": "a probability"}.get(method.scale)
        if kind is None:
            name = (method.ratio_name or "ratio").replace("_", " ").replace("one step", "one-step")
            kind = f"{'an' if name.startswith('odds') else 'a'} {name}"
        return f"{kind} of {self.value:.4g} by {method.words}"

    @property
    def _other(self) -> str:
        return _regimen(self.reference)


def by_group(moves: Mapping[Move, str], chosen: tuple[Move, ...]) -> dict[str, tuple[str, ...]]:
    """Moves, whose groups are those given, under the name of their group."""
    found = {group: tuple(str(move) for move in chosen if moves[move] == group) for group in GROUPS}
    return {group: names for group, names in found.items() if names}


def _regimen(treatments: tuple[str, ...]) -> str:
    return " + ".join(treatments) or "no treatment"
