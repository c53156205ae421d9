"""`[adaptation] kind = "promising-zone"`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from jaksim.scenario.adaptive.one_analysis import ANALYSIS, INTERIM, STAGES_KEY, adapted
from jaksim.scenario.key import REQUIRED, Key
from jaksim.trial.adaptive.promising_zone import STATISTICS, PromisingZone

if TYPE_CHECKING:
    from jaksim.scenario.adaptation import Parts

KEYS: Final = (
    ANALYSIS,
    INTERIM,
    Key("maximum", "whole number", "Patients at most, after patients have been added.", REQUIRED, low=2),
    Key("target", "number", "Conditional power to reach by adding patients.", 0.9, low=0.5, high=0.99),
    Key(
        "zone",
        "number",
        "Conditional power from which patients are added; the least that keeps the level of the original statistic by "
        "default.",
        low=0.0,
        high=0.99,
    ),
    Key("futility", "number", "Conditional power below which the trial stops; never at 0.", 0.0, low=0.0, high=0.5),
    Key(
        "spending",
        "text",
        "How alpha is spent at the interim analysis, as in [monitoring]; nothing there by default.",
        "",
    ),
    Key("statistic", "text", "What is tested at the end.", "inverse-normal", allowed=tuple(STATISTICS)),
    STAGES_KEY,
    Key("events", "number", "Events planned for the last analysis, for increments.", low=1),
)


def read(values: Mapping[str, Any], parts: Parts) -> PromisingZone:
    """The design that the table describes."""
    from jaksim.trial.monitoring.bounds import boundaries_of
    from jaksim.trial.monitoring.plan import MonitoringPlan
    from jaksim.trial.monitoring.words import efficacy_of

    plan = adapted(values["analysis"], parts.analyses)
    times = np.array([values["interim"], 1.0])
    boundaries = boundaries_of(
        MonitoringPlan(
            information=tuple(times.tolist()),
            efficacy=efficacy_of(values["spending"] or "obrien-fleming", times, plan.alpha),
            alpha=plan.alpha,
            efficacy_off=() if values["spending"] else (1,),
        )
    )
    kind = next(one.kind for one in parts.endpoints if one.name == plan.endpoint)
    return PromisingZone(
        analysis=plan.name,
        boundaries=boundaries,
        planned=parts.population.patients,
        maximum=values["maximum"],
        target=values["target"],
        least=values["zone"],
        futility=values["futility"],
        statistic=values["statistic"],
        stages=values["stages"] or ("increments" if kind == "time_to_event" else "cohorts"),
        events=values["events"],
    )
