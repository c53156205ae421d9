"""Combination tests and closed testing against rpact 3.3.4 (make_combination.R)."""

import numpy as np
import pytest

import jaksim
from jaksim.trial.adaptive.closed_testing import ClosedTest
from jaksim.trial.monitoring.combination import Fisher, InverseNormal, z_of
from jaksim.trial.monitoring.fisher import critical_values_spending

# p-values of three arms against a control in three stages; arm 2 stops after the first, arm 1 after the second.
P = np.array(
    [
        [0.1220311019, 0.2325661130, 0.0524482375],
        [0.23512867655, np.nan, 0.00962705367],
        [np.nan, np.nan, 0.194241239],
    ]
)
ARMS = np.array([[22.0, 21.0, 20.0], [23.0, 1.0, 25.0], [1.0, 1.0, 26.0]])
CONTROL = np.array([25.0, 27.0, 29.0])


@pytest.mark.parametrize(
    ("method", "looks", "futility", "critical", "spent"),
    [
        ("equal", 2, 1.0, (0.01578807315, 0.00222054375), (0.0157880732, 0.025)),
        ("equal", 2, 0.5, (0.01687030691, 0.00239880966), (0.0168703069, 0.025)),
        (
            "equal",
            4,
            0.5,
            (1.29994044e-02, 1.77210084e-03, 3.12091572e-04, 6.21969137e-05),
            (0.0129994044, 0.0194670489, 0.0230259207, 0.025),
        ),
        ("full", 2, 0.5, (0.01018903047, 0.00380422347), (0.0101890305, 0.025)),
        ("full", 3, 1.0, (0.00072838, 0.00072838, 0.00072838), (0.000728380, 0.005990698, 0.025)),
        ("full", 3, 0.5, (0.01046654135, 0.00137974404, 0.00072838), (0.0104665413, 0.0158012175, 0.025)),
    ],
)
def test_critical_values_of_fisher(method, looks, futility, critical, spent):
    found = Fisher.of(looks, 0.025, method, [futility] * (looks - 1))
    assert found.critical == pytest.approx(critical, rel=1e-6)
    assert found.alpha_spent == pytest.approx(spent, rel=1e-6)


def test_critical_values_that_spend_a_given_alpha():
    assert critical_values_spending([0.02, 0.05]) == pytest.approx([0.02, 0.007668667], rel=1e-6)


def correlation(stage):
    share = np.sqrt(ARMS[stage] / (ARMS[stage] + CONTROL[stage]))
    found = np.outer(share, share)
    np.fill_diagonal(found, 1.0)
    return found


@pytest.mark.parametrize(
    ("test", "of_all", "of_one_and_three", "combined"),
    [
        ("dunnett", (0.1266265065, 0.01816187397, 0.194241239), 0.0932034490, (1.142483711, 2.23401302, 2.34145035)),
        ("simes", (0.1573447126, 0.01925410734, 0.194241239), 0.1048964750, (1.00543086, 2.11477705, 2.24169039)),
        ("bonferroni", (0.1573447126, 0.01925410734, 0.194241239), 0.1048964750, (1.00543086, 2.114777, 2.2416904)),
        ("sidak", (0.1492365352, 0.01916142717, 0.194241239), 0.1021456574, (1.039713406, 2.14198909, 2.26445761)),
    ],
)
def test_closed_combination_test(test, of_all, of_one_and_three, combined):
    closed = ClosedTest(3, test)
    design = InverseNormal(jaksim.boundaries(information=[0.4, 0.7, 1.0]))
    p = np.stack([closed.p_values(z_of(row)[None], correlation(stage)) for stage, row in enumerate(P)], axis=-1)
    assert p[0, 0] == pytest.approx(of_all, rel=2e-6)
    assert closed.members[2].tolist() == [True, False, True]
    assert p[0, 2, 0] == pytest.approx(of_one_and_three, rel=1e-6)
    assert design.statistics(p)[0, 0] == pytest.approx(combined, rel=1e-6)
    reached = closed.rejected(design.crossed(p).any(axis=-1))
    assert reached.tolist() == [[False, False, True]]
    assert np.isnan(p[0, closed.members.sum(axis=1) == 1, 1]).tolist() == [False, True, False]


def test_conditional_error():
    p = [0.114287716, 0.112600426]
    classical = InverseNormal(jaksim.boundaries(looks=3, spending="classical-obrien-fleming"))
    assert classical.conditional_error(p[:1]) == pytest.approx(0.058825498, rel=1e-6)
    assert classical.conditional_error(p) == pytest.approx(0.145886387, rel=1e-6)
    pocock = InverseNormal(jaksim.boundaries(information=[0.3, 0.8, 1.0], spending="pocock"))
    assert pocock.conditional_error([p[:1], p[:1]]) == pytest.approx([0.0408880190] * 2, rel=1e-6)
    assert pocock.conditional_error(p) == pytest.approx(0.0338305932, rel=1e-6)
    fisher = Fisher.of(3, 0.025)
    assert fisher.conditional_error(p[:1]) == pytest.approx(0.0253284389, rel=1e-6)
    assert fisher.conditional_error(p) == pytest.approx(0.0226179476, rel=1e-6)
    assert Fisher.of(2, 0.025, futility_p=[0.5]).conditional_error(p[:1]) == pytest.approx(0.0209892169, rel=1e-6)


@pytest.mark.parametrize(
    ("test", "both", "combined"), [("dunnett", 0.07325275471, 3.036458426), ("simes", 0.06653067375, 3.071921617)]
)
def test_closed_test_after_enrichment(test, both, combined):
    # 82 of 240 patients are in the subgroup, hypothesis 1; rpact weighs means by patients.
    closed = ClosedTest(2, test)
    design = InverseNormal(jaksim.boundaries(looks=2))
    shared = np.sqrt(82.0 / 240.0)
    first = closed.p_values(z_of([[0.04268484173, 0.06653067375]]), [[1.0, shared], [shared, 1.0]])
    second = closed.p_values(z_of([[0.002240065274, np.nan]]), np.eye(2))
    assert first[0, 0] == pytest.approx(both, rel=2e-4)
    p = np.stack([first, second], axis=-1)
    assert design.statistics(p)[0, 0, -1] == pytest.approx(combined, rel=1e-4)
    assert closed.rejected(design.crossed(p).any(axis=-1)).tolist() == [[True, False]]
