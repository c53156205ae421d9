"""Win ratio of an ordered status, by strata or pooled.

Share of pairs won over share lost by the active arm, without ties (Pocock 2012). Equal ranks tie. Patients are
compared within strata, whose shares of wins and losses are averaged with the weights of `weighting`: "mantel_haenszel"
(n_1h n_0h / n_h; for the win ratio that of Dong et al. 2018), "size" (n_h) or "equal"; "pooled" compares all patients
of one arm with all of the other. The standard error is that of U-statistics under any effect. `test` is "wald", or
"permutation": wins minus losses over their standard deviation without effect (Finkelstein and Schoenfeld 1999), the
Wilcoxon test in one stratum. A stratum with one arm only has no weight.
"""

from __future__ import annotations

from jaksim.analysis.win.win_statistics import WIN_RATIO, win_method

ESTIMAND = "log win ratio: pairs of patients in which the active arm does better over pairs in which it does worse"


METHOD = win_method(
    "win_ratio",
    WIN_RATIO,
    estimand=ESTIMAND,
    about=__doc__,
    main=("ordinal", "day_count"),
)
