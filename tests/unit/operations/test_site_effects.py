import numpy as np
import pytest
from scipy import stats

from jaksim import rng
from jaksim.model.intensity import IntensityTable
from jaksim.operations.site_effects import over_sites, site_factors
from jaksim.trial.operations.operations import Operations
from jaksim.trial.operations.recruitment import Country, Recruitment, SiteGroup


def sites(n, sd):
    return Operations(Recruitment((Country("all", (SiteGroup("all", n, 1.0),)),)), site_sd=sd)


def test_a_site_has_the_fourth_word_of_its_address():
    found = site_factors(sites(5, 0.7), 2**40 + 3, 6, 2)
    for row, replicate in enumerate((6, 7)):
        for site in range(5):
            word = rng.words(2**40 + 3, rng.Purpose.SITE, replicate, site, 0, 4)[3]
            expected = np.exp(0.7 * stats.norm.ppf((int(word) + 0.5) / 2**32))
            assert found[row, site] == pytest.approx(expected, rel=1e-12)


def test_more_sites_and_another_spread_leave_the_draws_as_they_were():
    few, many = site_factors(sites(4, 0.5), 9, 0, 3), site_factors(sites(9, 0.5), 9, 0, 3)
    np.testing.assert_array_equal(many[:, :4], few)
    np.testing.assert_allclose(site_factors(sites(4, 1.0), 9, 0, 3), few**2)
    np.testing.assert_array_equal(site_factors(sites(4, 0.5), 9, 2, 1), few[2:])


def test_intercepts_are_normal():
    logs = np.log(site_factors(sites(50, 0.4), 1, 0, 400)).ravel() / 0.4
    assert stats.kstest(logs, "norm").pvalue > 1e-4


@pytest.mark.parametrize("sd", [0.1, 0.7, 3.0])
def test_quadrature_over_sites_gives_the_law_of_one_move(sd):
    """Still ill after t days: the mean of exp(-rate t exp(sd z)), by a fine grid over z."""
    better = np.array([[False, False], [True, False]])
    table = IntensityTable(np.zeros(1), np.array([[[0.0, 0.0], [0.2, -0.2]]]))
    z = np.linspace(-8.0, 8.0, 20_001)
    density = stats.norm.pdf(z) / stats.norm.pdf(z).sum()
    mixed = over_sites(table, better, sd)
    assert sum(weight for weight, _ in mixed) == pytest.approx(1.0, abs=1e-14)
    for t in (1.0, 7.0, 28.0):
        found = sum(weight * np.exp(-t * one.generators[0, 1, 0]) for weight, one in mixed)
        assert found == pytest.approx(density @ np.exp(-0.2 * t * np.exp(sd * z)), abs=2e-3 if sd > 2 else 1e-7)


def test_alike_sites_are_one():
    table = IntensityTable(np.zeros(1), np.zeros((1, 2, 2)))
    assert over_sites(table, np.zeros((2, 2), dtype=bool), 0.0) == [(1.0, table)]
