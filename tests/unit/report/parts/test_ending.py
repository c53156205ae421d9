"""What ended a trial in words, also where there is no statistic or no finite estimate."""

import math

import pytest

from jaksim.design.patients.conducted_patients import Decided, Ending
from jaksim.report.parts.ending import ending_lines

NONE = math.nan


@pytest.mark.parametrize(
    ("decided", "words"),
    [
        ((True, 0.5, 0.2, 2.5), "rejected, z = 2.500, estimate 0.5000 (standard error 0.2000)"),
        ((False, NONE, NONE, NONE), "not rejected, without a result"),
        # A closed test of a selected arm without an event: no p value below 1.
        ((False, NONE, NONE, -math.inf), "not rejected, without a result"),
        ((True, math.inf, NONE, 3.0), "rejected, z = 3.000, no finite estimate (standard error none)"),
        ((False, 0.1, 0.2, -math.inf), "not rejected, without a statistic, estimate 0.1000 (standard error 0.2000)"),
    ],
)
def test_what_was_decided(decided, words):
    ending = Ending(2, 3, 100, "futility", (Decided("death", *decided),))
    assert ending_lines(ending) == ["ended at analysis 2 of 3, on day 100 for futility", f"death: {words}"]
