"""The report of the analyses of a data set."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from jaksim.analysis.survival.iterated import near
from jaksim.patient_data.analyze import AnalyzedData
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import NO_BREAK, columns, definitions, heading, paragraph, title
from jaksim.report.parts.words import POINTS, method_words, ratio_words, unit_of_difference

MOST_STRATA = 8


def analysis_answer(found: AnalyzedData) -> Iterator[Block]:
    """The report of the answer of `analyze`."""
    yield from analysis_report(found.contents())


def analysis_report(document: Mapping[str, Any]) -> Iterator[Block]:
    """Data, results and what each estimate is, from the object that `jaksim analyze --json` prints."""
    yield title(f"Analysis of {document['data']}")
    yield ""
    yield heading("Data")
    for endpoint in document["endpoints"]:
        yield from _data(endpoint)
    yield ""
    yield heading("Results")
    by_t = any(result["statistic_is"] == "t" for result in document["results"])
    several = len({(result["reference"], result["active"]) for result in document["results"]}) > 1
    yield columns(
        ["Method", "Endpoint", "Estimate", f"{100 * document['level']:g} % interval", "z or t" if by_t else "z", "p"],
        [_row(result, several) for result in document["results"]],
        right=(4, 5),
    )
    at_a_day = [result for result in document["results"] if "by_arm" in result]
    if at_a_day:
        yield columns(
            [
                "Method",
                "Arm",
                "Day" if _in_days(at_a_day) else "Time",
                "Event by it",
                f"{100 * document['level']:g} % interval",
            ],
            [row for result in at_a_day for row in _by_arm(result)],
            right=(2, 3),
        )
    yield from _decisions([result for result in document["results"] if "analysis" in result])
    at_margins = [result for result in document["results"] if "margin" in result]
    if at_margins:
        yield columns(
            ["Method", "Hypothesis", "Margin", "z", "One-sided p"], map(_margin_row, at_margins), right=(2, 3, 4)
        )
    for result in document["results"]:
        if "coefficients" in result:
            yield from _coefficients(result)
        if "mean_days" in result:
            yield _days(result, document["level"])
        if "cut_points" in result:
            yield from _cut_points(result)
        if "number_needed" in result:
            yield paragraph(_number_needed(result))
    yield ""
    yield heading("What the estimates are")
    yield definitions(dict.fromkeys((_title(one["method"]), _definition(one)) for one in document["results"]))
    if document["notes"]:
        yield ""
        yield heading("Notes")
        for note in document["notes"]:
            yield paragraph(note)


def _number_needed(result: Mapping[str, Any]) -> str:
    needed = result["number_needed"]
    name = f"Number needed, {method_words(result['method'])} of {result['endpoint']}:"
    if math.isinf(needed["number"]):
        return f"{name} the risks do not differ."
    text = f"{name} {needed['number']:.0f} patients for one event {needed['events']}"
    if needed["interval"] is not None:
        return text + " ({:.0f} to {:.0f}).".format(*needed["interval"])
    ends = [
        f"{needed[key]:.0f} or more for one {words}"
        for key, words in (("fewer_from", "fewer"), ("more_from", "more"))
        if math.isfinite(needed[key])
    ]
    return f"{text} ({', '.join(ends)})."


def _in_days(results: Iterable[Mapping[str, Any]]) -> bool:
    return all(result["time_unit"] == "days" for result in results)


def _with_unit(time: float, unit: str | None) -> str:
    return f"{time:g}{NO_BREAK}{unit}" if unit else f"{time:g}"


def _data(endpoint: Mapping[str, Any]) -> Iterator[Block]:
    yield paragraph(f"{_first_upper(endpoint['name'])}: {endpoint['definition']}")
    if "time_unit" in endpoint:
        told = "" if endpoint["time_unit"] else "; their unit is not told"
        yield paragraph(f"Times run to {_with_unit(endpoint['longest_time'], endpoint['time_unit'])}{told}.")
    if endpoint.get("late_entries"):
        of = "patients" if endpoint.get("patients") is None else "rows"
        yield paragraph(f"{endpoint['late_entries']:,} {of} are observed from later than time 0.")
    if endpoint.get("patients") is not None:
        yield paragraph(f"{endpoint['n']:,} rows of {endpoint['patients']:,} patients.")
    strata = list(endpoint["strata"].items())
    if len(strata) > 1:
        listed = ", ".join(f"{name} ({n:,})" for name, n in strata[:MOST_STRATA])
        yield paragraph(f"{len(strata)} strata: {listed}{' ...' if len(strata) > MOST_STRATA else ''}.")
    roles = {endpoint["reference"]: f"reference ({endpoint['reference_rule']})", endpoint["active"]: "active"}
    yield columns(
        ["Arm", "Role", "Patients" if endpoint.get("patients") is None else "Rows", "What became of them"],
        [
            (arm["arm"], roles[arm["arm"]], f"{arm['n']:,}", _became(arm, endpoint.get("time_unit")))
            for arm in endpoint["arms"]
        ],
        right=(2,),
    )


def _became(arm: Mapping[str, Any], unit: str | None) -> str:
    parts = []
    if "counts" in arm:
        return ", ".join(f"{label}: {n:,}" for label, n in arm["counts"].items())
    if "events" in arm:
        parts.append(f"{arm['events']:,} event{'' if arm['events'] == 1 else 's'}")
    if arm.get("competing"):
        parts.append(f"{arm['competing']:,} competing")
    if "median_time" in arm:
        median = arm["median_time"]
        parts.append("median not reached" if median is None else f"median {_with_unit(median, unit)}")
    if "patient_days" in arm:
        parts.append(f"{arm['patient_days']:,} days, mean score {arm['mean_score']:.2f}")
    if "proportion" in arm:
        parts.append(f"{100 * arm['proportion']:.1f} %")
    if "mean" in arm:
        parts.append("no mean" if math.isnan(arm["mean"]) else f"mean {arm['mean']:.2f}")
        parts += [] if math.isnan(arm["sd"]) else [f"SD {arm['sd']:.2f}"]
    if "median" in arm:
        parts.append(f"median {arm['median']:g}")
    return ", ".join(parts)


def _row(result: Mapping[str, Any], with_arms: bool) -> tuple[str, ...]:
    name = method_words(result["method"])
    if with_arms:
        name += f", {result['active']} against {result['reference']}"
    if result.get("strata"):
        name += f", {', '.join(result['strata'])}"
    estimate, interval = _estimate(result)
    # An interval, z and p may be there where the estimate is infinite or missing.
    if result["not_estimable"] is not None:
        known = "not estimable" if math.isnan(result["estimate"]) else estimate
        estimate = f"{known}: {result['not_estimable']}"
    return (
        name,
        result["endpoint"],
        estimate,
        _interval(interval),
        _statistic(result),
        p_text(result["p_value"]),
    )


def estimate_sentence(result: Mapping[str, Any]) -> str:
    """Method, estimate, interval and p of an analysis in one line."""
    estimate, interval = _estimate(result)
    method = ", ".join([_title(result["method"]), *(result.get("strata") or [])])
    if result["not_estimable"] is not None and math.isnan(result["estimate"]):
        estimate = "not estimable"
    parts = [f"{method}: {estimate}"]
    if not all(map(math.isnan, interval)):
        parts.append(f"({100 * result['level']:g} % interval {_interval(interval)})")
    p = p_text(result["p_value"])
    return " ".join(parts) + ("" if p == "-" else f", p {p}" if p.startswith("<") else f", p = {p}")


def _statistic(result: Mapping[str, Any]) -> str:
    if math.isnan(result["statistic"]):
        return "-"
    return f"{'t ' if result['statistic_is'] == 't' else ''}{result['statistic']:.3f}"


def _estimate(result: Mapping[str, Any]) -> tuple[str, Sequence[float]]:
    """The estimate in words that fit its scale, and its interval in the same unit."""
    if result["ratio"] is not None:
        words = ratio_words(result["ratio_name"])
        return f"{words} {_number(result['ratio'])}{_iterated(result)}", result["ratio_ci"]
    value, interval = result["estimate"], result["ci"]
    if result["scale"] == "probability":
        return f"win probability {_number(value)}", interval
    unit = unit_of_difference(result["method"])
    if unit == POINTS:
        return f"{_number(100.0 * value)}{NO_BREAK}{POINTS}", [100.0 * limit for limit in interval]
    if unit == "days":
        return f"{_number(value)} {result['time_unit']}" if result["time_unit"] else f"time {_number(value)}", interval
    return f"{unit or 'difference'} {_number(value)}", interval


def _iterated(result: Mapping[str, Any]) -> str:
    """Where a one-step estimate is outside its range, the one that further steps lead to."""
    end = result.get("iterated_estimate")
    if end is None or near(result["estimate"], end):
        return ""
    return f" ({result['iterated_by']}: {_number(result['iterated_ratio'])})"


def _by_arm(result: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for arm in result["by_arm"]:
        limits = _interval([100.0 * limit for limit in arm["ci"]])
        probability = f"{_number(100.0 * arm['probability'])}{NO_BREAK}%"
        at = f"{result['day']:g}" if _in_days([result]) else _with_unit(result["day"], result["time_unit"])
        yield method_words(result["method"]), arm["arm"], at, probability, limits


def _margin_row(result: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        method_words(result["method"]),
        result["hypothesis"],
        f"{result['margin']:g}",
        "-" if math.isnan(result["margin_statistic"]) else f"{result['margin_statistic']:.3f}",
        p_text(result["margin_p_value"]),
    )


def _decisions(planned: list[Mapping[str, Any]]) -> Iterator[Block]:
    """What a scenario planned of its analyses, and whether each is significant at its level."""
    if planned:
        yield columns(
            ["Planned analysis", "Role", "Strata", "Level", "Significant"],
            [
                (
                    analysis["analysis"],
                    analysis["role"],
                    ", ".join(analysis["strata"]) or "all",
                    f"{analysis['alpha']:g}, {'two' if analysis['sides'] == 2 else 'one'}-sided",
                    "yes" if analysis["significant"] else "no",
                )
                for analysis in planned
            ],
        )


def _coefficients(result: Mapping[str, Any]) -> Iterator[Block]:
    if result["ratio_name"] is None:
        yield paragraph(f"Coefficients of the {method_words(result['method'])}, differences for one unit more:")
        yield _differences("Covariate", result["coefficients"])
        return
    yield paragraph(f"Coefficients of the {method_words(result['method'])}, ratios for one unit more:")
    yield _ratios("Covariate", result["coefficients"])


def _cut_points(result: Mapping[str, Any]) -> Iterator[Block]:
    yield paragraph("Log odds ratios at each cut-point, and the common one of proportional odds:")
    yield _ratios("Status", [*result["cut_points"], result["common"]])
    tests = result["proportionality"]
    if tests["df"]:
        found = ", ".join(
            f"{words} chi-squared {_number(tests[key])}, p {p_text(tests[f'{key}_p_value'])}"
            for key, words in (("score", "score"), ("likelihood_ratio", "likelihood ratio"))
        )
        yield paragraph(f"Proportionality, {tests['df']} degree{'s' * (tests['df'] > 1)} of freedom: {found}.")


def _ratios(title: str, rows: Iterable[Mapping[str, Any]]) -> Block:
    return columns(
        [title, "Coefficient", "SE", "Ratio", "Interval", "p"],
        [
            (
                row["name"],
                _number(row["estimate"]),
                _number(row["se"]),
                _number(row["ratio"]),
                _interval(row["ratio_ci"]),
                p_text(row["p_value"]),
            )
            for row in rows
        ],
        right=(1, 2, 3, 5),
    )


def _differences(title: str, rows: Iterable[Mapping[str, Any]]) -> Block:
    return columns(
        [title, "Coefficient", "SE", "Interval", "p"],
        [
            (
                row["name"],
                _number(row["estimate"]),
                _number(row["se"]),
                _interval(row["ci"]),
                p_text(row["p_value"]),
            )
            for row in rows
        ],
        right=(1, 2, 4),
    )


def _days(result: Mapping[str, Any], level: float) -> Block:
    days = result["mean_days"]
    low, high = days["ci"]
    scores = "score " + ", ".join(map(str, days["scores"]))
    return paragraph(
        f"Mean days in {scores}, standardised to all patients: {days['active']:.2f} with {result['active']}, "
        f"{days['reference']:.2f} with {result['reference']}, difference {days['difference']:.2f} "
        f"({100 * level:g} % interval {low:.2f} to {high:.2f})."
    )


def _definition(result: Mapping[str, Any]) -> str:
    estimand = result["estimand"]
    if result["scale"] == "log_ratio":
        estimand += ", shown as the ratio"
    chosen = {**result["options"]}
    if "day" in result:
        named = "tau" if "tau" in chosen else "day"
        chosen[named] = f"{result['day']:g}" if _in_days([result]) else _with_unit(result["day"], result["time_unit"])
        if not _in_days([result]):
            estimand = estimand.replace(" by a day", " by a time")
            chosen = {"time" if key == "day" else key: value for key, value in chosen.items()}
    if result["interval_df"] is not None:
        what = "test and interval" if result["statistic_is"] == "t" else "interval"
        estimand += f"; {what} by Student's t with {result['interval_df']:.1f} degrees of freedom"
    words = {True: "yes", False: "no"}
    options = ", ".join(
        f"{key} {words[value] if isinstance(value, bool) else value}"
        for key, value in chosen.items()
        if value is not None
    )
    arms = f"Active: {result['active']}, reference: {result['reference']}."
    return f"{_first_upper(estimand)}{f' ({options})' if options else ''}. {arms}"


def _title(method: str) -> str:
    return _first_upper(method_words(method))


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def p_text(p: float) -> str:
    """A p value with the digits that are read."""
    return "-" if p != p else "<0.0001" if p < 0.0001 else f"{p:.4f}"


def _interval(limits: Sequence[float]) -> str:
    return "-" if all(map(math.isnan, limits)) else " to ".join(map(_number, limits))


def _number(value: float) -> str:
    if math.isinf(value):
        return "infinity" if value > 0.0 else "-infinity"
    return "-" if math.isnan(value) else f"{value:.4g}"
