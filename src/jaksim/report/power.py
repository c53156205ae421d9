"""The report of a power calculation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from jaksim.design.sums.precision import standard_error
from jaksim.design.sums.result import AnalysisResult, PowerResult
from jaksim.report.blocks import Block
from jaksim.report.parts.assumptions import assumptions_part
from jaksim.report.parts.characteristics import characteristics_part
from jaksim.report.parts.design import design_part
from jaksim.report.parts.gains import gains_part
from jaksim.report.parts.layout import columns, heading, paragraph, recreated, title
from jaksim.report.parts.multiplicity import multiplicity_part
from jaksim.report.parts.numbers import (
    APART,
    decimals,
    effect,
    missing,
    patients,
    probability_with_error,
    standard_errors,
    three_digits,
    whole,
)
from jaksim.report.parts.treatment_changes import treatment_changes_part
from jaksim.report.parts.twins import MARK, analytic, cautions, level_cautions
from jaksim.report.parts.words import hypothesis_words, method_words
from jaksim.trial import Assumption, Trial
from jaksim.trial.site_strata import WORDS as SITE_WORDS


def power_answer(result: PowerResult) -> Iterator[Block]:
    """The report of the answer of `power`, with the scenario that was asked about."""
    asked = result.asked
    yield from power_report(
        result,
        asked.trial,
        result.assumptions,
        description=asked.description,
        registry=asked.registry,
        sources=asked.sources,
    )


def power_report(
    result: PowerResult,
    trial: Trial,
    assumptions: Sequence[Assumption],
    *,
    description: str = "",
    registry: str = "",
    sources: Sequence[str] = (),
) -> Iterator[Block]:
    """Design in words, assumptions with their sources, expected values and effects, power, precision and provenance."""
    yield title(trial.title)
    yield ""
    yield from design_part(trial, description, registry, sources)
    yield ""
    yield from assumptions_part(assumptions)
    yield ""
    if result.null:
        margin = " Against a margin it is the power between arms that do not differ." if _margins(result) else ""
        yield paragraph(
            f"Null hypothesis: every arm is given the regimen of {trial.reference.name}, so whatever rejects is a "
            f"type I error.{margin}"
        )
        yield ""
    yield heading("Expected results")
    yield _expected(_at_true_effects(result))
    yield paragraph(_meaning_of_effects(result))
    yield ""
    yield from treatment_changes_part(result.treatment_changes)
    yield heading("Type I error" if result.null else "Power")
    yield _power(result)
    yield from cautions(result.analyses)
    yield from level_cautions(result.analyses, null=result.null)
    yield from _together(result)
    yield from _variance_reduction(result.analyses)
    yield ""
    yield from gains_part(result)
    if result.multiplicity is not None:
        yield from multiplicity_part(result.multiplicity)
        yield ""
    if result.characteristics is not None:
        yield from characteristics_part(result.characteristics)
        yield ""
    yield from _provenance(result)


def foreseen_part(found: Sequence[tuple[int, AnalysisResult]], *, null: bool) -> Iterator[Block]:
    """What is known without replicates, for those who wait for them: some of the analyses, with their numbers."""
    with_arms = not _one_pair([one for _, one in found])
    rows = [
        (
            f"[{number}]",
            _label(one, with_arms=with_arms),
            analytic(one),
            *(() if null else (patients(one.n_for_power["80"]), patients(one.n_for_power["90"]))),
        )
        for number, one in found
    ]
    yield heading("Type I error, before simulation" if null else "Power, before simulation")
    headers = ["", "Endpoint and method", "Analytic", "n, 80 %", "n, 90 %"]
    yield columns(headers[:3] if null else headers, rows, right=(2,) if null else (2, 3, 4))
    doubted = [f"[{number}]" for number, one in found if one.analytic_caution]
    if doubted:
        yield paragraph(f"{MARK} Do not rely on the analytic power of {', '.join(doubted)}; the report tells why.")
    yield ""


def _at_true_effects(result: PowerResult) -> Sequence[AnalysisResult]:
    """The analyses with their large-sample estimates where the mean of the finite estimates is a biased one: where
    the trial stops early, and where replicates have no finite estimate."""
    return [
        replace(analysis, mean_estimate=analysis.analytic_estimate)
        if _at_large(result, analysis) and math.isfinite(analysis.analytic_estimate)
        else analysis
        for analysis in result.analyses
    ]


def _at_large(result: PowerResult, analysis: AnalysisResult) -> bool:
    return result.characteristics is not None or analysis.not_estimable > 0


def _meaning_of_effects(result: PowerResult) -> str:
    if result.characteristics is not None:
        return "Effects are those of a very large trial; what a trial that may stop early estimates is below."
    large = [f"[{n}]" for n, one in enumerate(result.analyses, start=1) if _at_large(result, one)]
    if not large:
        return f"Effect: the mean of the estimates of {whole(result.replicates)} replicates."
    if len(large) == len(result.analyses):
        return "Effect: that in a very large trial, since replicates have no finite estimate."
    return (
        f"Effect: the mean of the replicates; for {', '.join(large)}, where some have no finite estimate, that in a "
        "very large trial."
    )


def _expected(analyses: Sequence[AnalysisResult]) -> Block:
    one_pair = _one_pair(analyses)
    rows = [
        (
            f"[{number}]",
            _label(analysis, with_arms=not one_pair),
            f"{analysis.reference_value.text}",
            f"{analysis.active_value.text}",
            effect(analysis),
        )
        for number, analysis in enumerate(analyses, start=1)
    ]
    arms = (analyses[0].reference, analyses[0].active) if one_pair else ("reference", "active")
    return columns(["", "Endpoint and method", *arms, "Effect"], rows)


def _power(result: PowerResult) -> Block:
    with_arms, digits = not _one_pair(result.analyses), decimals(one.mc_se for one in result.analyses)
    rows = [
        (
            f"[{number}]",
            _label(analysis, with_arms=with_arms),
            probability_with_error(analysis.power, analysis.mc_se, digits),
            analytic(analysis),
            standard_errors(analysis.z),
            patients(analysis.n_for_power["80"]),
            patients(analysis.n_for_power["90"]),
        )
        for number, analysis in enumerate(result.analyses, start=1)
    ]
    headers = [
        "",
        "Endpoint and method",
        "Rejects" if result.null else "Power",
        "Analytic",
        APART,
        "n, 80 %",
        "n, 90 %",
    ]
    if result.null:
        return columns(headers[:5], [row[:5] for row in rows], right=(2, 3, 4))
    return columns(headers, rows, right=(2, 3, 4, 5, 6))


def _together(result: PowerResult) -> Iterator[Block]:
    sentences = []
    if len(result.analyses) > 1:
        rejects = round(result.any_rejection * result.replicates)
        share = probability_with_error(result.any_rejection, standard_error(rejects, result.replicates))
        sentences.append(f"At least one of the {len(result.analyses)} analyses rejects in {share} of the trials.")
    for number, analysis in enumerate(result.analyses, start=1):
        sentences += missing(analysis.not_estimable, analysis.not_tested, f"[{number}]")
    if sentences:
        yield paragraph(" ".join(sentences))


def _variance_reduction(analyses: Sequence[AnalysisResult]) -> Iterator[Block]:
    gains = []
    for number, analysis in enumerate(analyses, start=1):
        found = analysis.variance_reduction
        if found is None:
            return
        if found.equivalent_replicates is None or math.isclose(found.factor, 1.0):
            gains.append(f"none for [{number}]")
        else:
            as_if = f"as if {three_digits(found.equivalent_replicates)} replicates"
            gains.append(f"[{number}] {found.factor:.1f} times smaller, {as_if}")
    yield paragraph(f"Control variates: Monte Carlo variance of {'; '.join(gains)}.")


def _provenance(result: PowerResult) -> Iterator[Block]:
    origin = result.provenance
    sets = "".join(f", parameter set {name} {value[:12]}" for name, value in origin["parameter_sets"].items())
    yield paragraph(
        f"{whole(result.n_patients)} patients, {whole(result.replicates)} replicates, seed {result.seed}, "
        f"{result.engine} engine, {result.elapsed_seconds:.1f} s; jaksim {origin['version']}, "
        f"scenario {origin['scenario_hash'][:12]}{sets}. ± is the Monte Carlo standard error, apart how many "
        "of these lie between simulation and the analytic power, n the patients needed for a power by the same law, "
        "with a dash where no number is enough or the law is not to be relied on with so few."
    )
    yield recreated(origin["command"])


def _margins(result: PowerResult) -> bool:
    return any(analysis.margin is not None for analysis in result.analyses)


def _one_pair(analyses: Sequence[AnalysisResult]) -> bool:
    return len({(analysis.reference, analysis.active) for analysis in analyses}) == 1


def _label(one: AnalysisResult, *, with_arms: bool) -> str:
    words = [*one.strata, *([SITE_WORDS[one.sites]] if SITE_WORDS[one.sites] else [])]
    words += [f"adjusted for {one.adjusts}"] if one.adjusts else []
    strata = f" ({', '.join(words)})" if words else ""
    hypothesis = hypothesis_words(one.hypothesis, one.margin)
    arms = f", {one.active} against {one.reference}" if with_arms else ""
    return f"{one.endpoint}, {method_words(one.method)}{hypothesis}{strata}{arms}"
