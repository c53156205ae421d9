"""The report of `show phases`: curves, hazard ratios and outcomes by days since onset, and what was published."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from jaksim.model.phase import Z95
from jaksim.report.parts.layout import columns, definitions, heading, paragraph, recreated, title
from jaksim.verbs.showing.phases_result import PublishedByOnset, ShownPhases

if TYPE_CHECKING:
    from jaksim.report.blocks import Block

_DAYS: Final = (0, 2, 4, 6, 8, 10, 12, 14, 17, 20, 24, 28)


def phases_report(shown: ShownPhases) -> Iterator[Block]:
    """Phases, effects, outcomes and publications, with what the numbers mean."""
    yield title(f"{shown.title}: effects by days since onset")
    yield ""
    yield heading("What is shown")
    yield definitions(_about(shown))
    yield ""
    yield heading("Level of the phases by days since onset")
    rows = [
        (one.phase, str(day), f"{one.level[day]:.2f}", f"{one.low[day]:.2f} to {one.high[day]:.2f}")
        for one in shown.phases
        for day in _DAYS
    ]
    yield columns(["Phase", "Day", "Level", "95 % limits"], rows, right=(1, 2))
    yield ""
    yield heading("Hazard ratios by days since onset at randomisation")
    for name in shown.reference:
        headers = [f"Moves that {name} changes", "Calibrated", *(one.name for one in shown.groups)]
        yield columns(headers, _effects(shown, name))
    yield paragraph(
        "Averages over the moves that untreated patients make; in brackets the part of the calibrated log hazard ratio "
        "that is left. The limits that the uncertain days of the phase leave are in the JSON answer and the figure."
    )
    yield ""
    yield heading(f"What comes of the patients by day {shown.horizon}")
    yield columns(
        ["Days since onset", "Patients, %", "Arm", *_endpoints(shown), "Died, %", "Odds ratio", "Constant"],
        _outcomes(shown),
        right=(1, *range(3, 6 + len(_endpoints(shown)))),
    )
    yield paragraph(
        "Odds ratio: of death against the reference arm; constant: the same with effects that do not go with the "
        "phase. The patients differ in nothing but the day on which they come, on which the natural history does not "
        "depend."
    )
    yield ""
    yield from _powers(shown)
    yield from _published(shown)
    origin = shown.provenance
    sets = "".join(f", parameter set {name} {value[:12]}" for name, value in origin["parameter_sets"].items())
    yield paragraph(
        f"By the exact law, nothing is simulated; jaksim {origin['version']}, scenario "
        f"{origin['scenario_hash'][:12]}{sets}."
    )
    yield recreated(origin["command"])


def _about(shown: ShownPhases) -> Iterator[tuple[str, str]]:
    for one in shown.phases:
        yield f"Phase {one.phase}", one.source or "given in the scenario"
        if one.assumption:
            yield "", f"ASSUMED: {one.assumption}"
    for name, words in shown.reference.items():
        yield name.capitalize(), f"its effects are averages in patients with {words}"


def _effects(shown: ShownPhases, treatment: str) -> Iterator[tuple[str, ...]]:
    for one in (effect for effect in shown.effects if effect.treatment == treatment):
        cells = (f"{ratio:.2f} ({kept:.2f})" for ratio, kept in zip(one.ratio, one.kept, strict=True))
        yield one.moves, f"{one.calibrated:.2f}", *cells


def _endpoints(shown: ShownPhases) -> tuple[str, ...]:
    return tuple(shown.outcomes[0].texts)


def _outcomes(shown: ShownPhases) -> Iterator[tuple[str, ...]]:
    shares = {group.name: group.share for group in shown.groups}
    for one in shown.outcomes:
        share = shares[one.group]
        yield (
            one.group,
            "" if share is None else f"{100.0 * share:.1f}",
            one.arm,
            *(one.texts[name] for name in _endpoints(shown)),
            f"{100.0 * one.deaths:.2f}",
            _number(one.odds_ratio),
            _number(one.constant),
        )


def _powers(shown: ShownPhases) -> Iterator[Block]:
    if not shown.powers:
        return
    yield heading("Power in patients who come on these days alone, %")
    headers = ["Analysis", *(one.name for one in shown.groups), "constant"]
    rows = [(one.analysis, *map(_percent, (*one.power, one.constant))) for one in shown.powers]
    yield columns(headers, rows, right=range(1, len(headers)))
    yield paragraph(
        "As many patients as the scenario has; each analysis made once, on complete data, by the law of large samples. "
        "A dash where that is not to be relied on."
    )
    yield ""


def _percent(value: float) -> str:
    return "-" if math.isnan(value) else f"{100.0 * value:.1f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _published(shown: ShownPhases) -> Iterator[Block]:
    if not shown.published:
        return
    yield heading("Published odds ratios of death by days since onset")
    rows = [
        (
            one.study,
            one.group,
            f"{one.estimate:.2f} ({one.interval[0]:.2f} to {one.interval[1]:.2f})",
            f"{one.expected:.2f}",
            f"{one.z:+.1f}",
            f"{one.constant:.2f}",
            f"{one.z_constant:+.1f}",
        )
        for one in shown.published
    ]
    yield columns(["Study", "Days since onset", "Published", "Here", "z", "Constant", "z"], rows, right=(3, 4, 5, 6))
    for study in dict.fromkeys(one.study for one in shown.published):
        yield paragraph(_agreement(study, [one for one in shown.published if one.study == study]))
    yield ""


def _agreement(study: str, rows: list[PublishedByOnset]) -> str:
    """How far the published ratios are from going with the phase, and from being one, but for a common factor."""
    if len(rows) < 2:
        return f"{study}: one group, which says nothing of how effects go with days since onset."
    with_phase, constant = (
        _apart(rows, [math.log(value) for value in values])
        for values in ([one.expected for one in rows], [one.constant for one in rows])
    )
    return (
        f"{study}, but for a common factor: chi-squared {with_phase:.1f} from effects that go with the phase, "
        f"{constant:.1f} from constant ones, each on {len(rows) - 1} degrees of freedom."
    )


def _apart(rows: list[PublishedByOnset], expected: list[float]) -> float:
    """Chi-squared of the differences between published and expected log odds ratios around their weighted mean."""
    errors = [math.log(one.interval[1] / one.interval[0]) / (2.0 * Z95) for one in rows]
    apart = [math.log(one.estimate) - value for one, value in zip(rows, expected, strict=True)]
    weights = [1.0 / error**2 for error in errors]
    mean = sum(weight * value for weight, value in zip(weights, apart, strict=True)) / sum(weights)
    return sum(weight * (value - mean) ** 2 for weight, value in zip(weights, apart, strict=True))
