"""From the sums on disk to one row of results for each point and analysis."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

from jaksim.design.planned_result import with_control, with_sums
from jaksim.design.sums.characteristics import Sums, Truth
from jaksim.design.sums.precision import standard_error
from jaksim.design.sums.result import AnalysisResult, ArmValue
from jaksim.design.sums.summary import Summary
from jaksim.design.sweep.part import Row, add_design, summary_of
from jaksim.design.sweep.store import CHARACTERISTICS, RESULTS, SweepStore

KINDS: Final = {
    "point": "int32",
    "analysis": "string",
    "endpoint": "string",
    "method": "string",
    "role": "string",
    "active": "string",
    "reference": "string",
    "alpha": "float64",
    "sides": "int32",
    "engine": "string",
    "n_patients": "int64",
    "replicates": "int64",
    "power": "float64",
    "mc_se": "float64",
    "plain_power": "float64",
    "variance_reduction": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "favourable": "float64",
    "mean_estimate": "float64",
    "mean_estimate_mc_se": "float64",
    "sd_estimate": "float64",
    "mean_standard_error": "float64",
    "ratio": "float64",
    "not_estimable": "int64",
    "not_tested": "int64",
    "analytic_power": "float64",
    "analytic_estimate": "float64",
    "analytic_caution": "string",
    "z": "float64",
    "reference_value": "float64",
    "active_value": "float64",
    "n_for_power_80": "int64",
    "n_for_power_90": "int64",
    "any_rejection": "float64",
    "adjusted_power": "float64",
    "adjusted_power_mc_se": "float64",
    "mean_patients": "float64",
    "mean_patients_mc_se": "float64",
    "mean_duration": "float64",
    "mean_duration_mc_se": "float64",
}
"""Columns of the table of results; those of the varied keys stand after the point."""
NUMBER: Final = ("what", "of", "value", "mc_se", "exact")
"""Columns of the table of characteristics after the point."""


@dataclass(slots=True)
class _Total:
    """The sums of one point; `known` of each analysis stays text until it is needed, since there may be many."""

    summary: Summary
    known: list[str] = field(default_factory=list)
    design: Sums | None = None


def write_results(store: SweepStore) -> None:
    """Write the tables of a sweep whose shards are all on disk."""
    keys, totals = store.plan.design.keys, _totals(store)
    table: dict[str, list[Any]] = {name: [] for name in ("point", *keys, *KINDS)}
    characteristics: dict[str, list[Any]] = {"point": [], **{name: [] for name in NUMBER}}
    for point in sorted(totals):
        total = totals.pop(point)
        known = [json.loads(text) for text in total.known]
        for row in _result_rows(store, point, total, known):
            for name, column in table.items():
                column.append(_number(row.get(name)))
        if total.design is not None:
            _add_characteristics(characteristics, point, total.design, known[0]["trial"]["truth"]["analytic"])
    kinds = KINDS | {key: column_kind(table[key]) for key in keys}
    if characteristics["point"]:
        types = {"point": "int32", "what": "string", "of": "string"} | dict.fromkeys(NUMBER[2:], "float64")
        store.write_table(CHARACTERISTICS, characteristics, types)
    store.write_table(RESULTS, table | {key: column_values(table[key]) for key in keys}, kinds)


def _totals(store: SweepStore) -> dict[int, _Total]:
    totals: dict[int, _Total] = {}
    files = store.files()
    for shard in store.plan.shards():
        rows = store.read(shard.name, files[shard.name])
        for (point, _), block in groupby(rows, key=lambda row: (row["point"], row["first"])):
            _add(totals, point, list(block))
    return totals


def _add(totals: dict[int, _Total], point: int, rows: list[Row]) -> None:
    found = summary_of(rows)
    if point not in totals:
        totals[point] = _Total(Summary.empty(len(rows)))
    total = totals[point]
    total.summary.add(found)
    if rows[0]["known"]:
        total.known = [row["known"] for row in rows]
        truth = json.loads(total.known[0])["trial"].get("truth")
        if truth is not None:
            estimates = tuple(math.nan if value is None else value for value in truth["estimates"])
            world = Truth(tuple(truth["hypotheses"]), tuple(truth["arms"]), estimates, None, None)
            total.design = Sums(world, truth["looks"])
    # The first block of a point comes first in the first stage, so that its design is known from there on.
    if total.design is not None:
        add_design(total.design, rows)


def _result_rows(store: SweepStore, point: int, total: _Total, known: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    n, trial = total.summary.replicates, known[0]["trial"]
    hypotheses = trial.get("hypotheses", [])
    design = _design_columns(total.design)
    for position, (entry, tally) in enumerate(zip(known, total.summary.tallies, strict=True)):
        result = with_sums(_analysis(entry), tally, n)
        if total.summary.controlled:
            result = with_control(result, total.summary.controlled[position])
        gained = result.variance_reduction
        row: Row = {
            **store.plan.design.values(point),
            **vars(result),
            **design,
            "point": point,
            "analysis": result.name,
            "engine": trial["engine"],
            "plain_power": result.power if gained is None else gained.plain_power,
            "variance_reduction": None if gained is None else gained.factor,
            "replicates": n,
            "ci_low": result.ci[0],
            "ci_high": result.ci[1],
            "ratio": result.ratio,
            "reference_value": result.reference_value.value,
            "active_value": result.active_value.value,
            "n_for_power_80": result.n_for_power["80"],
            "n_for_power_90": result.n_for_power["90"],
            "any_rejection": total.summary.any_rejection / n,
        }
        if total.summary.multiple is not None and position in hypotheses:
            count = total.summary.multiple.rejections[hypotheses.index(position)]
            row |= {"adjusted_power": count / n, "adjusted_power_mc_se": standard_error(count, n)}
        yield row


def _analysis(entry: Mapping[str, Any]) -> AnalysisResult:
    """The analysis as far as it is known without replicates."""
    values = {name: value for name, value in entry.items() if name != "trial"}
    for name in ("analytic_power", "analytic_estimate"):
        values[name] = math.nan if values[name] is None else values[name]
    for name in ("reference_value", "active_value"):
        values[name] = ArmValue(**values[name])
    return AnalysisResult(**{**values, "strata": tuple(values["strata"])})


def _design_columns(design: Sums | None) -> Row:
    if design is None:
        return {}
    patients, duration = design.moments[("patients",)], design.moments[("duration",)]
    return {
        "mean_patients": patients.mean,
        "mean_patients_mc_se": patients.standard_error,
        "mean_duration": duration.mean,
        "mean_duration_mc_se": duration.standard_error,
    }


def _add_characteristics(
    columns: Mapping[str, list[Any]], point: int, design: Sums, exact: Sequence[Mapping[str, float]]
) -> None:
    """Add one row for each number that a design reports."""
    for row in design.characteristics(tuple(exact)).rows():
        columns["point"].append(point)
        for name, value in zip(NUMBER, row, strict=True):
            columns[name].append(_number(value))


def _number(value: Any) -> Any:
    """A missing value in place of a number that does not exist."""
    return None if isinstance(value, float) and math.isnan(value) else value


def column_values(values: Sequence[Any]) -> list[Any]:
    """Values of one varied key as one type: numbers, truth values or text, JSON for what is none of these."""
    if column_kind(values) != "string":
        return list(values)
    return [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values]


def column_kind(values: Sequence[Any]) -> str:
    """The type of the values of one varied key."""
    types = {type(value) for value in values}
    if types == {bool}:
        return "bool"
    if types == {int} and all(-(2**63) <= value < 2**63 for value in values):
        return "int64"
    return "float64" if types <= {int, float} else "string"
