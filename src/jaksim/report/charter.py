"""The report of the interim analyses of a scenario, as a charter lists them."""

from __future__ import annotations

import math
from collections.abc import Iterator

from jaksim.design.conduct.charter.charter import Bound, CharterLook, MonitoringCharter
from jaksim.design.conduct.charter.expected_looks import Spread
from jaksim.report.blocks import Block
from jaksim.report.parts.estimates import estimate_name, estimate_words
from jaksim.report.parts.layout import columns, heading, paragraph, recreated, title
from jaksim.report.parts.monitoring import planned_triggers
from jaksim.report.parts.numbers import percent, whole
from jaksim.trial.monitoring.record import design_words

REASONS = {"efficacy": "efficacy", "futility": "futility", "harm": "harm"}


def charter_report(found: MonitoringCharter) -> Iterator[Block]:
    """When each analysis is expected and on which data, its bounds, and what is to come from each bound."""
    when = planned_triggers(found.asked.trial, len(found.looks))
    yield title(f"Interim analyses: {found.title}")
    yield ""
    yield paragraph(f"{found.analysis}: {design_words(found.boundaries.plan)}")
    yield ""
    yield heading("When, and on which data")
    yield columns(["", "When", "Information", "Day"], _when(found, when), right=(2, 3))
    yield columns(["", "Enrolled", "Complete", "Events"], _data(found), right=(1, 2, 3))
    yield from _decisions(found)
    yield paragraph(
        "Mean of the simulated trials with their 10 and 90 % points, if no bound stops the trial before. Complete: "
        "patients whose outcome is in the data; events: those in the data; both of the endpoint of the analysis. "
        "Information in parts of the planned maximum."
    )
    yield ""
    yield heading("Bounds")
    name = estimate_name(found.scale.method, found.scale.kind, found.scale.ratio)
    yield columns(
        ["", "Stops for", "z", "p", name[0].upper() + name[1:], "Alpha spent"], _bounds(found), right=range(2, 6)
    )
    yield paragraph(_meaning(found))
    yield ""
    if any(math.isfinite(one.to_come.trend) for look in found.looks for one in look.bounds.values()):
        yield heading("Chance of rejecting later, from a bound")
        yield columns(
            ["", "At the bound for", "Planned effect", "Expected", "Trend", "Predictive"],
            _to_come(found),
            right=range(2, 6),
        )
        yield paragraph(_powers(found))
        yield ""
    origin = found.provenance
    yield paragraph(
        f"{whole(found.replicates)} replicates, seed {found.seed}, {found.engine} engine, "
        f"{found.elapsed_seconds:.1f} s; jaksim {origin['version']}, scenario {origin['scenario_hash'][:12]}."
    )
    yield recreated(origin["command"])


def _when(found: MonitoringCharter, when: list[str]) -> Iterator[tuple[str, ...]]:
    for look, trigger in zip(found.looks, when, strict=True):
        yield str(look.number), trigger, _information(look), _spread(look.expected.numbers["analysis_day"])


def _data(found: MonitoringCharter) -> Iterator[tuple[str, ...]]:
    kinds = ("enrolled_at_cut", "complete_at_cut", "events_at_cut")
    for look in found.looks:
        yield (str(look.number), *(_spread(look.expected.numbers.get(kind)) for kind in kinds))


def _information(look: CharterLook) -> str:
    one = look.expected.information
    if one.high - one.low < 1e-9:
        return f"{one.mean:.3f}"
    return f"{one.mean:.3f} ({one.low:.3f} to {one.high:.3f})"


def _spread(one: Spread | None) -> str:
    if one is None:
        return "-"
    if one.low == one.high == one.mean:
        return f"{one.mean:,.0f}"
    return f"{one.mean:,.0f} ({one.low:,.0f} to {one.high:,.0f})"


def _decisions(found: MonitoringCharter) -> Iterator[Block]:
    """Dates and overrun, where the scenario has sites that work on a calendar and a board that takes its time."""
    if any(look.dates for look in found.looks):
        named = [{name: one.dates.get(name, "-") for name in ("mean", "low", "high")} for one in found.looks]
        dates = [(str(n), one["mean"], f"{one['low']} to {one['high']}") for n, one in enumerate(named, start=1)]
        yield columns(["", "Date of the data cut", "10 to 90 %"], dates)
    kinds = ("decision_day", "enrolled_at_decision", "overrun")
    if any(look.expected.numbers["overrun"].mean > 0.0 for look in found.looks):
        rows = [(str(look.number), *(_spread(look.expected.numbers[kind]) for kind in kinds)) for look in found.looks]
        yield columns(["", "Day of the decision", "Enrolled by then", "Overrun"], rows, right=range(1, 4))


def _bounds(found: MonitoringCharter) -> Iterator[tuple[str, ...]]:
    for look in found.looks:
        for n, (reason, bound) in enumerate(look.bounds.items()):
            yield (
                "" if n else str(look.number),
                REASONS[reason] + ("" if bound.analysis == found.analysis else f" ({bound.analysis})"),
                f"{bound.z:.4f}",
                f"{bound.p_value:.6f}",
                estimate_words(found.scale.method, found.scale.kind, bound.shown),
                f"{look.alpha_spent:.6f}" if reason == "efficacy" else "",
            )


def _meaning(found: MonitoringCharter) -> str:
    sentences = ["z is positive where the active arm does better."]
    sides = "of both tails" if found.boundaries.plan.sides == 2 else "one-sided"
    sentences.append(f"p: {sides}, of the bound by itself.")
    sentences.append(
        "The estimate at a bound takes the median standard error of the simulated trials at that analysis."
    )
    if found.boundaries.plan.sides == 2:
        sentences.append("The bounds on the side of harm are as far below zero.")
    if found.boundaries.plan.futility is not None and not found.boundaries.plan.binding:
        sentences.append("Futility does not bind.")
    return " ".join(sentences)


def _to_come(found: MonitoringCharter) -> Iterator[tuple[str, ...]]:
    for look in found.looks:
        number = str(look.number)
        for reason, bound in look.bounds.items():
            if math.isfinite(bound.to_come.trend):
                yield (number, REASONS[reason], *_chances(bound))
                number = ""


def _chances(bound: Bound) -> tuple[str, ...]:
    one = bound.to_come
    return tuple(
        percent(value, 1) if math.isfinite(value) else "-"
        for value in (one.planned, one.expected, one.trend, one.predictive)
    )


def _powers(found: MonitoringCharter) -> str:
    drift = f" (expected z at the end {found.expected_drift:.2f})" if math.isfinite(found.expected_drift) else ""
    power = percent(1.0 - found.boundaries.plan.beta, 0)
    doubt = f" Not to be relied on here: {found.doubt}." if found.doubt else ""
    return (
        "Probability of passing an efficacy bound at a later analysis if the trial goes on although z is at the bound; "
        f"futility is not counted on. Planned effect: that for which the boundaries have power {power} (expected z at "
        f"the end {found.planned_drift:.2f}); expected: as the scenario has it{drift}; trend: the estimate at the "
        f"bound is true; predictive: averaged over the effect given the data, flat prior.{doubt}"
    )
