import math

import numpy as np
import pytest
from scipy import special

from jaksim import rng
from jaksim.errors import InputError
from jaksim.operations.strata_mix import strata_thresholds
from jaksim.trial.operations.recruitment import Country, Recruitment, SiteGroup

WHOLE = 2.0**32
WEIGHTS = (0.6, 0.3, 0.1)


def sites(n=40, concentration=5.0, **more):
    group = SiteGroup("all", n, 1.0, concentration=concentration, **more)
    return Recruitment((Country("all", (group,)),))


def shares(recruitment, weights=WEIGHTS, seed=7, first=0, replicates=300):
    up_to = strata_thresholds(recruitment, weights, seed, first, replicates).astype(float) / WHOLE
    assert (up_to[..., -1] == 1.0).all()
    return np.diff(up_to, axis=-1, prepend=0.0)


@pytest.mark.parametrize("concentration", [0.3, 5.0, 200.0])
def test_shares_are_those_planned_on_average_with_the_spread_that_is_stated(concentration):
    found = shares(sites(concentration=concentration)).reshape(-1, 3)
    n = len(found)
    for k, p in enumerate(WEIGHTS):
        sd = math.sqrt(p * (1.0 - p) / (1.0 + concentration))
        assert abs(found[:, k].mean() - p) < 4.0 * sd / math.sqrt(n)
        squares = (found[:, k] - p) ** 2
        assert abs(squares.mean() - sd**2) < 4.0 * squares.std() / math.sqrt(n)
    covariance = (found[:, 0] - 0.6) * (found[:, 1] - 0.3)
    assert abs(covariance.mean() + 0.18 / (1.0 + concentration)) < 4.0 * covariance.std() / math.sqrt(n)


def test_a_site_has_the_blocks_after_its_first():
    """Gamma variables by inversion, of two words each."""
    seed, replicate, site = 2**41 + 9, 4, 3
    words = rng.words(seed, rng.Purpose.SITE, replicate, site, 0, 12)[4:10]
    uniform = (words.astype(float) + 0.5) / WHOLE
    shape = 5.0 * np.array(WEIGHTS)
    gammas = special.gammaincinv(shape + 1.0, uniform[0::2]) * uniform[1::2] ** (1.0 / shape)
    found = shares(sites(), seed=seed, first=replicate, replicates=1)
    np.testing.assert_allclose(found[0, site], gammas / gammas.sum(), atol=2.0 / WHOLE)


def test_more_sites_and_other_replicates_leave_the_draws_as_they_were():
    few = strata_thresholds(sites(4), WEIGHTS, 7, 2, 3)
    np.testing.assert_array_equal(strata_thresholds(sites(9), WEIGHTS, 7, 0, 5)[2:, :4], few)


def test_alike_sites_have_one_table_for_all_replicates():
    found = strata_thresholds(sites(4, math.inf), WEIGHTS, 7, 2, 3)
    assert found.shape == (1, 4, 3)
    assert found[0, 0].tolist() == pytest.approx([0.6 * WHOLE, 0.9 * WHOLE, WHOLE], abs=1)


def test_the_least_concentration_gives_sites_of_one_stratum():
    found = shares(sites(concentration=0.01)).reshape(-1, 3)
    assert np.isfinite(found).all()
    assert (found.max(axis=1) > 0.99).mean() > 0.95
    assert abs((found.argmax(axis=1) == 0).mean() - 0.6) < 4.0 * math.sqrt(0.24 / len(found))
    with pytest.raises(InputError, match="concentration"):
        sites(concentration=0.0)


def test_a_stratum_that_nobody_is_in_stays_empty():
    found = shares(sites(strata=(0.5, 0.0, 0.5)))
    assert (found[..., 1] == 0.0).all()
    assert found[..., 0].std() > 0.1


def test_each_group_has_a_concentration_of_its_own():
    groups = (SiteGroup("a", 20, 1.0), SiteGroup("b", 20, 1.0, concentration=1.0))
    found = shares(Recruitment((Country("all", groups),)))
    assert np.ptp(found[:, :20], axis=(0, 1)).max() == 0.0
    assert found[:, 20:, 0].std() > 0.2
