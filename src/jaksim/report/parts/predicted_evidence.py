"""The parts of a prediction's report about its evidence: until when, indirect comparison, value of one more trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType

from jaksim.ratio import ratio_of
from jaksim.report.parts.layout import columns, heading, paragraph

_MEASURES = {"subdistribution_hazard_ratio": "subdistribution hazard ratio"}


def evidence_part(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Which trials the effects rest on, where effects are pooled or a date was asked for."""
    evidence = document["evidence"]
    if evidence is None:
        return
    yield ""
    until = evidence["until"]
    yield heading(f"Evidence until {until}" if until else "Evidence: all trials that there are")
    for drug, trials in evidence["trials"].items():
        listed = ", ".join(f"{study} ({published})" for study, published in trials)
        yield paragraph(f"{drug}: {listed or 'no trial'}.")
    for reason in dict.fromkeys(reason for _, _, reason in evidence["left_out"]):
        names = [f"{study} ({published})" for study, published, why in evidence["left_out"] if why == reason]
        yield paragraph(f"Left out, {reason}: {', '.join(names)}.")
    for remark in evidence["remarks"]:
        yield paragraph(f"{remark[:1].upper()}{remark[1:]}.")


def indirect_part(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Bucher's comparison beside the prediction, outcome by outcome."""
    found = document["indirect"]
    if not found:
        return
    yield ""
    yield heading("Indirect comparison from the published figures")
    rows = []
    for one in found:
        low, high = one["interval"]
        ratio = f"{ratio_of(one['estimate']):.2f} ({ratio_of(low):.2f} to {ratio_of(high):.2f})"
        difference = one["difference"]
        risk = "-" if difference is None else "{:+.1f} % ({:+.1f} to {:+.1f})".format(*(100 * v for v in difference))
        trials = f"{len(one['active_trials'])} and {len(one['reference_trials'])}"
        measure = _MEASURES.get(one["measure"], one["measure"].replace("_", " "))
        rows.append((one["endpoint"], f"{one['outcome']}, {measure}", ratio, risk, trials))
    yield columns(["Endpoint", "Outcome and ratio", "Active / reference", "As a difference", "Trials"], rows)
    yield paragraph(
        "Each drug against its controls over its trials that published the outcome (random effects), and their "
        "difference (Bucher et al., J Clin Epidemiol 1997;50:683), with 95 % interval of the mean: no new trial, no "
        "other patients, no other time. As a difference: at the risk that the scenario expects in the reference arm."
    )
    for definition in dict.fromkeys(f"{one['outcome']}: {one['definition']}" for one in found):
        yield paragraph(f"{definition}.")


def value_part(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    """What one more trial of each kind would do to the interval of the primary estimate."""
    found = document["value_of_information"]
    if not found:
        return
    scales = {one["name"]: one["scale"] for one in document["predictions"]}
    yield ""
    yield heading("What one more trial would do to the central 95 %")
    rows = [
        (
            one["drug"],
            one["like"],
            _width(one["width"], scales[one["analysis"]]),
            _width(one["width_after"], scales[one["analysis"]]),
        )
        for one in found
    ]
    yield columns(["Drug", "Trial like", "Width now", "Width after"], rows, right=(2, 3))
    yield paragraph(
        "Widths of a normal distribution with the variance of the primary estimate. The trial is of the size, severity "
        f"and glucocorticoid use of the one named; {_how_trials_differ(document)}."
    )


def _how_trials_differ(document: Mapping[str, Any]) -> str:
    if any(one["reweighted"] for one in document["predictions"]):
        return "how much trials differ stays as uncertain as it is"
    return (
        "how much the predicted trial differs from others stays as given, and how much the trials behind the effects "
        "do as the joint calibration has it"
    )


def _width(value: float, scale: str) -> str:
    return f"{100 * value:.1f} points" if scale == "difference" else f"{value:.2f}"
