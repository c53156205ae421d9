"""The report of the forecast of a running trial: what has happened, what is believed, what is to come."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from jaksim.report.blocks import Block
from jaksim.report.parts.assumptions import assumptions_part
from jaksim.report.parts.layout import NO_BREAK, columns, definitions, heading, paragraph, recreated, title
from jaksim.report.parts.monitoring import planned_triggers
from jaksim.report.parts.numbers import percent, probability_with_error, whole
from jaksim.report.parts.words import method_words
from jaksim.trial import Trial
from jaksim.verbs.forecast_result import AHEAD, Expected, ForecastResult, FutureAnalysis

_LEVELS: Final = ("50", "80", "95")
_COUNTS: Final = ("events_at_cut", "complete_at_cut", "enrolled_at_cut", "overrun")


def forecast_report(found: ForecastResult) -> Iterator[Block]:
    """So far, sites, screening, enrolment, analyses, power, notes, assumptions and provenance."""
    trial: Trial = found.asked.trial
    yield title(found.title)
    yield ""
    yield heading(f"So far, by the end of {_day(found.on, found.on_date)}")
    yield definitions(_so_far(found))
    yield ""
    yield heading("Sites")
    yield from _sites(found)
    if len(found.screening) > 1:
        yield ""
        yield heading("Screening")
        yield from _screening(found)
    yield ""
    yield heading("Enrolment to come")
    yield from _enrolment(found)
    yield ""
    yield heading("Analyses to come" if len(found.so_far.analyses) else "Analyses")
    yield from _analyses(found, trial)
    yield from _power(found)
    if found.notes:
        yield ""
        yield heading("To know of this log")
        for note in found.notes:
            yield paragraph(note)
    yield ""
    yield from assumptions_part(found.assumptions)
    yield ""
    yield from _provenance(found)


def _day(day: int, date: str) -> str:
    return f"day {day}" + (f" ({date})" if date else "")


def _so_far(found: ForecastResult) -> Iterator[tuple[str, str]]:
    one = found.so_far
    yield "Sites", f"{whole(one.sites_open)} of {whole(one.sites)} open"
    yield "Screened", f"{whole(one.screened)}: {whole(one.failed)} failed, {whole(one.in_screening)} in screening"
    died = f", {whole(one.died)} of them dead" if one.died else ""
    yield "Randomised", f"{whole(one.randomised)} of {whole(found.n_patients)}{died}"
    yield "Scores", f"of {whole(one.with_scores)} patients" if one.with_scores else "none in the log"
    yield "Arms", "known" if one.arms_known else "not in the log: blinded"
    if one.analyses:
        yield "Analyses", f"{len(one.analyses)} made, data cut on {', '.join(f'day {day}' for day in one.analyses)}"


def _sites(found: ForecastResult) -> Iterator[Block]:
    rows = [
        (
            one.name, f"{one.open} of {one.sites}", whole(one.screened), f"{one.expected:.1f}",
            _chance(min(one.as_few, one.as_many)), whole(one.randomised), f"{one.rate_factor:.2f}",
        )
        for one in found.groups
    ]  # fmt: skip
    headers = ["", "Open", "Screened", "Planned", "Chance", "Randomised", "Rate now"]
    yield columns(headers, rows, right=range(1, 7))
    unsure = (
        f" The planned rates of a group share a factor with a coefficient of variation of {found.rate_cv:g}."
        if found.rate_cv
        else ""
    )
    yield paragraph(
        "Planned: patients expected to be screened at the planned rates by sites open for as long. Chance: of so few, "
        "or so many, by the plan. Rate now: mean over the sites of the rate that is now believed, in parts of the "
        f"planned one; sites not open have the planned one, sites of equal rates keep it.{unsure}"
    )


def _chance(value: float) -> str:
    return "-" if math.isnan(value) else percent(value) if value >= 0.001 else f"{100.0 * value:.1g}{NO_BREAK}%"


def _screening(found: ForecastResult) -> Iterator[Block]:
    rows = [(one.outcome, percent(one.planned), f"{one.counted:.1f}", percent(one.now)) for one in found.screening]
    yield columns(["First screening", "Planned", "Counted", "Now"], rows, right=(1, 2, 3))
    yield paragraph(
        f"The planned shares weigh as much as {found.screening_weight:g} patients (Dirichlet). Patients in screening "
        "count with their chances; delays are as planned, given how long it has been."
    )


def _enrolment(found: ForecastResult) -> Iterator[Block]:
    shown = [one for one in found.numbers.values() if one.section == "enrolment"]
    days = [one for one in shown if one.unit == "day"]
    yield columns(["Day", "Median", "50 %", "80 %", "95 %"], [_row(one) for one in days], right=range(1, 5))
    counts = [one for one in shown if one.unit != "day"]
    if counts:
        rows = [_row(one) for one in counts]
        yield columns(["Patients", "Median", "50 %", "80 %", "95 %"], rows, right=range(1, 5))
    sentences = [one.definition for one in shown]
    never = found.replicates - found.numbers["full_day"].n
    if never:
        sentences.append(f"{whole(never)} of {whole(found.replicates)} continuations are never full.")
    if found.full_by is not None:
        one = found.full_by
        chance = probability_with_error(one.share, one.mc_se)
        sentences.append(f"Full by the end of {_day(one.day, one.date)}: {chance}.")
    yield paragraph(" ".join(sentences))


def _row(one: Expected) -> tuple[str, ...]:
    name = f"{AHEAD[one.kind].words} {one.part}".strip()
    median = _number(one.median)
    if "median" in one.dates:
        median = f"{one.dates['median']} ({median})"
    return (name, median, *(_band(one, level) for level in _LEVELS))


def _band(one: Expected, level: str) -> str:
    low, high = one.bands[level]
    return f"{_number(low)} to {_number(high)}" if math.isfinite(low) else "-"


def _number(value: float) -> str:
    return f"{value:,.0f}" if math.isfinite(value) else "never"


def _analyses(found: ForecastResult, trial: Trial) -> Iterator[Block]:
    when = planned_triggers(trial, len(found.analyses))
    made = len(found.so_far.analyses)
    rows: list[tuple[str, ...]] = []
    counts: list[tuple[str, ...]] = []
    for (number, one), trigger in zip(found.analyses.items(), when, strict=True):
        if number <= made:
            rows.append((str(number), trigger, f"day {one['analysis_day'].median:.0f}, made", "", "", ""))
            continue
        rows.append((str(number), trigger, *_row(one["analysis_day"])[1:]))
        counts += [
            (f"{number}: {AHEAD[kind].words}", *_row(one[kind])[1:])
            for kind in _COUNTS
            if kind in one and (kind != "overrun" or number < len(when))
        ]
    yield columns(["", "When", "Data cut", "50 %", "80 %", "95 %"], rows, right=range(2, 6))
    yield columns(["At the data cut", "Median", "50 %", "80 %", "95 %"], counts, right=range(1, 5))
    yield paragraph(
        "Days and numbers unless the trial is stopped before. Events and complete outcomes are those in the data, of "
        "the endpoint that the analyses are about; the overrun are patients randomised from the day after a data cut "
        "to that of the decision. An analysis that is not in the log has not been made."
    )


def _power(found: ForecastResult) -> Iterator[Block]:
    if not found.power:
        return
    yield ""
    yield heading("Conditional and predictive power" if found.draws else "Conditional power")
    rows = [
        (
            one.endpoint,
            method_words(one.method),
            one.role,
            probability_with_error(one.conditional_power, one.conditional_mc_se),
            *_predictive(one),
        )
        for one in found.power
    ]
    headers = ["Endpoint", "Method", "", "Conditional", *(["Predictive", "Draws"] if found.draws else [])]
    yield columns(headers, rows, right=range(3, len(headers)))
    if len(found.ends) > 1:
        ends = [(str(one.analysis), percent(one.efficacy), percent(one.futility), percent(one.harm), percent(one.end))
                for one in found.ends if one.analysis > len(found.so_far.analyses)]  # fmt: skip
        yield columns(["Ends at", "Efficacy", "Futility", "Harm", "Planned end"], ends, right=range(1, 5))
    yield paragraph(
        "Chance of rejecting in favour of the active arm by the end of the trial, given the data so far and, for what "
        f"is to come, the planned effects{_averaged(found)}. The analyses made so far are taken not to have stopped "
        "the trial."
    )


def _predictive(one: FutureAnalysis) -> tuple[str, ...]:
    if one.predictive is None:
        return ()
    if not math.isfinite(one.predictive.power):
        return "-", "-"
    power = probability_with_error(one.predictive.power, one.predictive.mc_se)
    return power, f"{one.predictive.effective_draws:.0f}"


def _averaged(found: ForecastResult) -> str:
    if not found.draws:
        return ""
    return (
        f" (conditional), or {found.draws} draws of what is not known of disease and effects, weighed by how well they "
        "agree with the estimate so far (predictive; draws: as many of equal weight)"
    )


def _provenance(found: ForecastResult) -> Iterator[Block]:
    origin = found.provenance
    yield paragraph(
        f"{whole(found.replicates)} replicates, seed {found.seed}, {found.elapsed_seconds:.1f} s; jaksim "
        f"{origin['version']}, scenario {origin['scenario_hash'][:12]}, log {origin['data_hash'][:12]}. Bands hold the "
        "central 50, 80 and 95 % of the continuations. Days count from day 0, the first of the trial."
    )
    yield recreated(origin["command"])
