"""Worked numbers of other software and of papers, each with its source."""

import math

import numpy as np
import pytest

from jaksim.analysis.binary.risk_intervals import miettinen_nurminen, miettinen_nurminen_z, newcombe
from jaksim.methods import cox, log_rank, risk_difference, risk_difference_mh, wilcoxon


def table_of(arm, *columns):
    """Counts (2, 1, K) of patients, and the K distinct values of the columns."""
    values, category = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    table = np.zeros((2, 1, len(values)))
    np.add.at(table, (np.asarray(arm), 0, category.ravel()), 1)
    return table, *values.T


def test_log_rank_of_the_aml_trial():
    """cran/survival e4f35ec, tests/difftest.Rout.save: 7 observed, 10.69 expected, chi-squared 3.4."""
    time = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161, 5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45]
    status = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]
    maintained = [1] * 11 + [0] * 12
    result = log_rank(*table_of(maintained, time, status))
    observed_minus_expected = result.statistic / result.se
    assert observed_minus_expected == pytest.approx(7 - 10.69, abs=0.005)
    assert result.statistic**2 == pytest.approx(3.4, abs=0.05)
    assert result.p_value == pytest.approx(0.07, abs=0.005)
    assert result.n == 23


def test_cox_with_efron_ties_of_six_patients():
    """Therneau and Grambsch (2000); cran/survival e4f35ec, tests/book2.R: 1.676857, here from its closed form."""
    table, time, status = table_of([0, 1, 1, 1, 0, 0], [9, 1, 1, 6, 6, 8], [1, 1, 0, 1, 1, 0])
    exact = math.log(math.cos(math.acos((45 / 23) * math.sqrt(3 / 23)) / 3) * 2 * math.sqrt(23 / 3))
    assert exact == pytest.approx(1.676857, abs=5e-7)
    assert cox(table, time, status).estimate == pytest.approx(exact, abs=1e-12)


def test_cox_with_breslow_ties_of_six_patients():
    """Therneau and Grambsch (2000); cran/survival e4f35ec, tests/book1.R: 1.4752849, the root of a quadratic."""
    table, time, status = table_of([0, 1, 1, 1, 0, 0], [9, 1, 1, 6, 6, 8], [1, 1, 0, 1, 1, 0])
    assert cox(table, time, status, ties="breslow").ratio == pytest.approx((3 + math.sqrt(33)) / 2, abs=1e-10)
    assert math.log((3 + math.sqrt(33)) / 2) == pytest.approx(1.4752849, abs=5e-8)


def test_miettinen_nurminen_example_4():
    """keaven/gsDesign 2a568884, tests/testthat/test-base.R, test.testBinomial.numerics and test.ciBinomial.misc."""
    z = [miettinen_nurminen_z(0, 10, 0, 20, difference) for difference in (-0.1658, 0.2843608)]
    assert np.abs(np.subtract(z, (1.959962, -1.959865))).mean() / 1.9599 < 1e-4
    assert miettinen_nurminen(0, 10, 0, 20, 1.959964) == pytest.approx((-0.1658, 0.2843608), abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "interval"), [((56, 70, 48, 80), (0.0528, 0.3382)), ((9, 10, 3, 10), (0.1700, 0.8406))]
)
def test_miettinen_nurminen_in_newcombe_table_two(counts, interval):
    """Newcombe (1998), Statistics in Medicine 17:873-890, table II, method 6."""
    assert miettinen_nurminen(*counts, 1.959964) == pytest.approx(interval, abs=5e-5)


def test_miettinen_nurminen_interval_of_a_large_trial():
    """keaven/gsDesign 2a568884, tests/testthat/test-base.R, test.ciBinomial.misc, second check."""
    assert miettinen_nurminen(72, 756, 20, 573, 1.959964) == pytest.approx((0.0344, 0.0868), abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "interval"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((0, 10, 0, 10), (-0.2775, 0.2775)),
        ((10, 10, 0, 20), (0.6791, 1.0)),
        ((10, 10, 0, 10), (0.6075, 1.0)),
    ],
)
def test_newcombe_table_two(counts, interval):
    """Newcombe (1998), Statistics in Medicine 17:873-890, table II, method 10."""
    assert newcombe(*counts, 1.959964) == pytest.approx(interval, abs=5e-5)


def test_mantel_haenszel_risk_difference_of_the_bcg_trials():
    """wviechtb/metafor 191d2cb, tests/testthat/test_misc_metan_vs_rma.mh_with_dat.bcg.r.

    Difference -0.0033 (-0.0039 to -0.0027); z -11.4708 with Sato's variance, -11.56 with Greenland and Robins's.
    Data: Colditz et al. (1994), tuberculosis with and without vaccination.
    """
    vaccinated = [
        [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
        [119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886],
    ]
    control = [
        [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
        [128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825],
    ]
    table = np.array([np.transpose(control), np.transpose(vaccinated)])
    sato = risk_difference_mh(table, [1, 0])
    assert sato.estimate == pytest.approx(-0.0033, abs=5e-5)
    assert sato.ci == pytest.approx((-0.0039, -0.0027), abs=5e-5)
    assert sato.statistic == pytest.approx(-11.4708, abs=5e-5)
    robins = risk_difference_mh(table, [1, 0], variance="greenland_robins")
    assert robins.statistic == pytest.approx(-11.56, abs=5e-3)


def test_win_probability_unbiased_variance():
    """Brunner and Konietschke; cran/hce 3715993, tests/validate.R: variance 0.0041708562."""
    result = wilcoxon([[4, 1, 5, 7, 2], [16, 5, 0, 1, 0]], [0, 1, 2, 3, 4], variance="unbiased")
    assert result.se**2 == pytest.approx(0.0041708562, abs=5e-11)


ACTT_1_DAY_15 = [[58, 121, 24, 60, 33, 8, 102, 115], [34, 95, 28, 58, 38, 14, 117, 157]]
"""ACTT-1 final report, score at day 15, death first: placebo, then remdesivir (cran/hce 3715993, inst/doc/hce.html)."""


def test_win_probability_of_actt_1():
    """cran/hce 3715993, inst/doc/hce.html: 135744 wins, 97143 losses, 48974 ties; win odds 1.3173641 (1.15 to 1.51)."""
    result = wilcoxon(ACTT_1_DAY_15, np.arange(8)[::-1])
    assert result.estimate == pytest.approx((135744 + 48974 / 2) / 281861, abs=1e-13)
    odds = result.estimate / (1 - result.estimate)
    assert odds == pytest.approx(1.3173641, abs=5e-8)
    standard_error_of_log_odds = result.se / (result.estimate * (1 - result.estimate))
    bounds = odds * np.exp(np.array([-1.96, 1.96]) * standard_error_of_log_odds)
    assert bounds == pytest.approx([1.15, 1.51], abs=5e-3)


def test_pooled_and_score_tests_differ_by_the_sample_size_factor():
    """Miettinen and Nurminen (1985): at a difference of zero the variance is the pooled one times n/(n - 1)."""
    table = [[20, 40], [35, 25]]
    score = risk_difference(table, [1, 0], test="score").statistic
    assert score == pytest.approx(miettinen_nurminen_z(35, 60, 20, 60, 0.0), abs=1e-12)
    assert score == pytest.approx(risk_difference(table, [1, 0]).statistic * math.sqrt(119 / 120), abs=1e-12)
