"""What ended one replicate of a trial in calendar time, in words."""

from __future__ import annotations

import math

from jaksim.design.patients.conducted_patients import Decided, Ending

_WHY = {"efficacy": " for efficacy", "futility": " for futility", "harm": " for harm", "end": ""}


def ending_lines(ending: Ending) -> list[str]:
    """The analysis that ended the trial and, a line each, what was decided."""
    last = f"ended at analysis {ending.look} of {ending.looks}, on day {ending.day}{_WHY[ending.reason]}"
    return [last, *(f"{decision.analysis}: {_decision(decision)}" for decision in ending.decided)]


def _decision(one: Decided) -> str:
    verdict = "rejected" if one.rejected else "not rejected"
    if not math.isfinite(one.z) and math.isnan(one.estimate):
        return f"{verdict}, without a result"
    statistic = f"z = {one.z:.3f}" if math.isfinite(one.z) else "without a statistic"
    error = f"{one.standard_error:.4f}" if math.isfinite(one.standard_error) else "none"
    estimate = f"estimate {one.estimate:.4f}" if math.isfinite(one.estimate) else "no finite estimate"
    return f"{verdict}, {statistic}, {estimate} (standard error {error})"
