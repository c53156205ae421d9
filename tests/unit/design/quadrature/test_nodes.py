import itertools
import math

import numpy as np
import pytest
from scipy import stats

from jaksim.design.quadrature.nodes import Axis, axes_in_order, nodes_of, pieces_of
from jaksim.design.quadrature.rules import chance, normal_rule

EVERYWHERE = ((-math.inf, math.inf),)


@pytest.mark.parametrize(
    ("low", "high"), [(-math.inf, math.inf), (-math.inf, 1.2), (0.3, math.inf), (-1.0, 1.0), (4, 6)]
)
def test_a_rule_integrates_what_is_smooth(low, high):
    nodes, weights = normal_rule(low, high, 14)
    inside = stats.norm.cdf(high - 0.7) - stats.norm.cdf(low - 0.7)
    assert weights @ np.exp(0.7 * nodes) == pytest.approx(math.exp(0.245) * inside, abs=1e-14)
    node, share = chance(low, high)
    assert share[0] == pytest.approx(stats.norm.sf(low) - stats.norm.sf(high), rel=1e-9)
    assert low < node[0] < high


def test_correlated_latents_have_their_chances_and_moments():
    correlation = np.array([[1.0, 0.5, -0.3], [0.5, 1.0, 0.2], [-0.3, 0.2, 1.0]])
    cut = 1.3
    axes = [
        Axis(0, EVERYWHERE, False, 30),
        Axis(1, pieces_of(EVERYWHERE[0:1], [cut]), True),
        Axis(2, EVERYWHERE, False, 12),
    ]
    ((*group,),) = axes_in_order(axes, correlation)
    assert [axis.latent for axis in group] == [0, 2, 1]
    points, weights = nodes_of(group, correlation, {})
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    first, third, second = points.T
    above = second > cut
    assert weights[above].sum() == pytest.approx(stats.norm.sf(cut), abs=1e-9)
    assert weights @ (first * third) == pytest.approx(-0.3, abs=1e-9)
    # E[z0; z1 > c] = rho phi(c)
    assert weights[above] @ first[above] == pytest.approx(0.5 * stats.norm.pdf(cut), abs=1e-9)


def test_chances_of_two_correlated_categories_are_bivariate_normal():
    correlation = np.array([[1.0, 0.6], [0.6, 1.0]])
    axes = [Axis(0, pieces_of(EVERYWHERE, [0.5]), True), Axis(1, pieces_of(EVERYWHERE, [-0.2, 1.0]), True)]
    (group,) = axes_in_order(axes, correlation)
    points, weights = nodes_of(group, correlation, {0: 20, 1: 20})
    law = stats.multivariate_normal(cov=correlation)
    for (a, b), (c, d) in itertools.product([(-9, 0.5), (0.5, 9)], [(-9, -0.2), (-0.2, 1.0), (1.0, 9)]):
        inside = (points[:, 0] > a) & (points[:, 0] < b) & (points[:, 1] > c) & (points[:, 1] < d)
        exact = law.cdf([b, d]) - law.cdf([a, d]) - law.cdf([b, c]) + law.cdf([a, c])
        assert weights[inside].sum() == pytest.approx(exact, abs=1e-6)
