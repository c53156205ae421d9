"""What became of a block of trials: one entry for each replicate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats, Integers


class Reason(IntEnum):
    """Why a trial ends: for efficacy, for futility, for harm, or because it has come to its planned end."""

    EFFICACY = 0
    FUTILITY = 1
    HARM = 2
    END = 3

    @property
    def word(self) -> str:
        """The reason as results name it."""
        return self.name.lower()


REASONS: Final = tuple(reason.word for reason in Reason)


@dataclass(frozen=True, eq=False)
class Conducted:
    """How B replicates of a design went.

    `rejected` bool (H, B) of H null hypotheses, `results` (H, B, 3) with the estimate, its standard error and z at the
    analysis that decided about each (NaN where it was never analysed). `look` (B,) is the analysis, from 0, after which
    the trial ended, `reason` (B,) why, a `Reason`; `day` (B,) the calendar day of that analysis.
    `enrolled` (B, C) are patients by cell who were randomised before the decision, with or without data in it.
    `closed` (B,) is the last day on which anybody could be randomised and `final` (B,) that of the last analysis if
    none stops the trial before, where a design keeps them.
    `information` (B, K) is that of each analysis, NaN after the end; `cuts` (B, K) the days of their data cuts, -1
    after the end, where a design keeps them; `at_looks` (H, B, K, 3) are the results at each analysis, NaN after the
    end, where it keeps those. `extras` are further numbers (B,) that a design reports by name,
    `estimates` further estimates with their interval (H, B, 3).
    """

    rejected: NDArray[np.bool_]
    results: Floats
    look: Integers
    reason: Integers
    day: Integers
    enrolled: Integers
    information: Floats
    closed: Integers | None = None
    final: Integers | None = None
    cuts: Integers | None = None
    at_looks: Floats | None = None
    extras: Mapping[str, Floats] = field(default_factory=dict)
    estimates: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def replicates(self) -> int:
        return len(self.look)

    def cut_days(self, cuts: int) -> Integers:
        """Days (B, cuts) of the data cuts as far as they are known, that of the last at least; -1 elsewhere."""
        if self.cuts is not None:
            return self.cuts
        found = np.full((self.replicates, cuts), -1, dtype=np.int64)
        found[np.arange(self.replicates), self.look] = self.day
        return found
