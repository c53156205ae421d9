"""Numbers and their sentences in reports."""

import math

import pytest

from jaksim.report.parts.numbers import alike, decimals, missing, probability_with_error


@pytest.mark.parametrize(
    ("replicates", "said"),
    [
        (1, "[1] has no test statistic in 1 replicate, which counts as not rejected."),
        (2, "[1] has no test statistic in 2 replicates, which count as not rejected."),
        (1200, "[1] has no test statistic in 1,200 replicates, which count as not rejected."),
    ],
)
def test_replicates_without_a_test_are_counted_in_a_sentence(replicates, said):
    assert missing(0, replicates, "[1]") == (said,)
    assert missing(0, 0, "[1]") == ()


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([0.25, 0.5, 0.75, 1.0], ["0.25", "0.50", "0.75", "1.00"]),
        ([1 / 3, 1.0], ["0.3333", "1.0000"]),
        ([1.0, 2.0], ["1", "2"]),
        ([0.5, math.nan, 0.512], ["0.500", "-", "0.512"]),
        ([], []),
    ],
)
def test_numbers_of_a_column_have_one_number_of_decimals(values, shown):
    assert alike(values) == shown


@pytest.mark.parametrize(
    ("errors", "digits"), [([0.02, 0.011], 1), ([0.02, 0.0065], 2), ([0.0065, 0.0001], 3), ([0.0, 0.02], 1), ([], 1)]
)
def test_probabilities_of_a_column_have_the_decimals_of_the_smallest_error(errors, digits):
    assert decimals(errors) == digits


def test_a_probability_by_itself_has_those_of_its_own_error():
    assert probability_with_error(0.174, 0.012) == "17.4 ± 1.2\u00a0%"
    assert probability_with_error(0.174, 0.012, 2) == "17.40 ± 1.20\u00a0%"
