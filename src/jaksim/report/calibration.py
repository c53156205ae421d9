"""The report of a calibration: every published number beside its fitted value, the parameters, the diagnostics."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jaksim.calibration.accounting import by_reason
from jaksim.calibration.pull import Pull
from jaksim.calibration.statistic import DIFFERENCE_STATISTICS, RATIO_STATISTICS
from jaksim.ratio import ratio_of
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import columns, heading, paragraph, title
from jaksim.verbs.calibrate import CalibratedStudy

UNIDENTIFIED = 0.2


def calibration_answer(found: CalibratedStudy) -> Iterator[Block]:
    """The report of the answer of `calibrate`."""
    yield from calibration_report(found.as_dict())


def calibration_report(document: Mapping[str, Any]) -> Iterator[Block]:
    """Targets, parameters, assumptions and diagnostics of the object that `jaksim calibrate --json` prints."""
    yield title(document["title"])
    yield ""
    yield heading("Published figures and the same statistic of the fitted model")
    rows = [
        (
            t["id"],
            number_text(t["reported"], t["statistic"]),
            _interval(t["ci"], t["statistic"]),
            number_text(t["fitted"], t["statistic"]),
            f"{t['z']:+.2f}",
            "" if t["role"] == "fit" else "check",
        )
        for t in document["targets"]
    ]
    yield columns(["Figure", "Reported", "95 % interval", "Fitted", "z", ""], rows, right=(1, 2, 3, 4))
    yield paragraph(
        "z is the signed root deviance (counts) or the distance in reported standard errors (ratios, medians). A check "
        "is predicted and scored, but not fitted: it repeats what is fitted, or the model has no say in it. "
        + _checks(document["targets"])
    )
    yield from _left_out(document)
    yield ""
    yield heading("Parameters")
    parameters = [
        (
            p["name"],
            f"{p['estimate']:.3f}",
            f"{p['standard_error']:.3f}",
            f"{ratio_of(p['estimate']):.4g}",
            _prior(p),
            f"{100 * p['learned']:.0f} %",
        )
        for p in document["parameters"]
        if p["prior_sd"]
    ]
    headers = ["Parameter (log scale)", "Estimate", "SE", "exp", "Prior", "Learned"]
    yield columns(headers, parameters, right=(1, 2, 3, 5))
    yield paragraph(_unidentified(document["parameters"]))
    if document["pulls"]:
        yield paragraph(_pulled(document["pulls"]))
    if document["assumptions"]:
        yield ""
        yield heading("Assumptions")
        for a in document["assumptions"]:
            yield paragraph(
                f"{a['name'][:1].upper()}{a['name'][1:]} = {a['value']}: {a['why']} (source: {a['source']})."
            )
    yield ""
    yield paragraph(_trust(document["diagnostics"]))
    provenance = document["provenance"]
    yield paragraph(
        f"{document['elapsed_seconds']:.1f} s; input {provenance['input_hash']}, jaksim {provenance['version']}."
    )


def _checks(targets: Sequence[Mapping[str, Any]]) -> str:
    z = [t["z"] for t in targets if t["role"] == "check"]
    if not z:
        return "No figure is a check."
    return f"Mean z squared of the {len(z)} checks: {sum(v * v for v in z) / len(z):.2f}."


def _left_out(document: Mapping[str, Any]) -> Iterator[Block]:
    """Figures that are neither fitted nor checked, by reason, and those of which nothing is said."""
    if document["excluded"]:
        yield ""
        yield heading("Published figures left out")
        for reason, records in by_reason(document["excluded"]).items():
            yield paragraph(f"{reason[:1].upper()}{reason[1:]}: {', '.join(records)}.")
    if document["unused"]:
        yield ""
        yield heading("Published figures that the study file does not mention")
        yield paragraph(f"Neither fitted, checked nor left out for a reason: {', '.join(document['unused'])}.")


def _unidentified(parameters: Sequence[Mapping[str, Any]]) -> str:
    prior = [p["name"] for p in parameters if p["prior_sd"] and p["learned"] < UNIDENTIFIED]
    meaning = "Learned: share of the prior variance that the figures removed."
    if not prior:
        return f"{meaning} Every parameter is informed by the figures."
    return f"{meaning} Hardly informed, so nearly as the prior has it: {', '.join(prior)}."


def _pulled(pulls: Sequence[Mapping[str, Any]]) -> str:
    """What the priors of effects do to the fitted ratios."""
    found = [Pull(**pull) for pull in pulls]
    notable = [pull for pull in found if pull.notable]
    if not notable:
        return (
            "The priors of the effects pull no fitted ratio by more than 5 % of its published logarithm, or of its "
            "standard error."
        )
    named = ", ".join(
        f"{pull.id} {pull.fitted:.2f} instead of {pull.without_priors:.2f} ({_share(pull)})" for pull in notable
    )
    return f"The priors of the effects pull fitted ratios by more than 5 % of their published logarithm: {named}."


def _share(pull: Pull) -> str:
    return "reported as 1" if pull.share is None else f"{100 * abs(pull.share):.0f} %"


def _trust(diagnostics: Mapping[str, Any]) -> str:
    return (
        "{n_targets} published numbers, {n_parameters} free parameters; mean z squared {mean_z_squared:.2f}, largest "
        "|z| {largest_absolute_z:.2f}. Posterior draws: acceptance {acceptance:.2f}, effective sample size "
        "{effective_sample_size:.0f}, R-hat {r_hat:.3f}, Pareto k of the normal approximation {laplace_pareto_k:.2f}. "
        "Standard errors allow for figures of the same patients (at most {largest_inflation:.2f} times the "
        "curvature's)."
    ).format(**diagnostics)


def number_text(value: float | None, statistic: str) -> str:
    """A reported or fitted number as its statistic is printed."""
    kind = statistic.split(" of ")[0]
    if value is None or not math.isfinite(value):
        return "not reached" if kind == "median" else "-"
    if kind in RATIO_STATISTICS:
        return f"{value:.2f}"
    if kind in DIFFERENCE_STATISTICS:
        return f"{100 * value:+.1f} points"
    return f"{value:.3g} d" if kind in ("median", "mean") else f"{100 * value:.1f} %"


def _interval(interval: list[float | None] | None, statistic: str) -> str:
    if interval is None:
        return ""
    limits = ("-" if limit is None else number_text(limit, statistic).split()[0] for limit in interval)
    return " to ".join(limits)


def _prior(parameter: Mapping[str, Any]) -> str:
    return f"N({parameter['prior_mean']:.2f}, {parameter['prior_sd']:g})"
