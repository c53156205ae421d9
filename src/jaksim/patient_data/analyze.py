"""The analyses of a user's own trial data: several methods on one data set."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from jaksim.analysis.longitudinal.markov_occupancy import StandardisedDays
from jaksim.analysis.longitudinal.methods.markov_proportional_odds import transitions_of
from jaksim.analysis.margin import check_hypothesis, spelled
from jaksim.analysis.method import Iterated, Method
from jaksim.analysis.newton import Fit
from jaksim.analysis.registry import METHOD_NAMES, get_method
from jaksim.analysis.result import AnalysisResult
from jaksim.analysis.single_table import analyse
from jaksim.checks import named
from jaksim.endpoint.kinds import kind_of
from jaksim.errors import InputError
from jaksim.patient_data.adam.recognised import recognised
from jaksim.patient_data.adjusted import adjusted_analysis, check_adjustable, check_repeated, check_weighted, has_robust
from jaksim.patient_data.curves import curve
from jaksim.patient_data.daily.markov_patients import markov_analysis
from jaksim.patient_data.from_data import TrialData, find_sources, read_trial
from jaksim.patient_data.landmark import Landmark, landmark
from jaksim.patient_data.margin_test import MarginTest, margin_test_of
from jaksim.patient_data.method_options import method_options
from jaksim.patient_data.question import Question, Source
from jaksim.patient_data.reading.columns import Columns
from jaksim.patient_data.reading.data_file import given_columns, read_columns
from jaksim.patient_data.reading.text_form import AS_IT_STANDS, TextForm
from jaksim.patient_data.rows.late_entry import check_late_entry
from jaksim.patient_data.strata_as_factor import check_factor, remark_on_factor
from jaksim.patient_data.why_not import (
    reason,
    remark_on_size,
    remark_on_strata,
    remarks,
    remarks_on_one_step,
    remarks_on_variance,
)
from jaksim.ratio import number_needed, ratio_of
from jaksim.result import Result

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class DataAnalysis:
    """One method on one endpoint.

    `why_not` says why there is no estimate, `fit` holds a model with covariates, `landmark` the day on which curves are
    compared, `planned` what a scenario planned of
    the analysis, by name.
    """

    result: AnalysisResult
    data: TrialData
    options: Mapping[str, Any]
    level: float
    why_not: str | None = None
    fit: Fit | None = None
    margin_test: MarginTest | None = None
    days: StandardisedDays | None = None
    """What a longitudinal model says of every day."""
    landmark: Landmark | None = None
    planned: Mapping[str, Any] = field(default_factory=dict)
    iterated: float | None = None
    """Where the iteration ends that the estimate is the first step of, for a method with such a one."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values by name; ratios on the log scale in `estimate`, `se` and `ci`."""
        method = get_method(self.result.method)
        sizes = np.bincount(self.data.arm, minlength=2)
        record = asdict(self.result)
        return {
            **self.planned,
            "endpoint": self.data.endpoint.name,
            **record,
            **_chi_squared(self.result),
            "statistic_is": "z" if self.result.df is None else "t",
            "ratio_name": method.ratio_name,
            **({} if self.iterated is None or method.iterated is None else _iterated(method.iterated, self.iterated)),
            "scale": method.scale,
            "null": method.null,
            "level": self.level,
            "reference": self.data.arms.reference,
            "active": self.data.arms.active,
            "n_reference": int(sizes[0]),
            "n_active": int(sizes[1]),
            "options": dict(self.options),
            **({"time_unit": self.data.time_unit} if kind_of(self.data.endpoint).timed else {}),
            "not_estimable": self.why_not,
            **({} if self.margin_test is None else asdict(self.margin_test)),
            **({} if self.fit is None else _fit_record(self.fit, method)),
            **({} if self.landmark is None else self.landmark.as_dict()),
            **({} if self.days is None else self.days.as_dict(transitions_of(self.data.endpoint))),
            **_number_needed(self.result, self.data.endpoint.kind, method),
        }


