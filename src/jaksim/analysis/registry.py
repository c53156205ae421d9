"""All analysis methods by name; a method's module is imported when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from jaksim.analysis.method import Method
from jaksim.errors import InputError

METHOD_NAMES = (
    "log_rank",
    "weighted_log_rank",
    "modestly_weighted_log_rank",
    "max_combo",
    "cox",
    "kaplan_meier_difference",
    "cumulative_incidence_difference",
    "gray",
    "fine_gray",
    "rmst_difference",
    "rmst_ratio",
    "proportional_odds",
    "partial_proportional_odds",
    "risk_difference",
    "risk_difference_mh",
    "risk_difference_mn",
    "risk_ratio",
    "risk_ratio_mh",
    "risk_ratio_mn",
    "odds_ratio",
    "odds_ratio_mh",
    "exact_odds_ratio",
    "wilcoxon",
    "van_elteren",
    "win_ratio",
    "win_odds",
    "net_benefit",
    "mean_difference",
    "bayesian_proportional_odds",
    "markov_proportional_odds",
)


def get_method(name: str) -> Method:
    """The method called `name`; InputError with the nearest spelling for any other word."""
    if name not in METHOD_NAMES:
        raise InputError("unknown analysis method", allowed=METHOD_NAMES, got=name)
    method: Method = import_module(f"jaksim.analysis.{name}").METHOD
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
