"""Which two arms of a data set are compared, and which of them is the reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jaksim.errors import InputError

REFERENCE_WORDS = (
    "0",
    "c",
    "comparator",
    "control",
    "controls",
    "ctl",
    "ctrl",
    "false",
    "no",
    "no treatment",
    "pbo",
    "placebo",
    "reference",
    "soc",
    "standard",
    "standard care",
    "standard of care",
    "untreated",
    "usual care",
)
"""Names that say of an arm that it is the reference, in lower case."""


@dataclass(frozen=True)
class ArmChoice:
    """The reference and the active arm by name, and in words how the reference was chosen."""

    reference: str
    active: str
    rule: str


def choose_arms(
    arms: Sequence[str], *, reference: str | None, active: str | None, planned: str | None = None, where: str
) -> ArmChoice:
    """The comparison among the `arms` of a data set, in their order (numbers by size, words by letters).

    The reference is the arm asked for; else, where there are two arms, the other one than the active arm asked for;
    else the `planned` one of a scenario; else the only arm named as in `REFERENCE_WORDS`; else the first. InputError
    for fewer than two arms, for an unknown one, and for more than two where the active arm is not named.
    """
    for option, name in (("reference", reference), ("active", active)):
        if name is not None and name not in arms:
            raise InputError(f"no such arm, asked for by ‹{option}›", where=where, allowed=arms, got=name)
    if len(arms) < 2:
        raise InputError("a comparison needs two arms", where=where, got=list(arms))
    if reference is not None and reference == active:
        raise InputError("the reference and the active arm are the same", where=where, got=reference)
    if len(arms) > 2 and active is None:
        raise InputError(
            f"there are {len(arms)} arms ({', '.join(arms)}); name the two to compare",
            where=where,
            allowed="‹active=ARM› and ‹reference=ARM›",
        )
    if reference is not None:
        rule = "asked for"
    else:
        reference, rule = _default_reference([arm for arm in arms if arm != active], planned)
        if active is not None and len(arms) == 2:
            rule = "the other arm is the active one"
    if active is None:
        active = next(arm for arm in arms if arm != reference)
    return ArmChoice(reference, active, rule)


def _default_reference(arms: Sequence[str], planned: str | None) -> tuple[str, str]:
    if planned in arms:
        return str(planned), "that of the scenario"
    named = [arm for arm in arms if arm.casefold() in REFERENCE_WORDS]
    if len(named) == 1:
        return named[0], "by its name"
    return arms[0], "first in order; another can be named as reference"
