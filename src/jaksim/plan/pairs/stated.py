"""Win odds, win ratio or net benefit as they are stated, with the share of ties."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.formulas.win_law import NO_SPREAD, WinLaw, empirical_win_law
from jaksim.formulas.win_size import win_odds_size
from jaksim.normal_law import quantile
from jaksim.plan.question import Formula, NoScenario, Question
from jaksim.plan.rule import Rule
from jaksim.plan.statistic import Scale, Statistic

ODDS: Final = "win_odds"
RATIO: Final = "win_ratio"
NET: Final = "net_benefit"


def scale_of(measure: str) -> Scale:
    """The scale of a measure: odds and ratio above 0, the net benefit between -1 and 1."""
    if measure == NET:
        return Scale(NET, ratio=False, low=-1.0, high=1.0)
    return Scale(measure, ratio=True, low=0.0)


def win_probability(measure: str, value: float, ties: float) -> float:
    """Probability of a win, ties counted half."""
    if measure == NET:
        return 0.5 * (1.0 + value)
    if measure == RATIO:
        return (1.0 - ties) * value / (1.0 + value) + 0.5 * ties
    return value / (1.0 + value)


@dataclass(frozen=True)
class StatedWins(Question):
    """The share of `ties`, NaN where it is not known, and the standard deviation of the win probability."""

    ties: float
    sd: float | None = None

    def formula(self) -> Formula:
        """Noether's, or for the win ratio that of Yu and Ganju."""
        return FORMULAS[RATIO if self.scale.name == RATIO else NET]

    def statistic(self, effect: float, size: float, null: float) -> Statistic:
        """The law of z with the variance of a continuous outcome without effect."""
        shares = self.allocation.active_share * (1.0 - self.allocation.active_share)
        if self.scale.name == RATIO:
            variance = 4.0 * (1.0 + self.ties) / (3.0 * shares * (1.0 - self.ties))
            return Statistic(math.log(effect / null) * math.sqrt(size / variance))
        sd = math.sqrt(1.0 / (12.0 * shares)) if self.sd is None else self.sd
        distance = win_probability(self.scale.name, effect, 0.0) - win_probability(self.scale.name, null, 0.0)
        return Statistic(distance / sd * math.sqrt(size))

    def closed_size(self, effect: float, rule: Rule, power: float) -> float | None:
        """Noether's formula, or the size at which the mean of z is the sum of both quantiles."""
        nulls = rule.nulls(self.scale)
        if len(nulls) > 1:
            return None
        if self.scale.name == ODDS and self.sd is None and rule.margin is None:
            share, alpha = self.allocation.active_share, 2.0 * rule.one_sided_alpha
            return win_odds_size(win_odds=effect, power=power, alpha=alpha, active_share=share)
        return ((rule.critical + quantile(power)) / self.statistic(effect, 1.0, nulls[0]).mean) ** 2

    def facts(self, effect: float, size: float, rule: Rule) -> Mapping[str, Any]:
        """The win probability, and wins, losses and the other measures where the ties are known."""
        ties = 0.0 if math.isnan(self.ties) else self.ties
        found: dict[str, Any] = {"win_probability": win_probability(self.scale.name, effect, ties)}
        if math.isnan(self.ties):
            return found
        net = 2.0 * found["win_probability"] - 1.0
        won, lost = 0.5 * (1.0 - ties + net), 0.5 * (1.0 - ties - net)
        return {**found, **told(WinLaw(won, lost, NO_SPREAD, NO_SPREAD), self.scale.name)}

    def scenario(self, effect: float, size: int, rule: Rule) -> str:
        """None without distributions."""
        raise NoScenario("a win statistic alone has no scenario, the distributions of the arms have")

    def draws(
        self, effect: float, size: int, rule: Rule, shares: tuple[float, ...], replicates: int, seed: int
    ) -> Floats:
        """z of simulated trials of normal outcomes that differ by a shift."""
        if self.ties > 0.0:
            raise NoScenario("which outcomes tie is not known; give distributions to simulate ordered categories")
        from jaksim.plan.pairs.simulated import simulated_z

        shift = math.sqrt(2.0) * quantile(win_probability(self.scale.name, effect, 0.0))

        def law(rng: np.random.Generator, n_1: int, n_0: int) -> WinLaw:
            active, reference = rng.standard_normal(n_1) + shift, rng.standard_normal(n_0)
            order = np.argsort(np.argsort(-np.concatenate([reference, active])))
            table = np.zeros((2, n_0 + n_1))
            table[0, order[:n_0]] = 1.0 / n_0
            table[1, order[n_0:]] = 1.0 / n_1
            return empirical_win_law(table[0], table[1], n_0, n_1)

        return simulated_z(self, rule, law, (size, shares, replicates, seed))


def told(law: WinLaw, measure: str) -> dict[str, Any]:
    """Wins, losses, ties and the measures other than the one that is asked for."""
    measures = {name: law.value(name) for name in ("win_ratio", "win_odds", "net_benefit") if name != measure}
    return {"wins": law.won, "losses": law.lost, "ties": law.tied, **measures}


FORMULAS: Final = {
    NET: Formula(
        "Noether's formula for the win probability",
        "Noether 1987, JASA 82:645; Gasparyan, Kowalewski, Buenconsejo and Koch 2021, J Biopharm Stat 31:765, as "
        "hce::sizeWO",
        (
            "The variance is that of a continuous outcome without effect and without ties; with many ties it is too "
            "large, and distributions (--control and --active) give the right one.",
        ),
    ),
    RATIO: Formula(
        "Yu and Ganju's formula for the win ratio",
        "Yu and Ganju 2022, Statistics in Medicine 41:950, as hce::sizeWR",
        (
            "The variance is that without effect, of an outcome that is continuous but for its ties.",
            "The ties are those of the trial; follow-up that is shorter has more.",
        ),
    ),
}
