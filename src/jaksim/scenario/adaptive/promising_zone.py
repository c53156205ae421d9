"""`[adaptation] kind = "promising-zone"`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jaksim.endpoint.kinds import kind_of
from jaksim.key import REQUIRED, Key
from jaksim.scenario.adaptive.one_analysis import (
    ANALYSIS,
    INTERIM,
    SPENDING,
    STAGES_KEY,
    two_stage_boundaries,
)
from jaksim.scenario.adaptive.parts import Parts
from jaksim.scenario.arms_and_analyses import named_or_primary
from jaksim.trial.adaptive.promising_zone import STATISTICS, PromisingZone

KEYS: Final = (
    ANALYSIS,
    INTERIM,
    Key(
        "maximum",
        "whole number",
        "Patients at most, after patients have been added.",
        REQUIRED,
        low=2,
        high=100_000_000,
    ),
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
    SPENDING,
    Key("statistic", "text", "What is tested at the end.", "inverse-normal", allowed=tuple(STATISTICS)),
    STAGES_KEY,
    Key("events", "number", "Events planned for the last analysis, for increments.", low=1),
)


def read(values: Mapping[str, Any], parts: Parts) -> PromisingZone:
    """The design that the table describes."""
    plan = named_or_primary(values["analysis"], parts.analyses, "analysis")
    endpoint = next(candidate for candidate in parts.endpoints if candidate.name == plan.endpoint)
    return PromisingZone(
        analysis=plan.name,
        boundaries=two_stage_boundaries(values["interim"], values["spending"], plan.alpha),
        planned=parts.population.patients,
        maximum=values["maximum"],
        target=values["target"],
        least=values["zone"],
        futility=values["futility"],
        statistic=values["statistic"],
        stages=values["stages"] or ("increments" if kind_of(endpoint).timed else "cohorts"),
        events=values["events"],
    )
