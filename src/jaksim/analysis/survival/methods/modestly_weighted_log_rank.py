"""Stratified modestly weighted log-rank test for effects that begin late (Magirr and Burman 2019).

A competing event counts as censored at its time. The weight of a day is 1 / max(S(t-), S(t_star)), S the Kaplan-Meier
estimate of both arms within the stratum: it grows until day `t_star`. Without `t_star` it is 1 / max(S(t-), s_star),
growing until S has fallen to `s_star`. Source: Magirr and Burman (2019), Statistics in Medicine 38:3782.
"""

from __future__ import annotations

import numpy as np

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Iterated, Method
from jaksim.analysis.nuisance import EVENTS
from jaksim.analysis.survival.days import chosen_day
from jaksim.analysis.survival.iterated import SAME_WEIGHTS, iterated_log_ratio
from jaksim.analysis.survival.methods.weighted_log_rank import ESTIMAND
from jaksim.analysis.survival.weighted_scores import MODEST_DAY, MODEST_SURVIVAL, one_step, weighted_scores
from jaksim.arrays import Floats
from jaksim.key import Key


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    one_step(weighted_scores(tables, endpoint, [_weight(endpoint, options)]), out)


def _iterated(tables: Tables, endpoint: CategoryMeanings, options: Options) -> Floats:
    return iterated_log_ratio(tables, endpoint, _weight(endpoint, options))


def _weight(endpoint: CategoryMeanings, options: Options) -> tuple[float, float]:
    day = chosen_day(options, "t_star", np.asarray(endpoint.time, dtype=np.float64))
    return (MODEST_SURVIVAL, float(options["s_star"])) if np.isnan(day) else (MODEST_DAY, day)


METHOD = Method(
    name="modestly_weighted_log_rank",
    kinds=("time_to_event",),
    reads=("time", "status"),
    estimand=ESTIMAND,
    scale="log_ratio",
    orientation="event",
    fill=fill,
    words="modestly weighted log-rank test",
    ratio_name="one_step_hazard_ratio",
    options=(
        Key("t_star", "number", "day until which the weights grow, days since randomisation", low=0.0),
        Key(
            "s_star",
            "number",
            "without t_star: the weights grow until Kaplan-Meier has fallen to this",
            0.5,
            low=0.001,
            high=1.0,
        ),
    ),
    nuisance={"time_to_event": EVENTS},
    late_entry=("counts",),
    iterated=Iterated(SAME_WEIGHTS, _iterated),
    within_strata=lambda options: options["t_star"] is None,
    about=__doc__,
)
