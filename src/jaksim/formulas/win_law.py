"""Wins and losses of pairs of patients, and the large-sample law of what is made of them.

A win is one of the active arm. The net benefit is wins less losses, the win ratio wins over losses, the win odds wins
plus half the ties over losses plus half the ties. Their variances are those of two-sample U-statistics (Bebu and Lachin
2016, Biostatistics 17:178; for ties counted half, Brunner and Munzel 2000, Biometrical Journal 42:17).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats

MEASURES: Final = ("win_odds", "win_ratio", "net_benefit")
ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Spread:
    """Variances and covariance over the patients of an arm of the shares of the other arm that pairs are won and lost
    against."""

    win: float
    loss: float
    both: float

    def of(self, win: float, loss: float) -> float:
        """Variance of so much times the wins plus so much times the losses."""
        return max(0.0, win * win * self.win + loss * loss * self.loss + 2.0 * win * loss * self.both)


@dataclass(frozen=True, slots=True)
class WinLaw:
    """Probabilities that a pair is won and lost, and what varies between the patients of each arm."""

    won: float
    lost: float
    active: Spread
    reference: Spread

    @property
    def tied(self) -> float:
        """Probability of a tie."""
        left = 1.0 - self.won - self.lost
        return left if left > ROUNDING else 0.0

    @property
    def net(self) -> float:
        """Net benefit: wins less losses; rounding is none."""
        net = self.won - self.lost
        return net if abs(net) > ROUNDING else 0.0

    def value(self, measure: str) -> float:
        """The measure itself: a ratio, odds, or a difference; infinite or NaN where it has none."""
        if measure == "net_benefit":
            return self.net
        above, below = (self.won, self.lost) if measure == "win_ratio" else (1.0 + self.net, 1.0 - self.net)
        return above / below if below > 0.0 else (math.inf if above > 0.0 else math.nan)

    def sd(self, measure: str, active_share: float) -> float:
        """Standard deviation of the estimate, a logarithm for ratio and odds, times the root of all patients."""
        win, loss = self._slopes(measure)
        variance = self.active.of(win, loss) / active_share + self.reference.of(win, loss) / (1.0 - active_share)
        return math.sqrt(variance)

    def _slopes(self, measure: str) -> tuple[float, float]:
        """Derivatives of the measure, or of its logarithm, in wins and losses."""
        if measure == "net_benefit":
            return 1.0, -1.0
        if measure == "win_ratio":
            return (1.0 / self.won if self.won > 0.0 else math.inf), (-1.0 / self.lost if self.lost > 0.0 else math.inf)
        slope = 2.0 / ((1.0 + self.net) * (1.0 - self.net)) if abs(self.net) < 1.0 else math.inf
        return slope, -slope


def ordinal_win_law(reference: ArrayLike, active: ArrayLike) -> WinLaw:
    """The law of probabilities (K,) of categories in both arms, from best to worst."""
    p_0, p_1 = np.asarray(reference, dtype=np.float64), np.asarray(active, dtype=np.float64)
    worse_0, worse_1 = 1.0 - np.cumsum(p_0), 1.0 - np.cumsum(p_1)
    better_0, better_1 = np.cumsum(p_0) - p_0, np.cumsum(p_1) - p_1
    return WinLaw(
        won=float(p_1 @ worse_0),
        lost=float(p_1 @ better_0),
        active=_spread(p_1, worse_0, better_0),
        reference=_spread(p_0, better_1, worse_1),
    )


def null_sd(reference: ArrayLike, active: ArrayLike, active_share: float) -> float:
    """Standard deviation of the net benefit without effect, given the ties, times the root of all patients.

    As in the Wilcoxon test; `active` and `reference` (K,) are probabilities of categories.
    """
    both = active_share * np.asarray(active) + (1.0 - active_share) * np.asarray(reference)
    return math.sqrt((1.0 - float((both**3).sum())) / (3.0 * active_share * (1.0 - active_share)))


def _spread(shares: Floats, win: Floats, loss: Floats) -> Spread:
    won, lost = float(shares @ win), float(shares @ loss)
    return Spread(
        max(0.0, float(shares @ win**2) - won**2),
        max(0.0, float(shares @ loss**2) - lost**2),
        float(shares @ (win * loss)) - won * lost,
    )


NO_SPREAD: Final = Spread(math.nan, math.nan, math.nan)
"""The spread of wins of which only the means are known."""


def empirical_win_law(reference: Floats, active: Floats, n_0: int, n_1: int) -> WinLaw:
    """The law of shares (K,) of categories that a trial has found, with unbiased component variances."""
    law = ordinal_win_law(reference, active)
    return WinLaw(law.won, law.lost, scaled(law.active, n_1 / (n_1 - 1.0)), scaled(law.reference, n_0 / (n_0 - 1.0)))


def scaled(spread: Spread, factor: float) -> Spread:
    """Variances and covariance times a factor."""
    return Spread(factor * spread.win, factor * spread.loss, factor * spread.both)
