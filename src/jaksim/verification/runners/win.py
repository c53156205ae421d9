"""Win statistics of ordered categories."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from jaksim.analysis.mann_whitney_variance import mann_whitney_variance
from jaksim.analysis.net_benefit import net_benefit
from jaksim.analysis.win_odds import win_odds
from jaksim.analysis.win_ratio import win_ratio
from jaksim.design.win_size import win_odds_size, wins_losses_ties


def win_statistics_ordinal(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Pairs won, lost and tied, win ratio, win odds with interval; the last category is the best."""
    table = np.array([inputs["placebo"], inputs["active"]], dtype=np.float64)
    rank = np.arange(table.shape[1])[::-1]
    ratio, odds, net = (method(table, rank) for method in (win_ratio, win_odds, net_benefit))
    pairs = float(np.prod(table.sum(axis=1)))
    assert ratio.ratio is not None
    assert odds.ratio is not None
    assert odds.ratio_ci is not None
    lost = net.estimate / (ratio.ratio - 1.0)
    won = lost * ratio.ratio
    return {
        "win": round(won * pairs, 6),
        "loss": round(lost * pairs, 6),
        "tie": round((1.0 - won - lost) * pairs, 6),
        "total": pairs,
        "win_ratio": ratio.ratio,
        "win_odds": odds.ratio,
        "win_odds_ci_rounded": [odds.ratio, *odds.ratio_ci],
        "p_tie": 1.0 - won - lost,
    }


def win_probability_unbiased_variance(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Unbiased variance of the win probability."""
    return {"unbiased_var_WP": mann_whitney_variance(inputs["freq_A"], inputs["freq_P"])}


def win_odds_sample_size(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Patients of both arms, rounded up."""
    size = win_odds_size(
        win_odds=inputs["win_odds"],
        power=inputs["power"],
        alpha=inputs["alpha_two_sided"],
        active_share=inputs["k"],
    )
    return {"n": math.ceil(size)}


def win_statistics_from_wo_wr(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Pairs won, lost and tied from win odds and win ratio."""
    pairs = inputs["n_placebo"] * inputs["n_active"]
    won, lost, tied = wins_losses_ties(win_odds=inputs["WO"], win_ratio=inputs["WR"], pairs=pairs)
    return {"win": won, "loss": lost, "tie": tied, "total": pairs}
