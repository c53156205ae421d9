"""Difference of restricted mean times without the event.

The restricted mean is the area under Kaplan-Meier up to `tau`, in days; a longer time in the active arm gives a
positive estimate, whether the event is good or bad. A competing event counts as censored at its time. `strata`
"weighted" averages the strata that have both arms by their patients; "pooled" ignores them. `variance` is "greenwood"
(Uno et al. 2014, as survRM2) or "unbiased", that times m / (m - 1) for m events until `tau`. Without `tau` it is the
last day on which all arms (and strata) are followed; a later one gives NaN. The interval keeps to what `tau` allows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Landmark, Method, always
from jaksim.analysis.result import AnalysisResult, within
from jaksim.analysis.survival.days import POOLED
from jaksim.analysis.survival.restricted_mean import OPTIONS, divides_by_events, fill_wald_z, restricted_means
from jaksim.arrays import Floats

if TYPE_CHECKING:
    from jaksim.analysis.newton import Fit
    from jaksim.analysis.patients import Patients


ESTIMAND = "difference in restricted mean time without the event, active minus reference"


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    reference, reference_variance, active, active_variance, _ = restricted_means(tables, endpoint, options).T
    out[:, 0] = active - reference
    out[:, 1] = np.sqrt(reference_variance + active_variance)
    fill_wald_z(out)


def details(
    result: AnalysisResult, table: Tables, endpoint: CategoryMeanings, options: Options, level: float
) -> AnalysisResult:
    """The result whose interval keeps to what the restriction allows."""
    limit = float(restricted_means(table[np.newaxis], endpoint, options)[0, 4])
    return replace(result, ci=within(result.ci, (-limit, limit)))


def adjusted(patients: Patients, options: Options, level: float, *, robust: bool) -> Fit:
    """Regression of the restricted time; strata, unless pooled, enter as a factor."""
    from jaksim.analysis.survival.rmst_covariates import rmst_covariates

    x, names = patients.design()
    used = [] if options["strata"] == POOLED else [int(stratum) for stratum in np.unique(patients.stratum)[1:]]
    return rmst_covariates(
        patients.endpoint.time[patients.category],
        patients.endpoint.status[patients.category],
        np.column_stack([x, *(patients.stratum == stratum for stratum in used)]),
        tau=options["tau"],
        names=(*names, *(f"stratum: {patients.strata[stratum]}" for stratum in used)),
        level=level,
    )


METHOD = Method(
    name="rmst_difference",
    kinds=("time_to_event",),
    reads=("time", "status"),
    estimand=ESTIMAND,
    scale="difference",
    orientation="no event",
    fill=fill,
    words="difference of restricted means",
    unit="days",
    options=OPTIONS,
    main=("time_to_event",),
    details=details,
    adjusted=adjusted,
    landmark=Landmark("tau", curves=False),
    late_entry=("counts",),
    variance_as_known=always,
    events_in_each=divides_by_events,
    without_strata=lambda options: options["strata"] == "pooled",
    about=__doc__,
)
