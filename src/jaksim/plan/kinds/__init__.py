"""The kinds of question that `jaksim plan` answers: one module each."""

from __future__ import annotations

from typing import Final

KINDS: Final[dict[str, tuple[str, str]]] = {
    "ordinal": ("jaksim.plan.kinds.ordinal", "An ordinal outcome on a day: proportional odds, Wilcoxon."),
    "risks": ("jaksim.plan.kinds.risks", "Two risks of an event: difference, ratio, odds ratio."),
    "survival": ("jaksim.plan.kinds.survival", "Times to an event: log-rank tests, restricted means, milestones."),
    "recovery": ("jaksim.plan.kinds.recovery", "Recovery with death as its competing event."),
    "means": ("jaksim.plan.kinds.means", "Two means: t test, Welch's, z, analysis of covariance."),
    "wins": ("jaksim.plan.kinds.wins", "Win odds, win ratio or net benefit; of categories, or of two times."),
}
"""By name of a kind, its module, which holds a function of that name and its options, and what it is in one line."""
