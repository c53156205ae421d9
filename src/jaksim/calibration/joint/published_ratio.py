"""A trial's published ratio of an event, as one record or as the counts of both arms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from jaksim.calibration.joint.arms import check_contrast
from jaksim.checks import items, text
from jaksim.errors import InputError
from jaksim.evidence.figures import Proportion, Ratio
from jaksim.evidence.records import Study
from jaksim.evidence.synthesis.counts import Measure, Tables, trial_effects


def ratio_records(given: Any, evidence: Study, drug: str, where: str, measure: object = None) -> tuple[str, ...]:
    """Names of the records of a ratio; InputError unless they set the drug against the control, in this order, in the
    measure that is asked."""
    names = tuple(text(name, where) for name in items(given, where))
    records = [evidence[name] for name in names]
    arms = [arm for record in records for arm in record.arms]
    if len(arms) != 2:
        raise InputError("a ratio, or a count of each arm, is needed", where=where, got=list(names))
    try:
        check_contrast(evidence, arms[0], arms[1], drug)
    except InputError as error:
        raise error.at(where) from None
    own = records[0].measure
    if len(records) == 1 and measure not in (None, own):
        beside = where.replace("records", "measure")
        raise InputError("the record has another measure", where=beside, allowed=[own], got=measure)
    return names


def log_ratio(evidence: Study, records: Sequence[str], measure: str | None, what: str) -> tuple[str, float, float]:
    """Measure, log ratio and standard error; of two counts the odds ratio where no measure is named."""
    match [evidence[name].figure for name in records]:
        case [Ratio() as figure] if figure.measure in ("odds_ratio", "risk_ratio") and figure.log_standard_error:
            return figure.measure, figure.log_estimate, figure.log_standard_error
        case [Proportion() as active, Proportion() as control] if active.count and control.count:
            assert active.n
            assert control.n
            chosen: Measure = "risk_ratio" if measure == "risk_ratio" else "odds_ratio"
            tables = Tables((evidence.id,), [active.count], [active.n], [control.count], [control.n])
            effects = trial_effects(tables, chosen)
            return chosen, float(effects.y[0]), math.sqrt(float(effects.v[0]))
    allowed = "an odds or risk ratio with its interval, or two counts out of n"
    raise InputError(f"no {what} to compare", where=f"{evidence.id}, {what}", allowed=allowed, got=list(records))
