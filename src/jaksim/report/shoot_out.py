"""The report of an endpoint shoot-out."""

from __future__ import annotations

import math
from collections.abc import Iterator

from jaksim.design.shoot_out import ShootOut
from jaksim.design.sums.result import AnalysisResult
from jaksim.report.blocks import Block
from jaksim.report.parts.assumptions import rests_on
from jaksim.report.parts.layout import columns, definitions, heading, paragraph, recreated, title
from jaksim.report.parts.multiplicity import each_by_itself
from jaksim.report.parts.numbers import decimals, effect, missing, patients, percent, probability_with_error, whole
from jaksim.report.parts.twins import analytic, cautions
from jaksim.report.parts.words import method_words
from jaksim.trial import Trial

MOST_COLUMNS = 14


def shoot_out_answer(result: ShootOut) -> Iterator[Block]:
    """The report of the answer of `shoot_out`, with the scenario that was asked about."""
    yield from shoot_out_report(result, result.asked.trial)


def shoot_out_report(result: ShootOut, trial: Trial | None = None) -> Iterator[Block]:
    """Analyses sorted by power, how they go together with the scenario's own, the endpoints in words, provenance.

    `trial` is asked for what the comparison leaves out.
    """
    yield title(f"{result.title}: every endpoint, every analysis")
    yield ""
    sides = "two-sided" if result.sides == 2 else "one-sided"
    yield paragraph(
        f"{result.active} against {result.reference}, {whole(result.n_patients)} patients, {sides} level "
        f"{result.alpha:g}, all analyses on the same simulated patients. An asterisk marks an analysis that the "
        "scenario plans."
    )
    if trial is not None:
        yield from each_by_itself(trial)
    if trial is not None and trial.in_calendar_time:
        yield paragraph("Interim analyses and adaptations are left out: every patient planned is followed to the end.")
    if result.null:
        yield paragraph(f"Null hypothesis: every arm is given the regimen of {result.reference}.")
    yield ""
    yield heading("Type I error" if result.null else "Power")
    yield _table(result)
    yield from cautions(result.analyses)
    lost = [
        sentence
        for number, analysis in enumerate(result.analyses, start=1)
        for sentence in missing(analysis.not_estimable, analysis.not_tested, f"[{number}]")
    ]
    if lost:
        yield paragraph(" ".join(lost))
    yield ""
    yield heading("Together")
    yield from _together(result)
    yield ""
    yield heading("Endpoints")
    yield definitions(sorted(result.definitions.items()))
    yield from rests_on(result.assumptions)
    yield ""
    yield from _provenance(result)


def _power_label(result: ShootOut, place: int) -> str:
    first = result.same_as[place]
    same = "" if first is None else f" (the same test as [{first + 1}])"
    return f"{analysis_label(result, result.analyses[place])}{same}"


def analysis_label(result: ShootOut, one: AnalysisResult) -> str:
    """Endpoint and method in words, an asterisk behind what the scenario plans."""
    return f"{one.endpoint}, {method_words(one.method)}{' *' if one.name in result.planned else ''}"


def _table(result: ShootOut) -> Block:
    digits = decimals(one.mc_se for one in result.analyses)
    rows = [
        (
            f"[{number}]",
            _power_label(result, number - 1),
            effect(analysis),
            probability_with_error(analysis.power, analysis.mc_se, digits),
            percent(analysis.favourable),
            analytic(analysis),
            patients(analysis.n_for_power["90"]),
        )
        for number, analysis in enumerate(result.analyses, start=1)
    ]
    rejects = "Rejects" if result.null else "Power"
    headers = ["", "Endpoint and method", "Effect", rejects, "Active better", "Analytic", "n, 90 %"]
    return columns(headers, rows, right=(3, 4, 5, 6))


def _together(result: ShootOut) -> Iterator[Block]:
    yield paragraph(
        f"At least one of the {len(result.analyses)} analyses rejects in {percent(result.any_rejection)} of the "
        f"trials, all of them in {percent(result.all_reject)}."
    )
    lead = next((i for i, analysis in enumerate(result.analyses) if analysis.role == "primary"), 0)
    one = result.analyses[lead]
    yield paragraph(f"Against [{lead + 1}], {analysis_label(result, one)}:")
    rows = [
        (
            f"[{number + 1}]",
            analysis_label(result, other),
            _shown(result.correlation[lead][number], ".2f"),
            percent(result.joint[lead][number]),
            percent(result.disjunctive[lead][number]),
        )
        for number, other in enumerate(result.analyses)
        if number != lead
    ]
    yield columns(["", "Endpoint and method", "Correlation", "Both reject", "Either rejects"], rows, right=(2, 3, 4))
    yield ""
    shown = range(min(len(result.analyses), MOST_COLUMNS))
    rest = f", the first {MOST_COLUMNS} of {len(result.analyses)}" if len(shown) < len(result.analyses) else ""
    yield paragraph(f"Correlation of the test statistics, times 100{rest}:")
    yield columns(
        ["", *(f"[{j + 1}]" for j in shown)],
        [
            (f"[{i + 1}]", *(_shown(100.0 * result.correlation[i][j], ".0f") if j <= i else "" for j in shown))
            for i in shown
        ],
        right=range(len(shown) + 1),
    )


def _shown(correlation: float, digits: str) -> str:
    """A correlation; a dash where a statistic does not vary or there is none."""
    return "-" if math.isnan(correlation) else format(correlation, digits)


def _provenance(result: ShootOut) -> Iterator[Block]:
    origin = result.provenance
    sets = "".join(f", parameter set {name} {value[:12]}" for name, value in origin["parameter_sets"].items())
    yield paragraph(
        f"{whole(result.replicates)} replicates, seed {result.seed}, {result.engine} engine, "
        f"{result.elapsed_seconds:.1f} s; jaksim {origin['version']}, scenario {origin['scenario_hash'][:12]}{sets}. "
        "± is the Monte Carlo standard error; 'active better' the share of trials that reject in favour of the "
        "active arm; 'analytic' the power without simulation, from which n is computed, with a dash where no number is "
        "enough or its law is not to be relied on with so few patients."
    )
    yield recreated(origin["command"])
