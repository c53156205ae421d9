"""Wins of death before a second event, two times joined by a Gumbel-Hougaard copula.

P(death > s, event > t) = exp(-((a s)^kappa + (b t)^kappa)^(1 / kappa)) with hazards a and b; kappa is 1 for independent
times, and Kendall's tau is 1 - 1 / kappa. Patients enter evenly over the accrual, are followed to the end of the trial
and drop out at a constant rate. Of two patients the one who dies first while both are followed loses; where neither
does, the one with the event first while both are followed. Source: Pocock et al. (2012), European Heart Journal 33:176;
model of Mao, Kim and Miao (2021), Biometrics 78:1313.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.formulas.win_law import Spread, WinLaw

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(20)
INNER, INNER_WEIGHTS = np.polynomial.legendre.leggauss(12)
STEP: Final = 1e-4
OVER_EARLY: Final = 45.0
MOST_LOST: Final = 1e-4
"""Of the patients, by the quadrature."""
CLOSELY: Final = 2.0
LARGEST_KAPPA: Final = 20.0


@dataclass(frozen=True, slots=True)
class TwoTimes:
    """Hazards of death and of the second event, alone, and the parameter of their copula (1 or more)."""

    death: float
    event: float
    kappa: float = 1.0

    def __post_init__(self) -> None:
        for where, value in (("death", self.death), ("event", self.event)):
            if not 0.0 < value < math.inf:
                raise InputError("a hazard is positive", where=where, allowed="above 0", got=value)
        if not 1.0 <= self.kappa <= LARGEST_KAPPA:
            raise InputError(
                "the copula has no such parameter", where="kappa", allowed=f"1 to {LARGEST_KAPPA:g}", got=self.kappa
            )

    def alive_without(self, alive: Floats, without: Floats) -> Floats:
        """Probability (...) of living beyond one time and having no event by another."""
        return np.exp(-(self._sum(alive, without) ** (1.0 / self.kappa)))

    def deaths(self, at: Floats, without: Floats) -> Floats:
        """Density of death at a time, without an event by another: minus the derivative in the first."""
        inside = self._sum(at, without)
        slope = (self.death * at) ** (self.kappa - 1.0) * self.death
        return np.exp(-(inside ** (1.0 / self.kappa))) * inside ** (1.0 / self.kappa - 1.0) * slope

    def events(self, alive: Floats, at: Floats) -> Floats:
        """Density of the event at a time, alive beyond another."""
        return replace(self, death=self.event, event=self.death).deaths(at, alive)

    def _sum(self, alive: Floats, without: Floats) -> Floats:
        return np.asarray((self.death * alive) ** self.kappa + (self.event * without) ** self.kappa)


@dataclass(frozen=True, slots=True)
class Follow:
    """How long patients are followed: accrual, end of the trial, and the rate of drop-out."""

    accrual: float
    duration: float
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 < self.duration < math.inf:
            raise InputError("the trial lasts no time", where="duration", allowed="above 0", got=self.duration)
        if not 0.0 <= self.accrual <= self.duration:
            allowed = f"0 to the duration of {self.duration:g}"
            raise InputError("accrual does not fit in the trial", where="accrual", allowed=allowed, got=self.accrual)
        if not 0.0 <= self.dropout < math.inf:
            raise InputError("no rate of drop-out", where="dropout", allowed="0 or more", got=self.dropout)

    @property
    def shortest(self) -> float:
        """How long the last patient is followed."""
        return self.duration - self.accrual

    def followed(self, time: Floats) -> Floats:
        """Probability of being followed to a time or beyond it."""
        not_dropped = np.asarray(np.exp(-self.dropout * time))
        if self.accrual == 0.0:
            return not_dropped
        return np.asarray(not_dropped * np.clip((self.duration - time) / self.accrual, 0.0, 1.0))

    def ends(self, time: Floats) -> Floats:
        """Density of the end of follow-up, apart from that of all patients together at the end of the trial."""
        found = self.dropout * self.followed(time)
        if self.accrual > 0.0:
            found = found + np.where(time > self.shortest, np.exp(-self.dropout * time) / self.accrual, 0.0)
        return np.asarray(found)

    @property
    def to_the_end(self) -> float:
        """Probability of being followed to the end of the trial exactly."""
        return math.exp(-self.dropout * self.duration) if self.accrual == 0.0 else 0.0

    def pieces(self, fastest: float) -> list[tuple[float, float]]:
        """Parts of the trial in which the end of follow-up has a smooth density, and what happens at the fastest rate
        is not over within a small part of one."""
        marks = _early(fastest, self.duration)
        edges = sorted({0.0, self.shortest, self.duration, *marks})
        return list(itertools.pairwise(edges))


@dataclass(frozen=True, slots=True)
class _Seen:
    """Patients of an arm as they are seen, with weights: how long, whether they died then, the event or none."""

    until: Floats
    died: Floats
    event: Floats
    weight: Floats


def two_times_win_law(reference: TwoTimes, active: TwoTimes, follow: Follow) -> WinLaw:
    """Wins and losses of the active arm, exact but for the quadrature."""
    of_active, of_reference = _seen(active, follow), _seen(reference, follow)
    for seen in (of_active, of_reference):
        if abs(float(seen.weight.sum()) - 1.0) > MOST_LOST:
            what = "these rates are too far apart for the integrals over both times"
            raise InputError(what, where="death, event", allowed="rates, follow-up and kappa nearer to each other")
    win_1, loss_1 = _against(of_active, reference, follow)
    loss_0, win_0 = _against(of_reference, active, follow)
    won, lost = float(of_active.weight @ win_1), float(of_active.weight @ loss_1)
    return WinLaw(won, lost, _spread(of_active.weight, win_1, loss_1), _spread(of_reference.weight, win_0, loss_0))


def without_effect(reference: TwoTimes, follow: Follow) -> tuple[float, tuple[float, float]]:
    """Variance of a patient's wins minus losses against patients like himself, and the derivatives of the net benefit
    in minus the log hazard ratios of death and event: zeta squared and delta of Mao, Kim and Miao (2021)."""
    law = two_times_win_law(reference, reference, follow)
    slopes = []
    for name in ("death", "event"):
        nets = []
        for sign in (-1.0, 1.0):
            value = getattr(reference, name) * math.exp(sign * STEP)
            nets.append(two_times_win_law(reference, replace(reference, **{name: value}), follow).net)
        slopes.append((nets[0] - nets[1]) / (2.0 * STEP))
    return law.active.of(1.0, -1.0), (slopes[0], slopes[1])


def _seen(arm: TwoTimes, follow: Follow) -> _Seen:
    """What is seen of the patients of an arm, on quadrature points."""
    parts: list[tuple[Floats, ...]] = []
    fastest = max(arm.death, follow.dropout)
    for low, high in follow.pieces(fastest):
        half = 0.5 * (high - low)
        until = 0.5 * (high + low) + half * NODES
        weight = half * NODE_WEIGHTS
        followed, ends = follow.followed(until), follow.ends(until)
        parts += _with_event(arm, until, weight * followed, weight * ends, follow.shortest)
    if follow.to_the_end > 0.0:
        at_the_end = np.array([follow.duration]), np.zeros(1), np.array([follow.to_the_end])
        parts += _with_event(arm, *at_the_end, follow.shortest)
    return _Seen(*(np.concatenate(series) for series in zip(*parts, strict=True)))


def _with_event(
    arm: TwoTimes, until: Floats, dying: Floats, leaving: Floats, shortest: float
) -> list[tuple[Floats, ...]]:
    """Patients seen until some times (n,) by death or leaving, with weights for either, by the time of the event."""
    never = np.full(len(until), np.inf)
    parts: list[tuple[Floats, ...]] = [
        (until, np.ones(len(until)), never, arm.deaths(until, until) * dying),
        (until, np.zeros(len(until)), never, arm.alive_without(until, until) * leaving),
    ]
    for event, wide in _pieces(arm, until, shortest):
        at = np.broadcast_to(until[:, None], event.shape)
        # Both times: the density of the pair; alive when leaving: that of the event alone.
        pair = wide * _density(arm, at, event) * dying[:, None]
        left = wide * arm.events(at, event) * leaving[:, None]
        one, none = np.ones(event.size), np.zeros(event.size)
        parts.append((at.ravel(), one, event.ravel(), pair.ravel()))
        parts.append((at.ravel(), none, event.ravel(), left.ravel()))
    return parts


def _pieces(arm: TwoTimes, until: Floats, shortest: float) -> Iterator[tuple[Floats, Floats]]:
    """Points and weights (n, q) for the time of the event below some times (n,), piece by piece.

    The pieces meet where the shares of wins have a bend, at the shortest follow-up, and around the ridge of closely
    joined times. The first has even points in the square root, near which a density may rise steeply from 0.
    """
    edges = [np.zeros_like(until), until]
    edges += [np.minimum(until, mark) for mark in _early(arm.event, float(until.max()))]
    if shortest > 0.0:
        edges.append(np.minimum(until, shortest))
    if arm.kappa > CLOSELY:
        ridge = until * arm.death / arm.event
        edges += [np.clip(ridge * (1.0 + width / arm.kappa), 0.0, until) for width in (-4.0, -1.0, 1.0, 4.0)]
    if arm.kappa > 1.0:
        # Beyond the ridge the density falls as a power of the time.
        edges += [np.minimum(until * arm.death / arm.event * far, until) for far in (8.0, 64.0, 512.0)]
    marks = np.sort(np.array(edges), axis=0)[:, :, None]
    for low, high in itertools.pairwise(marks):
        if not np.any(high > low):
            continue
        steep = low == 0.0
        share = 0.5 * (1.0 + NODES)
        yield (
            low + (high - low) * np.where(steep, share**2, share),
            (high - low) * 0.5 * NODE_WEIGHTS * np.where(steep, 2.0 * share, 1.0),
        )


def _density(arm: TwoTimes, death: Floats, event: Floats) -> Floats:
    """Joint density of both times."""
    k = arm.kappa
    a, b = (arm.death * death) ** k, (arm.event * event) ** k
    inside = a + b + np.finfo(np.float64).tiny
    root = inside ** (1.0 / k)
    outer = np.exp(-root) * root / inside**2 * (root + k - 1.0)
    return np.asarray(outer * a / death * b / event)


def _against(seen: _Seen, other: TwoTimes, follow: Follow) -> tuple[Floats, Floats]:
    """Shares of the other arm that patients win and lose against."""
    until, died, event = seen.until, seen.died, seen.event
    had = event < until
    first = np.where(had, event, until)
    alive = other.alive_without(until, np.zeros_like(until))
    followed = follow.followed(until)
    # By death: the other dies while both are followed; the patient dies while the other is alive and followed.
    ends, place = np.unique(until, return_inverse=True)
    win = _outlived(ends, other, follow)[place]
    loss = died * alive * followed
    # By the event, where the follow-up of the other ends first, with both alive then.
    free = other.alive_without(until, first)
    win_event, loss_event = _by_event(first, until, other, follow)
    win += _events_before(first, other, follow) + win_event
    loss += np.where(had, loss_event, 0.0)
    # By the event, where the patient's own follow-up ends first.
    win += (1.0 - died) * followed * (alive - free)
    loss += np.where(had, (1.0 - died) * followed * free, 0.0)
    return win, loss


def _outlived(until: Floats, other: TwoTimes, follow: Follow) -> Floats:
    """Probability that the other dies, followed, before these times."""
    return _integral(
        np.zeros_like(until), until, follow, other, lambda at: other.deaths(at, np.zeros_like(at)) * follow.followed(at)
    )


def _events_before(until: Floats, other: TwoTimes, follow: Follow) -> Floats:
    """Probability that the other's follow-up ends before these times, alive and with an event."""

    def ending(at: Floats) -> Floats:
        alive = other.alive_without(at, np.zeros_like(at))
        return np.asarray(follow.ends(at) * (alive - other.alive_without(at, at)))

    return _integral(np.zeros_like(until), until, follow, other, ending)


