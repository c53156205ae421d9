"""The parts of a prediction's report about its evidence: until when, indirect comparison, value of one more trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jaksim.ratio import ratio_of
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import columns, heading, paragraph

_MEASURES = {"subdistribution_hazard_ratio": "subdistribution hazard ratio"}


def evidence_part(document: Mapping[str, Any]) -> Iterator[Block]:
    """Which trials the effects rest on, where effects are pooled or a date was asked for."""
    evidence = document["evidence"]
    if evidence is None:
        return
    yield ""
    until = evidence["until"]
    sets = list(dict.fromkeys(evidence["parameter_sets"].values()))
    yield heading(f"Evidence until {until}" if until else "Evidence")
    if sets:
        yield paragraph(f"Trials of the parameter set{'s' if len(sets) > 1 else ''} {' and '.join(sets)}.")
    for drug, trials in evidence["trials"].items():
        listed = ", ".join(f"{study} ({published})" for study, published in trials)
        yield paragraph(f"{drug}: {listed or 'no trial'}.")
    for reason in dict.fromkeys(reason for _, _, reason in evidence["left_out"]):
        names = [f"{study} ({published})" for study, published, why in evidence["left_out"] if why == reason]
        yield paragraph(f"Left out, {reason}: {', '.join(names)}.")
    for remark in evidence["remarks"]:
        yield paragraph(f"{remark[:1].upper()}{remark[1:]}.")


def without_trials(document: Mapping[str, Any]) -> str:
    """A sentence on each drug of which no trial is among the evidence; empty where all have one."""
    instead = {} if document["evidence"] is None else document["evidence"]["instead"]
    said = "No trial of {} is among the evidence: its effect rests on {}."
    return " ".join(said.format(drug, what) for drug, what in instead.items())


def indirect_part(document: Mapping[str, Any]) -> Iterator[Block]:
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
        "Each drug against its controls over its trials in the synthesis of the outcome (random effects), and their "
        "difference (Bucher et al., J Clin Epidemiol 1997;50:683), with 95 % interval of the mean: no new trial, no "
        "other patients, no other time. As a difference: at the risk that the scenario expects in the reference arm."
    )
    for definition in dict.fromkeys(f"{one['outcome']}: {one['definition']}" for one in found):
        yield paragraph(f"{definition}.")
    yield from _beside_the_set(document)
    yield from _expected_here(found)


def _beside_the_set(document: Mapping[str, Any]) -> Iterator[Block]:
    """Which trials of the synthesis the pooled effects do not rest on."""
    evidence = document["evidence"]
    for drug, used in evidence["trials"].items():
        known = {study for study, _ in used}
        sides = (("active", "active_trials"), ("reference", "reference_trials"))
        listed = [study for one in document["indirect"] for who, of in sides if one[who] == drug for study in one[of]]
        others = list(dict.fromkeys(study for study in listed if study not in known))
        if others:
            yield paragraph(
                f"Trials of {drug} in this comparison that are not among those of the parameter set "
                f"{evidence['parameter_sets'][drug]}: {', '.join(others)}."
            )


def _expected_here(found: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    """Each drug against no drug: as published, and as the disease model has it in the patients of the scenario."""
    rows = [
        (one["endpoint"], one[who], f"{ratio_of(one[f'{who}_effect']):.2f}", f"{ratio_of(one[f'{who}_expected']):.2f}")
        for one in found
        for who in ("active", "reference")
        if one[f"{who}_expected"] is not None
    ]
    if not rows:
        return
    yield columns(["Endpoint", "Drug against none", "Published", "Expected here"], rows, right=(2, 3))
    yield paragraph(
        "Published: in each trial's own patients, on and off glucocorticoids as they were. Expected here: by the "
        "disease model at its estimates, the arm with the drug against the same arm without it, in the patients of "
        "this scenario, on glucocorticoids only where the arm gives them. Where more of their events are ventilation, "
        "or deaths after it, effects on deterioration weigh more, so that the two ratios differ."
    )


def value_part(document: Mapping[str, Any]) -> Iterator[Block]:
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
            _narrower(one, scales[one["analysis"]]),
        )
        for one in found
    ]
    yield columns(["Drug", "Trial like", "Width now", "Width after", "Narrower by"], rows, right=(2, 3, 4))
    yield paragraph(
        "Width now: of the predicted interval above; after: shrunk as the standard deviation shrinks. ± is the Monte "
        "Carlo standard error of the difference. The trial is of the size, severity "
        f"and glucocorticoid use of the one named; {_how_trials_differ(document)}."
    )


def _how_trials_differ(document: Mapping[str, Any]) -> str:
    if any(one["reweighted"] for one in document["predictions"]):
        return "how much trials differ stays as uncertain as it is"
    return (
        "how much the predicted trial differs from others stays as given, and how much the trials behind the effects "
        "do as the joint calibration has it"
    )


def _narrower(one: Mapping[str, Any], scale: str) -> str:
    by, error = one["width"] - one["width_after"], one["narrower_mc_se"]
    return f"{100 * by:.2f} ± {100 * error:.2f}" if scale == "difference" else f"{by:.3f} ± {error:.3f}"


def _width(value: float, scale: str) -> str:
    return f"{100 * value:.1f} points" if scale == "difference" else f"{value:.2f}"
