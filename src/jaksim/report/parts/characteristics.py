"""The operating characteristics of a design: how its trials end, what they cost, what their estimates are worth."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from jaksim.design.sums.characteristics import (
    Characteristics,
    EstimateCharacteristics,
    HypothesisCharacteristics,
    LookCharacteristics,
    Quantity,
)
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import columns, heading, paragraph
from jaksim.report.parts.numbers import APART, decimals, percent, probability_with_error, standard_errors

# Sums in fixed point leave a number that never varies this much of an error.
NO_ERROR: Final = 1e-7
MISS: Final = 0.05
MISS_ERRORS: Final = 3.0
REASONS = {"efficacy": "efficacy", "futility": "futility", "harm": "harm", "end": "end of the trial"}


def characteristics_part(found: Characteristics) -> Iterator[Block]:
    """How often the trial ends at each analysis and why, its size and duration, and the bias of the estimate."""
    yield heading("Operating characteristics")
    yield _endings(found)
    yield ""
    yield _sizes(found)
    yield ""
    yield _estimates(found.hypotheses)
    if len(found.hypotheses) > 1:
        share = probability_with_error(found.any_rejection.share, found.any_rejection.mc_se)
        yield paragraph(f"At least one of the {len(found.hypotheses)} hypotheses is rejected in {share} of the trials.")
    yield paragraph(_notes(found))


def _endings(found: Characteristics) -> Block:
    rows = []
    digits = decimals(share.mc_se for look in found.looks for share in look.stopped.values() if share.share > 0.0)
    integrated = any(look.analytic for look in found.looks)
    for number, look in enumerate(found.looks, start=1):
        for reason, share in look.stopped.items():
            exact = look.analytic.get(reason)
            if share.share == 0.0 and not exact:
                continue
            row = [str(number), f"{look.information:.3f}" if math.isfinite(look.information) else "-"]
            row += [REASONS[reason], probability_with_error(share.share, share.mc_se, digits)]
            if integrated:
                row += ["-", "-"] if exact is None else [percent(exact, 2), standard_errors(look.z[reason])]
            rows.append(row)
    headers = ["Analysis", "Information", "Trial ends for", "Simulated"]
    return columns([*headers, "Integrated", APART] if integrated else headers, rows, right=(0, 1, 3, 4, 5))


def _sizes(found: Characteristics) -> Block:
    rows = [("patients", found.patients)]
    rows += [(f"patients, {arm}", quantity) for arm, quantity in found.patients_by_arm.items()]
    if found.inferior_arm is not None:
        rows.append(("patients on an inferior arm", found.inferior_arm))
    rows.append(("days to the decision", found.duration))
    rows += [(name, quantity) for name, quantity in found.extras.items()]
    if found.deaths is not None:
        rows.append(("expected deaths of all randomised", found.deaths))
    table = [(name, with_error(quantity), _number(quantity.sd, quantity.mc_se)) for name, quantity in rows]
    return columns(["Per trial", "Mean", "SD"], table, right=(1, 2))


def _estimates(hypotheses: tuple[HypothesisCharacteristics, ...]) -> Block:
    rows: list[tuple[str, ...]] = []
    for hypothesis in hypotheses:
        for number, (kind, found) in enumerate(
            {"as if analysed once": _naive(hypothesis), **hypothesis.estimates}.items()
        ):
            rows.append(
                (
                    "" if number else hypothesis.name,
                    "" if number else _number(hypothesis.truth, hypothesis.bias_mc_se),
                    kind,
                    with_error(Quantity(found.bias, found.bias_mc_se, math.nan)),
                    f"{math.sqrt(found.mean_squared_error):.3g}" if math.isfinite(found.mean_squared_error) else "-",
                    "-" if found.above is None else percent(found.above.share),
                    "-" if found.coverage is None else percent(found.coverage.share),
                )
            )
    headers = ["Hypothesis", "True", "Estimate", "Bias", "RMSE", "Above", "Coverage"]
    return columns(headers, rows, right=(1, 3, 4, 5, 6))


def _naive(one: HypothesisCharacteristics) -> EstimateCharacteristics:
    return EstimateCharacteristics(
        one.mean_estimate,
        one.bias,
        one.bias_mc_se,
        one.mean_squared_error,
        one.coverage,
        one.above,
        one.mean_squared_error_mc_se,
    )


def _notes(found: Characteristics) -> str:
    sentences = [
        "± is the Monte Carlo standard error.",
        "True is what a very large trial with complete follow-up estimates.",
        "RMSE is the root mean squared error of an estimate, above the share of trials in which it is above the true "
        "value, coverage that in which its interval holds it.",
        *(
            f"{hypothesis.name}: {hypothesis.not_estimable:,} replicates without a finite estimate are left out of "
            "bias and RMSE."
            for hypothesis in found.hypotheses
            if hypothesis.not_estimable
        ),
        *_errors(found.hypotheses),
        "Estimates are on the scale of the method, logarithms for ratios.",
    ]
    if any(look.analytic for look in found.looks):
        sentences.insert(
            0,
            "Integrated: probability by numerical integration at the information that is planned (expected, for times "
            "to an event), apart how many Monte Carlo standard errors lie between it and the simulated one.",
        )
        if any(_missed(look, reason) for look in found.looks for reason in look.analytic):
            sentences.insert(
                1, "Where they are far apart, the integration is outside its range: rely on the simulation."
            )
    if any("median-unbiased" in hypothesis.estimates for hypothesis in found.hypotheses):
        sentences.append(
            "The median-unbiased one allows for the rules that the bounds count on, not for other stopping."
        )
    if found.deaths is not None:
        sentences.append("Expected deaths follow from the patients of each arm; chance adds to their SD.")
    return " ".join(sentences)


def _missed(look: LookCharacteristics, reason: str) -> bool:
    """Whether a probability by integration is further from the simulated one than chance and a good law allow."""
    apart = abs(look.analytic[reason] - look.stopped[reason].share)
    return apart > MISS and not abs(look.z[reason]) <= MISS_ERRORS


def _errors(hypotheses: tuple[HypothesisCharacteristics, ...]) -> Iterator[str]:
    """The largest Monte Carlo errors of what the table gives without one."""
    estimates = [
        estimate for hypothesis in hypotheses for estimate in (_naive(hypothesis), *hypothesis.estimates.values())
    ]
    roots = [
        estimate.mean_squared_error_mc_se / (2.0 * math.sqrt(estimate.mean_squared_error))
        for estimate in estimates
        if estimate.mean_squared_error > 0.0 and math.isfinite(estimate.mean_squared_error_mc_se)
    ]
    shares = [
        100.0 * share.mc_se
        for estimate in estimates
        for share in (estimate.above, estimate.coverage)
        if share is not None
    ]
    if roots and shares:
        yield f"The Monte Carlo error of RMSE is at most {max(roots):.2g}, that of above and coverage"
        yield f"{max(shares):.2g} percentage points."


def with_error(quantity: Quantity) -> str:
    """A mean with its Monte Carlo standard error, with the digits that the error deserves."""
    if not math.isfinite(quantity.mean):
        return "-"
    return f"{_number(quantity.mean, quantity.mc_se)} ± {_number(quantity.mc_se, quantity.mc_se)}"


def _number(value: float, error: float) -> str:
    if not math.isfinite(value):
        return "-"
    if abs(error) <= NO_ERROR * max(1.0, abs(value)):
        exact = round(value, 6)
        return f"{exact:,.0f}" if exact == round(exact) else f"{exact:,.5g}"
    if not math.isfinite(error):
        return f"{value:,.3g}"
    digits = max(0, 1 - math.floor(math.log10(error)))
    return f"{value:,.{min(digits, 6)}f}"
