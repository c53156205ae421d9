"""The report of `show`: endpoints, distributions, state occupation, moves and windows, arm by arm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from jaksim.design.expected.windows import RatioByDay
from jaksim.report.parts.assumptions import rests_on
from jaksim.report.parts.layout import columns, definitions, heading, paragraph, recreated, title
from jaksim.report.parts.treatment_changes import treatment_changes_part
from jaksim.report.showing.distributions import distributions_part
from jaksim.report.showing.numbers import intensity_digits, percent_cell, range_in_words
from jaksim.verbs.showing.shown import ShownScenario

if TYPE_CHECKING:
    from jaksim.report.blocks import Block

_NATURAL: Final = "natural history"
MOST_ROWS: Final = 400
"""Tables with more rows are told of by ranges; all rows are in the JSON answer."""
MOST_PIECES: Final = 10


def shown_report(shown: ShownScenario) -> Iterator[Block]:
    """What is expected in each arm, and what it rests on."""
    yield title(shown.title)
    yield ""
    yield heading("What is shown")
    yield definitions(_about(shown))
    yield ""
    yield heading("Expected endpoints")
    rows = [(one.endpoint, *(arm.text for arm in one.arms)) for one in shown.endpoints]
    yield columns(["Endpoint", *(arm.name for arm in shown.arms)], rows)
    yield from _unknown(shown)
    yield from distributions_part(shown.endpoints)
    yield ""
    yield from _occupation(shown)
    yield ""
    yield from treatment_changes_part(shown.treatment_changes, shown.tabled)
    yield from _moves(shown)
    yield from _windows(shown)
    yield from rests_on(shown.assumptions)
    yield ""
    origin = shown.provenance
    sets = "".join(f", parameter set {name} {value[:12]}" for name, value in origin["parameter_sets"].items())
    yield paragraph(
        f"By the exact law, nothing is simulated; jaksim {origin['version']}, scenario "
        f"{origin['scenario_hash'][:12]}{sets}."
    )
    yield recreated(origin["command"])


def _about(shown: ShownScenario) -> list[tuple[str, str]]:
    arms = [
        f"{arm.name}{' (reference)' if arm.reference else ''}: {arm.regimen}, {100.0 * arm.share:.1f} % of the patients"
        for arm in shown.arms
    ]
    first = shown.day_of_randomisation
    days = "days count from randomisation"
    if first:
        days += f" (day 0 is study day {first}, day {shown.horizon} study day {shown.horizon + first})"
    return [
        *((("Arms" if place == 0 else ""), text) for place, text in enumerate(arms)),
        ("Follow-up", f"{shown.horizon} days; {days}"),
        *(
            ((f"Scores of the {shown.scale}" if len(shown.scale) < 12 else "Scores") if place == 0 else "", text)
            for place, text in enumerate(f"{score}: {label}" for score, label in shown.scores.items())
        ),
    ]


def _unknown(shown: ShownScenario) -> Iterator[Block]:
    """Which endpoints are not known of all patients."""
    some = [
        f"{one.endpoint} of {', '.join(f'{100.0 * arm.known:.1f} %' for arm in one.arms)}"
        for one in shown.endpoints
        if any(arm.known < 1.0 - 1e-9 for arm in one.arms)
    ]
    if some:
        yield paragraph(f"Known of a part of the patients only, arm by arm, and told of these: {'; '.join(some)}.")


def _occupation(shown: ShownScenario) -> Iterator[Block]:
    yield heading("State occupation, % of the patients at the end of each day")
    for arm in shown.arms:
        own = [one for one in shown.occupation if one.arm == arm.name]
        yield paragraph(f"{arm.name}:")
        rows = [
            ("all" if one.baseline is None else str(one.baseline), str(day), *map(percent_cell, one.probability[day]))
            for one in own
            for day in shown.tabled
        ]
        yield columns(["Baseline score", "Day", *own[0].states], rows, right=range(1, 2 + len(own[0].states)))
    yield paragraph("Columns are scores. The other days are in the JSON answer, and in the plot.")


def _moves(shown: ShownScenario) -> Iterator[Block]:
    yield heading("Moves and their intensities per day")
    digits = intensity_digits([value for one in shown.moves for value in (one.natural_history, *one.arms)])
    if len(shown.moves) > MOST_ROWS:
        yield from _ranges_of_moves(shown, digits)
        return
    who = any(one.patients for one in shown.moves)
    rows, before = [], ("", "")
    for one in shown.moves:
        values = [f"{value:.{digits}f}" for value in (one.natural_history, *one.arms)]
        named = (one.patients, one.move)
        move = (one.move, one.group) if named != before else ("", "")
        before = named
        rows.append((*([one.patients] if who else []), *move, f"{one.start:g} to {one.end:g}", *values))
    headers = [*(["Patients"] if who else []), "Move", "Group", "Days", _NATURAL, *(arm.name for arm in shown.arms)]
    first = headers.index(_NATURAL)
    yield columns(headers, rows, right=range(first, len(headers)))
    yield paragraph(
        f"An intensity of 0.01 per day is about 1 % of the patients in the score each day. {_NATURAL.capitalize()}: "
        "with nothing but what everyone behind it was given."
    )


def _ranges_of_moves(shown: ShownScenario, digits: int) -> Iterator[Block]:
    """Each move once, with its lowest and highest intensity where patients and days differ."""
    by_move: dict[tuple[str, str], list[tuple[float, ...]]] = {}
    for one in shown.moves:
        by_move.setdefault((one.move, one.group), []).append((one.natural_history, *one.arms))
    rows = [
        (*named, *(range_in_words(values, digits) for values in zip(*found, strict=True)))
        for named, found in by_move.items()
    ]
    headers = ["Move", "Group", _NATURAL, *(arm.name for arm in shown.arms)]
    yield columns(headers, rows, right=range(2, len(headers)))
    yield paragraph(
        f"Over patients and days, {len(shown.moves):,} rows of the JSON answer: the lowest and the highest intensity. "
        f"{_NATURAL.capitalize()}: with nothing but what everyone behind it was given."
    )


def _windows(shown: ShownScenario) -> Iterator[Block]:
    if not shown.windows:
        return
    yield ""
    yield heading("Effects that act on some days only" + (", or with a phase" if _with_phases(shown) else ""))
    for one in shown.windows:
        yield paragraph(f"{one.arm}: {', '.join(one.windows)}. Hazard ratios against the natural history:")
        ratios = [(of.moves, of.patients, _pieces(of.starts, of.ratios, shown.horizon)) for of in one.ratios]
        if len(ratios) > MOST_ROWS // 10 or any(len(of.starts) > MOST_PIECES for of in one.ratios):
            ratios = [(moves, "", words) for moves, words in _ranges_of_ratios(one.ratios)]
        who = any(patients for _, patients, _ in ratios)
        rows = [(moves, *([patients] if who else []), pieces) for moves, patients, pieces in ratios]
        yield columns(["Moves", *(["Patients"] if who else []), "Ratio on days"], rows)
        yield columns(
            ["Day", "", *one.states],
            [
                (str(day) if place == 0 else "", words, *(percent_cell(value) for value in curve[day]))
                for day in shown.tabled
                for place, (words, curve) in enumerate(
                    (
                        ("without the effects", one.untreated),
                        ("as planned", one.as_planned),
                        ("if they lasted throughout", one.throughout),
                    )
                )
            ],
            right=(0, *range(2, 2 + len(one.states))),
        )


def _with_phases(shown: ShownScenario) -> bool:
    return any("phase" in words for one in shown.windows for words in one.windows)


def _ranges_of_ratios(ratios: Sequence[RatioByDay]) -> Iterator[tuple[str, str]]:
    """Moves with the lowest and the highest ratio over patients and days."""
    by_moves: dict[str, list[float]] = {}
    for one in ratios:
        by_moves.setdefault(one.moves, []).extend(one.ratios)
    for moves, values in by_moves.items():
        yield moves, f"{range_in_words(values, 2)}, by patient and day"


def _pieces(starts: Sequence[float], ratios: Sequence[float], horizon: int) -> str:
    ends = [*starts[1:], float(horizon)]
    return ", ".join(
        f"{ratio:.2f} on {start:g} to {end:g}" for start, end, ratio in zip(starts, ends, ratios, strict=True)
    )
