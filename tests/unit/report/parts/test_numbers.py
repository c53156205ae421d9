"""Numbers and their sentences in reports."""

import pytest

from jaksim.report.parts.numbers import missing


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
