"""Names of methods as a protocol writes them."""

from __future__ import annotations

_METHODS = {
    "log_rank": "log-rank test",
    "cox": "Cox model",
    "risk_difference_mh": "stratified risk difference",
    "mean_difference": "difference of means",
    "risk_ratio_mh": "stratified risk ratio",
    "odds_ratio_mh": "stratified odds ratio",
    "bayesian_proportional_odds": "Bayesian proportional odds",
    "wilcoxon": "Wilcoxon test",
    "van_elteren": "van Elteren test",
}


def method_words(name: str) -> str:
    """The name of a method in words."""
    return _METHODS.get(name, name.replace("_", " "))


def hypothesis_words(hypothesis: str, margin: float | None) -> str:
    """What is to be shown, as a fragment with a comma before it; nothing for superiority over no effect."""
    return "" if margin is None else f", {hypothesis} with margin {margin:g}"
