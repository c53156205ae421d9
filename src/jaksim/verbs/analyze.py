"""The verb `analyze`: the user's own trial data by named methods, or as a scenario plans it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jaksim.analysis.registry import METHOD_NAMES
from jaksim.errors import InputError
from jaksim.patient_data.analyze import AnalyzedData, table_of
from jaksim.patient_data.analyze import analyze as analyze_columns
from jaksim.patient_data.columns import Columns
from jaksim.patient_data.daily_data import MissingValues
from jaksim.patient_data.event_codes import given_codes
from jaksim.patient_data.question import Question
from jaksim.scale import OrdinalScale, load_scale
from jaksim.version import __version__

if TYPE_CHECKING:
    from jaksim.endpoint.endpoint import Endpoint
    from jaksim.scenario.scenario import Scenario


def analyze(
    data: str | os.PathLike[str] | Mapping[str, Any] | Any,
    *,
    method: str | None = None,
    methods: Sequence[str] = (),
    scenario: str | os.PathLike[str] | Scenario | None = None,
    endpoint: str | Mapping[str, Any] | Endpoint | None = None,
    scale: str | OrdinalScale | None = None,
    arm: str = "arm",
    time: str = "time",
    status: str = "status",
    score: str = "score",
    event: str = "event",
    days: str = "days",
    stratum: str | None = None,
    stratified: bool = True,
    patient: str = "patient",
    day_of_randomisation: int | None = None,
    reference: str | None = None,
    active: str | None = None,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    entry: str | None = None,
    frequency: str | None = None,
    ignore: Sequence[str] = (),
    codes: str | Mapping[str, Any] | None = None,
    robust: bool = False,
    better: str | None = None,
    missing: MissingValues = "error",
    options: Mapping[str, Any] | Iterable[str] = (),
    ties: str | None = None,
    seed: int | None = None,
    level: float = 0.95,
    hypothesis: str = "superiority",
    margin: float | None = None,
) -> AnalyzedData:
    """The analyses of trial data: a CSV or Parquet file, a pandas or pyarrow table, or a mapping of columns.

    `method`, or `methods`, name the analyses; without them those that the `scenario` (a file or a loaded one) plans are
    done, each on its endpoint, arms and strata, at its margin. `arm` to `days`, `stratum`, `patient`, `covariates`,
    `cluster`, `entry` (time from which a patient was observed) and `frequency` (patients that a row stands for) are
    names of columns; `ignore` names those that change nothing of what a row means. `codes` are those of events, by
    meaning: event, censored or none, competing. `endpoint` names one among the columns or in the scenario, or gives
    its keys.
    `missing` is "error", "drop" (leave the patient out) or, for daily scores, "carry_forward" or "censor" (a time to
    event, on the day before the first missing score). `options` are values by `method.key` or `key`. Every argument
    does what the option of that name does on the command line. Raises InputError for whatever cannot be read or asked.
    """
    planned = _loaded(scenario)
    columns = table_of(data)
    named = [*([] if method is None else [method]), *methods]
    if not named and planned is None:
        raise InputError("no method is named", where="--method", allowed=METHOD_NAMES)
    question = Question(
        arm=arm,
        time=time,
        status=status,
        score=score,
        event=event,
        days=days,
        stratum=stratum,
        stratified=stratified,
        patient=patient,
        first_day=day_of_randomisation,
        endpoint=endpoint,
        scale=load_scale(scale) if isinstance(scale, str) else scale,
        reference=reference,
        active=active,
        covariates=tuple(covariates),
        cluster=cluster,
        entry=entry,
        frequency=frequency,
        ignore=tuple(ignore),
        codes=given_codes(codes),
        better=better,
        missing=missing,
    )
    settings: dict[str, Any] = {"seed": seed, "robust": robust, "level": level}
    if planned is not None:
        from jaksim.verbs.planned_analyses import in_scenario, planned_analyses

        question = in_scenario(question, planned.trial)
        if not named:
            of_plan = {"--option": options, "--ties": ties, "--margin": margin}
            for option, value in of_plan.items():
                if value is not None and value != ():
                    raise InputError("the scenario gives this of its analyses", where=option, allowed="with --method")
            found = planned_analyses(columns, planned.trial, question, **settings)
            return replace(found, source=_source(data), provenance=_provenance(columns, planned))
    settings.update(options=options, ties=ties, hypothesis=hypothesis, margin=margin)
    found = analyze_columns(columns, methods=named, question=question, **settings)
    return replace(found, source=_source(data), provenance=_provenance(columns, planned))


def _source(data: Any) -> str:
    return os.fspath(data) if isinstance(data, str | os.PathLike) else "data"


def _loaded(scenario: str | os.PathLike[str] | Scenario | None) -> Scenario | None:
    if scenario is None:
        return None
    from jaksim.scenario.scenario import Scenario, load_scenario

    return scenario if isinstance(scenario, Scenario) else load_scenario(scenario)


def _provenance(columns: Columns, scenario: Scenario | None) -> dict[str, Any]:
    """Version, and the hashes of the file and of the scenario as far as there are such."""
    found: dict[str, Any] = {"version": __version__}
    if columns.content_hash is not None:
        found["data_hash"] = columns.content_hash
    if scenario is not None:
        found["scenario_hash"] = scenario.hash
    return found
