"""What a procedure for several hypotheses rejects."""

from __future__ import annotations

from collections.abc import Iterator

from jaksim.design.sums.multiple_counts import MultiplicityResult
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import NO_BREAK, columns, heading, paragraph
from jaksim.report.parts.numbers import decimals, probability_with_error
from jaksim.trial import Trial
from jaksim.trial.multiplicity.plan import PROCEDURES, procedure_words


def multiplicity_part(result: MultiplicityResult) -> Iterator[Block]:
    """Power of each analysis under the procedure, of one at least and of all, and the familywise error."""
    yield heading("Power with control of the familywise error")
    rows = [
        *((analysis.name, analysis) for analysis in result.analyses),
        ("at least one", result.any_rejection),
        ("all", result.all_rejections),
    ]
    digits = decimals(one.mc_se for _, one in rows)
    yield columns(
        ["Analysis", "Rejected"],
        [(name, probability_with_error(one.power, one.mc_se, digits)) for name, one in rows],
        right=(1,),
    )
    sides = "two-sided" if result.sides == 2 else "one-sided"
    yield paragraph(
        f"Rejected {procedure_words(result.procedure)} at a familywise {sides} {100.0 * result.alpha:g}{NO_BREAK}%; "
        "the powers above take each analysis by itself."
    )
    if result.familywise_error:
        yield paragraph("A true null hypothesis is rejected, where the arms named are no better than the reference:")
        digits = decimals(error.mc_se for error in result.familywise_error)
        yield columns(
            ["Configuration", "Familywise error"],
            [
                (error.name, probability_with_error(error.power, error.mc_se, digits))
                for error in result.familywise_error
            ],
            right=(1,),
        )


def each_by_itself(*trials: Trial) -> Iterator[Block]:
    """That an answer takes each analysis at its own level, where one of the trials it is about has a procedure."""
    procedures = dict.fromkeys(
        PROCEDURES[trial.multiplicity.procedure] for trial in trials if trial.multiplicity is not None
    )
    if procedures:
        left_out = " or ".join(procedures)
        yield paragraph(f"Each analysis is taken by itself, at its own level: [multiplicity] ({left_out}) is left out.")
