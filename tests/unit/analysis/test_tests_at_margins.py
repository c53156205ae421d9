"""Tests of a given value: the one that was asked for, or a refusal."""

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import nchypergeom_fisher

from jaksim.analysis import get_method
from jaksim.analysis.counts import Z
from jaksim.analysis.single_table import given_categories
from jaksim.errors import InputError
from jaksim.methods import proportional_odds

EVENTS = given_categories(("event", "rank"), 2, {"event": [1, 0], "rank": [1, 0]})
RANKS = given_categories(("rank",), 3, {"rank": [0, 1, 2]})


def against(name, table, endpoint, value, **options):
    method, out = get_method(name), np.empty((1, 3))
    tables = np.array(table, dtype=float).reshape(1, 2, -1, len(endpoint.rank))
    method.test_at_margin(tables, endpoint, method.settings(options), value, out)
    return out[0, Z]


def test_an_exact_test_at_a_margin_has_the_tail_of_the_noncentral_law():
    """Tails of Fisher's noncentral hypergeometric law, here those of scipy, as in fisher.test with `or`."""
    law = nchypergeom_fisher(40, 12, 20, 0.5)
    z = against("exact_odds_ratio", [[9, 11], [3, 17]], EVENTS, np.log(0.5))
    assert z == pytest.approx(ndtri(law.cdf(3)), rel=1e-9)
    assert against("exact_odds_ratio", [[9, 11], [3, 17]], EVENTS, np.log(0.05)) == pytest.approx(
        -ndtri(nchypergeom_fisher(40, 12, 20, 0.05).sf(2)), rel=1e-9
    )
    assert against("exact_odds_ratio", [[9, 11], [3, 17]], EVENTS, np.log(0.5), test="minlike") == z


@pytest.mark.parametrize("test", ["score", "lrt"])
def test_proportional_odds_at_a_margin_meet_where_the_estimate_is(test):
    """z is 0 at the estimate and near Wald's about it, where the likelihood is close to a parabola."""
    table = [[[60, 80, 60], [30, 50, 40]], [[90, 70, 45], [45, 40, 30]]]
    plain = proportional_odds(table, [0, 1, 2])
    assert against("proportional_odds", table, RANKS, plain.estimate, test=test) == pytest.approx(0.0, abs=1e-6)
    for distance in (-2.0, 1.0):
        z = against("proportional_odds", table, RANKS, plain.estimate - distance * plain.se, test=test)
        assert z == pytest.approx(distance, rel=0.02)
    null = proportional_odds(table, [0, 1, 2], test=test).statistic
    assert against("proportional_odds", table, RANKS, 0.0, test=test) == null


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("odds_ratio_mh", {"test": "cmh"}),
        ("risk_ratio_mh", {"test": "cmh"}),
        ("risk_difference_mh", {"test": "cmh"}),
        ("risk_difference_mh", {"distribution": "permutation"}),
        ("win_ratio", {"test": "permutation"}),
        ("wilcoxon", {"distribution": "permutation"}),
    ],
)
def test_a_test_of_no_difference_is_refused_at_a_margin(name, options):
    with pytest.raises(InputError, match="difference"):
        against(name, [[9, 11], [3, 17]], EVENTS, 0.1, **options)
