"""What a trial tells of the interaction with glucocorticoids by its patients on and off them.

Both groups were randomised, so that the ratio of an event in the one against that in the other is free of what else
differs between trials. The model's own log odds ratio says how such a difference comes of the effects: to first order
by its derivatives in them, at the trial's estimate, with one natural history for both groups. The difference of two
groups and their mean weighed by precision are uncorrelated, so that it is taken beside what the trial tells as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.calibration.joint.published_ratio import log_ratio, ratio_records
from jaksim.calibration.joint.small_study import EVENTS, HORIZON
from jaksim.calibration.predict import STATISTICS, StudyLaws
from jaksim.calibration.statistic import Statistic
from jaksim.calibration.study import CalibrationStudy
from jaksim.calibration.target_entry import known
from jaksim.checks import items, table
from jaksim.datafile import check_keys
from jaksim.endpoint.registry import build_endpoint
from jaksim.errors import InputError
from jaksim.evidence.figures import Proportion
from jaksim.evidence.records import Study
from jaksim.pooling.summaries import Within

_STEP: Final = 0.05
_OF: Final = ("death", "discharge")


@dataclass(frozen=True)
class WithinContrast:
    """Records of the odds ratio of an event among patients on glucocorticoids, and among those off them."""

    event: str
    on: tuple[str, ...]
    off: tuple[str, ...]


def within_contrasts(given: Any, evidence: Study, drug: str, *, concerned: bool) -> tuple[WithinContrast, ...]:
    """The contrasts of a trial, from its entry in a selection."""
    found = []
    for number, entry in enumerate(items(given, "within"), start=1):
        where = f"within {number}"
        check_keys(table(entry, where), where=where, required=("event", "with", "without"))
        if not concerned:
            raise InputError("no interaction concerns the class of this drug", where=where)
        event = known(entry["event"], _OF, "event", f"{where}, event")
        sides = {key: ratio_records(entry[key], evidence, drug, f"{where}, {key}") for key in ("with", "without")}
        for key, names in sides.items():
            for name in names:
                record = evidence[name]
                if record.event != event or record.day not in (None, HORIZON):
                    allowed = f"records of {event} by day {HORIZON}"
                    place, got = f"{where}, {key}", f"{name}: {record.event} by day {record.day}"
                    raise InputError("the record counts something else", where=place, allowed=allowed, got=got)
        if set(sides["with"]) & set(sides["without"]):
            raise InputError("the same patients with and without", where=where, got=list(sides["with"]))
        found.append(WithinContrast(event, sides["with"], sides["without"]))
    return tuple(found)


def within_trial(
    contrasts: Sequence[WithinContrast],
    evidence: Study,
    study: CalibrationStudy,
    treatments: Sequence[str],
    estimate: Floats,
    effects: Sequence[int],
) -> Within | None:
    """What the contrasts of a trial tell, if it has any.

    `treatments` are those that are the drug, `effects` the places of its cells among the parameters `estimate`.
    """
    if not contrasts:
        return None
    differences, covariance = _differences(contrasts, evidence)
    design = np.array([_slope(study, one, evidence, treatments, estimate, effects) for one in contrasts])
    inverse = np.linalg.inv(covariance)
    return Within(design.T @ inverse @ design, design.T @ inverse @ differences)


def _slope(
    study: CalibrationStudy,
    contrast: WithinContrast,
    evidence: Study,
    treatments: Sequence[str],
    estimate: Floats,
    effects: Sequence[int],
) -> Floats:
    """Derivatives (C,) of the model's log odds ratio of the event in the effects of the trial's cells."""
    spec = {"name": "within", **EVENTS[contrast.event], "day": study.horizon}
    endpoint = build_endpoint(spec, study.template.scale, study.horizon)
    with_endpoint = replace(study, endpoints={**study.endpoints, "within": endpoint})
    arms = tuple(study.arms.values())
    active = next(arm for arm in arms if set(arm.regimen) & set(treatments))
    control = next(arm for arm in arms if not set(arm.regimen) & set(treatments))
    adjusted = any("respiratory support" in evidence[name].adjusted_for for name in contrast.on)
    kind = "odds_ratio_mh" if adjusted else "odds_ratio"
    values = np.repeat(estimate[None], 2 * len(effects), axis=0)
    for row, position in enumerate(effects):
        values[2 * row, position] += _STEP
        values[2 * row + 1, position] -= _STEP
    statistic = Statistic(kind, "within", active.name, control.name, tuple(study.strata))
    found = STATISTICS[kind](StudyLaws(with_endpoint, values), statistic)[:, 0]
    return np.asarray((found[::2] - found[1::2]) / (2.0 * _STEP))


def _differences(contrasts: Sequence[WithinContrast], evidence: Study) -> tuple[Floats, Floats]:
    """Log odds ratios on less off, with their covariance: contrasts of several events in the same patients are
    correlated, others are not."""
    count = len(contrasts)
    values, covariance = np.zeros(count), np.zeros((count, count))
    for row, one in enumerate(contrasts):
        sides = [log_ratio(evidence, names, "odds_ratio", "within") for names in (one.on, one.off)]
        if {measure for measure, _, _ in sides} != {"odds_ratio"}:
            raise InputError("odds ratios are needed", where=f"{evidence.id}, within", got=[s[0] for s in sides])
        values[row] = sides[0][1] - sides[1][1]
        covariance[row, row] = sides[0][2] ** 2 + sides[1][2] ** 2
        for column, other in enumerate(contrasts):
            if one.event != other.event:
                covariance[row, column] = sum(
                    _of_same_patients(evidence.records, first, second)
                    for first, second in ((one.on, other.on), (one.off, other.off))
                )
    return values, covariance


def _of_same_patients(records: Mapping[str, Any], first: Sequence[str], second: Sequence[str]) -> float:
    """Covariance of the log odds ratios of two events that exclude each other, counted in the same patients.

    Of a log odds log(p / (1 - p)) with that of another event q it is -1 / (n (1 - p) (1 - q)), by the delta method.
    """
    total = 0.0
    for one, other in zip(first, second, strict=True):
        p, q = records[one].figure, records[other].figure
        if not (isinstance(p, Proportion) and isinstance(q, Proportion) and p.n and q.n):
            raise InputError("two events of the same patients need counts", where="within", got=[one, other])
        total -= 1.0 / (min(p.n, q.n) * (1.0 - p.probability) * (1.0 - q.probability))
    return total
