"""The planned analyses that decide at an interim analysis, made of the data of that day."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist
from typing import NamedTuple, cast

from jaksim.analysis.registry import get_method
from jaksim.checks import known
from jaksim.errors import InputError
from jaksim.patient_data.analyze import DataAnalysis, table_of
from jaksim.patient_data.daily.daily_columns import without_daily_scores
from jaksim.patient_data.daily.daily_data import MISSING, MissingValues
from jaksim.patient_data.from_data import find_sources
from jaksim.patient_data.question import Question
from jaksim.patient_data.reading.columns import Columns
from jaksim.scenario.scenario import Scenario
from jaksim.trial import Trial
from jaksim.trial.interim import Monitoring
from jaksim.trial.parts import plan_named
from jaksim.verbs.planned_analyses import in_scenario, planned_analysis

LEAST_P = 1e-15


class InData(NamedTuple):
    """What the data have: z, positive for benefit, of the analysis that is tested; estimate and standard error of the
    monitored one; z of the analysis that judges futility if that is another one; events and patients in the data."""

    z: float
    estimate: float
    standard_error: float
    futility_z: float | None
    harm_z: float | None
    events: int
    patients: int
    notes: tuple[str, ...]


def in_data(scenario: Scenario, monitoring: Monitoring, look: int, data: str, missing: str) -> InData:
    """The analyses that decide at analysis `look`, on the data; InputError for data without them.

    An endpoint in columns of its own is taken from there, since daily scores that are not known yet would lose patients
    whose outcome is.
    """
    judge = monitoring.futility[look - 1] if look < monitoring.looks else None
    tested = monitoring.tested[look - 1]
    harm = monitoring.harm if look < monitoring.looks else None
    judges = [one.analysis for one in (judge, harm) if one is not None]
    wanted = dict.fromkeys([monitoring.analysis, tested, *judges])
    columns = table_of(data)
    notes: list[str] = []
    known(missing, MISSING, "way with missing values", "‹missing›")
    treated = cast(MissingValues, missing)
    found: dict[str, DataAnalysis] = {}
    for name in wanted:
        plan = plan_named(scenario.trial, name, "monitoring")
        question = in_scenario(Question(missing=treated), scenario.trial, columns)
        settings = {"seed": None, "robust": False, "level": 0.95}
        answer = planned_analysis(
            _own_columns(columns, scenario.trial, plan.endpoint), scenario.trial, question, plan, settings
        )
        found[name] = answer.analyses[0]
        notes += answer.notes
    own, z = found[monitoring.analysis], z_for_benefit(found[tested])
    if not math.isfinite(z):
        raise InputError("the data have no test statistic", where=f"{data}, {tested}")
    status = own.data.endpoint.status[own.data.category]
    return InData(
        z=z,
        estimate=own.result.estimate,
        standard_error=own.result.se,
        futility_z=None if judge is None else z_for_benefit(found[judge.analysis]),
        harm_z=None if harm is None else z_for_benefit(found[harm.analysis]),
        events=int((status == 1).sum()),
        patients=len(own.data),
        notes=tuple(dict.fromkeys(notes)),
    )


def _own_columns(columns: Columns, trial: Trial, endpoint: str) -> Columns:
    """The data without daily scores if they have the endpoint in columns of its own."""
    bare = without_daily_scores(columns)
    try:
        find_sources(bare, replace(Question(), endpoint=trial.endpoint(endpoint)))
    except InputError:
        return columns
    return bare


def z_for_benefit(one: DataAnalysis) -> float:
    """z of an analysis of data, positive where the active arm does better, against its margin if it has one; a t
    statistic is made the z of the same p value."""
    if one.margin_test is not None:
        return one.margin_test.margin_statistic
    result = one.result
    sign = get_method(result.method).benefit_sign(one.data.endpoint)
    if result.df is None:
        return sign * result.statistic
    z = NormalDist().inv_cdf(1.0 - 0.5 * max(result.p_value, LEAST_P))
    return math.copysign(z, sign * result.statistic)
