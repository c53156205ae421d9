"""Stratified risk difference with Mantel-Haenszel weights.

Strata weigh n_1h n_0h / n_h. `variance` is "sato" (Sato 1989, consistent for few large and many small strata) or
"greenland_robins" (1985). `test` is "wald", or "cmh" for the signed root of the Cochran-Mantel-Haenszel chi-squared
without continuity correction; with `distribution` "permutation" it is always the latter, corrected for its skewness
and kurtosis under randomisation. z is NaN when its variance is zero, all NaN without a stratum of two arms.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Method
from jaksim.analysis.nuisance import RATE_OF_DIFFERENCE
from jaksim.analysis.ordering import event_of
from jaksim.analysis.permutation import DISTRIBUTION, PERMUTATION, fill_normal_values, permutation_moments
from jaksim.arrays import Floats
from jaksim.kernel.jit import kernel
from jaksim.key import Key

ESTIMAND = "common risk difference of the event, active minus reference, Mantel-Haenszel weights"
VARIANCES = ("sato", "greenland_robins")
TESTS = ("wald", "cmh")


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    events = event_of(endpoint)
    risk_difference_mh_kernel(tables, events, options["variance"] == "sato", options["test"] == "cmh", out)
    if options["distribution"] == PERMUTATION:
        fill_normal_values(permutation_moments(tables, np.where(events < 0, np.nan, events)), out)


@kernel
def risk_difference_mh_kernel(tables: Any, events: Any, sato: Any, cmh: Any, out: Any) -> None:
    x = np.empty(2)
    n = np.empty(2)
    for b in range(tables.shape[0]):
        weight = difference = p_sum = q_sum = robins = excess = hypergeometric = 0.0
        for s in range(tables.shape[2]):
            x[:] = 0.0
            n[:] = 0.0
            for arm in range(2):
                for k in range(events.shape[0]):
                    if events[k] >= 0:
                        n[arm] += tables[b, arm, s, k]
                    if events[k] == 1:
                        x[arm] += tables[b, arm, s, k]
            if n[0] > 0.0 and n[1] > 0.0:
                total = n[0] + n[1]
                weight += n[0] * n[1] / total
                difference += (x[1] * n[0] - x[0] * n[1]) / total
                p_sum += (n[1] ** 2 * x[0] - n[0] ** 2 * x[1] + n[1] * n[0] * (n[0] - n[1]) / 2.0) / total**2
                q_sum += (x[1] * (n[0] - x[0]) + x[0] * (n[1] - x[1])) / (2.0 * total)
                within_1 = x[1] * (n[1] - x[1]) * n[0] ** 2 / n[1]
                within_0 = x[0] * (n[0] - x[0]) * n[1] ** 2 / n[0]
                robins += (within_1 + within_0) / total**2
                with_event = x[0] + x[1]
                excess += x[1] - with_event * n[1] / total
                spread = n[0] * n[1] * with_event * (total - with_event) / total**2
                hypergeometric += spread / (total - 1.0) if total > 1.0 else 0.0
        out[b, :] = np.nan
        if weight > 0.0:
            estimate = difference / weight
            variance = estimate * p_sum + q_sum if sato else robins
            out[b, 0] = estimate
            out[b, 1] = math.sqrt(max(variance, 0.0)) / weight
            if cmh:
                out[b, 2] = excess / math.sqrt(hypergeometric) if hypergeometric > 0.0 else np.nan
            elif out[b, 1] > 0.0:
                out[b, 2] = estimate / out[b, 1]


METHOD = Method(
    name="risk_difference_mh",
    kinds=("binary", "time_to_event"),
    reads=("event",),
    estimand=ESTIMAND,
    of_one_stratum="risk difference of the event, active minus reference",
    scale="difference",
    bounds=(-1.0, 1.0),
    orientation="event",
    fill=fill,
    words="stratified risk difference",
    options=(
        Key("variance", "text", "variance of the estimate: sato or greenland_robins", "sato", VARIANCES),
        Key("test", "text", "z: wald, or cmh (Cochran-Mantel-Haenszel)", "wald", TESTS),
        DISTRIBUTION,
    ),
    requirement=event_of,
    null_only={"test": ("cmh",)},
    main=("binary",),
    mean_model=True,
    nuisance={"binary": RATE_OF_DIFFERENCE, "time_to_event": RATE_OF_DIFFERENCE},
    about=__doc__,
)
