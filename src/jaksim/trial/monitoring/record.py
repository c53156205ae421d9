"""Boundaries as plain values, and their plan in words."""

from __future__ import annotations

from typing import Any

from jaksim.trial.monitoring.plan import MonitoringPlan

DRIFTS = ("null", "half", "alternative")


def boundaries_record(found: Any) -> dict[str, Any]:
    """The numbers of the boundaries as plain values; bounds that do not exist are infinite."""
    drifts = [0.0, 0.5 * found.drift, found.drift]
    beta = found.beta_spent
    return {
        "design": design_words(found.plan),
        "information": found.information.tolist(),
        "final": found.final,
        "upper_z": found.upper_z.tolist(),
        "lower_z": found.lower_z.tolist(),
        "harm_z": None if found.harm_z is None else found.harm_z.tolist(),
        "alpha_spent": found.alpha_spent.tolist(),
        "beta_spent": None if beta is None else beta.tolist(),
        "nominal_p": found.nominal_p.tolist(),
        "alpha": found.plan.alpha,
        "sides": found.plan.sides,
        "beta": found.plan.beta,
        "power_counts": "upper tail" if found.plan.sides == 2 else "one side",
        "drift": found.drift,
        "inflation_factor": found.inflation_factor,
        "expected_information": dict(zip(DRIFTS, found.expected_information(drifts).tolist(), strict=True)),
        "crossing": {
            name: {"upper": upper.tolist(), "lower": lower.tolist(), "inner": inner.tolist()}
            for name, upper, lower, inner in zip(DRIFTS, *found.crossing(drifts), strict=True)
        },
    }


def design_words(plan: MonitoringPlan) -> str:
    """The plan in a sentence."""
    analyses = "one analysis" if plan.looks == 1 else f"{plan.looks} analyses"
    sides = "one-sided" if plan.sides == 1 else "two-sided"
    text = f"{analyses}, {sides} alpha {plan.alpha:g}, {plan.efficacy}"
    if plan.futility is not None:
        spends = hasattr(plan.futility, "spent")
        what = f"futility by {plan.futility} (beta {plan.beta:g})" if spends else str(plan.futility)
        text += f"; {what}, {'binding' if plan.binding else 'not binding'}"
    if plan.harm is not None:
        text += f"; harm by {plan.harm} (level {plan.harm_alpha:g})"
    for numbers, what in ((plan.efficacy_off, "efficacy"), (plan.futility_off, "futility")):
        if numbers:
            text += f"; no test for {what} at analysis {', '.join(map(str, numbers))}"
    if not plan.joint:
        text += "; what different tests spend is counted in full, without credit for their correlation"
    return text + "."
