"""All analysis methods by name; a method's module is imported when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Final

from jaksim.analysis.method import Method
from jaksim.errors import InputError

MODULES: Final[dict[str, str]] = {
    "log_rank": "jaksim.analysis.survival.log_rank",
    "weighted_log_rank": "jaksim.analysis.survival.weighted_log_rank",
    "modestly_weighted_log_rank": "jaksim.analysis.survival.modestly_weighted_log_rank",
    "max_combo": "jaksim.analysis.survival.max_combo",
    "cox": "jaksim.analysis.survival.cox",
    "kaplan_meier_difference": "jaksim.analysis.survival.kaplan_meier_difference",
    "cumulative_incidence_difference": "jaksim.analysis.survival.cumulative_incidence_difference",
    "gray": "jaksim.analysis.survival.gray",
    "fine_gray": "jaksim.analysis.survival.fine_gray",
    "rmst_difference": "jaksim.analysis.survival.rmst_difference",
    "rmst_ratio": "jaksim.analysis.survival.rmst_ratio",
    "proportional_odds": "jaksim.analysis.ordinal.proportional_odds",
    "partial_proportional_odds": "jaksim.analysis.ordinal.partial_proportional_odds",
    "risk_difference": "jaksim.analysis.binary.risk_difference",
    "risk_difference_mh": "jaksim.analysis.binary.risk_difference_mh",
    "risk_difference_mn": "jaksim.analysis.binary.risk_difference_mn",
    "risk_ratio": "jaksim.analysis.binary.risk_ratio",
    "risk_ratio_mh": "jaksim.analysis.binary.risk_ratio_mh",
    "risk_ratio_mn": "jaksim.analysis.binary.risk_ratio_mn",
    "odds_ratio": "jaksim.analysis.binary.odds_ratio",
    "odds_ratio_mh": "jaksim.analysis.binary.odds_ratio_mh",
    "exact_odds_ratio": "jaksim.analysis.binary.exact_odds_ratio",
    "wilcoxon": "jaksim.analysis.win.wilcoxon",
    "van_elteren": "jaksim.analysis.win.van_elteren",
    "win_ratio": "jaksim.analysis.win.win_ratio",
    "win_odds": "jaksim.analysis.win.win_odds",
    "net_benefit": "jaksim.analysis.win.net_benefit",
    "mean_difference": "jaksim.analysis.mean_difference",
    "bayesian_proportional_odds": "jaksim.analysis.ordinal.bayesian_proportional_odds",
    "markov_proportional_odds": "jaksim.analysis.longitudinal.markov_proportional_odds",
}
"""By method, the module whose `METHOD` it is."""

METHOD_NAMES: Final = tuple(MODULES)


def get_method(name: str) -> Method:
    """The method called `name`; InputError with the nearest spelling for any other word."""
    if name not in METHOD_NAMES:
        raise InputError("unknown analysis method", allowed=METHOD_NAMES, got=name)
    method: Method = import_module(MODULES[name]).METHOD
    return method


class _Methods(Mapping[str, Method]):
    def __getitem__(self, name: str) -> Method:
        if name not in METHOD_NAMES:
            raise KeyError(name)
        return get_method(name)

    def __iter__(self) -> Iterator[str]:
        return iter(METHOD_NAMES)

    def __len__(self) -> int:
        return len(METHOD_NAMES)


METHODS: Mapping[str, Method] = _Methods()
