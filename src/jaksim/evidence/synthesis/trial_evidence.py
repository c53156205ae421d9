"""From records of the catalogue to the log ratio of one trial."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from jaksim.errors import InputError
from jaksim.evidence.catalogue import load_study
from jaksim.evidence.figures import Proportion, Ratio
from jaksim.evidence.records import Record, Study
from jaksim.evidence.synthesis.counts import Tables, trial_effects
from jaksim.evidence.synthesis.estimates import Estimates
from jaksim.evidence.synthesis.selection import ChosenTrial, Selection

COUNTED = ("odds_ratio", "risk_ratio", "hazard_ratio", "subdistribution_hazard_ratio")


@dataclass(frozen=True)
class TrialEvidence:
    """The log ratio of one trial, how it came about, and from which records.

    `modifier` is the share of patients on the modifier in the treated arm, `imbalance` that share minus the one of the
    other arm; None where the catalogue has no figure.
    """

    study: str
    treatment_class: str
    agent: str
    log_ratio: float
    standard_error: float
    how: str
    records: tuple[str, ...]
    citations: tuple[str, ...]
    modifier: float | None
    imbalance: float | None
    modifier_records: tuple[str, ...]
    modifier_missing: str
    note: str


def gather(selection: Selection) -> tuple[TrialEvidence, ...]:
    """Evidence of every chosen trial; InputError names the study and record that cannot be used."""
    names = [trial.study for trial in selection.trials]
    for name in names:
        if names.count(name) > 1:
            raise InputError("each study once", where=f"{selection.id}, trials", got=name)
    return tuple(_evidence(trial, selection) for trial in selection.trials)


def estimates_of(trials: Sequence[TrialEvidence]) -> Estimates:
    """Log ratios with their standard errors, in the order of the trials."""
    labels = tuple(trial.study for trial in trials)
    return Estimates(labels, [trial.log_ratio for trial in trials], [trial.standard_error for trial in trials])


def log_ratio(study: Study, record: Record, accepts: tuple[str, ...] | None = None) -> tuple[float, float]:
    """Log ratio and standard error of a record; InputError when it is no ratio with an interval, or not accepted."""
    where = f"study {study.id}, record {record.id}"
    figure = record.figure
    if not isinstance(figure, Ratio):
        raise InputError("a ratio is needed", where=where, got=record.measure)
    if accepts is not None and figure.measure not in accepts:
        raise InputError("this measure is not pooled here", where=where, allowed=accepts, got=figure.measure)
    error = figure.log_standard_error
    if not error:
        raise InputError("a ratio without an interval cannot be weighed", where=where)
    return figure.log_estimate, error


def _evidence(trial: ChosenTrial, selection: Selection) -> TrialEvidence:
    study = load_study(trial.study)
    sides = tuple(tuple(study[name] for name in side) for side in trial.counts)
    records = [study[trial.record]] if trial.record is not None else [record for side in sides for record in side]
    for record in records:
        if record.event not in selection.events:
            where = f"study {study.id}, record {record.id}"
            raise InputError("a record of another event", where=where, allowed=selection.events, got=record.event)
    if trial.record is not None:
        effect, error = log_ratio(study, records[0], selection.accepts)
        how = f"{records[0].measure.replace('_', ' ')} as printed"
    else:
        effect, error = log_ratio_of_counts(study, sides, selection.measure)
        first, second = ("{}/{}".format(*_counted(study, side)) for side in sides)
        how = f"{selection.measure.replace('_', ' ')} from {first} against {second} events"
    modifier, imbalance = _modifier(study, trial)
    return TrialEvidence(
        study=study.id,
        treatment_class=trial.treatment_class,
        agent=trial.agent,
        log_ratio=effect,
        standard_error=error,
        how=how,
        records=tuple(record.id for record in records),
        citations=tuple(dict.fromkeys(study.citations[record.citation].text for record in records)),
        modifier=modifier,
        imbalance=imbalance,
        modifier_records=trial.modifier,
        modifier_missing=trial.modifier_missing,
        note=trial.note,
    )


def log_ratio_of_counts(study: Study, sides: Sequence[Sequence[Record]], measure: str) -> tuple[float, float]:
    """Log ratio and standard error from patients with the event in the first and the second arm, strata added up.

    A (subdistribution) hazard ratio is that of the cumulative hazards -log(1 - risk).
    """
    where = f"study {study.id}, record {sides[0][0].id}"
    of_counts = "hazard_ratio" if measure == "subdistribution_hazard_ratio" else measure
    if of_counts not in COUNTED:
        raise InputError("counts do not give this measure", where=where, allowed=COUNTED, got=measure)
    (events, n), (other_events, other_n) = (_counted(study, side) for side in sides)
    table = Tables((study.id,), [events], [n], [other_events], [other_n])
    if table.uninformative:
        raise InputError("nobody or everybody had the event: no ratio can be had from it", where=where)
    effects = trial_effects(table, of_counts)  # type: ignore[arg-type]
    return float(effects.y[0]), math.sqrt(float(effects.v[0]))


def _counted(study: Study, side: Sequence[Record]) -> tuple[int, int]:
    """Patients with the event and all patients of one arm."""
    events, n = 0, 0
    for record in side:
        figure = record.figure
        if not isinstance(figure, Proportion) or figure.count is None or not figure.n:
            raise InputError("a count out of n is needed", where=f"study {study.id}, record {record.id}")
        events, n = events + figure.count, n + figure.n
    return events, n


def _modifier(study: Study, trial: ChosenTrial) -> tuple[float | None, float | None]:
    if not trial.modifier:
        return None, None
    shares = []
    for name in trial.modifier:
        figure = study[name].figure
        if not isinstance(figure, Proportion):
            raise InputError("a proportion is needed", where=f"study {study.id}, record {name}")
        shares.append(figure.probability)
    return shares[0], shares[0] - shares[-1]
