"""Win statistics of ordered categories."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim import plan
from jaksim.analysis.win.mann_whitney_adjusted import mann_whitney_adjusted
from jaksim.analysis.win.mann_whitney_variance import mann_whitney_variance
from jaksim.methods import net_benefit, win_odds, win_ratio
from jaksim.plan.answer import PlannedDesign
from jaksim.verification.data_set import read_data


def win_statistics_ordinal(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Pairs won, lost and tied, win ratio, win odds with interval; the last category is the best."""
    table = np.array([inputs["placebo"], inputs["active"]], dtype=np.float64)
    rank = np.arange(table.shape[1])[::-1]
    ratio, odds = win_ratio(table, rank), win_odds(table, rank)
    pairs = float(np.prod(table.sum(axis=1)))
    assert odds.ratio is not None
    assert odds.ratio_ci is not None
    won, lost = _decided(table, rank)
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
    share = Fraction(inputs["k"]).limit_denominator(1000)
    found = plan.wins(
        win_odds=inputs["win_odds"],
        power=inputs["power"],
        alpha=inputs["alpha_two_sided"],
        allocation=f"{share.numerator}:{share.denominator - share.numerator}",
    )
    return {"n": math.ceil(_size(found.designs[0]))}


def win_statistics_from_wo_wr(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Pairs won, lost and tied from win odds and win ratio."""
    pairs = inputs["n_placebo"] * inputs["n_active"]
    found = plan.wins(win_odds=inputs["WO"], win_ratio=inputs["WR"], patients=inputs["n_placebo"] + inputs["n_active"])
    shares = found.designs[0].facts
    return {
        "win": shares["wins"] * pairs,
        "loss": shares["losses"] * pairs,
        "tie": shares["ties"] * pairs,
        "total": pairs,
    }


def win_statistics_variance(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Standard error and p value of the win probability, and both with adjustment for a covariate."""
    data = read_data(inputs["data"])
    value, covariate = (np.array(data[name], dtype=np.float64) for name in ("value", "egfr"))
    active = np.array(data["arm"]) == "A"
    plain = mann_whitney_adjusted(active, value, divisor="n")
    adjusted = mann_whitney_adjusted(active, value, covariate, divisor="n, times N/(N - 1)")
    return {
        "se_win_probability": plain.se,
        "p_value": plain.p_value,
        "adjusted_wp_sanon": adjusted.estimate,
        "adjusted_se_sanon": adjusted.se,
    }


def win_ratio_sample_size(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Patients of both arms for hazard ratios of death and of hospitalisation."""
    share = Fraction(inputs["q"]).limit_denominator(1000)
    asked = {
        "variance": inputs["zeta2"],
        "slopes": inputs["delta"],
        "power": inputs["power"],
        "alpha": inputs["alpha_two_sided"],
        "allocation": f"{share.numerator}:{share.denominator - share.numerator}",
    }
    pairs = zip(inputs["thetaD"], inputs["thetaH"], strict=True)
    found = [plan.wins(**asked, death_hazard_ratio=death, hazard_ratio=stay) for death, stay in pairs]
    return {"n": [_size(one.designs[0]) for one in found]}


def _size(design: PlannedDesign) -> float:
    """The size by the formula, not rounded."""
    assert design.exact_size is not None
    return design.exact_size


def _decided(table: NDArray[np.float64], rank: NDArray[np.intp]) -> tuple[float, float]:
    """Shares of the pairs that the active arm wins and loses."""
    ratio, net = win_ratio(table, rank).ratio, net_benefit(table, rank).estimate
    assert ratio is not None
    lost = net / (ratio - 1.0)
    return lost * ratio, lost
