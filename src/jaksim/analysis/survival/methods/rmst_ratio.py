"""Ratio of restricted mean times without the event.

The restricted mean is the area under Kaplan-Meier up to `tau`, in days; a longer time in the active arm gives a
positive estimate, whether the event is good or bad. A competing event counts as censored at its time. `strata`
"weighted" averages the strata that have both arms by their patients; "pooled" ignores them. `variance` is "greenwood"
(Uno et al. 2014, as survRM2) or "unbiased", that times m / (m - 1) for m events until `tau`. Without `tau` it is the
last day on which all arms (and strata) are followed; a later one gives NaN.
"""

from __future__ import annotations

import numpy as np

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Landmark, Method, always
from jaksim.analysis.survival.restricted_mean import OPTIONS, divides_by_events, fill_wald_z, restricted_means
from jaksim.arrays import Floats

ESTIMAND = "log ratio of restricted mean times without the event, active against reference"


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    reference, reference_variance, active, active_variance, _ = restricted_means(tables, endpoint, options).T
    out[:, 0] = np.log(active / reference)
    out[:, 1] = np.sqrt(reference_variance / reference**2 + active_variance / active**2)
    fill_wald_z(out)


METHOD = Method(
    name="rmst_ratio",
    kinds=("time_to_event",),
    reads=("time", "status"),
    estimand=ESTIMAND,
    scale="log_ratio",
    orientation="no event",
    fill=fill,
    words="ratio of restricted means",
    ratio_name="restricted_mean_ratio",
    options=OPTIONS,
    landmark=Landmark("tau", curves=False),
    late_entry=("counts",),
    variance_as_known=always,
    events_in_each=divides_by_events,
    without_strata=lambda options: options["strata"] == "pooled",
    about=__doc__,
)
