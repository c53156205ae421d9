"""Stratified weighted log-rank test: Fleming-Harrington and the other common weights.

A competing event counts as censored at its time. The weight of a day is S(t-)^rho (1 - S(t-))^gamma (Fleming and
Harrington 1991), S the Kaplan-Meier estimate of both arms within the stratum; rho = gamma = 0 is the log-rank test.
Other weights: "gehan", "tarone_ware", "peto_peto", "modified_peto_peto" (as in SAS PROC LIFETEST). The estimate holds
for a hazard ratio that does not change.
"""

from __future__ import annotations

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Iterated, Method, always
from jaksim.analysis.nuisance import EVENTS
from jaksim.analysis.survival.iterated import SAME_WEIGHTS, iterated_log_ratio
from jaksim.analysis.survival.weighted_scores import (
    FLEMING_HARRINGTON,
    GEHAN,
    MODIFIED_PETO_PETO,
    PETO_PETO,
    TARONE_WARE,
    one_step,
    weighted_scores,
)
from jaksim.arrays import Floats
from jaksim.key import Key

ESTIMAND = "log hazard ratio of the event, active against reference, one-step estimate from the weighted log-rank score"
MOST_POWER = 10.0
WEIGHTS = {
    "fleming_harrington": FLEMING_HARRINGTON,
    "gehan": GEHAN,
    "tarone_ware": TARONE_WARE,
    "peto_peto": PETO_PETO,
    "modified_peto_peto": MODIFIED_PETO_PETO,
}


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    one_step(weighted_scores(tables, endpoint, [_weight(options)]), out)


def _iterated(tables: Tables, endpoint: CategoryMeanings, options: Options) -> Floats:
    return iterated_log_ratio(tables, endpoint, _weight(options))


def _weight(options: Options) -> tuple[float, float, float]:
    return WEIGHTS[options["weight"]], float(options["rho"]), float(options["gamma"])


METHOD = Method(
    name="weighted_log_rank",
    kinds=("time_to_event",),
    reads=("time", "status"),
    estimand=ESTIMAND,
    scale="log_ratio",
    orientation="event",
    fill=fill,
    words="weighted log-rank test",
    ratio_name="one_step_hazard_ratio",
    options=(
        Key(
            "rho",
            "number",
            "Fleming-Harrington weight of early differences: power of the Kaplan-Meier estimate",
            0.0,
            low=0.0,
            high=MOST_POWER,
        ),
        Key(
            "gamma",
            "number",
            "Fleming-Harrington weight of late differences: power of one minus the Kaplan-Meier estimate",
            0.0,
            low=0.0,
            high=MOST_POWER,
        ),
        Key("weight", "text", "weight of a day: " + ", ".join(WEIGHTS), "fleming_harrington", tuple(WEIGHTS)),
    ),
    nuisance={"time_to_event": EVENTS},
    late_entry=("counts",),
    within_strata=always,
    iterated=Iterated(SAME_WEIGHTS, _iterated),
    about=__doc__,
)
