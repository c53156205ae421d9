"""From the shares of patients with a safety event to the intensities that give them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from jaksim.errors import InputError
from jaksim.exact.transition import interval_matrices
from jaksim.model.intensity import IntensityTable
from jaksim.model.patient_states import PatientStates
from jaksim.model.safety.events import SafetyEvent
from jaksim.root import root
from jaksim.trial import Arm, Trial

LARGEST = 1e4
"""Intensity per day beyond which nothing is looked for."""


def solved_for(trial: Trial) -> bool:
    """Whether any intensity follows from a share."""
    return any(risk.share is not None for event in trial.states.events.safety for risk in event.risks)


def with_intensities(trial: Trial) -> Trial:
    """The trial with every intensity of a safety event at which its share of the patients of its arm have it.

    Shares are those of the population and arms of the trial, of patients who never leave it; `InputError` for one that
    no intensity gives.
    """
    events = trial.states.events
    kinds = tuple(_solved(kind, trial) for kind in events.safety)
    return replace(trial, states=replace(trial.states, events=replace(events, safety=kinds)))


def _solved(kind: SafetyEvent, trial: Trial) -> SafetyEvent:
    stated = [risk for risk in kind.risks if risk.share is not None]
    if not stated:
        return kind
    of_reference = 1.0
    found = {}
    for risk in stated:
        where = f"safety.{kind.name}.shares.{risk.arms[0]}"
        found[risk.arms[0]] = _intensity(kind, trial.arm(risk.arms[0]), trial, where)
        if risk.arms[0] == trial.reference.name:
            of_reference = found[risk.arms[0]]
    risks = []
    for risk in kind.risks:
        if risk.share is not None:
            risks.append(replace(risk, per_day=found[risk.arms[0]]))
        elif risk.share_day:
            risks.append(replace(risk, per_day=risk.per_day * of_reference))
        else:
            risks.append(risk)
    return replace(kind, risks=tuple(risks))


def _intensity(kind: SafetyEvent, arm: Arm, trial: Trial, where: str) -> float:
    """Intensity per day of the one risk of an arm whose share is stated."""
    (stated,) = (risk for risk in kind.risks if risk.share is not None and risk.arms == (arm.name,))
    share = 0.0 if stated.share is None else stated.share
    events = trial.states.events
    # Who has left the study is still in the arm, and it is the patients who count, not the numbers of their events.
    alone = replace(trial.states, events=replace(events, safety=(replace(kind, most=1),), missed_visit=()))
    weights, starts, none, rise = [], [], [], []
    for stratum_share, stratum in zip(trial.stratum_shares, trial.population.strata, strict=True):
        for part_of, patient in stratum.patients:
            at_zero, at_one = (_table(alone, kind, arm, trial, patient, value) for value in (0.0, 1.0))
            for part, start in alone.starts(arm.name, trial.scale.index(patient.baseline_score)):
                weights.append(stratum_share * part_of * part)
                starts.append(start)
                none.append(at_zero)
                rise.append(at_one.generators - at_zero.generators)
    weight = np.array(weights) / sum(weights)
    happened = alone.events_counted(kind.name) > 0
    edges = np.array([0.0, float(stated.share_day)])

    def excess(per_day: float) -> float:
        tables = [
            IntensityTable(table.breaks, table.generators + per_day * more)
            for table, more in zip(none, rise, strict=True)
        ]
        daily = interval_matrices(tables, edges)[:, 0]
        return float(weight @ daily[np.arange(len(starts)), starts][:, happened].sum(axis=1)) - share

    least = excess(0.0)
    if least >= 0.0:
        if least < 1e-12:
            return 0.0
        raise InputError("other events bring about more", where=where, allowed=f"above {least + share:.4g}")
    high = max(0.01, -math.log1p(-min(share, 0.999)) / stated.share_day)
    while excess(high) < 0.0:
        high *= 4.0
        if high > LARGEST:
            most = excess(LARGEST) + share
            raise InputError("no intensity gives the share", where=where, allowed=f"below {most:.4g}", got=share)
    return root(excess, 0.0, high, xtol=1e-16)


def _table(
    states: PatientStates, kind: SafetyEvent, arm: Arm, trial: Trial, patient: object, value: float
) -> IntensityTable:
    """Intensities of a patient where the stated risk has this intensity."""
    risks = tuple(replace(risk, per_day=value) if risk.share is not None else risk for risk in kind.risks)
    events = replace(states.events, safety=(replace(kind, most=1, risks=risks),))
    known = replace(states, events=events)
    regimens = known.regimens(arm.name, arm.regimen, trial.disease.background)
    return known.intensities(arm.name, [trial.disease.intensities(one, patient) for one in regimens])  # type: ignore[arg-type]
