"""A real analysis of a monitored trial: what its bounds say, and which inference the design gives there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from jaksim.design.conduct.charter.on_scale import Scale
from jaksim.design.conduct.stopping import Stopping
from jaksim.design.sums.conducted import Reason
from jaksim.trial.interim import Monitoring
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.inference import repeated_p_value, stopped_trial

GOES_ON = "goes on"
SEVERAL_TESTS = "different tests decide at the analyses, so that their joint law is not known"
NO_STOP = "this z stops nothing, so that the trial has no final p value, estimate or interval"
OTHER_STOPS = "another analysis stops the trial, for which no ordering of its outcomes is known"
NO_BOUND = "no efficacy bound holds at this analysis"


@dataclass(frozen=True)
class Repeated:
    """The interval that holds at all analyses together, of this confidence, in z and on the scale of the analysis; the
    smallest level of the whole trial at which this analysis rejects."""

    confidence: float
    z: tuple[float, float]
    interval: tuple[float, float]
    shown: tuple[float, float]
    p_value: float


@dataclass(frozen=True)
class Final:
    """Inference of the stage-wise ordering for a trial that has stopped; estimates on the scale of the analysis.

    `p_value` is one-sided, of both tails in a two-sided trial; `interval` has this confidence.
    """

    p_value: float
    confidence: float
    median_unbiased: float
    interval: tuple[float, float]
    bias_adjusted: float
    shown_median_unbiased: float
    shown_interval: tuple[float, float]
    shown_bias_adjusted: float


def decision_of(
    monitoring: Monitoring,
    found: Boundaries,
    look: int,
    z: float,
    futility_z: float | None,
    harm_z: float | None = None,
) -> tuple[str, str]:
    """Why the trial stops at analysis `look` (from 1), or that it goes on; and what was left open.

    `found` are the boundaries at the information of the analyses. `futility_z` and `harm_z` are those of other
    analyses where these judge futility or harm there; without them that is left open.
    """
    bounds = Stopping(found).planned(1).at(np.array([0]), look - 1)
    last = look == monitoring.looks
    reason = int(Stopping(found).decide(np.array([z]), bounds, last=last)[0])
    open_ = []
    harm = monitoring.harm if not last else None
    if harm is not None:
        bound = monitoring.harm_bound(look - 1)
        if harm_z is None:
            open_.append(f"harm is judged there by {harm.analysis} (z below {bound:.2f}), whose z is not given")
        elif harm_z < bound:
            return Reason.HARM.word, ""
    judge = monitoring.futility[look - 1] if not last else None
    if judge is not None and reason < 0:
        if futility_z is None:
            open_.append(f"futility is judged there by {judge.analysis} (z below {judge.z:g}), whose z is not given")
        elif futility_z < judge.z:
            return Reason.FUTILITY.word, "; ".join(open_)
    return (Reason(reason).word if reason >= 0 else GOES_ON), "; ".join(open_)


def _stops_by_itself(found: Boundaries, look: int, z: float) -> bool:
    """Whether z passes a bound of the boundaries, or is that of the last analysis."""
    last = look == len(found.information)
    bounds = Stopping(found).planned(1).at(np.array([0]), look - 1)
    return int(Stopping(found).decide(np.array([z]), bounds, last=last)[0]) >= 0


def confidence_of(found: Boundaries) -> float:
    """Confidence of intervals that go with the level of a plan."""
    return 1.0 - 2.0 * found.plan.alpha / found.plan.sides


def repeated(
    found: Boundaries, look: int, z: float, scale: Scale, standard_error: float
) -> tuple[Repeated | None, str]:
    """The repeated interval and p value, or why there are none."""
    width = float(found.upper_z[look - 1])
    if not found.plan.joint:
        return None, SEVERAL_TESTS
    if not math.isfinite(width):
        return None, NO_BOUND
    interval = scale.interval(z - width, z + width, standard_error)
    return Repeated(
        confidence=confidence_of(found),
        z=(z - width, z + width),
        interval=interval,
        shown=(scale.shown(interval[0]), scale.shown(interval[1])),
        p_value=repeated_p_value(found, look, z),
    ), ""


def final(
    found: Boundaries, look: int, z: float, decision: str, scale: Scale, standard_error: float
) -> tuple[Final | None, str]:
    """What the stage-wise ordering says of a trial that stopped, or why the design gives nothing.

    `found` has the analyses that would have come, since the bias of an estimate is an average over all of them.
    """
    if not found.plan.joint:
        return None, SEVERAL_TESTS
    if decision == GOES_ON:
        return None, NO_STOP
    if not _stops_by_itself(found, look, z):
        return None, OTHER_STOPS
    ended = stopped_trial(found, look, z)
    root = math.sqrt(float(found.information[look - 1]))
    median, adjusted = (
        scale.estimate(drift * root, standard_error) for drift in (ended.median_unbiased, ended.bias_adjusted)
    )
    interval = scale.interval(ended.interval[0] * root, ended.interval[1] * root, standard_error)
    return Final(
        p_value=ended.p_value,
        confidence=confidence_of(found),
        median_unbiased=median,
        interval=interval,
        bias_adjusted=adjusted,
        shown_median_unbiased=scale.shown(median),
        shown_interval=(scale.shown(interval[0]), scale.shown(interval[1])),
        shown_bias_adjusted=scale.shown(adjusted),
    ), ""
