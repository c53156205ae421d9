"""Planning with win odds: patients needed, and the wins, losses and ties behind win odds and a win ratio."""

from __future__ import annotations

import math
from statistics import NormalDist

from jaksim.errors import InputError


def patients_for_win_odds(win_odds: float, *, power: float, alpha: float = 0.05, share: float = 0.5) -> int:
    """Patients in both arms for a two-sided Wilcoxon test to have the power (Noether 1987), without ties.

    `share` is that of one arm among all patients. InputError for win odds of 1 and values out of range.
    """
    _positive(win_odds, "win_odds")
    for name, value in (("power", power), ("alpha", alpha), ("share", share)):
        if not 0.0 < value < 1.0:
            raise InputError("the value is not a share", where=name, allowed="a number between 0 and 1", got=value)
    distance = win_odds / (1.0 + win_odds) - 0.5
    if distance == 0.0:
        raise InputError("win odds of 1 are no effect", where="win_odds", allowed="a number other than 1", got=win_odds)
    quantiles = NormalDist().inv_cdf(1.0 - alpha / 2.0) + NormalDist().inv_cdf(power)
    return math.ceil(quantiles**2 / (12.0 * share * (1.0 - share) * distance**2))


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
