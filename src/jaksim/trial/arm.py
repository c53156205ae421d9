"""One arm of a trial."""

from __future__ import annotations

from dataclasses import dataclass

from jaksim.errors import InputError
from jaksim.model.regimen import Regimen


@dataclass(frozen=True, slots=True)
class Arm:
    """A randomised regimen with its share of the allocation.

    `allocation` is a whole number of patients per randomisation unit (1 and 1 for 1:1, 2 and 1 for 2:1); exactly one
    arm of a trial is the `reference` that the others are compared with.
    """

    name: str
    regimen: Regimen
    allocation: int = 1
    reference: bool = False

    def __post_init__(self) -> None:
        if not self.name:
            raise InputError("an arm needs a name")
        if self.allocation < 1:
            raise InputError(
                "the allocation is not a positive whole number",
                where=f"arm {self.name!r}",
                allowed="1, 2, 3 ...",
                got=self.allocation,
            )
