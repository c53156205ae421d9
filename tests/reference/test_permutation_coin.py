"""z by the permutation distribution against coin: statistics, variances, and p values of two million resamples.

The patients and the expected numbers are written by make_permutation.R beside this file.
"""

import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from jaksim.analysis.ordering import latest_first
from jaksim.analysis.permutation import ALIKE, VAN_ELTEREN, permutation_moments
from jaksim.analysis.survival.methods.log_rank import moments_kernel
from jaksim.methods import log_rank, mean_difference, risk_difference_mh, van_elteren, wilcoxon

HERE = Path(__file__).parent
NORMAL = NormalDist()
ROWS = pd.read_csv(HERE / "permutation_expected.csv").to_dict("records")
# Scores of coin grow with the value; ours with benefit, or for events and days with them. Its log-rank scores are
# expected less observed events.
ANALYSES = {
    "log_rank": (-1.0, log_rank),
    "risk_difference_mh": (1.0, lambda table, value, _, **options: risk_difference_mh(table, value > 0, **options)),
    "mean_difference": (1.0, lambda table, value, _, **options: mean_difference(table, value, **options)),
    "van_elteren": (-1.0, lambda table, value, _, **options: van_elteren(table, value, **options)),
    "wilcoxon": (-1.0, lambda table, value, _, **options: wilcoxon(table, value, **options)),
}
# Where U moves in steps of 1, the mid-p value differs from a smooth tail by a known term.
WHOLE_NUMBERS = ("risk_difference_mh", "mean_difference")


def table_of(case):
    """Counts (2, S, K) of one case, with the value and the status of each category."""
    data = pd.read_csv(HERE / "permutation_data.csv").query("case == @case")
    category, stratum = data.groupby(["value", "status"]).ngroup(), data.groupby("stratum").ngroup()
    table = np.zeros((2, stratum.max() + 1, category.max() + 1))
    np.add.at(table, (data["arm"], stratum, category), 1.0)
    of_category = data.groupby(["value", "status"]).first().index.to_frame()
    return table, of_category["value"].to_numpy(), of_category["status"].to_numpy()


def moments_of(method, table, value, status):
    if method == "log_rank":
        moments = np.zeros((1, 4))
        moments_kernel(table[None], *latest_first(value.astype(float), status), moments)
        return moments[0]
    ranked = method in ("van_elteren", "wilcoxon")
    weighting = VAN_ELTEREN if method == "van_elteren" else ALIKE
    return permutation_moments(table[None], value, ranked=ranked, weighting=weighting)[0]


@pytest.mark.parametrize("row", ROWS, ids=[row["case"] for row in ROWS])
def test_statistic_and_variance(row):
    u, variance, _, _ = moments_of(row["method"], *table_of(row["case"]))
    assert ANALYSES[row["method"]][0] * u == pytest.approx(row["u"], rel=1e-10)
    assert variance == pytest.approx(row["variance"], rel=1e-10)


@pytest.mark.parametrize("row", ROWS, ids=[row["case"] for row in ROWS])
def test_tail(row):
    """Within four standard errors of the resamples and 2.5 per cent for what the expansion leaves out."""
    sign, analysis = ANALYSES[row["method"]]
    z = sign * analysis(*table_of(row["case"]), distribution="permutation").statistic
    upper = NORMAL.cdf(-z)
    if row["method"] in WHOLE_NUMBERS:
        upper += z * NORMAL.pdf(z) / (12.0 * row["variance"])
    tail, resampled = min(upper, 1.0 - upper), min(row["upper"], 1.0 - row["upper"])
    error = math.sqrt(resampled * (1.0 - resampled) / row["resamples"])
    assert abs(tail - resampled) < 4.0 * error + 0.025 * resampled
