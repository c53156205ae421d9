"""The report of a prediction: estimates to be expected, what they are uncertain of, and the chance of success."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from jaksim.ratio import ratio_of
from jaksim.report.blocks import Block
from jaksim.report.parts.assumptions import exactness_words, rests_on
from jaksim.report.parts.between_trials import between_trials_part
from jaksim.report.parts.characteristics import REASONS
from jaksim.report.parts.layout import columns, heading, paragraph, recreated, title
from jaksim.report.parts.multiplicity import each_by_itself
from jaksim.report.parts.numbers import decimals, gain, missing, percent, probability_with_error
from jaksim.report.parts.predicted_evidence import evidence_part, indirect_part, value_part, without_trials
from jaksim.report.parts.predicted_variance import other_priors_part, variance_part
from jaksim.report.parts.words import method_words
from jaksim.trial import Assumption, Trial
from jaksim.verbs.predict import PredictedTrial

LEVELS: Final = ("50", "80", "95")


def prediction_answer(found: PredictedTrial) -> Iterator[Block]:
    """The report of the answer of `predict`."""
    trials = () if found.asked is None else (found.asked.trial,)
    document = found.as_dict()
    for shown, one in zip(document["predictions"], found.predictions, strict=True):
        # JSON has no number for what is infinite.
        shown |= {"median": _or_nothing(one.median)}
        shown["intervals"] = {level: [_or_nothing(end) for end in ends] for level, ends in one.intervals.items()}
    yield from prediction_report(document, found.assumptions, trials)


def prediction_report(
    document: Mapping[str, Any], assumptions: Sequence[Assumption] = (), trials: Sequence[Trial] = ()
) -> Iterator[Block]:
    """Tables of the object that `jaksim predict --json` prints; `trials` is the one it is about, where it is known."""
    predictions = document["predictions"]
    labels = _labels(predictions)
    yield title(document["title"])
    yield ""
    yield from _main_answer(predictions, labels, f" {without_trials(document)}".rstrip())
    yield ""
    yield heading("Predicted estimates")
    rows = [
        (
            label,
            _value(prediction, prediction["median"]),
            *(_interval(prediction, prediction["intervals"][level]) for level in LEVELS),
        )
        for prediction, label in zip(predictions, labels, strict=True)
    ]
    yield columns(["Endpoint and method", "Median", "50 %", "80 %", "95 %"], rows, right=(1,))
    yield paragraph("Ratios and differences are active against reference.")
    lost = [
        sentence
        for prediction, label in zip(predictions, labels, strict=True)
        for sentence in missing(
            prediction["not_estimable"],
            prediction["not_tested"],
            label,
            "shares of variance",
        )
    ]
    if lost:
        yield paragraph(" ".join(lost))
    yield ""
    yield heading("Probability of success")
    digits = decimals(prediction["probability_mc_se"] for prediction in predictions)
    rows = [
        (
            label,
            prediction["role"],
            probability_with_error(prediction["probability_of_success"], prediction["probability_mc_se"], digits),
            "-" if prediction["probability_of_benefit"] is None else percent(prediction["probability_of_benefit"]),
            gain(prediction["variance_reduction"]),
        )
        for prediction, label in zip(predictions, labels, strict=True)
    ]
    yield columns(["Endpoint and method", "Role", "Success", "Estimate favours active", "Gain"], rows, right=(2, 3, 4))
    yield paragraph(
        "Success: the analysis rejects in favour of the active arm, averaged over parameters (assurance). ± is the "
        "Monte Carlo standard error over parameter draws. Gain: how many times more independent draws would be needed "
        "for the error of these, which are spread evenly."
    )
    yield from each_by_itself(*trials)
    yield from variance_part(predictions, labels)
    yield from other_priors_part(predictions, labels, _interval)
    if document["conduct"] is not None:
        yield from _conduct(document["conduct"])
    differ = bool(document["between_trial_induced"])
    exact = exactness_words(document["exactly_known"], differ, certain=document["certain"])
    if exact:
        yield paragraph(exact)
    yield from between_trials_part(document)
    yield from indirect_part(document)
    yield from value_part(document)
    yield from evidence_part(document)
    yield from rests_on(assumptions)
    yield ""
    yield paragraph(
        f"{document['draws']} parameter draws of {document['replicates']} trials each, seed {document['seed']}. "
        f"{document['elapsed_seconds']:.1f} s; jaksim {document['provenance']['version']}."
    )
    yield recreated(document["provenance"]["command"])


def _main_answer(predictions: Sequence[Mapping[str, Any]], labels: Sequence[str], remark: str) -> Iterator[Block]:
    """What is expected of the primary analyses, in a sentence each; of the first where none is called primary."""
    primary = [one for one in zip(predictions, labels, strict=True) if one[0]["role"] == "primary"]
    for one, label in primary or list(zip(predictions, labels, strict=True))[:1]:
        success = probability_with_error(one["probability_of_success"], one["probability_mc_se"])
        errors = one["limits_mc_se"]
        exact = (
            ""
            if None in errors or one["scale"] == "log_ratio"
            else f" (Monte Carlo standard errors of its limits {_error(one, errors[0])} and {_error(one, errors[1])})"
        )
        better = "-" if one["probability_of_benefit"] is None else percent(one["probability_of_benefit"], 0)
        yield paragraph(
            f"{label}: {_value(one, one['median'])} expected, 95 % interval "
            f"{_interval(one, one['intervals']['95'])}{exact}, {one['active']} against {one['reference']}. The "
            f"estimate favours {one['active']} with probability {better}; probability of success {success}.{remark}"
        )


def _conduct(found: Mapping[str, Any]) -> Iterator[Block]:
    """At which analysis the trial will end and why, with how many patients and on which day."""
    yield ""
    yield heading("How the trial will go")
    rows = [
        (str(number), *("-" if not look[reason] else percent(look[reason]) for reason in REASONS))
        for number, look in enumerate(found["looks"], start=1)
    ]
    yield columns(["Analysis", *(f"Ends: {words}" for words in REASONS.values())], rows, right=(1, 2, 3, 4))
    spreads = {"patients": found["patients"], "duration, days": found["duration"]}
    rows = [
        (
            name,
            f"{spread['mean']:,.0f}",
            *("{:,.0f} to {:,.0f}".format(*spread["intervals"][level]) for level in LEVELS),
        )
        for name, spread in spreads.items()
    ]
    yield columns(["Until it ends", "Mean", "50 %", "80 %", "95 %"], rows, right=(1,))
    yield paragraph(
        "Interim analyses and adaptation are those of the plan in every draw; the estimates above are those at the "
        "analysis that decided."
    )


def _labels(predictions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Endpoint and method of each analysis, with the arms where they differ, and its name where that tells nothing."""
    with_arms = len({(one["active"], one["reference"]) for one in predictions}) > 1
    labels = [_label(one, with_arms=with_arms) for one in predictions]
    return [
        f"{label} ({one['name']})" if labels.count(label) > 1 else label
        for one, label in zip(predictions, labels, strict=True)
    ]


def _label(one: Mapping[str, Any], *, with_arms: bool) -> str:
    arms = f", {one['active']} against {one['reference']}" if with_arms else ""
    strata = f" in {', '.join(one['strata'])}" if one["strata"] else ""
    return f"{one['endpoint']}, {method_words(one['method'])}{arms}{strata}"


def _interval(one: Mapping[str, Any], limits: Sequence[float | None]) -> str:
    return "-" if None in limits else " to ".join(_value(one, limit) for limit in limits)


def _error(one: Mapping[str, Any], error: float) -> str:
    """A standard error in the unit of the estimates, of differences and probabilities."""
    return f"{error:.3f}" if one["scale"] == "probability" else f"{100 * error:.1f} points"


def _or_nothing(value: float) -> float | None:
    return None if math.isnan(value) else value


def _value(one: Mapping[str, Any], value: float | None) -> str:
    if value is None:
        return "-"
    if math.isinf(value) and (value > 0.0 or one["scale"] != "log_ratio"):
        return "infinity" if value > 0.0 else "-infinity"
    if one["scale"] == "log_ratio":
        return f"{ratio_of(value):.2f}"
    return f"{value:.3f}" if one["scale"] == "probability" else f"{100 * value:+.1f} %"
