"""Sample size for win statistics."""

from __future__ import annotations

import math
from statistics import NormalDist

from jaksim.errors import InputError

_NORMAL = NormalDist()


def win_odds_size(*, win_odds: float, power: float = 0.9, alpha: float = 0.05, active_share: float = 0.5) -> float:
    """Patients in both arms together, not rounded, of the two-sided Wilcoxon test for a shift (Noether 1987)."""
    if win_odds <= 0.0 or win_odds == 1.0:
        raise InputError("no number of patients finds these win odds", where="win_odds", got=win_odds)
    distance = win_odds / (1.0 + win_odds) - 0.5
    quantiles = _NORMAL.inv_cdf(1.0 - alpha / 2.0) + _NORMAL.inv_cdf(power)
    return quantiles**2 / (12.0 * active_share * (1.0 - active_share) * distance**2)


def patients_for_win_odds(win_odds: float, *, power: float, alpha: float = 0.05, share: float = 0.5) -> int:
    """Patients in both arms for a two-sided Wilcoxon test to have the power (Noether 1987), without ties.

    `share` is that of one arm among all patients. InputError for win odds of 1 and values out of range.
    """
    _positive(win_odds, "win_odds")
    for name, value in (("power", power), ("alpha", alpha), ("share", share)):
        if not 0.0 < value < 1.0:
            raise InputError("the value is not a share", where=name, allowed="a number between 0 and 1", got=value)
    return math.ceil(win_odds_size(win_odds=win_odds, power=power, alpha=alpha, active_share=share))


def wins_losses_ties(win_odds: float, win_ratio: float, pairs: float) -> tuple[float, float, float]:
    """Pairs won, lost and tied that give these win odds and this win ratio; InputError where no numbers do."""
    _positive(win_odds, "win_odds")
    _positive(win_ratio, "win_ratio")
    net = pairs * (win_odds - 1.0) / (win_odds + 1.0)
    lost = net / (win_ratio - 1.0) if win_ratio != 1.0 else math.nan
    won = lost * win_ratio
    if not (lost >= 0.0 and won + lost <= pairs * (1.0 + 1e-12)):
        raise InputError(
            "no wins and losses have this win ratio",
            where="win_ratio",
            allowed=f"a ratio at least as far from 1 as the win odds of {win_odds:g}, on the same side",
            got=win_ratio,
        )
    return won, lost, max(pairs - won - lost, 0.0)


def _positive(value: float, where: str) -> None:
    if not 0.0 < value < math.inf:
        raise InputError("odds and ratios are positive", where=where, allowed="a number above 0", got=value)
