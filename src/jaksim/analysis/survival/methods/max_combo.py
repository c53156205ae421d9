"""Max-combo test: the largest of several stratified Fleming-Harrington statistics.

A competing event counts as censored at its time. `weights` are pairs (rho, gamma), at most six. The p value is the
probability that the largest of so many normal variables with the correlations seen passes the largest statistic seen.
It is returned as the normal value z with that p value, with the sign of the largest statistic; so |z| beyond the usual
critical value is a test at exactly the nominal level, as is z beyond a one-sided one, since by symmetry half of the
two-sided rejections lie on either side. With `alternative` "benefit" only statistics in favour of the active arm count
(`better` tells which those are) and z is for a one-sided test. The estimate is that of the log-rank test. Source: Lin
et al. (2020), Statistics in Biopharmaceutical Research 12:187.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Iterated, Method, always
from jaksim.analysis.normal_maximum import largest_beyond
from jaksim.analysis.nuisance import EVENTS
from jaksim.analysis.survival.iterated import COX, iterated_log_ratio
from jaksim.analysis.survival.weighted_scores import FLEMING_HARRINGTON, one_step, weighted_scores
from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.key import Key

ESTIMAND = "log hazard ratio of the event, active against reference, Peto's one-step estimate; tested by max-combo"
WEIGHTS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))
MOST_WEIGHTS = 6


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    pairs = [(FLEMING_HARRINGTON, rho, gamma) for rho, gamma in _pairs(options["weights"])]
    scores = weighted_scores(tables, endpoint, [(FLEMING_HARRINGTON, 0.0, 0.0), *pairs])
    one_step(scores, out)
    benefit = options["alternative"] == "benefit"
    sign = METHOD.benefit_sign(endpoint) if benefit else 1
    out[:, 2] = sign * equivalent_z(sign * scores[0][:, 1:], np.ascontiguousarray(scores[2][:, 1:, 1:]), not benefit)


def equivalent_z(scores: NDArray[np.float64], covariances: NDArray[np.float64], two_sided: bool) -> NDArray[np.float64]:
    """Normal values (B,) with the p value of the largest of scores (B, m) given their covariances (B, m, m)."""
    from scipy.special import ndtri

    variance = np.diagonal(covariances, axis1=1, axis2=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistics = np.where(variance > 0.0, scores / np.sqrt(variance), np.nan)
    none = np.isnan(statistics).all(axis=1)
    sizes = np.where(np.isnan(statistics), -np.inf, np.abs(statistics) if two_sided else statistics)
    chosen = np.argmax(sizes, axis=1)
    rows = np.arange(len(scores))
    p = np.empty(len(scores))
    largest_beyond(covariances, np.where(none, np.nan, sizes[rows, chosen]), two_sided, p)
    if not two_sided:
        return np.asarray(-ndtri(p))
    return np.asarray(-ndtri(0.5 * p) * np.where(statistics[rows, chosen] < 0.0, -1.0, 1.0))


def _pairs(weights: Any) -> list[tuple[float, float]]:
    """The pairs (rho, gamma) of an option; InputError for anything else."""
    try:
        pairs = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError):
        pairs = np.empty(0)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or not 1 <= len(pairs) <= MOST_WEIGHTS or not (pairs >= 0.0).all():
        allowed = f"1 to {MOST_WEIGHTS} pairs [rho, gamma] of numbers from 0 on"
        raise InputError("not weights of Fleming and Harrington", where="option weights", allowed=allowed, got=weights)
    return [(float(rho), float(gamma)) for rho, gamma in pairs]


METHOD = Method(
    name="max_combo",
    kinds=("time_to_event",),
    reads=("time", "status", "better"),
    estimand=ESTIMAND,
    scale="log_ratio",
    orientation="event",
    fill=fill,
    words="max-combo test",
    ratio_name="one_step_hazard_ratio",
    options=(
        Key(
            "weights",
            "list of pairs",
            "pairs [rho, gamma] of Fleming-Harrington weights",
            [list(pair) for pair in WEIGHTS],
        ),
        Key(
            "alternative",
            "text",
            "what counts as extreme: two_sided, or benefit (of the active arm only)",
            "two_sided",
            ("two_sided", "benefit"),
        ),
    ),
    smooth=False,
    iterated=Iterated(COX, lambda tables, endpoint, _: iterated_log_ratio(tables, endpoint)),
    main=("time_to_event",),
    nuisance={"time_to_event": EVENTS},
    late_entry=("counts",),
    within_strata=always,
    about=__doc__,
)
