import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.pooling.summaries import TrialEffects, kind_of_cell

CELLS = ("improvement", "death.oxygen", "death.ventilated")


def trial(**changes):
    described = {
        "study": "one",
        "published": "2020-07",
        "drug": "dexamethasone",
        "treatment_class": "glucocorticoid",
        "share": None,
        "cells": CELLS,
        "windows": ((0, 10), (0, 28), (0, 28)),
        "information": np.diag([4.0, 25.0, 0.0]),
        "weighted": np.array([1.0, -5.0, 0.0]),
    }
    return TrialEffects(**{**described, **changes})


def test_a_cell_without_information_keeps_its_prior():
    mean, covariance = trial().under(2.0)
    assert mean == pytest.approx([1.0 / 4.25, -5.0 / 25.25, 0.0])
    assert np.sqrt(np.diag(covariance)) == pytest.approx([4.25**-0.5, 25.25**-0.5, 2.0])


def test_an_estimate_with_its_covariance_comes_back():
    covariance = np.array([[0.04, 0.01, 0.0], [0.01, 0.09, 0.02], [0.0, 0.02, 0.25]])
    estimate = np.array([-0.3, 0.1, 0.4])
    described = {key: value for key, value in vars(trial()).items() if key not in ("information", "weighted")}
    found = TrialEffects.of(estimate, covariance, **described)
    assert found.under(1e4)[0] == pytest.approx(estimate, rel=1e-6)
    assert found.under(1e4)[1] == pytest.approx(covariance, rel=1e-6, abs=1e-9)


def test_kinds_of_cells():
    assert trial().kinds == ("improvement", "death", "death")
    assert kind_of_cell("deterioration") == "deterioration"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"published": "July 2020"}, "YYYY-MM"),
        ({"published": "2020-13"}, "YYYY-MM"),
        ({"cells": ("death", "death", "improvement")}, "each cell once"),
        ({"windows": ((0, 10),)}, "one window"),
        ({"information": np.eye(2)}, "a row and a column"),
        ({"information": np.diag([1.0, np.nan, 1.0])}, "finite"),
        ({"information": np.array([[1.0, 0.5, 0], [0, 1, 0], [0, 0, 1]])}, "symmetric"),
        ({"share": 79.0}, "0 to 1"),
    ],
)
def test_what_cannot_be_a_summary_is_refused(changes, says):
    with pytest.raises(InputError, match=says):
        trial(**changes)