@dataclass(frozen=True, eq=False, repr=False)
class AnalyzedData(Result):
    """The answers of every method, the data sets behind them (one per endpoint) and remarks on these."""

    analyses: tuple[DataAnalysis, ...]
    data: tuple[TrialData, ...]
    notes: tuple[str, ...]
    source: str = "data"
    """Path of the file, where there is one."""
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def contents(self) -> dict[str, Any]:
        """What was found by name, with the data behind it."""
        return {
            "data": self.source,
            "results": [analysis.as_dict() for analysis in self.analyses],
            "endpoints": [describe(data) for data in self.data],
            "notes": list(self.notes),
            "provenance": dict(self.provenance),
            "level": self.analyses[0].level if self.analyses else 0.95,
        }

    def headline(self) -> str:
        """Patients and endpoints."""
        sizes = ", ".join(f"{len(data.arm)} patients, {data.endpoint.name}" for data in self.data)
        return f"analysis of data: {sizes}"

    def rows(self) -> list[dict[str, Any]]:
        """One row per analysis."""
        rows = []
        for analysis in self.analyses:
            row = analysis.as_dict()
            row["ci_low"], row["ci_high"] = row.pop("ci")
            row["ratio_low"], row["ratio_high"] = row.pop("ratio_ci") or (math.nan, math.nan)
            rows.append({key: value for key, value in row.items() if not isinstance(value, Mapping | list)})
        return rows

    def short_rows(self) -> list[dict[str, Any]]:
        """Method, estimate and p of each analysis."""
        return [
            {"method": row["method"], "estimate": row["estimate"], "se": row["se"], "p": row["p_value"]}
            for row in self.rows()
        ]

    def to_pandas(self) -> pd.DataFrame:
        """One row per analysis; `DataFrame.attrs` carries endpoints, notes and provenance."""
        frame = super().to_pandas()
        frame.attrs.update({key: value for key, value in self.contents().items() if key != "results"})
        return frame


def analyze(
    data: str | os.PathLike[str] | Mapping[str, Any] | Any,
    *,
    methods: Sequence[str],
    question: Question | None = None,
    options: Mapping[str, Any] | Iterable[str] = (),
    ties: str | None = None,
    seed: int | None = None,
    robust: bool = False,
    level: float = 0.95,
    hypothesis: str = "superiority",
    margin: float | None = None,
) -> AnalyzedData:
    """Every method on the patients of a file (CSV or Parquet), a data frame or a mapping of columns.

    `question` says how the data are to be read. `options` are texts `method.key=value` or `key=value`, or values by
    `method.key` or `key`; `ties` and `seed` go to every method that has the option. With `covariates` in the question,
    or `robust`, the models with covariates are fitted. With a `margin` (a ratio, a difference or a probability) each
    estimate is also tested against it, for the `hypothesis` superiority, non-inferiority or equivalence. Each method
    takes the first endpoint of the data that it applies to. Raises InputError for everything that cannot be read or
    asked; data that do not allow an estimate give NaN and a reason.
    """
    question = question or Question()
    columns = table_of(data)
    if not methods:
        raise InputError("no method is named", where="‹methods›", allowed=METHOD_NAMES)
    methods = tuple(dict.fromkeys(methods))
    chosen = [get_method(name) for name in methods]
    settings = method_options(methods, options, {"ties": ties})
    for method in chosen:
        if seed is not None and "seed" in method.keys:
            settings[method.name].setdefault("seed", seed)
    robust = robust or question.cluster is not None or question.weight is not None
    check_weighted(methods, question.weight, frequency=question.frequency)
    hypothesis = spelled(hypothesis)
    check_hypothesis(hypothesis, margin)
    check_adjustable(methods, question.covariates, robust=robust)
    question = replace(question, competing=question.competing or any(method.competing for method in chosen))
    question.check_days()
    question, recognition = recognised(columns, question.in_letters_of(columns))
    sources = find_sources(columns, question)
    trials: dict[Source, TrialData] = {}
    analyses = []
    for method in chosen:
        source = _source_for(method.name, method.kinds, sources)
        for name in question.covariates:
            if name in source.columns:
                raise InputError(
                    f"this column is the outcome, '{source.name}', and cannot be a covariate of it",
                    where="‹covariates›",
                    allowed="columns that are known before treatment",
                    got=name,
                )
        _check_roles(columns, question, source)
        if source not in trials:
            trials[source] = read_trial(columns, question, source)
        check_repeated(method.name, trials[source].repeated)
        if trials[source].entry is not None:
            check_late_entry(method.name, settings[method.name], question.covariates)
        check_factor(method.name, trials[source], of_patients=robust or bool(question.covariates))
        one = _analysis(method.name, trials[source], question, settings[method.name], robust, level)
        if margin is not None:
            adjusted = one.fit is not None or bool(question.covariates)
            margin_test = margin_test_of(one.result, one.data, one.options, hypothesis, margin, adjusted)
            one = replace(one, margin_test=margin_test)
        analyses.append(one)
    notes = dict.fromkeys((*recognition, *(note for trial in trials.values() for note in remarks(trial))))
    for one in analyses:
        notes.update(dict.fromkeys(remarks_on_one_step(one.result, one.iterated)))
        unmodelled = bool(question.covariates) and one.fit is None
        small = remark_on_size(one.data, get_method(one.result.method), one.options, unmodelled=unmodelled)
        if small is not None and one.why_not is None:
            notes[small] = None
        method = get_method(one.result.method)
        pooled = remark_on_strata(one.data, method, method.settings(one.options), modelled=one.fit is not None)
        if pooled is not None:
            notes[pooled] = None
        biased = remark_on_factor(one.result.method, one.data)
        if biased is not None:
            notes[biased] = None
        if one.fit is not None and one.fit.robust:
            notes.update(dict.fromkeys(remarks_on_variance(one.data, question.cluster)))
    return AnalyzedData(tuple(analyses), tuple(trials.values()), tuple(notes))


