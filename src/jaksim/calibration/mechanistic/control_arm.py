"""The control arm of a study by itself: its natural history, fitted to figures that no active arm entered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from jaksim.calibration.study import CalibrationStudy
from jaksim.errors import InputError


def control_arms(study: CalibrationStudy, treatments: Collection[str]) -> tuple[str, ...]:
    """Arms that give none of the treatments whose effect is predicted; InputError unless there are both kinds."""
    found = tuple(name for name, arm in study.arms.items() if not set(arm.regimen) & set(treatments))
    if not found or len(found) == len(study.arms):
        raise InputError(
            "an arm with the treatments and one without are needed", where=study.name, got=tuple(treatments)
        )
    return found


def control_only(study: CalibrationStudy, treatments: Collection[str]) -> CalibrationStudy:
    """The study with the fitted figures of its control arms as its only targets, and the treatments' effects held.

    Contrasts between control arms stay out as well: each is about two arms. InputError where nothing is left to fit.
    """
    controls = control_arms(study, treatments)
    kept = [
        (target, statistic)
        for target, statistic in zip(study.targets, study.statistics, strict=True)
        if target.role == "fit" and not statistic.is_contrast and statistic.arm in controls
    ]
    if not kept:
        raise InputError("no figure of the control arm is fitted", where=study.name)
    held = {effect.parameter for effect in study.template.effects if effect.treatment in treatments}
    parameters = tuple(replace(p, prior_sd=0.0) if p.name in held else p for p in study.template.parameters)
    return replace(
        study,
        template=replace(study.template, parameters=parameters),
        targets=tuple(target for target, _ in kept),
        statistics=tuple(statistic for _, statistic in kept),
    )
