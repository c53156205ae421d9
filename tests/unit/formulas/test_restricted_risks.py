"""The statistics over arrays against those that trials are analysed with, compiled."""

import numpy as np
import pytest

from jaksim.analysis.binary import score_statistics as compiled
from jaksim.formulas.restricted_risks import RESTRICTED, score_z

N_1, N_0 = 7, 9
X_1, X_0 = np.arange(N_1 + 1.0)[:, None], np.arange(N_0 + 1.0)[None, :]
NULLS = {"risk_difference": (0.0, 0.1, -0.3), "risk_ratio": (1.0, 1.4, 0.5), "odds_ratio": (1.0, 2.5, 0.3)}
KERNELS = {
    "risk_difference": (compiled.restricted_difference, compiled.risk_difference_z),
    "risk_ratio": (compiled.restricted_risk_ratio, compiled.risk_ratio_z),
    "odds_ratio": (compiled.restricted_odds_ratio, compiled.odds_ratio_z),
}


@pytest.mark.parametrize(("scale", "null"), [(scale, null) for scale, nulls in NULLS.items() for null in nulls])
def test_every_table_of_counts_has_the_same_statistic(scale, null):
    inner, kernel = KERNELS[scale]
    z = score_z(scale, X_1, N_1, X_0, N_0, null)
    risks = np.broadcast_arrays(*RESTRICTED[scale](X_1, N_1, X_0, N_0, null))
    for a in range(N_1 + 1):
        for b in range(N_0 + 1):
            assert z[a, b] == pytest.approx(kernel(a, N_1, b, N_0, null, False), rel=1e-9, abs=1e-9)
            expected = inner.py_func(a, N_1, b, N_0, null)
            assert (risks[0][a, b], risks[1][a, b]) == pytest.approx(expected, rel=1e-9, abs=1e-9)
