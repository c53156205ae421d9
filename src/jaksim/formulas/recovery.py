"""Recovery with death as its competing event, both at constant intensities, every patient followed to one day.

`Illness` is a patient's course in one arm. Two tests compare recovery: with deaths kept in the risk set to the last day
(Fine and Gray 1999: subdistributions), or with deaths censored (intensities).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.root import root

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(60)
FARTHEST_LOG = 12.0
FASTEST = 200.0
"""The quadrature holds up to this cumulative intensity on the last day."""
KEPT, CENSORED = "kept", "censored"


@dataclass(frozen=True)
class Illness:
    """Intensities per day of recovery and of death, while neither has happened."""

    recovery: float
    death: float

    def left(self, t: Floats) -> Floats:
        """Probability of neither by a day."""
        return np.exp(-(self.recovery + self.death) * np.asarray(t))

    def recovered(self, t: Floats) -> Floats:
        """Cumulative incidence of recovery."""
        return self.recovery / (self.recovery + self.death) * (1.0 - self.left(t))

    def died(self, t: Floats) -> Floats:
        """Cumulative incidence of death before recovery."""
        return self.death / (self.recovery + self.death) * (1.0 - self.left(t))

    @property
    def median(self) -> float:
        """Day by which half have recovered, the dead counted as never; infinite where half never do."""
        whole = self.recovery + self.death
        reach = 0.5 * whole / self.recovery
        return -math.log1p(-reach) / whole if reach < 1.0 else math.inf


def illness_of(median: float, mortality: float, day: float) -> Illness:
    """The course in which half have recovered by the day `median`, and so many have died unrecovered by `day`.

    InputError where no constant intensities do both.
    """
    if mortality == 0.0:
        return Illness(math.log(2.0) / median, 0.0)
    if mortality >= 0.5:
        what = "half recover by the median, so that fewer than half can die"
        raise InputError(what, where="mortality", allowed="below 0.5", got=mortality)

    def excess(whole: float) -> float:
        part = 0.5 / -math.expm1(-whole * median)
        return (1.0 - part) * -math.expm1(-whole * day) - mortality

    low = math.log(2.0) / median
    high = 2.0 * low
    while excess(high) < 0.0:
        high *= 2.0
        if high > 1e6:
            what = "no constant intensities have this median and this mortality"
            raise InputError(what, where="mortality", allowed="fewer deaths, or a later median", got=mortality)
    whole = root(excess, low, high)
    part = 0.5 / -math.expm1(-whole * median)
    return Illness(part * whole, (1.0 - part) * whole)


def with_mortality(recovery: float, mortality: float, day: float) -> Illness:
    """The course with this intensity of recovery in which so many have died unrecovered by `day`."""
    if mortality == 0.0:
        return Illness(recovery, 0.0)

    def excess(death: float) -> float:
        return float(Illness(recovery, death).died(np.array(day))) - mortality

    high = 1.0
    while excess(high) < 0.0:
        high *= 2.0
        if high > 1e9:
            raise InputError("no intensity of death gives this mortality", where="active_mortality", got=mortality)
    return Illness(recovery, root(excess, 0.0, high))


@dataclass(frozen=True)
class RecoveryTrial:
    """Courses of both arms, their patients, the last day, and the hazard per day of being lost before it."""

    reference: Illness
    active: Illness
    patients: tuple[float, float]
    day: float
    dropout: float = 0.0

    def __post_init__(self) -> None:
        for arm in (self.reference, self.active):
            if (arm.recovery + arm.death) * self.day > FASTEST:
                what = "everybody recovers or dies in a small part of the follow-up"
                raise InputError(what, where="rate_ratio", allowed="courses nearer to the last day, or an earlier day")

    def score(self, deaths: str, null: float = 1.0) -> tuple[float, float]:
        """Expected log-rank score for recovery at the `null` ratio, above 0 for more in the active arm; variance."""
        t = 0.5 * self.day * (NODES + 1.0)
        step = 0.5 * self.day * NODE_WEIGHTS
        at_risk, hazards = [], []
        for n, arm in zip(self.patients, (self.reference, self.active), strict=True):
            leaving = arm.recovery + arm.death + self.dropout
            present = np.exp(-leaving * t)
            # The dead are known to stay unrecovered, and cannot be lost any more.
            dead = arm.death / leaving * (1.0 - present) if deaths == KEPT else 0.0
            still = np.maximum(present + dead, np.finfo(float).tiny)
            at_risk.append(n * still)
            hazards.append(arm.recovery * present / still)
        (n_0, n_1), (h_0, h_1) = at_risk, hazards
        tilted = n_0 + null * n_1
        mean = step @ (n_0 * n_1 / tilted * (h_1 - null * h_0))
        variance = step @ (null * n_0 * n_1 / tilted**2 * (n_0 * h_0 + n_1 * h_1))
        return float(mean), float(variance)

    def ratio(self, deaths: str) -> float:
        """The ratio that the proportional hazards model, or that of Fine and Gray, estimates in large trials."""
        try:
            return math.exp(root(lambda log: self.score(deaths, math.exp(log))[0], -FARTHEST_LOG, FARTHEST_LOG))
        except ValueError:
            raise InputError("the arms differ too much for a rate ratio", where="rate_ratio") from None

    def recoveries(self) -> tuple[float, float]:
        """Recoveries expected to be seen in reference and active arm."""
        found = []
        for n, arm in zip(self.patients, (self.reference, self.active), strict=True):
            whole = arm.recovery + arm.death + self.dropout
            found.append(n * arm.recovery * -math.expm1(-whole * self.day) / whole)
        return found[0], found[1]


def active_course(
    reference: Illness, ratio: float, *, deaths: str, death_ratio: float, day: float, share: float = 0.5
) -> Illness:
    """The active arm's course whose recovery compares with the reference by this ratio in the test's own measure.

    With deaths censored the ratio is that of the intensities; with deaths kept it is what Fine and Gray's model
    estimates by `day`. The intensity of death is multiplied by `death_ratio`. InputError where no course has the ratio.
    """
    death = reference.death * death_ratio
    if deaths == CENSORED:
        return Illness(reference.recovery * ratio, death)

    def lack(log: float) -> float:
        active = Illness(reference.recovery * math.exp(log), death)
        trial = RecoveryTrial(reference, active, (1.0 - share, share), day)
        return trial.score(KEPT, ratio)[0]

    near = math.log(ratio)
    low, high = near - 0.5, near + 0.5
    while lack(low) > 0.0 and low > -FARTHEST_LOG:
        low -= 1.0
    while lack(high) < 0.0 and high < FARTHEST_LOG:
        high += 1.0
    if lack(low) > 0.0 or lack(high) < 0.0:
        raise InputError("no course has this ratio of subdistributions", where="rate_ratio", got=ratio)
    return Illness(reference.recovery * math.exp(root(lack, low, high)), death)
