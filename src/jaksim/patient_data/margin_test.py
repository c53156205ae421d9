"""The test of an estimate from data against a margin: superiority by it, non-inferiority, equivalence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from jaksim.analysis.counts import Z
from jaksim.analysis.margin import EQUIVALENCE, targets
from jaksim.analysis.registry import get_method
from jaksim.analysis.result import AnalysisResult
from jaksim.patient_data.from_data import TrialData


@dataclass(frozen=True)
class MarginTest:
    """A hypothesis, its margin, z against it signed so that above 0 speaks for the hypothesis, one-sided p value.

    For equivalence z is the smaller and p the larger one of the two one-sided tests.
    """

    hypothesis: str
    margin: float
    margin_statistic: float
    margin_p_value: float


def margin_test_of(
    result: AnalysisResult,
    data: TrialData,
    options: Mapping[str, Any],
    hypothesis: str,
    margin: float,
    adjusted: bool,
) -> MarginTest:
    """Test a result against a margin. Raises InputError for one out of range or on the wrong side of the null.

    A method that knows the variance under the margin uses it; an `adjusted` analysis uses its standard error.
    """
    method = get_method(result.method)
    values = targets(method, data.endpoint, hypothesis, margin)
    z = []
    for value in values:
        if adjusted:
            z.append((result.estimate - value) / result.se if result.se > 0.0 else math.nan)
            continue
        out = np.empty((1, 3))
        settings = method.settings(options)
        table, endpoint = data.at_risk.of_method(method, settings)
        method.test_at_margin(np.ascontiguousarray(table[np.newaxis]), endpoint, settings, value, out)
        z.append(float(out[0, Z]))
    if hypothesis == EQUIVALENCE:
        least = min(z[0], -z[1]) if all(map(math.isfinite, z)) else math.nan
    else:
        least = method.benefit_sign(data.endpoint) * z[0]
    return MarginTest(hypothesis, margin, least, 0.5 * math.erfc(least / math.sqrt(2.0)))
