"""Which kinds of worked results the tool can run, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

Runner = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class NotCovered(Exception):
    """A case, or a kind of case, that the tool cannot run; the message says what is missing."""


RUNNERS: Mapping[str, str] = {
    "MAMS_boundary": "many_arms",
    "aalen_johansen_state_occupancy": "multistate",
    "average_hazard_ratio_OS": "illness_death",
    "binary_power_simulation": "binary",
    "binary_sample_size": "binary",
    "binary_sample_size_farrington_manning": "binary",
    "binary_score_test_Miettinen_Nurminen": "binary",
    "conditional_power": "group_sequential",
    "combination_test": "combination",
    "cox_partial_likelihood": "survival",
    "delayed_effect_power": "followed_arms",
    "expected_accrual": "events",
    "expected_events": "events",
    "expected_events_piecewise": "events",
    "fine_gray_ipcw_weights": "survival",
    "fleming_harrington_weights": "weighted_log_rank",
    "gsd_boundary": "group_sequential",
    "gsd_expected_events": "group_sequential_log_rank",
    "gsd_logrank_delayed_effect": "followed_arms",
    "gsd_logrank_simulation": "group_sequential_log_rank",
    "gsd_logrank_sample_size": "group_sequential_log_rank",
    "gsd_sample_size_JT": "group_sequential",
    "illness_death_OS_hazard": "illness_death",
    "illness_death_OS_survival": "illness_death",
    "illness_death_PFS_survival": "illness_death",
    "logrank_power": "log_rank_size",
    "logrank_sample_size": "log_rank_size",
    "logrank_sample_size_nph": "followed_arms",
    "logrank_sample_size_piecewise": "group_sequential_log_rank",
    "logrank_sample_size_weibull": "log_rank_size",
    "logrank_test": "survival",
    "maxcombo_gsd_power": "followed_arms",
    "modestly_weighted_logrank": "weighted_log_rank",
    "multistate_trial_simulation": "illness_death",
    "nonparametric_survival_power": "followed_arms",
    "nonparametric_survival_sample_size": "followed_arms",
    "ordinal_PO_power_Whitehead": "ordinal",
    "ordinal_PO_sample_size_Whitehead": "ordinal",
    "probability_of_success": "group_sequential",
    "reference_data_ordinal_day15": "counts",
    "rmst_ancova": "restricted_mean",
    "rmst_difference_test": "restricted_mean",
    "rmst_estimate": "restricted_mean",
    "rmst_estimate_by_stratum": "restricted_mean",
    "stratified_gsd_logrank": "followed_arms",
    "stratified_logrank_power": "followed_arms",
    "type1_repeated_testing": "group_sequential_log_rank",
    "weighted_logrank_tests": "weighted_log_rank",
    "win_odds_sample_size": "win",
    "win_probability_unbiased_variance": "win",
    "win_ratio_sample_size": "win",
    "win_statistics_from_WO_WR": "win",
    "win_statistics_ordinal": "win",
    "win_statistics_variance": "win",
}
"""Kind of case to the module of `runners` that answers it in a function of the kind's name, in lower case."""


def runner_of(kind: str) -> Runner:
    """The function that answers cases of a kind; NotCovered where there is none."""
    if kind not in RUNNERS:
        raise NotCovered(f"no {kind.replace('_', ' ')} yet")
    runner: Runner = getattr(import_module(f"jaksim.verification.runners.{RUNNERS[kind]}"), kind.lower())
    return runner
