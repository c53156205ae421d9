"""Events counted beside a process: Poisson counts, competing death, two kinds side by side."""

import math

import numpy as np
import pytest

from jaksim.exact.transition import interval_matrices
from jaksim.model.intensity import IntensityTable
from jaksim.model.safety.counting import counted, counts_of

FATAL = np.array([[False, True], [False, False]])


def after(generators, days):
    return interval_matrices([IntensityTable(np.zeros(1), generators)], np.array([0.0, days]))[0, 0, 0]


@pytest.mark.parametrize(("rate", "days", "most"), [(0.2, 5.0, 3), (0.9, 2.0, 1), (0.01, 28.0, 6)])
def test_events_of_patients_who_live_are_a_poisson_number(rate, days, most) -> None:
    found = after(counted(np.zeros((1, 1, 1)), np.array([[[rate]]]), [most], [False], np.zeros((1, 1), bool)), days)
    mean = rate * days
    law = [math.exp(-mean) * mean**k / math.factorial(k) for k in range(most)]
    assert found == pytest.approx([*law, 1.0 - sum(law)], rel=1e-12)


@pytest.mark.parametrize(("rate", "death", "days"), [(0.05, 0.02, 28.0), (0.3, 0.4, 3.0), (0.001, 0.1, 10.0)])
def test_death_competes_or_counts(rate, death, days) -> None:
    process, rates = np.array([[[-death, death], [0.0, 0.0]]]), np.array([[[rate, 0.0]]])
    alive, dead, hurt, both = after(counted(process, rates, [1], [False], FATAL), days)
    assert hurt + both == pytest.approx(rate / (rate + death) * -math.expm1(-(rate + death) * days), rel=1e-12)
    assert alive == pytest.approx(math.exp(-(rate + death) * days), rel=1e-12)
    assert dead + both == pytest.approx(-math.expm1(-death * days), rel=1e-12)
    *_, first, last = after(counted(process, rates, [1], [True], FATAL), days)
    assert first + last == pytest.approx(-math.expm1(-(rate + death) * days), rel=1e-12)


def test_two_kinds_of_events_are_independent_given_the_course() -> None:
    rates = np.array([[[0.1]], [[0.03]]])
    found = after(counted(np.zeros((1, 1, 1)), rates, [1, 2], [False, False], np.zeros((1, 1), bool)), 4.0)
    counts = counts_of([1, 2])
    first = found @ (counts[:, 0] > 0)
    second = found @ (counts[:, 1] > 1)
    assert first == pytest.approx(-math.expm1(-0.4), rel=1e-12)
    assert second == pytest.approx(1.0 - math.exp(-0.12) * 1.12, rel=1e-12)
    assert found @ ((counts[:, 0] > 0) & (counts[:, 1] > 1)) == pytest.approx(first * second, rel=1e-12)


def test_nobody_is_told_apart_without_events() -> None:
    assert counts_of([]).shape == (1, 0)
