import pytest
from statsmodels.stats.proportion import proportion_confint

from jaksim.design.sums.precision import (
    MOST_REPLICATES,
    check_replicates,
    check_seed,
    precise_enough,
    standard_error,
    wilson,
)
from jaksim.errors import InputError


@pytest.mark.parametrize(("successes", "n"), [(0, 50), (3, 1000), (500, 1000), (1000, 1000)])
def test_wilson_interval_is_that_of_statsmodels(successes, n):
    assert wilson(successes, n) == pytest.approx(proportion_confint(successes, n, method="wilson"), abs=1e-12)


def test_standard_error_of_a_half():
    assert standard_error(50, 100) == pytest.approx(0.05)


def test_no_rejection_yet_is_not_infinite_precision():
    assert not precise_enough(0, 100, 0.001)
    assert precise_enough(0, 10_000, 0.001)


@pytest.mark.parametrize("replicates", [0, -1, MOST_REPLICATES + 1, 2**32])
def test_number_of_replicates_out_of_range(replicates):
    with pytest.raises(InputError, match="replicates"):
        check_replicates(replicates)


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_seed_out_of_range(seed):
    with pytest.raises(InputError, match="seed"):
        check_seed(seed)
