"""Weighted log-rank tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from jaksim.analysis.single_table import survival_table
from jaksim.analysis.survival.log_rank_weights import log_rank_weights
from jaksim.analysis.survival.weighted_scores import MODEST_SURVIVAL, weighted_scores
from jaksim.methods import modestly_weighted_log_rank, weighted_log_rank
from jaksim.verification.data_set import read_data
from jaksim.verification.runners.survival import arms_in_order, table_of

WEIGHTS: Mapping[str, Mapping[str, Any]] = {
    "peto": {"weight": "peto_peto"},
    "modpeto": {"weight": "modified_peto_peto"},
    "tarone_ware": {"weight": "tarone_ware"},
    "gehan": {"weight": "gehan"},
    "FH_05_05": {"rho": 0.5, "gamma": 0.5},
    "FH_1_1": {"rho": 1.0, "gamma": 1.0},
    "FH_0_1": {"rho": 0.0, "gamma": 1.0},
    "FH_05_2": {"rho": 0.5, "gamma": 2.0},
}


def weighted_logrank_tests(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Chi-squared of each weight."""
    data = read_data(inputs["data"])
    columns = [np.array(data[name], dtype=np.int64) for name in ("arm", "time", "status")]
    tests = {name: weighted_log_rank(*table_of(*columns), **options) for name, options in WEIGHTS.items()}
    answer = {f"chisq_{name}": test.statistic**2 for name, test in tests.items()}
    return {**answer, "p_FH_05_05": tests["FH_05_05"].p_value}


def fleming_harrington_weights(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Weights of the times of events, and patients at risk then."""
    found = log_rank_weights(inputs["event_time"], inputs["status"], rho=inputs["rho"], gamma=inputs["gamma"])
    return {"weights": found.weight, "n_at_risk": found.at_risk}


def modestly_weighted_logrank(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Score, its variance and z of the experimental arm."""
    reference = np.array(arms_in_order(inputs["group"]))
    table = table_of(1 - reference, inputs["event_time"], inputs["status"])
    score, _, covariance = weighted_scores(*survival_table(*table), [(MODEST_SURVIVAL, inputs["s_star"])])
    test = modestly_weighted_log_rank(*table, s_star=inputs["s_star"])
    weights = log_rank_weights(inputs["event_time"], inputs["status"], weight="modest", s_star=inputs["s_star"])
    return {"weights": weights.weight, "u": float(score[0, 0]), "v": float(covariance[0, 0, 0]), "z": test.statistic}
