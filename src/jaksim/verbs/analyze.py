"""The verb `analyze`: the user's own trial data by named methods, or as a scenario plans it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from jaksim.analysis.registry import METHOD_NAMES
from jaksim.checks import known
from jaksim.design.sums.precision import check_seed
from jaksim.errors import InputError
from jaksim.patient_data.analyze import AnalyzedData, table_of
from jaksim.patient_data.analyze import analyze as analyze_columns
from jaksim.patient_data.coding.event_codes import given_codes
from jaksim.patient_data.coding.mapped import as_texts, mapped, replacements_of
from jaksim.patient_data.question import Question
from jaksim.patient_data.reading.columns import Columns
from jaksim.patient_data.reading.text_form import TextForm
from jaksim.patient_data.rows.chosen_rows import chosen_rows, conditions_of
from jaksim.scale import load_scale
from jaksim.scenario.registered import registered_in
from jaksim.verbs.options.analyze import AnalyzeOptions
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.recreate import recreate
from jaksim.version import __version__

if TYPE_CHECKING:
    from jaksim.scenario.scenario import Scenario


@takes(AnalyzeOptions)
def analyze(data: str | os.PathLike[str] | Mapping[str, Any] | Any, options: AnalyzeOptions) -> AnalyzedData:
    """The analyses of trial data: a CSV or Parquet file, a pandas or pyarrow table, or a mapping of columns.

    `method`, or `methods`, name the analyses; without them those that the `scenario` (a file or a loaded one) plans are
    done, each on its endpoint, arms and strata, at its margin. `arm` to `days`, `stratum`, `patient`, `covariates`,
    `cluster`, `entry` (time from which a patient was observed) and `frequency`
    (patients that a row stands for) and `weight` (in Cox models) are
    names of columns; `ignore` names those that change nothing of what a row means. `codes` are those of events, by
    meaning: event, censored or none, competing, `event_code` that of the event alone; `map` replaces values
    ("COLUMN:OLD=NEW", or a mapping by column), `where` keeps rows ("COLUMN=VALUE", also with other relations);
    `start_date` are dates from which times that are dates are counted, `date_order` "dmy" or "mdy"; `encoding`,
    `decimal` and `labels` tell of a text file what it does not tell itself;
    `time_unit` is minutes, hours, days, weeks, months or years.
    `endpoint` names one among the columns or in the scenario, or gives its keys.
    `missing` is "error", "drop" (leave the patient out) or, for daily scores, "carry_forward" or "censor" (a time to
    event, on the day before the first missing score). `options` are values by `method.key` or `key`. Raises InputError
    for whatever cannot be read or asked.
    """
    _check_used(options)
    planned = _loaded(options.scenario)
    if options.seed is not None:
        check_seed(options.seed)
    columns, notes = _read(data, options)

    def told(found: AnalyzedData) -> AnalyzedData:
        provenance = _provenance(columns, planned, named, _command(data, options))
        return replace(found, notes=(*notes, *found.notes), source=_source(data), provenance=provenance)

    named = [*([] if options.method is None else [options.method]), *options.methods]
    if not named and planned is None:
        raise InputError("no method is named", where="‹methods›", allowed=METHOD_NAMES)
    for name in named:
        known(name, METHOD_NAMES, "analysis method", "‹methods›")
    question = _question(options)
    settings: dict[str, Any] = {"seed": options.seed, "robust": options.robust, "level": options.level}
    if planned is not None:
        from jaksim.verbs.planned_analyses import in_scenario, planned_analyses

        question = in_scenario(question, planned.trial, columns)
        if not named:
            of_plan = {"‹options›": options.options, "‹ties›": options.ties, "‹margin›": options.margin}
            for name, value in of_plan.items():
                if value is not None and value != ():
                    raise InputError("the scenario gives this of its analyses", where=name, allowed="with ‹methods›")
            found = planned_analyses(columns, planned.trial, question, **settings)
            return told(found)
    asked = {name: getattr(options, name) for name in ("options", "ties", "hypothesis", "margin")}
    found = analyze_columns(columns, methods=named, question=question, **settings, **asked)
    if options.scale is not None and not question.daily and all(one.endpoint.kind != "ordinal" for one in found.data):
        raise InputError("no scores are analysed", where="‹scale›", allowed="with scores")
    return told(found)


def _check_used(options: AnalyzeOptions) -> None:
    """InputError for what another option leaves without a meaning."""
    if options.date_order is not None and options.start_date is None:
        raise InputError(
            "there are no dates to read", where="‹date_order›", allowed="with ‹start_date›", got=options.date_order
        )
    if options.stratum is not None and not options.stratified:
        raise InputError(
            "strata are named and left out",
            where="‹stratum›",
            allowed="‹stratum› or ‹unstratified›",
            got=options.stratum,
        )


def _question(options: AnalyzeOptions) -> Question:
    """How the data are to be read."""
    same = {field.name: getattr(options, field.name) for field in fields(Question) if hasattr(options, field.name)}
    scale = load_scale(options.scale) if isinstance(options.scale, str) else options.scale
    return Question(
        **{
            **same,
            "first_day": options.day_of_randomisation,
            "scale": scale,
            "covariates": tuple(options.covariates),
            "ignore": tuple(options.ignore),
            "codes": given_codes(options.codes, options.event_code),
            "chosen_by": tuple(condition.column for condition in conditions_of(options.where)),
        }
    )


def _read(data: Any, options: AnalyzeOptions) -> tuple[Columns, tuple[str, ...]]:
    """The columns with the rows and values that are asked for, and what was done to them in words."""
    columns = table_of(data, TextForm(options.encoding, options.decimal, options.labels))
    columns, left_out = chosen_rows(columns, conditions_of(options.where))
    columns, replaced = mapped(columns, replacements_of(options.map))
    return columns, (*([] if left_out is None else [left_out]), *replaced)


def _source(data: Any) -> str:
    return os.fspath(data) if isinstance(data, str | os.PathLike) else "data"


def _loaded(scenario: str | os.PathLike[str] | Scenario | None) -> Scenario | None:
    if scenario is None:
        return None
    from jaksim.scenario.scenario import Scenario, load_scenario

    return scenario if isinstance(scenario, Scenario) else load_scenario(scenario)


def _command(data: Any, options: AnalyzeOptions) -> str | None:
    """The command that does the same with a file; None for data and options that no command line can give."""
    if not isinstance(data, str | os.PathLike):
        return None
    named = () if options.method is None else (options.method,)
    given = replace(
        options,
        method=None,
        methods=(*named, *options.methods),
        map=as_texts(replacements_of(options.map)),
        where=tuple(map(str, conditions_of(options.where))),
    )
    return recreate("analyze", [os.fspath(data)], given)


def _provenance(
    columns: Columns, scenario: Scenario | None, methods: Sequence[str], command: str | None
) -> dict[str, Any]:
    """Version, hashes of the data, of the scenario and of what is not jaksim's own, and the command, as far as there
    are such."""
    found: dict[str, Any] = (
        {"version": __version__} if command is None else {"version": __version__, "command": command}
    )
    if columns.content_hash is not None:
        found["data_hash"] = columns.content_hash
    if scenario is not None:
        found["scenario_hash"] = scenario.hash
    registered = registered_in({"analysis": [{"method": name} for name in methods]})
    registered |= {} if scenario is None else scenario.registered
    return {**found, "registered": registered} if registered else found
