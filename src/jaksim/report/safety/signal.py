"""The report of whether events are a signal of harm."""

from __future__ import annotations

import math
from collections.abc import Iterator

from jaksim.report.blocks import Block
from jaksim.report.parts.layout import columns, definitions, heading, paragraph, recreated, title
from jaksim.report.parts.numbers import percent
from jaksim.verbs.safety.signal import SafetySignal

DECISIONS = {
    "signal": "a signal: the limit is passed",
    "no signal": "no signal: the test ends in favour of equal rates",
    "goes on": "goes on: no limit is passed",
}


def signal_report(found: SafetySignal) -> Iterator[Block]:
    """The counts, what they say at a single look, and the two tests that may look after every event."""
    yield title("Signal of harm")
    yield ""
    yield heading("Events so far, as at a single look")
    yield definitions(_look(found))
    yield ""
    yield heading("Watched after every event")
    yield definitions(_watched(found))
    yield ""
    yield heading("How the maximised test performs")
    unit = "events" if found.against == "control" else "expected events"
    rows = [
        (
            name,
            percent(one.power),
            f"{one.at_signal:.1f}" if one.power > 0.0 else "-",
            f"{one.at_end:.1f}",
        )
        for name, one in (("1", found.maximised.under_null), (f"{found.ratio:g}", found.maximised.under_ratio))
    ]
    yield columns(["True rate ratio", "Signal", f"{unit} at a signal", f"{unit} at the end"], rows, right=(1, 2, 3))
    yield paragraph("Exact; the test ends at a signal, or after the planned number.")
    yield ""
    yield recreated(found.provenance["command"], f"jaksim {found.provenance['version']}.")


def _look(found: SafetySignal) -> Iterator[tuple[str, str]]:
    one = found.evidence
    held = f"{found.control_events} in the control arm" if found.against == "control" else "by a known rate"
    yield "Events", f"{found.events}, where {found.expected:.4g} would be expected under equal rates ({held})"
    low, high = one.interval
    ratio = "not defined without events" if math.isnan(one.estimate) else _or_infinite(one.estimate)
    yield (
        "Rate ratio",
        f"{ratio}, 95 % {low:.4g} to {_or_infinite(high)}; p {one.p_value:.4g} for more events, exact",
    )
    low, high = one.posterior_interval
    yield (
        "Posterior",
        f"median {one.median:.4g}, 95 % {low:.4g} to {high:.4g}; above 1 with {percent(one.greater)}, above "
        f"{found.ratio:g} with {percent(one.beyond)} (priors of Jeffreys)",
    )


def _or_infinite(value: float) -> str:
    return "infinity" if math.isinf(value) else f"{value:.4g}"


def _watched(found: SafetySignal) -> Iterator[tuple[str, str]]:
    one = found.sequential
    yield (
        f"Wald, {found.ratio:g} against 1",
        f"log likelihood ratio {one.log_ratio:.3f} between {one.lower:.3f} and {one.upper:.3f} "
        f"({percent(found.alpha)} false signals, {percent(found.beta)} missed, at most about); "
        f"{DECISIONS[one.decision]}",
    )
    test = found.maximised
    unit = "events" if found.against == "control" else "expected events"
    yield (
        "Maximised",
        f"log likelihood ratio {test.log_ratio:.3f}, critical value {_or_infinite(test.critical)} until "
        f"{test.most:g} {unit}; {DECISIONS[test.decision]}",
    )
