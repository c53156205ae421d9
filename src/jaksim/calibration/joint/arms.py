"""Whether a trial of a selection is the trial that the catalogue describes: which arm had the drug."""

from __future__ import annotations

from collections.abc import Mapping

from jaksim.errors import InputError
from jaksim.evidence.records import Study, StudyArm


def check_arms(evidence: Study, given: Mapping[str, bool], drug: str) -> None:
    """InputError unless the arms that are given the drug, and no others, have it in the catalogue.

    `given` says of each arm whether it is. Arms that the catalogue does not name are taken as they are, for a study
    file may name its own.
    """
    named = {arm.replace("_", "-"): arm for arm in evidence.arms}
    known = {arm: evidence.arms[named[arm.replace("_", "-")]] for arm in given if arm.replace("_", "-") in named}
    having = [arm.id for arm in evidence.arms.values() if drug in arm.treatments]
    if not having:
        listed = sorted({name for arm in evidence.arms.values() for name in arm.treatments})
        raise InputError(f"no arm of {evidence.id} had the drug", where="drug", allowed=listed, got=drug)
    wrong = [arm for arm, entry in known.items() if given[arm] != (drug in entry.treatments)]
    if wrong:
        arm = wrong[0]
        meant, told = ("the drug", "was not") if given[arm] else ("the control", "was")
        raise InputError(
            f"arm '{arm}' stands for {meant}, but by the catalogue it {told} given {drug}; "
            f"{', '.join(having)} {'was' if len(having) == 1 else 'were'}",
            where="arms",
            got=list(given),
        )


def check_contrast(evidence: Study, active: str, control: str, drug: str) -> None:
    """InputError unless the two arms differ by the drug alone, and exist."""
    for arm in (active, control):
        if arm not in evidence.arms:
            raise InputError("unknown arm", where="arms", allowed=tuple(evidence.arms), got=arm)
    check_arms(evidence, {active: True, control: False}, drug)
    if others := _others(evidence.arms[active], drug) ^ _others(evidence.arms[control], drug):
        raise InputError(
            f"the arms differ by {', '.join(sorted(others))} too, so that the contrast is not that of {drug}",
            where="arms",
            got=[active, control],
        )


def _others(arm: StudyArm, drug: str) -> set[str]:
    return set(arm.treatments) - {drug}
