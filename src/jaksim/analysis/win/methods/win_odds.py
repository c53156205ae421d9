"""Win odds of an ordered status, by strata or pooled.

Pairs won plus half the ties over the other pairs (Dong 2020; Brunner 2021). Equal ranks tie. Patients are compared
within strata, whose shares of wins and losses are averaged with the weights of `weighting`: "mantel_haenszel" (n_1h
n_0h / n_h; for the win ratio that of Dong et al. 2018), "size" (n_h) or "equal"; "pooled" compares all patients of one
arm with all of the other. The standard error is that of U-statistics under any effect. `test` is "wald", or
"permutation": wins minus losses over their standard deviation without effect (Finkelstein and Schoenfeld 1999), the
Wilcoxon test in one stratum. A stratum with one arm only has no weight.
"""

from __future__ import annotations

from jaksim.analysis.nuisance import RANKS
from jaksim.analysis.win.win_statistics import WIN_ODDS, win_method

ESTIMAND = (
    "log win odds: pairs of patients in which the active arm does better, plus half the ties, over the other pairs"
)


METHOD = win_method(
    "win_odds",
    WIN_ODDS,
    estimand=ESTIMAND,
    about=__doc__,
    nuisance=RANKS,
)