def _check_roles(columns: Columns, question: Question, source: Source) -> None:
    """InputError for a column that is read as two things."""
    arm, stratum = (("the arm", question.arm), ("the stratum", question.stratum_column(columns)))
    outcome = [("the outcome", name) for name in dict.fromkeys(source.columns)]
    if len(outcome) < len(source.columns):
        raise InputError(
            "this column is read as two parts of the outcome",
            where="‹time›, ‹status›",
            allowed="a column for each",
            got=source.columns[0],
        )
    taken: dict[str | None, str] = {}
    for what, name in (arm, stratum, *outcome):
        if name is not None and name in taken:
            both = f"this column is {taken[name]} and {what}"
            raise InputError(both, where=columns.at(name), allowed="a column for each")
        taken[name] = what


def describe(data: TrialData) -> dict[str, Any]:
    """An endpoint of a data set in plain values: definition, and for each arm its patients and what became of them."""
    endpoint = data.endpoint
    arms = []
    sizes = np.bincount(data.arm, minlength=2).tolist()
    for number, (name, size) in enumerate(zip((data.arms.reference, data.arms.active), sizes, strict=True)):
        arms.append({"arm": name, "n": size, **_arm_summary(data, number)})
    return {
        "name": endpoint.name,
        "kind": endpoint.kind,
        "definition": endpoint.definition,
        "better": endpoint.better,
        "n": len(data),
        "dropped": data.dropped,
        "missing": asdict(data.changed),
        **_times(data),
        "patients": None if data.repeated is None else len(set(data.columns.words(data.repeated).tolist())),
        "late_entries": 0 if data.entry is None else int((data.entry > 0.0).sum()),
        "reference": data.arms.reference,
        "active": data.arms.active,
        "reference_rule": data.arms.rule,
        "strata": dict(zip(data.strata, np.bincount(data.stratum, minlength=len(data.strata)).tolist(), strict=True)),
        "arms": arms,
    }


def _times(data: TrialData) -> dict[str, Any]:
    if not kind_of(data.endpoint).timed:
        return {}
    longest = float(data.endpoint.time[data.category].max())
    return {"time_unit": data.time_unit, "longest_time": longest}


def _arm_summary(data: TrialData, arm: int) -> dict[str, Any]:
    kind = kind_of(data.endpoint)
    found = kind.tally(data.endpoint, data.counts.by_arm[arm])
    if kind.timed:
        at_risk = data.at_risk
        found["median_time"] = curve(at_risk.by_arm[arm], at_risk.endpoint.time, at_risk.endpoint.status).median
    return found


