"""First-order Markov proportional odds model of daily scores: how the treatment shifts each day's score."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.counts import ESTIMATE, STANDARD_ERROR, CategoryMeanings, Options, Tables, Z
from jaksim.analysis.longitudinal.day_trend import TRENDS, day_basis
from jaksim.analysis.method import Method
from jaksim.arrays import Floats
from jaksim.endpoint.transition_counts import TransitionCounts
from jaksim.errors import InputError
from jaksim.key import Key

ESTIMAND = (
    "log odds ratio of a better score on a day, active against reference, given the score of the day before: "
    "first-order Markov model with proportional odds"
)
VARIANCES = ("model", "robust")


def transitions_of(endpoint: CategoryMeanings) -> TransitionCounts:
    """The transitions that an endpoint counts; InputError for one that counts none."""
    found = getattr(endpoint, "transitions", None)
    if not isinstance(found, TransitionCounts):
        raise InputError(f"endpoint '{endpoint.name}' counts no transitions", allowed="daily scores, longitudinal")
    if found.last_day < 1:
        raise InputError(f"endpoint '{endpoint.name}' has no day after randomisation", allowed="a day of at least 1")
    return found


def fit_counts(
    tables: Tables, transitions: TransitionCounts, *, day: str, stratified: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Estimate, model-based and robust standard error (B, 3) from tables (B, 2, S, K), and the parameters (B, ...)."""
    from jaksim.analysis.longitudinal.markov_fit import markov_kernel

    counts = transitions.by_day(tables)
    basis = day_basis(day, transitions.last_day)
    out = np.empty((len(counts), 3))
    parameters = np.empty((len(counts), 2 * transitions.n_states + basis.shape[1] + counts.shape[2]))
    order = np.argsort(transitions.rank, kind="stable").astype(np.int64)
    markov_kernel(counts, basis, order, transitions.absorbing, stratified, out, parameters)
    return out, parameters


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    found, _ = fit_counts(tables, transitions_of(endpoint), day=options["day"], stratified=bool(options["stratified"]))
    out[:, ESTIMATE] = found[:, 0]
    out[:, STANDARD_ERROR] = found[:, 1 + VARIANCES.index(options["variance"])]
    out[:, Z] = out[:, ESTIMATE] / out[:, STANDARD_ERROR]


METHOD = Method(
    name="markov_proportional_odds",
    kinds=("longitudinal",),
    reads=("transitions",),
    estimand=ESTIMAND,
    scale="log_ratio",
    orientation="benefit",
    fill=fill,
    words="Markov model",
    ratio_name="odds_ratio",
    options=(
        Key(
            "day",
            "text",
            "trend over the days: none, linear, log, spline (4 knots), or factor (every day its own)",
            "linear",
            TRENDS,
        ),
        Key("stratified", "true or false", "stratum as a factor", False),
        Key(
            "variance",
            "text",
            "standard error: model, or robust (odds need not be proportional)",
            "model",
            VARIANCES,
        ),
    ),
    requirement=transitions_of,
    main=("longitudinal",),
    robust=True,
    about=__doc__,
)
