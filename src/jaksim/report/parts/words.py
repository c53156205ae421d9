"""Names of methods and units as a protocol writes them."""

from __future__ import annotations

from jaksim.report.parts.layout import NO_BREAK

POINTS = f"%{NO_BREAK}points"
"""Unit of a difference of two percentages."""

_METHODS = {
    "log_rank": "log-rank test",
    "cox": "Cox model",
    "weighted_log_rank": "weighted log-rank test",
    "modestly_weighted_log_rank": "modestly weighted log-rank test",
    "max_combo": "max-combo test",
    "kaplan_meier_difference": "difference of Kaplan-Meier estimates",
    "cumulative_incidence_difference": "difference of cumulative incidences",
    "gray": "Gray's test",
    "fine_gray": "Fine-Gray model",
    "rmst_difference": "difference of restricted means",
    "rmst_ratio": "ratio of restricted means",
    "risk_difference_mh": "stratified risk difference",
    "risk_difference_mn": "stratified risk difference (Miettinen-Nurminen)",
    "risk_ratio_mn": "stratified risk ratio (Miettinen-Nurminen)",
    "mean_difference": "difference of means",
    "risk_ratio_mh": "stratified risk ratio",
    "odds_ratio_mh": "stratified odds ratio",
    "exact_odds_ratio": "Fisher's exact test",
    "markov_proportional_odds": "Markov model",
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


def ratio_words(name: str | None) -> str:
    """The name of a ratio in words."""
    return (name or "ratio").replace("_", " ").replace("one step", "one-step")


def unit_of_difference(method: str) -> str:
    """What the estimate of a method on the scale of differences is counted in; nothing for that of the endpoint."""
    return {"rmst_difference": "days", "mean_difference": "", "net_benefit": "net benefit"}.get(method, POINTS)
