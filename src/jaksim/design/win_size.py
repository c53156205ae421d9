"""Sample size for win statistics."""

from __future__ import annotations

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


def wins_losses_ties(*, win_odds: float, win_ratio: float, pairs: float) -> tuple[float, float, float]:
    """Pairs won, lost and tied that have these win odds (ties count half) and this win ratio (ties left out)."""
    if win_ratio == 1.0 or win_ratio <= 0.0 or win_odds <= 0.0:
        raise InputError("win odds and win ratio of one leave the ties open", where="win_ratio", got=win_ratio)
    net = pairs * (win_odds - 1.0) / (win_odds + 1.0)
    lost = net / (win_ratio - 1.0)
    won = lost * win_ratio
    if lost < 0.0 or won + lost > pairs:
        raise InputError("these win odds and win ratio contradict each other", where="win_odds", got=win_odds)
    return won, lost, pairs - won - lost
