"""Difference of Kaplan-Meier estimates at a day.

A competing event counts as censored at its time, so that the probability is that without competing events. `strata`
"weighted" averages the strata that have both arms by their patients; "pooled" ignores them. The standard error is
Greenwood's, on the plain scale; `scale` is that of z, "plain", "log" or "log_log" (Klein et al. 2007, Statistics in
Medicine 26:4505). Without `day` it is the last one on which all arms (and strata) are followed. NaN when a later day
is asked for.
"""

from __future__ import annotations

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Landmark, Method
from jaksim.analysis.survival.incidence import OPTIONS, compare
from jaksim.arrays import Floats

ESTIMAND = "probability of the event by a day, active minus reference, from Kaplan-Meier"


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    compare(tables, endpoint, options, out, competing=False, aalen=False)


METHOD = Method(
    name="kaplan_meier_difference",
    kinds=("time_to_event",),
    reads=("time", "status"),
    estimand=ESTIMAND,
    scale="difference",
    bounds=(-1.0, 1.0),
    variance_as_known=lambda options: options["scale"] == "plain",
    orientation="event",
    fill=fill,
    words="difference of Kaplan-Meier estimates",
    options=OPTIONS,
    main=("time_to_event",),
    landmark=Landmark("day"),
    late_entry=("counts",),
    without_strata=lambda options: options["strata"] == "pooled",
    about=__doc__,
)
