"""Wins of death before a second event, from the rates of both and their copula."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.formulas.two_times import Follow, TwoTimes, two_times_win_law, without_effect
from jaksim.formulas.win_law import Spread, WinLaw
from jaksim.formulas.win_ratio_size import win_ratio_size
from jaksim.normal_law import quantile
from jaksim.plan.pairs.stated import NET, told
from jaksim.plan.question import Beside, Formula, NoScenario, Question
from jaksim.plan.rule import Rule
from jaksim.plan.statistic import Statistic

EXACT: Final = "u_statistic"
MAO: Final = "mao"
FORMULAS_OF_TIMES: Final = (EXACT, MAO)
_LONGEST: Final = 4_000


@dataclass(frozen=True)
class Slopes:
    """What Mao's formula needs of a trial without effect: the variance of a patient's wins less losses, and the
    derivatives of the net benefit in minus the log hazard ratios of death and of the event."""

    variance: float
    death: float
    event: float


@dataclass(frozen=True)
class TimesWins(Question):
    """The hazard ratio of the second event, on the scale, and that of death where it is another.

    `arm` and `follow` are None where only the `slopes` are known.
    """

    measure: str
    method: str
    death_hazard_ratio: float | None
    arm: TwoTimes | None
    follow: Follow | None
    slopes: Slopes | None = None

    @property
    def one_effect(self) -> bool:
        """With a hazard ratio of death of its own, no effect is not told by that of the event."""
        return self.death_hazard_ratio is not None

    def formula(self) -> Formula:
        """The law of U-statistics under the effect, or Mao's without."""
        return FORMULAS[self.method]

    def statistic(self, effect: float, size: float, null: float) -> Statistic:
        """The law of z; the null is no effect on either time."""
        share = self.allocation.active_share
        if self.method == MAO:
            slopes = self.linear()
            net = -slopes.death * math.log(self.of_death(effect)) - slopes.event * math.log(effect)
            return Statistic(net * math.sqrt(share * (1.0 - share) * size / slopes.variance))
        law = self.law(effect)
        distance = law.net if self.measure == NET else math.log(law.value(self.measure))
        return Statistic(distance / law.sd(self.measure, share) * math.sqrt(size))

    def closed_size(self, effect: float, rule: Rule, power: float) -> float | None:
        """Mao's formula, or the size at which the mean of z is the sum of both quantiles."""
        if self.method == MAO:
            slopes = self.linear()
            return win_ratio_size(
                (math.log(self.of_death(effect)), math.log(effect)),
                slopes=(slopes.death, slopes.event),
                variance=slopes.variance,
                power=power,
                alpha=rule.one_sided_alpha,
                sides=1,
                active_share=self.allocation.active_share,
            )
        return ((rule.critical + quantile(power)) / self.statistic(effect, 1.0, 1.0).mean) ** 2

    def of_death(self, effect: float) -> float:
        """The hazard ratio of death."""
        return effect if self.death_hazard_ratio is None else self.death_hazard_ratio

    def active(self, effect: float) -> TwoTimes:
        """Both times in the active arm."""
        assert self.arm is not None
        return TwoTimes(self.arm.death * self.of_death(effect), self.arm.event * effect, self.arm.kappa)

    def law(self, effect: float) -> WinLaw:
        """Wins and losses under an effect."""
        assert self.arm is not None
        assert self.follow is not None
        return _law(self.arm, self.active(effect), self.follow)

    def linear(self) -> Slopes:
        """What Mao's formula needs."""
        if self.slopes is not None:
            return self.slopes
        assert self.arm is not None
        assert self.follow is not None
        return _slopes(self.arm, self.follow)

    def facts(self, effect: float, size: float, rule: Rule) -> Mapping[str, Any]:
        """Wins, losses and the measures; the variance and slopes of Mao's formula."""
        found: dict[str, Any] = {"death_hazard_ratio": self.of_death(effect)}
        if self.arm is not None:
            law = self.law(effect)
            found |= {"measure": self.measure.replace("_", " "), **told(law, "")}
            found |= {"kendalls_tau": 1.0 - 1.0 / self.arm.kappa}
        if self.method == MAO:
            slopes = self.linear()
            found |= {"variance": slopes.variance, "slope_death": slopes.death, "slope_event": slopes.event}
        return found

    def beside(self, effect: float, size: float, rule: Rule) -> Sequence[Beside]:
        """The power by the law under the effect, which Mao's formula replaces by its first order."""
        if self.method != MAO or self.arm is None:
            return ()
        law, share = self.law(effect), self.allocation.active_share
        distance = law.net if self.measure == NET else math.log(law.value(self.measure))
        mean = distance / law.sd(self.measure, share) * math.sqrt(size)
        why = "Mao's formula takes the net benefit as linear in the log hazard ratios, and its variance without effect"
        return (Beside(rule.power([Statistic(mean)]), "mean and variance under the effect", why),)

    def scenario(self, effect: float, size: int, rule: Rule) -> str:
        """None: in a scenario the event changes what happens afterwards, here both times are drawn together."""
        raise NoScenario("two times joined by a copula have no scenario: patients there move from state to state")

    def draws(
        self, effect: float, size: int, rule: Rule, shares: tuple[float, ...], replicates: int, seed: int
    ) -> Floats | None:
        """z of simulated trials: both times from the copula, every pair of patients compared."""
        if self.arm is None or self.follow is None:
            raise NoScenario("the rates of both times are needed, not their slopes alone")
        if size > _LONGEST:
            raise NoScenario(f"all pairs of more than {_LONGEST:,} patients are too many to compare")
        from jaksim.plan.pairs.simulated import simulated_z

        reference, active, follow = self.arm, self.active(effect), self.follow

        def law(rng: np.random.Generator, n_1: int, n_0: int) -> WinLaw:
            return _compared(_drawn(rng, active, follow, n_1), _drawn(rng, reference, follow, n_0))

        return simulated_z(self, rule, law, (size, shares, replicates, seed), self.measure)


