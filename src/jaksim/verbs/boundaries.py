"""Boundaries from words and numbers, as a user asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from jaksim.checks import number, whole
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.bounds import at_information, boundaries_of
from jaksim.trial.monitoring.integration import check_information
from jaksim.trial.monitoring.plan import MonitoringPlan, fractions
from jaksim.trial.monitoring.words import efficacy_of, futility_of, spending_of
from jaksim.version import __version__


def boundaries(
    *,
    looks: int | None = None,
    information: Sequence[float] | None = None,
    spending: str = "obrien-fleming",
    alpha: float | None = None,
    sides: int = 1,
    futility: str | None = None,
    beta: float = 0.1,
    binding: bool = False,
    harm: str | None = None,
    harm_alpha: float = 0.025,
    no_efficacy: Sequence[int] = (),
    no_futility: Sequence[int] = (),
    actual: Sequence[float] | None = None,
    final: bool | None = None,
) -> Boundaries:
    """Boundaries of a group-sequential trial.

    Either a number of equally spaced `looks` or the `information` fractions, the last 1. `spending` is a spending
    function ("obrien-fleming", "pocock", "hsd:-4", "power:3", "user:0.001,0.01,0.025") or a boundary
    ("classical-obrien-fleming", "classical-pocock", "wang-tsiatis:0.25", "haybittle-peto:3") for `alpha`, of both tails
    together when `sides` is 2 and by default 0.025 a side. `futility` spends `beta` ("hsd:-2" and so on), or gives
    bounds ("z:0", "z:-0.5,0.2") or a conditional power below which to stop ("cp:0.2" under the planned effect,
    "cp-trend:0.2" under the estimate); `binding` lets alpha count on it. `harm` spends `harm_alpha` below.
    `no_efficacy` and `no_futility` number the interim analyses without that test. With `actual` information, in parts
    of the planned maximum, the boundaries are those of the analyses that were really made; `final` says whether the
    last of them ends the trial. Raises InputError for what is contradictory or out of range.
    """
    given = None if information is None else tuple(number(one, "information") for one in information)
    times = fractions(None if looks is None else whole(looks, "looks"), given)
    level = 0.025 * sides if alpha is None else number(alpha, "alpha")
    array = check_information(times)
    plan = MonitoringPlan(
        information=times,
        efficacy=efficacy_of(spending, array, level),
        alpha=level,
        sides=sides,
        beta=number(beta, "beta"),
        futility=None if futility is None else futility_of(futility, array, beta),
        binding=binding,
        harm=None if harm is None else spending_of(harm, array, harm_alpha, "harm"),
        harm_alpha=number(harm_alpha, "harm alpha"),
        efficacy_off=tuple(whole(one, "no efficacy") for one in no_efficacy),
        futility_off=tuple(whole(one, "no futility") for one in no_futility),
    )
    found = boundaries_of(plan)
    if actual is not None:
        found = at_information(found, np.array([number(one, "actual") for one in actual]), final=final)
    return replace(found, provenance={"version": __version__})