def _analysis(
    name: str, data: TrialData, question: Question, options: Mapping[str, Any], robust: bool, level: float
) -> DataAnalysis:
    fit = days = None
    method = get_method(name)
    robust = has_robust(name, question.covariates) and (robust or options.get("variance") == "robust")
    if robust and method.robust:
        options = {**options, "variance": "robust"}
    if data.endpoint.kind == "longitudinal":
        result, fit, days = markov_analysis(data, options, cluster=question.cluster, level=level)
    elif question.covariates or robust:
        result, fit = adjusted_analysis(
            name, data, question.covariates, options, robust=robust, cluster=question.cluster, level=level
        )
    else:
        table, endpoint = data.at_risk.of_method(method, method.settings(options))
        method.check(endpoint)
        result = analyse(method, table, endpoint, options, level=level)
    why_not = None if math.isfinite(result.estimate) else reason(data, result)
    full = method.settings(options)
    at = landmark(method, data, full, level) if fit is None and why_not is None else None
    result = replace(result, n=round(result.n))
    end = None
    if method.iterated is not None:
        table, endpoint = data.at_risk.of_method(method, full)
        end = float(method.iterated.estimate(np.ascontiguousarray(table[np.newaxis]), endpoint, full)[0])
    return DataAnalysis(result, data, full, level, why_not, fit, days=days, landmark=at, iterated=end)


def _source_for(name: str, kinds: Sequence[str], sources: Sequence[Source]) -> Source:
    for kind in kinds:
        for source in sources:
            if source.kind == kind:
                return source
    offered = ", ".join(f"'{source.name}' ({source.kind})" for source in sources)
    raise InputError(
        f"the data have no endpoint of a kind that method {name} applies to",
        where=f"method {name}",
        allowed=f"kinds {', '.join(kinds)}; the data offer {offered}",
    )


def _iterated(iterated: Iterated, estimate: float) -> dict[str, Any]:
    return {"iterated_by": iterated.by, "iterated_estimate": estimate, "iterated_ratio": ratio_of(estimate)}


def _chi_squared(result: AnalysisResult) -> dict[str, float | None]:
    """The square of z and its degree of freedom, where the p value is that of a normal z; those of t."""
    if result.df is not None:
        return {"chi_squared": None, "df": result.df}
    usual = math.erfc(abs(result.statistic) / math.sqrt(2.0))
    if not math.isclose(result.p_value, usual, rel_tol=1e-9):
        return {"chi_squared": None, "df": None}
    return {"chi_squared": result.statistic**2, "df": 1}


def _number_needed(result: AnalysisResult, kind: str, method: Method) -> dict[str, Any]:
    """Of a difference of risks: patients for one event fewer, or more, on the active arm."""
    low, high = result.ci
    ordered = low <= result.estimate <= high and math.isfinite(low) and math.isfinite(high)
    if kind != "binary" or method.scale != "difference" or not ordered:
        return {}
    needed = number_needed(-result.estimate, (-high, -low))
    return {
        "number_needed": {
            "number": needed.number,
            "events": "fewer" if needed.of_benefit else "more",
            "interval": None if needed.interval is None else list(needed.interval),
            "fewer_from": needed.to_benefit,
            "more_from": needed.to_harm,
        }
    }


def _fit_record(fit: Fit, method: Method) -> dict[str, Any]:
    null, fitted = fit.log_likelihood
    no_ratio = {} if method.scale == "log_ratio" else {"ratio": None, "ratio_ci": None}
    return {
        "coefficients": [{**asdict(one), **no_ratio} for one in fit.coefficients],
        "log_likelihood": fitted,
        "likelihood_ratio": {"chi_squared": 2.0 * (fitted - null), "df": len(fit.coefficients)},
        "robust": fit.robust,
    }


def table_of(data: Any, form: TextForm = AS_IT_STANDS) -> Columns:
    """The columns of a file, a data frame or a mapping; columns that are read already as they are."""
    if isinstance(data, Columns):
        return data
    if isinstance(data, str | os.PathLike):
        return read_columns(named(data, "data"), form=form)
    return replace(given_columns(data), decimal=form.decimal)
