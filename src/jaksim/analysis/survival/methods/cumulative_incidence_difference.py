"""Difference of Aalen-Johansen cumulative incidences at a day.

`strata` "weighted" averages the strata that have both arms by their patients; "pooled" ignores them. `variance` is
"greenwood", that of the multinomial events of each day (equal to the infinitesimal jackknife of survival::survfit) or
"aalen" (1978, as cmprsk::cuminc). `scale` is that of z: plain, log or log_log of one minus the incidence. Without
`day` it is the last one on which all arms (and strata) are followed. NaN when a later day is asked for.
"""

from __future__ import annotations

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Landmark, Method
from jaksim.analysis.survival.incidence import AALEN, GREENWOOD, OPTIONS, compare
from jaksim.arrays import Floats
from jaksim.key import Key

ESTIMAND = "probability of the event by a day with competing events, active minus reference, Aalen-Johansen"


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    compare(tables, endpoint, options, out, competing=True, aalen=options["variance"] == AALEN)


METHOD = Method(
    name="cumulative_incidence_difference",
    kinds=("time_to_event",),
    reads=("time", "status"),
    estimand=ESTIMAND,
    scale="difference",
    bounds=(-1.0, 1.0),
    variance_as_known=lambda options: options["scale"] == "plain",
    orientation="event",
    fill=fill,
    words="difference of cumulative incidences",
    options=(
        *OPTIONS,
        Key(
            "variance",
            "text",
            "variance of an incidence: greenwood, or aalen as in cmprsk",
            GREENWOOD,
            (GREENWOOD, AALEN),
        ),
    ),
    landmark=Landmark("day", competing=True),
    competing=True,
    without_strata=lambda options: options["strata"] == "pooled",
    about=__doc__,
)
