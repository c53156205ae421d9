"""Tests and models for time to an event on patient-level data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from jaksim.analysis.survival.fine_gray_weights import fine_gray_weights
from jaksim.arrays import Floats
from jaksim.methods import cox, log_rank


def table_of(arm: ArrayLike, time: ArrayLike, status: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Counts (2, 1, K) of patients with the time and status (K,) of each category."""
    values, category = np.unique(np.column_stack([time, status]), axis=0, return_inverse=True)
    table = np.zeros((2, 1, len(values)))
    np.add.at(table[:, 0], (np.asarray(arm, dtype=np.intp), category.ravel()), 1.0)
    return table, values[:, 0], values[:, 1]


def arms_in_order(words: str) -> list[int]:
    """1 for the first arm and 0 for the second of words such as "11 Maintained then 12 Nonmaintained"."""
    first, second = (int(number) for number in re.findall(r"\d+", words))
    return [1] * first + [0] * second


def logrank_test(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Observed and expected events of both arms, chi-squared and p of the log-rank test."""
    arm = np.array(arms_in_order(inputs["group"]))
    status = np.array(inputs["status"])
    result = log_rank(*table_of(arm, inputs["time"], status))
    excess = result.statistic / result.se
    observed = np.array([status[arm == 1].sum(), status[arm == 0].sum()])
    expected = observed - np.array([excess, -excess])
    return {
        "observed": observed,
        "expected": expected,
        "chisq": result.statistic**2,
        "p": result.p_value,
        "oe2_over_e": excess**2 / expected,
    }


def cox_partial_likelihood(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The log hazard ratio of a binary covariate."""
    return {"beta": cox(*table_of(inputs["x"], inputs["time"], inputs["status"]), ties=inputs["ties"]).estimate}


def fine_gray_ipcw_weights(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ends of the rows that patients get after a competing event, and all weights in the order of the rows."""
    rows = fine_gray_weights(inputs["time"], inputs["status"])
    return {"extra_row_stops": rows.stop[rows.extra > 0], "weights": rows.weight}
