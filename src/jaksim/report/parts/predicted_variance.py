"""The parts of a prediction's report about its uncertainty: where it comes from, and what another prior makes of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from jaksim.report.blocks import Block
from jaksim.report.parts.layout import columns, heading, paragraph
from jaksim.report.parts.numbers import probability_with_error

_OF_A_TREATMENT: Final = "effect of "
_SHORT: Final = {"differences between trials": "trials", "natural history": "disease"}
_MOST_COLUMNS: Final = 7


def variance_part(predictions: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> Iterator[Block]:
    """Shares of the predictive variance, analysis by analysis."""
    parts = list(dict.fromkeys(part for one in predictions for part in one["variance"]))
    if not parts:
        return
    yield ""
    yield heading("Where the uncertainty comes from")
    names = [_SHORT.get(part, part.removeprefix(_OF_A_TREATMENT)) for part in parts]
    shares = [[_share(one["variance"].get(part)) for part in parts] for one in predictions]
    if len(parts) > _MOST_COLUMNS:
        listed = [
            (label, ", ".join(f"{name} {share}" for name, share in zip(names, of_one, strict=True)))
            for label, of_one in zip(labels, shares, strict=True)
        ]
        yield columns(["Endpoint and method", "Shares"], listed)
    else:
        rows = [(label, *of_one) for label, of_one in zip(labels, shares, strict=True)]
        headers = ["Endpoint and method", *(name.capitalize() for name in names)]
        yield columns(headers, rows, right=tuple(range(1, len(headers))))
    drugs = ", ".join(part.removeprefix(_OF_A_TREATMENT) for part in parts if part.startswith(_OF_A_TREATMENT))
    words = {
        "sampling": "which patients are drawn",
        drugs: "the effect of the treatment on average over trials",
        "trials": "how much more or less treatments do in this trial",
        "disease": "the natural history without them",
        "interactions": "what two treatments do beyond the sum of both",
        "together": "what these do beyond their sum, negative where they counteract each other",
    }
    said = [f"{name.capitalize()}: {what}" for name, what in words.items() if name and name in (*names, drugs)]
    yield paragraph(
        f"Shares of the predictive variance. {'; '.join(said)}. Each is the variance of the estimate with this part "
        "uncertain alone, on complete data."
    )


def other_priors_part(
    predictions: Sequence[Mapping[str, Any]],
    labels: Sequence[str],
    interval: Callable[[Mapping[str, Any], Sequence[float | None]], str],
) -> Iterator[Block]:
    """The central 95 % of the estimates under other priors of the differences between trials, beside their own."""
    priors = [one["prior"] for one in predictions[0]["reweighted"]] if predictions else []
    if not priors:
        return
    yield ""
    yield heading("Under other priors of the differences between trials")
    each = list(zip(predictions, labels, strict=True))
    chosen = [one for one in each if one[0]["role"] == "primary"] or each
    rows = [
        (
            "" if number else label,
            other["prior"],
            interval(one, other["interval"]),
            _errors(one, other["limits_mc_se"]),
            probability_with_error(other["probability_of_success"], other["probability_mc_se"]),
        )
        for one, label in chosen
        for number, other in enumerate(one["reweighted"])
    ]
    yield columns(["Endpoint and method", "Prior", "95 %", "Its errors", "Success"], rows, right=(3, 4))
    worth = ", ".join(f"{one['effective_draws']:.0f} with {one['prior']}" for one in predictions[0]["reweighted"][1:])
    yield paragraph(
        "Prior of the standard deviation between trials of a drug, of each kind of effect, in the joint calibration. "
        f"The same draws, weighted by the ratio of the two priors; so many of equal weight are worth as much: {worth}. "
        "Its errors: Monte Carlo standard errors of the two limits, of ratios those of their logarithms."
    )


def _errors(one: Mapping[str, Any], errors: Sequence[float | None]) -> str:
    if any(error is None or math.isnan(error) for error in errors):
        return "-"
    unit, digits = (100.0, 1) if one["scale"] == "difference" else (1.0, 3)
    return " and ".join(f"{unit * (error or 0.0):.{digits}f}" for error in errors)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{round(100.0 * value) or 0:d} %"
