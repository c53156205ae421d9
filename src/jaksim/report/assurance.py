"""The report of an assurance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from jaksim.design.assurance import Assurance, AssuranceResult
from jaksim.report.blocks import Block
from jaksim.report.parts.assumptions import exactness_words, rests_on
from jaksim.report.parts.between_trials import between_trials_part
from jaksim.report.parts.layout import columns, heading, paragraph, recreated, title
from jaksim.report.parts.multiplicity import each_by_itself
from jaksim.report.parts.numbers import decimals, gain, percent, probability_with_error, whole
from jaksim.result import plain_values

MOST_DOUBTED: Final = 0.05
"""Share of draws."""


def assurance_report(result: AssuranceResult) -> Iterator[Block]:
    """Assurance per analysis, what it cannot pass, and the patients needed where they were asked for."""
    yield title(result.title)
    yield ""
    yield from assurance_part(result)
    if result.asked is not None:
        yield from each_by_itself(result.asked.trial)
    yield from rests_on(result.assumptions)
    yield ""
    yield paragraph(
        f"Seed {result.seed}; jaksim {result.provenance['version']}, "
        f"scenario {result.provenance['scenario_hash'][:12]}."
    )
    yield recreated(result.provenance["command"])


def assurance_part(result: AssuranceResult) -> Iterator[Block]:
    """The table of assurances with its definition."""
    yield heading("Assurance")
    n = result.n_in_scenario if result.n_patients is None else result.n_patients
    digits = decimals(one.mc_se for one in result.analyses)
    rows = [
        (
            analysis.analysis,
            probability_with_error(analysis.assurance, analysis.mc_se, digits) + (" ?" if _doubted(analysis) else ""),
            percent(analysis.limit),
            gain(analysis.variance_reduction),
        )
        for analysis in result.analyses
    ]
    yield columns(["Analysis", f"With {whole(n)} patients", "At most", "Gain"], rows, right=(1, 2, 3))
    for analysis in result.analyses:
        if _doubted(analysis):
            yield paragraph(
                f"? Do not rely on the assurance of {analysis.analysis}: in {whole(analysis.doubted)} of "
                f"{whole(analysis.draws)} draws the power is not known well, mostly because "
                f"{analysis.caution}."
            )
    if result.target is not None and result.n_patients is not None:
        yield paragraph(
            f"{whole(result.n_patients)} patients give an assurance of {percent(result.target)}; the scenario has "
            f"{whole(result.n_in_scenario)}."
        )
    yield paragraph(
        f"Assurance: large-sample power in favour of the active arm, averaged over {result.draws} draws of the "
        f"uncertain parameters. ± is its Monte Carlo standard error over draws. At most: the share of draws in which "
        "the truth favours the active arm, which no number of patients can pass. Gain: how many times more independent "
        "draws would be needed for the error of these, which are spread evenly. In a trial that may stop early, "
        "an analysis without boundaries counts as made with all patients."
    )
    exact = exactness_words(result.exactly_known, bool(result.between_trial_induced), certain=result.certain)
    if exact:
        yield paragraph(exact)
    yield from between_trials_part(plain_values(result))


def _doubted(one: Assurance) -> bool:
    """Whether enough draws are outside the range of the law to change the average."""
    return one.doubted > MOST_DOUBTED * one.draws
