import numpy as np
import pytest

from jaksim.design.sums.correlation import LARGEST_Z, Products, products

GENERATOR = np.random.default_rng(5)
MIXED = GENERATOR.normal(size=(4, 4)) @ GENERATOR.normal(size=(4, 3000)) + np.array([[3.0], [0.0], [-1.0], [0.5]])


def test_correlations_are_those_of_numpy():
    assert np.array(products(MIXED).correlations()) == pytest.approx(np.corrcoef(MIXED), abs=1e-4)


def test_a_test_with_itself_correlates_exactly():
    assert np.diag(products(MIXED).correlations()).tolist() == [1.0] * 4


def test_missing_statistics_leave_out_the_pair_alone():
    gappy = MIXED.copy()
    gappy[1, ::7] = np.nan
    gappy[2, ::5] = np.inf
    found = np.array(products(gappy).correlations())
    for i in range(4):
        for j in range(4):
            both = np.isfinite(gappy[i]) & np.isfinite(gappy[j])
            assert found[i, j] == pytest.approx(np.corrcoef(gappy[i, both], gappy[j, both])[0, 1], abs=1e-4)


@pytest.mark.parametrize("length", [1, 7, 512])
def test_any_split_into_blocks_gives_the_same_bytes(length):
    total = Products.empty(4)
    parts = [products(MIXED[:, first : first + length]) for first in range(0, MIXED.shape[1], length)]
    for part in reversed(parts):
        total.add(part)
    assert repr(total.correlations()) == repr(products(MIXED).correlations())


def test_a_constant_or_missing_statistic_has_no_correlation():
    z = np.vstack([MIXED[0], np.ones(MIXED.shape[1]), np.full(MIXED.shape[1], np.nan)])
    found = np.array(products(z).correlations())
    assert np.isnan(found[1]).all()
    assert np.isnan(found[2]).all()
    assert found[0, 0] == 1.0


def test_extreme_statistics_are_cut_and_do_not_overflow():
    z = np.tile(np.array([1e9, -1e9]), (2, 2**17))
    one = products(z)
    assert int(one.squares[0, 0]) == 2**18 * int(LARGEST_Z * 2**16) ** 2
    assert one.correlations() == [[1.0, 1.0], [1.0, 1.0]]
