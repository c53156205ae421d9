"""One arm of a trial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jaksim.checks import distinct
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


def check_arms(arms: Sequence[Arm], background: Sequence[str]) -> None:
    """InputError unless there are two arms or more, one of them the reference, whose regimens hold every treatment of
    the background."""
    if len(arms) < 2:
        raise InputError("a trial compares arms", where="arm", allowed="two arms or more", got=len(arms))
    distinct((arm.name for arm in arms), "arm")
    references = [arm.name for arm in arms if arm.reference]
    if len(references) != 1:
        raise InputError(
            f"{len(references)} arms are marked as the reference",
            where="arm",
            allowed="reference = true on exactly one",
        )
    for arm in arms:
        for name in background:
            if name not in arm.regimen.treatments:
                raise InputError(
                    f"the regimen lacks {name!r}, which everyone behind the natural history received",
                    where=f"arm {arm.name!r}",
                    allowed="regimens that hold every background treatment",
                )
