"""The levels of a characteristic: patients and events of both arms in each, and the ratio printed for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Integers
from jaksim.errors import InputError
from jaksim.evidence.synthesis.inference import Contrast
from jaksim.evidence.two_arms import Arms


@dataclass(frozen=True)
class Level:
    """One subgroup: its patients, the published ratio (adjusted) where there is one, and where both come from.

    `rest` marks a level that is what the others leave of everybody, rather than one that was reported.
    """

    name: str
    arms: Arms
    published: Contrast | None = None
    records: tuple[str, ...] = ()
    rest: bool = False


@dataclass(frozen=True)
class TrialLevels:
    """One trial's patients of a level, and its others."""

    study: str
    inside: Arms
    outside: Arms


@dataclass(frozen=True)
class Characteristic:
    """What divides the patients: levels without overlap, and what is known of the question before the data.

    `predicted` says in words who expected which direction and when; empty where nobody did.
    `trials` are those that report both sides of `within`, one of the levels.
    """

    name: str
    levels: tuple[Level, ...]
    predicted: str = ""
    continuous: bool = False
    within: str = ""
    trials: tuple[TrialLevels, ...] = ()

    def __post_init__(self) -> None:
        if len(self.levels) < 2:
            raise InputError("a characteristic divides patients into at least two levels", where=self.name)

    def level(self, name: str) -> int:
        """Place of a level; InputError for an unknown one."""
        names = tuple(level.name for level in self.levels)
        if name not in names:
            raise InputError("unknown level", where=self.name, allowed=names, got=name)
        return names.index(name)

    @property
    def table(self) -> Integers:
        """Treated events, treated patients, control events, control patients of each level (K, 4)."""
        return np.array([[*level.arms.treated, *level.arms.control] for level in self.levels], dtype=np.int64)

    @property
    def reported(self) -> tuple[int, ...]:
        """Places of the levels that were reported as a subgroup of their own."""
        return tuple(k for k, level in enumerate(self.levels) if not level.rest)
