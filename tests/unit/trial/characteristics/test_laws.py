import numpy as np
import pytest
from scipy import stats

from jaksim.errors import InputError
from jaksim.trial.characteristics import LogNormal, Normal, Steps, laws

Z = np.linspace(-5.0, 5.0, 801)


def quantile(law):
    return np.where(Z < 0.0, law.ppf(stats.norm.cdf(Z)), law.isf(stats.norm.sf(Z)))


@pytest.mark.parametrize(
    ("found", "law"),
    [
        (laws.gamma(5.0, 2.0), stats.gamma(6.25, scale=0.8)),
        (laws.gamma(1.0, 1.0), stats.gamma(1.0)),
        (laws.beta(0.3, 0.1, 0.0, 1.0), stats.beta(6.0, 14.0)),
        (laws.beta(12.0, 2.0, 10.0, 20.0), stats.beta(0.6, 2.4, loc=10.0, scale=10.0)),
        (laws.uniform(2.0, 5.0), stats.uniform(2.0, 3.0)),
        (laws.between(Normal(60.0, 15.0), 18.0, 95.0), stats.truncnorm(-2.8, 35.0 / 15.0, 60.0, 15.0)),
        (laws.log_normal_of_moments(80.0, 60.0), stats.lognorm(np.sqrt(np.log(25 / 16)), scale=64.0)),
    ],
)
def test_quantiles_are_those_of_scipy(found, law):
    assert found.of_latent(Z) == pytest.approx(quantile(law), rel=1e-6, abs=1e-6 * law.std())


@pytest.mark.parametrize("variance", [0.1, 0.5, 2.0])
def test_a_gamma_frailty_has_mean_one_and_its_variance(variance):
    factor = np.exp(laws.log_gamma(variance).of_latent(Z))
    assert factor == pytest.approx(quantile(stats.gamma(1.0 / variance, scale=variance)), rel=1e-8)


def test_quartiles_are_taken_on_the_scale_on_which_they_are_even():
    age, crp = laws.from_quartiles(56.0, 45.0, 68.0), laws.from_quartiles(80.0, 40.0, 160.0)
    assert isinstance(age, Normal)
    assert isinstance(crp, LogNormal)
    z = stats.norm.ppf([0.25, 0.5, 0.75])
    assert crp.of_latent(z) == pytest.approx([40.0, 80.0, 160.0])
    low, median, high = age.of_latent(z)
    assert (median, high - low) == (56.0, pytest.approx(23.0))


def test_categories_and_whole_numbers_have_their_shares():
    found = laws.categories([0.0, 1.0, 2.0], [142, 564, 216])
    assert isinstance(found, Steps)
    edges = stats.norm.cdf([-np.inf, *found.cuts, np.inf])
    assert np.diff(edges) == pytest.approx(np.array([142, 564, 216]) / 922)
    days = laws.rounded(laws.between(Normal(8.0, 4.0), 0.0, 20.0))
    assert (days.values[0], days.values[-1]) == (0.0, 20.0)
    law, edges = stats.truncnorm(-2.0, 3.0, 8.0, 4.0), stats.norm.cdf([-np.inf, *days.cuts, np.inf])
    assert np.diff(edges)[8] == pytest.approx(law.cdf(8.5) - law.cdf(7.5), rel=1e-6)


def test_the_latent_of_a_value_is_where_it_is_taken():
    for law in (laws.gamma(5.0, 2.0), Normal(1.0, 2.0), LogNormal(0.0, 1.0)):
        assert law.of_latent(np.array([law.latent_of(3.0)])) == pytest.approx([3.0])


@pytest.mark.parametrize(
    "call",
    [
        lambda: laws.between(Normal(0.0, 1.0), 3.0, 2.0),
        lambda: laws.between(Normal(0.0, 1.0), 30.0, 40.0),
        lambda: laws.beta(0.5, 0.6, 0.0, 1.0),
        lambda: laws.categories([1.0], [0.5, 0.5]),
        lambda: laws.from_quartiles(5.0, 6.0, 7.0),
        lambda: laws.quantiles([0.0, 0.5], [1.0, 2.0]),
    ],
)
def test_numbers_that_no_law_has_are_refused(call):
    with pytest.raises(InputError):
        call()


@pytest.mark.parametrize("variance", [0.9e-5, 1e-9, 1e-300])
def test_a_gamma_frailty_of_tiny_variance_is_nearly_normal(variance):
    z = np.array([-3.0, -1.0, 0.0, 1.0, 3.0])
    sd = np.sqrt(variance)
    # The law of the logarithm to the second order in its standard deviation: skewness -sd.
    expected = z - sd * (z**2 + 2.0) / 6.0
    assert laws.log_gamma(variance).of_latent(z) / sd == pytest.approx(expected, abs=3.0 * variance + 1e-9)


@pytest.mark.parametrize("sd", [0.1, 1e-4, 1e-200])
def test_a_gamma_law_of_tiny_spread_has_its_quantiles(sd):
    found = laws.gamma(50.0, sd).of_latent(np.array([-1.0, 0.0, 1.0]))
    assert found == pytest.approx(50.0 + sd * np.array([-1.0, 0.0, 1.0]), abs=1e-3 * sd + 1e-13)


@pytest.mark.parametrize("sd", [1e-200, 1e-9])
def test_a_beta_law_without_spread_is_refused(sd):
    with pytest.raises(InputError, match="too small"):
        laws.beta(0.3, sd, 0.0, 1.0)