@lru_cache(maxsize=256)
def _law(reference: TwoTimes, active: TwoTimes, follow: Follow) -> WinLaw:
    return two_times_win_law(reference, active, follow)


@lru_cache(maxsize=64)
def _slopes(reference: TwoTimes, follow: Follow) -> Slopes:
    variance, (death, event) = without_effect(reference, follow)
    return Slopes(variance, death, event)


def _drawn(rng: np.random.Generator, arm: TwoTimes, follow: Follow, n: int) -> Floats:
    """Death, event and end of follow-up (3, n) of patients, by the frailty of the copula.

    Source: Marshall and Olkin (1988), JASA 83:834; positive stable frailties by Kanter (1975), Annals of Probability 3.
    """
    index = 1.0 / arm.kappa
    frailty = np.ones(n)
    if index < 1.0:
        angle, exponential = math.pi * rng.uniform(size=n), rng.exponential(size=n)
        frailty = np.sin(index * angle) / np.sin(angle) ** (1.0 / index)
        frailty *= (np.sin((1.0 - index) * angle) / exponential) ** ((1.0 - index) / index)
    times = (rng.exponential(size=(2, n)) / frailty) ** index / np.array([[arm.death], [arm.event]])
    end = follow.duration - follow.accrual * rng.uniform(size=n)
    if follow.dropout > 0.0:
        end = np.minimum(end, rng.exponential(size=n) / follow.dropout)
    return np.stack([times[0], times[1], end])


def _compared(active: Floats, reference: Floats) -> WinLaw:
    """Wins and losses of all pairs, with unbiased component variances."""
    (death_1, event_1, end_1), (death_0, event_0, end_0) = active[:, :, None], reference[:, None, :]
    end = np.minimum(end_1, end_0)
    win, loss = death_0 < np.minimum(death_1, end), death_1 < np.minimum(death_0, end)
    open_ = ~(win | loss)
    win |= open_ & (event_0 < np.minimum(event_1, end))
    loss |= open_ & (event_1 < np.minimum(event_0, end))
    return WinLaw(
        float(win.mean()),
        float(loss.mean()),
        _sample_spread(win.mean(axis=1), loss.mean(axis=1)),
        _sample_spread(win.mean(axis=0), loss.mean(axis=0)),
    )


def _sample_spread(win: Floats, loss: Floats) -> Spread:
    (of_win, both), (_, of_loss) = np.cov(win, loss)
    return Spread(float(of_win), float(of_loss), float(both))


FORMULAS: Final = {
    EXACT: Formula(
        "Wald test of the win statistic, with mean and variance under the effect from the joint law of both times",
        "Bebu and Lachin 2016, Biostatistics 17:178; Gumbel-Hougaard copula as Mao, Kim and Miao 2021, Biometrics "
        "78:1313",
        (
            "Both times are exponential with proportional hazards, joined by the copula alike in both arms.",
            "Death is compared first, then the event, while both patients are followed.",
            "The logarithm (of the net benefit the difference) is normal, which it is not with few patients.",
        ),
    ),
    MAO: Formula(
        "Mao, Kim and Miao's formula for the win ratio",
        "Mao, Kim and Miao 2021, Biometrics 78:1313, equation 3, as WR::WRSS",
        (
            "Both times are exponential with proportional hazards, joined by the copula alike in both arms.",
            "The effect is small: the net benefit is taken as linear in the log hazard ratios, its variance as that "
            "without effect.",
        ),
    ),
}
