"""Net benefit of an ordered status, by strata or pooled.

Share of pairs won by the active arm minus share lost (Buyse 2010). Equal ranks tie. Patients are compared within
strata, whose shares of wins and losses are averaged with the weights of `weighting`: "mantel_haenszel" (n_1h n_0h /
n_h; for the win ratio that of Dong et al. 2018), "size" (n_h) or "equal"; "pooled" compares all patients of one arm
with all of the other. The standard error is that of U-statistics under any effect. `test` is "wald", or "permutation":
wins minus losses over their standard deviation without effect (Finkelstein and Schoenfeld 1999), the Wilcoxon test in
one stratum. A stratum with one arm only has no weight.
"""

from __future__ import annotations

from jaksim.analysis.nuisance import RANKS
from jaksim.analysis.win.win_statistics import NET_BENEFIT, win_method

ESTIMAND = (
    "net benefit: probability that a patient of the active arm does better than one of the reference arm, minus worse"
)


METHOD = win_method(
    "net_benefit",
    NET_BENEFIT,
    estimand=ESTIMAND,
    about=__doc__,
    scale="difference",
    unit="net benefit",
    nuisance=RANKS,
)
