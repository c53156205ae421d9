"""The report of a real analysis of a monitored trial."""

from __future__ import annotations

import math
from collections.abc import Iterator

from jaksim.report.blocks import Block
from jaksim.report.parts.estimates import estimate_name, estimate_words, interval_words
from jaksim.report.parts.layout import columns, definitions, heading, paragraph, recreated, title
from jaksim.report.parts.numbers import percent, probability_with_error
from jaksim.verbs.interims.result import InterimResult

DECISIONS = {
    "efficacy": "the bound for efficacy is passed: stop for efficacy",
    "futility": "the bound for futility is passed: stop for futility",
    "harm": "the bound for harm is passed: stop for harm",
    "goes on": "no bound is passed: go on",
    "end": "the last analysis passes no bound: the null hypothesis is not rejected",
}


def interim_report(found: InterimResult) -> Iterator[Block]:
    """The decision, the estimate with what the design lets one say of it, and what is to come."""
    yield title(f"Analysis {found.look} of {found.looks}: {found.title}")
    yield ""
    yield heading("Decision")
    yield definitions(_decision(found))
    for note in found.notes:
        yield paragraph(note)
    yield ""
    yield heading("Estimate")
    yield definitions(_estimate(found))
    yield ""
    if math.isfinite(found.to_come.trend):
        yield heading("Chance of rejecting later")
        yield columns(["Under", "Probability"], _to_come(found), right=[1])
        if reason := found.why_not.get("posterior"):
            yield paragraph(f"No posterior: {reason}.")
        yield paragraph(
            "Passing an efficacy bound at a later analysis, at its planned information, if the trial goes on; futility "
            "is not counted on."
        )
        yield ""
    origin = found.provenance
    yield recreated(origin["command"], f"jaksim {origin['version']}, scenario {origin['scenario_hash'][:12]}.")


def _decision(found: InterimResult) -> Iterator[tuple[str, str]]:
    yield "Analysis", found.tested
    yield "Information", f"{found.information:.4g} of the planned maximum"
    tails = "of both tails" if found.boundaries.plan.sides == 2 else "one-sided"
    yield "z", f"{found.z:.4f} ({found.z_from}), positive for benefit; p {found.nominal_p:.6f}, {tails}, by itself"
    yield "Bounds", "; ".join(f"{reason} {z:.4f}" for reason, z in found.bounds.items()) or "none"
    yield "Decision", DECISIONS[found.decision]
    if found.decision == "futility" and not found.boundaries.plan.binding:
        yield "", "futility does not bind: the level holds if the trial goes on"
    if found.left_open:
        yield "Left open", found.left_open


def _estimate(found: InterimResult) -> Iterator[tuple[str, str]]:
    method, kind = found.scale.method, found.scale.kind
    name = estimate_name(method, kind, found.scale.ratio)
    source = {
        "given": "as given",
        "the data": "of the data",
        "expected": "expected at this analysis, of simulated trials",
    }[found.standard_error_from]
    error = found.standard_error * (100.0 if "%" in name else 1.0)
    of_log = " of the logarithm" if kind == "log_ratio" else ""
    yield (
        name[0].upper() + name[1:],
        (f"{estimate_words(method, kind, found.shown)}, standard error{of_log} {error:.3g} ({source})"),
    )
    if found.repeated is not None:
        yield (
            f"Repeated {percent(found.repeated.confidence, 0)} interval",
            (f"{interval_words(method, kind, found.repeated.shown)}, which holds at all analyses together"),
        )
        yield "Repeated p value", f"{found.repeated.p_value:.4f}, the smallest level of the trial that rejects here"
    else:
        yield "Repeated interval", f"- ({found.why_not['repeated']})"
    if found.final is None:
        yield "Final inference", f"- ({found.why_not['final']})"
        return
    yield "Final p value", f"{found.final.p_value:.6f}, stage-wise ordering"
    yield (
        "Median-unbiased",
        (
            f"{estimate_words(method, kind, found.final.shown_median_unbiased)} "
            f"({percent(found.final.confidence, 0)} {interval_words(method, kind, found.final.shown_interval)})"
        ),
    )
    yield "Bias-adjusted", estimate_words(method, kind, found.final.shown_bias_adjusted)


def _to_come(found: InterimResult) -> Iterator[tuple[str, str]]:
    one = found.to_come
    power = percent(1.0 - found.boundaries.plan.beta, 0)
    yield f"the planned effect, for which the boundaries have power {power}", _chance(one.planned)
    yield "the effect that the scenario expects", _chance(one.expected)
    yield "the trend: the estimate so far", _chance(one.trend)
    yield "what the data leave open, flat prior (predictive)", _chance(one.predictive)
    if found.posterior is not None:
        yield (
            f"the evidence and the data (posterior; {found.posterior.draws} draws, worth "
            f"{found.posterior.effective_draws:.0f} of equal weight)",
            probability_with_error(found.posterior.power, found.posterior.mc_se),
        )


def _chance(value: float) -> str:
    return percent(value, 1) if math.isfinite(value) else "-"
