"""Survival trials drawn patient by patient in continuous time, to hold against the formulas of large samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, Philox

from jaksim.arrays import Floats
from jaksim.formulas.followed_arm import Curve, FollowedArm
from jaksim.formulas.hazards import cumulative
from jaksim.formulas.nph_size import LogRankWeight, Pair

AT_ONCE = 400_000
"""Patients that are held in memory together."""
FINE = 2_000


@dataclass(frozen=True)
class Drawn:
    """Trials (R, N) at their analysis, patients in the order of their times: time since entry (below 0: not entered),
    whether the event was seen, whether the patient is in the active arm.
    """

    time: Floats
    event: Floats
    active: Floats


def drawn_trials(
    strata: Sequence[Pair], time: float, *, events: int | None = None, replicates: int, seed: int
) -> Iterator[list[Drawn]]:
    """Blocks of trials, by stratum, analysed at calendar `time` or, with `events`, when so many were seen before it.

    The same seed and number of replicates give the same trials.
    """
    patients = [tuple(round(arm.patients) for arm in pair) for pair in strata]
    block = max(1, AT_ONCE // max(sum(map(sum, patients)), 1))
    for start in range(0, replicates, block):
        draws = Generator(Philox(key=seed, counter=[0, 0, 0, start]))
        count = min(block, replicates - start)
        drawn = [_pair(pair, numbers, count, draws, time) for pair, numbers in zip(strata, patients, strict=True)]
        end = np.full((count, 1), time)
        if events is not None:
            end = np.minimum(end, _time_of(np.concatenate([one[0] + one[1] for one in drawn], axis=1), events))
        yield [_analysed(one, end, numbers) for one, numbers in zip(drawn, patients, strict=True)]


def _pair(
    pair: Pair, patients: Sequence[int], count: int, draws: Generator, time: float
) -> tuple[Floats, Floats, Floats]:
    """Day of entry, and times since entry of event and loss; the event is infinite where the loss comes first."""
    arms = [_arm(arm, n, count, draws, time) for arm, n in zip(pair, patients, strict=True)]
    entry, event, loss = (np.concatenate(one, axis=1) for one in zip(*arms, strict=True))
    return entry, np.where(event < loss, event, np.inf), loss


def _arm(arm: FollowedArm, n: int, count: int, draws: Generator, time: float) -> tuple[Floats, Floats, Floats]:
    shape = (count, n)
    entry = _inverse(arm.entered, arm.bends[0], time)(draws.random(shape))
    event = _inverse(lambda t: cumulative(arm.hazard, t), arm.hazard.cuts, time)(draws.standard_exponential(shape))
    loss = _inverse(lambda t: -np.log(arm.staying(t)), arm.bends[1], time)(draws.standard_exponential(shape))
    return entry, event, loss


def _inverse(curve: Curve, corners: Sequence[float], time: float) -> Curve:
    """When a rising curve passes a value; infinite where it does not before `time`. Exact where it is straight."""
    t = np.unique([*np.linspace(0.0, time, FINE), *(corner for corner in corners if corner < time)])
    heights = curve(t)
    return lambda value: np.where(value > heights[-1], np.inf, np.interp(value, heights, t))


def _time_of(at: Floats, events: int) -> Floats:
    if events > at.shape[1]:
        return np.full((at.shape[0], 1), np.inf)
    found: Floats = np.partition(at, events - 1, axis=1)[:, events - 1 : events]
    return found


def _analysed(drawn: tuple[Floats, Floats, Floats], end: Floats, patients: Sequence[int]) -> Drawn:
    entry, event, loss = drawn
    followed = end - entry
    time = np.minimum(np.minimum(event, loss), followed)
    # The event that ends the trial is seen although rounding may put it behind the end.
    seen = (event <= followed * (1.0 + 1e-12)) & (followed >= 0.0)
    time = np.where(followed >= 0.0, time, -1.0)
    order = np.argsort(time, axis=1)
    active = np.broadcast_to(np.arange(sum(patients)) >= patients[0], time.shape)

    def sort(values: Floats) -> Floats:
        return np.take_along_axis(values, order, axis=1)

    return Drawn(sort(time), sort(seen.astype(float)), sort(active.astype(float)))


def log_rank_scores(
    drawn: Drawn, weights: Sequence[LogRankWeight] = (LogRankWeight(),), *, null: float = 1.0
) -> tuple[Floats, Floats]:
    """Weighted scores (R, m) and their covariances (R, m, m); a negative score speaks for the active arm."""
    n = np.arange(drawn.time.shape[1], 0.0, -1.0)
    n_1 = np.cumsum(drawn.active[:, ::-1], axis=1)[:, ::-1]
    share = null * n_1 / (n - n_1 + null * n_1)
    each = [_weight(one, drawn, n) for one in weights]
    scores = np.stack([(w * drawn.event * (drawn.active - share)).sum(axis=1) for w in each], axis=1)
    variance = drawn.event * share * (1.0 - share)
    covariance = np.stack([np.stack([(v * w * variance).sum(axis=1) for v in each], axis=1) for w in each], axis=2)
    return scores, covariance


def _weight(one: LogRankWeight, drawn: Drawn, n: Floats) -> Floats:
    if one.gehan:
        return np.broadcast_to(n, drawn.time.shape)
    if one == LogRankWeight():
        return np.ones_like(drawn.time)
    free = np.cumprod(1.0 - drawn.event / n, axis=1)
    before = np.concatenate([np.ones_like(free[:, :1]), free[:, :-1]], axis=1)
    if one.modest is not None:
        reached = free.min(axis=1, initial=1.0, where=drawn.time <= one.modest)
        found: Floats = 1.0 / np.maximum(before, reached[:, np.newaxis])
        return found
    weight: Floats = before**one.rho * (1.0 - before) ** one.gamma
    return weight


def survival_estimates(drawn: Drawn, at: float) -> tuple[tuple[Floats, Floats], ...]:
    """Kaplan-Meier estimate at a time and its Greenwood variance, (R,) each, of reference and active."""
    found = []
    for member in (1.0 - drawn.active, drawn.active):
        n = np.cumsum(member[:, ::-1], axis=1)[:, ::-1]
        d = member * drawn.event * (drawn.time <= at)
        survival = np.prod(1.0 - d / np.maximum(n, 1.0), axis=1)
        spread = (d / np.maximum(n * (n - d), 1.0)).sum(axis=1)
        found.append((survival, survival**2 * spread))
    return tuple(found)


def restricted_means(drawn: Drawn, tau: float) -> tuple[tuple[Floats, Floats], ...]:
    """Restricted mean and its variance, (R,) each, of reference and active."""
    found = []
    for member in (1.0 - drawn.active, drawn.active):
        n = np.cumsum(member[:, ::-1], axis=1)[:, ::-1]
        d = member * drawn.event * (drawn.time <= tau)
        free = np.cumprod(1.0 - d / np.maximum(n, 1.0), axis=1)
        t = np.clip(drawn.time, 0.0, tau)
        widths = np.diff(np.concatenate([np.zeros_like(t[:, :1]), t, np.full_like(t[:, :1], tau)], axis=1), axis=1)
        steps = widths * np.concatenate([np.ones_like(free[:, :1]), free], axis=1)
        left = np.cumsum(steps[:, ::-1], axis=1)[:, ::-1]
        # Area from each event on, after its step.
        variance = (left[:, 1:] ** 2 * d / np.maximum(n * (n - d), 1.0)).sum(axis=1)
        found.append((steps.sum(axis=1), variance))
    return tuple(found)
