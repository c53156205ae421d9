"""Max-combo test: the largest of several stratified Fleming-Harrington statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.method import CategoryMeanings, Iterated, Method, Tables, block
from jaksim.analysis.normal_maximum import largest_beyond
from jaksim.analysis.result import AnalysisResult, summarise
from jaksim.analysis.single_table import survival_table
from jaksim.analysis.survival.iterated import COX, iterated_log_ratio
from jaksim.analysis.survival.weighted_scores import FLEMING_HARRINGTON, one_step, weighted_scores
from jaksim.errors import InputError

ESTIMAND = "log hazard ratio of the event, active against reference, Peto's one-step estimate; tested by max-combo"
WEIGHTS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))
MOST_WEIGHTS = 6
ALTERNATIVES = ("two_sided", "benefit")


def max_combo(
    table: ArrayLike,
    time: ArrayLike,
    status: ArrayLike,
    *,
    weights: Sequence[Sequence[float]] = WEIGHTS,
    alternative: str = "two_sided",
    better: str = "no event",
    level: float = 0.95,
) -> AnalysisResult:
    """Max-combo test of a table (2, S, K) whose categories have a time and a status, 2 counting as censored.

    `weights` are pairs (rho, gamma), at most six. The p value is the probability that the largest of so many normal
    variables with the correlations seen passes the largest statistic seen. It is returned as the normal value z with
    that p value, with the sign of the largest statistic; so |z| beyond the usual critical value is a test at exactly
    the nominal level, as is z beyond a one-sided one, since by symmetry half of the two-sided rejections lie on either
    side. With `alternative` "benefit" only statistics in favour of the active arm count (`better` tells which those
    are) and z is for a one-sided test. The estimate is that of the log-rank test.
    Source: Lin et al. (2020), Statistics in Biopharmaceutical Research 12:187.
    """
    tables, endpoint = survival_table(table, time, status, better=better)
    out = np.empty((1, 3))
    METHOD.evaluate(tables, endpoint, METHOD.settings({"weights": weights, "alternative": alternative}), out)
    return summarise(METHOD.name, ESTIMAND, out[0], endpoint.patients(tables), level=level, log_ratio=True)


def evaluate(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    tables = block(tables, out, len(endpoint.time))
    pairs = [(FLEMING_HARRINGTON, rho, gamma) for rho, gamma in _pairs(options.get("weights", WEIGHTS))]
    scores = weighted_scores(tables, endpoint, [(FLEMING_HARRINGTON, 0.0, 0.0), *pairs])
    one_step(scores, out)
    benefit = options.get("alternative") == "benefit"
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
    estimand=ESTIMAND,
    scale="log_ratio",
    evaluate=evaluate,
    orientation="event",
    smooth=False,
    ratio_name="one_step_hazard_ratio",
    iterated=Iterated(COX, lambda tables, endpoint, _: iterated_log_ratio(tables, endpoint)),
    options={
        "weights": ([list(pair) for pair in WEIGHTS], "pairs [rho, gamma] of Fleming-Harrington weights"),
        "alternative": ("two_sided", "what counts as extreme: two_sided, or benefit (of the active arm only)"),
    },
    choices={"alternative": ALTERNATIVES},
)
