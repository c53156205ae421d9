"""Boundaries from words and numbers, as a user asks for them."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np

from jaksim.checks import number, whole
from jaksim.errors import InputError
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.bounds import at_information, boundaries_of
from jaksim.trial.monitoring.integration import check_information
from jaksim.trial.monitoring.plan import MonitoringPlan, fractions
from jaksim.trial.monitoring.words import efficacy_of, futility_of, spending_of
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.boundaries import OF_SCENARIOS, BoundariesOptions, default_of
from jaksim.verbs.options.recreate import recreate
from jaksim.version import __version__

if TYPE_CHECKING:
    from jaksim.design.conduct.charter.charter import MonitoringCharter
    from jaksim.verbs.asked import AskedScenario


@takes(BoundariesOptions)
def boundaries(scenario: AskedScenario | None = None, *, options: BoundariesOptions) -> Boundaries | MonitoringCharter:
    """Boundaries of a group-sequential trial, or what the charter of a `scenario` with interim analyses has to list.

    Of a scenario: day, patients, events and information of each analysis in `replicates` simulated trials that nothing
    stops, its bounds as z, p and estimate, and the chance of rejecting later from each.

    Of a plan: either a number of equally spaced `looks` or the `information` fractions, the last 1. `spending` is a
    spending function ("obrien-fleming", "pocock", "hsd:-4", "power:3", "user:0.001,0.01,0.025") or a boundary
    ("classical-obrien-fleming", "classical-pocock", "wang-tsiatis:0.25", "haybittle-peto:3") for `alpha`, of both tails
    together when `sides` is 2 and by default 0.025 a side. `futility` spends `beta` ("hsd:-2" and so on), or gives
    bounds ("z:0", "z:-0.5,0.2") or a conditional power below which to stop ("cp:0.2" under the planned effect,
    "cp-trend:0.2" under the estimate); `binding` lets alpha count on it. `harm` spends `harm_alpha` below.
    `no_efficacy` and `no_futility` number the interim analyses without that test. With `actual` information, in parts
    of the planned maximum, the boundaries are those of the analyses that were really made; `final` says whether the
    last of them ends the trial. Raises InputError for what is contradictory or out of range.
    """
    asked = options
    if scenario is not None:
        return _of_scenario(scenario, options)
    for name in OF_SCENARIOS:
        if getattr(asked, name) != default_of(name):
            raise InputError(
                "is for a scenario", where=f"‹{name}›", allowed="with a SCENARIO", got=getattr(asked, name)
            )
    if asked.final is not None and asked.actual is None:
        raise InputError("says how the analyses made so far end", where="‹final›", allowed="with ‹actual›")
    if asked.harm is None and asked.harm_alpha != default_of("harm_alpha"):
        raise InputError(
            "there is no bound for harm", where="‹harm_alpha›", allowed="with ‹harm›", got=asked.harm_alpha
        )
    given = (
        None if asked.information is None else tuple(number(fraction, "information") for fraction in asked.information)
    )
    times = fractions(None if asked.looks is None else whole(asked.looks, "looks"), given)
    level = 0.025 * asked.sides if asked.alpha is None else number(asked.alpha, "alpha")
    array = check_information(times)
    plan = MonitoringPlan(
        information=times,
        efficacy=efficacy_of(asked.spending, array, level),
        alpha=level,
        sides=asked.sides,
        beta=number(asked.beta, "beta"),
        futility=None if asked.futility is None else futility_of(asked.futility, array, asked.beta),
        binding=asked.binding,
        harm=None if asked.harm is None else spending_of(asked.harm, array, asked.harm_alpha, "harm"),
        harm_alpha=number(asked.harm_alpha, "harm_alpha"),
        efficacy_off=tuple(whole(look, "no_efficacy") for look in asked.no_efficacy),
        futility_off=tuple(whole(look, "no_futility") for look in asked.no_futility),
    )
    found = boundaries_of(plan)
    if asked.actual is not None:
        actual = np.array([number(fraction, "actual") for fraction in asked.actual])
        found = at_information(found, actual, final=asked.final)
    return replace(found, provenance={"version": __version__, "command": recreate("boundaries", (), options)})


def _of_scenario(scenario: AskedScenario, options: BoundariesOptions) -> MonitoringCharter:
    from jaksim.verbs.interims.charter import charter

    for field in fields(options):
        if field.name not in OF_SCENARIOS and getattr(options, field.name) != field.default:
            raise InputError(
                "the scenario gives this of its boundaries",
                where=f"‹{field.name}›",
                allowed="‹changes›, such as monitoring.spending=pocock",
                got=getattr(options, field.name),
            )
    return charter(scenario, **{name: getattr(options, name) for name in OF_SCENARIOS})