def _by_event(first: Floats, until: Floats, other: TwoTimes, follow: Follow) -> tuple[Floats, Floats]:
    """Probability that the other's follow-up ends between two times, alive, with the event before the first, and
    without."""
    without = _integral(
        first, until, follow, other, lambda at: follow.ends(at) * other.alive_without(at, first[:, None])
    )
    alive = _integral(
        first, until, follow, other, lambda at: follow.ends(at) * other.alive_without(at, np.zeros_like(at))
    )
    return alive - without, without


def _early(rate: float, duration: float) -> tuple[float, ...]:
    """Times by which most of what happens at a rate has happened, where that is early in a duration."""
    return tuple(mark / rate for mark in (2.0, 12.0, 40.0)) if rate * duration > OVER_EARLY else ()


def _integral(low: Floats, high: Floats, follow: Follow, other: TwoTimes, of: Callable[[Floats], Floats]) -> Floats:
    """Integrals (n,) of a function of times (n, q) between limits (n,), piece by piece of the follow-up."""
    fastest = max(other.death, other.event, follow.dropout)
    total = np.zeros_like(low)
    for start, end in follow.pieces(fastest):
        left, right = np.clip(low, start, end), np.clip(high, start, end)
        half = 0.5 * (right - left)[:, None]
        at = 0.5 * (right + left)[:, None] + half * INNER
        if not np.any(half):
            continue
        total += (half * INNER_WEIGHTS * of(at)).sum(axis=1)
    return total


def _spread(weight: Floats, win: Floats, loss: Floats) -> Spread:
    won, lost = float(weight @ win), float(weight @ loss)
    return Spread(
        max(0.0, float(weight @ win**2) - won**2),
        max(0.0, float(weight @ loss**2) - lost**2),
        float(weight @ (win * loss)) - won * lost,
    )
