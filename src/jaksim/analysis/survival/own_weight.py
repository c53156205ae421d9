"""A log-rank test whose days are weighted by a function of one's own."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Method
from jaksim.analysis.nuisance import EVENTS
from jaksim.analysis.survival.days import by_day
from jaksim.analysis.survival.weighted_scores import one_step
from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.key import Key


class Weight(Protocol):
    """Weights (B, S, T) of the days (T,) in every stratum of tables (B, 2, S, K).

    `free` (B, S, T) is the Kaplan-Meier estimate of both arms of the stratum before each day, `at_risk` (B, S, T) the
    patients at risk on it; `options` are those of the method. A weight may be negative, not infinite; that of a day
    without an event does not matter.
    """

    def __call__(self, free: Floats, at_risk: Floats, days: Floats, options: Options) -> Floats: ...


def weighted_method(
    name: str, weight: Weight, *, words: str = "", about: str | None = None, options: tuple[Key, ...] = ()
) -> Method:
    """The stratified log-rank test with a weight for each day, to be registered under `name`.

    Estimate, standard error and z are those of `weighted_log_rank`: one step from the weighted score, and the score
    over the root of its hypergeometric variance. `weight` is called on all tables at once, in numpy.
    """

    def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
        days, position, status = by_day(endpoint.time, endpoint.status, competing=False)
        on_day = (position[:, None] == np.arange(len(days))).astype(np.float64)
        events = tables @ (on_day * (status == 1)[:, None])
        leaving = tables @ on_day
        risk = leaving[..., ::-1].cumsum(axis=-1)[..., ::-1]
        d, n = events.sum(axis=1), risk.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            hazard = np.where(n > 0.0, d / n, 0.0)
            share = np.where(n > 0.0, risk[:, 1] / n, 0.0)
            ties = np.where((d > 1.0) & (n > 1.0), (n - d) / (n - 1.0), 1.0)
        free = np.cumprod(np.maximum(1.0 - hazard, 0.0), axis=-1)
        before = np.concatenate([np.ones_like(free[..., :1]), free[..., :-1]], axis=-1)
        given = np.asarray(weight(before, n, days, options), dtype=np.float64)
        if given.shape not in (d.shape, d.shape[-1:], ()):
            raise InputError("the weights are not one for each day", where=f"method {name}", got=given.shape)
        weights = np.where(d > 0.0, given, 0.0)
        if not np.isfinite(weights).all():
            raise InputError("a weight of a day with an event is not a number", where=f"method {name}")
        information = d * share * (1.0 - share) * ties
        score = (weights * (events[:, 1] - d * share)).sum(axis=(1, 2))
        slope = (weights * information).sum(axis=(1, 2))
        variance = (weights**2 * information).sum(axis=(1, 2))
        one_step((score[:, None], slope[:, None], variance[:, None, None]), out)

    return Method(
        name=name,
        kinds=("time_to_event",),
        reads=("time", "status"),
        estimand=f"log hazard ratio of the event, active against reference, one-step estimate of the {words or name}",
        scale="log_ratio",
        orientation="event",
        fill=fill,
        about=about,
        words=words,
        ratio_name="one_step_hazard_ratio",
        options=options,
        late_entry=("counts",),
        nuisance={"time_to_event": EVENTS},
    )
