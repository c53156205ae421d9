"""The report of designs side by side: operating characteristics in rows, designs in columns."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Final

from jaksim.design.comparison import Difference
from jaksim.design.side_by_side import SideBySide
from jaksim.design.sums.precision import standard_error
from jaksim.design.sums.result import PowerResult
from jaksim.report.blocks import Block
from jaksim.report.parts.assumptions import assumptions_part
from jaksim.report.parts.characteristics import REASONS
from jaksim.report.parts.layout import NO_BREAK, columns, definitions, heading, paragraph, recreated, title
from jaksim.report.parts.multiplicity import each_by_itself
from jaksim.report.parts.numbers import effect, missing, patients, whole

_NONE: Final = "-"
_AT_ONCE: Final = 5
"""Designs of one table."""


def side_by_side_report(found: SideBySide) -> Iterator[Block]:
    """What each design does, and what differs from the first, with Monte Carlo errors of pairs."""
    for letter, design in zip(found.letters, found.designs, strict=True):
        changes = design.provenance["changes"]
        yield title(f"{letter}: {design.title}{' with ' + ', '.join(changes) if changes else ''}")
    yield ""
    yield heading("Analyses")
    yield definitions([(f"[{number}]", name) for number, name in enumerate(row_names(found), start=1)])
    yield ""
    yield heading("Operating characteristics")
    rows = list(_characteristics(found))
    for first in range(0, len(found.designs), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        cells = [(row[0], *row[1:][some]) for row in rows]
        yield columns(["", *found.letters[some]], cells, right=range(1, 1 + _AT_ONCE))
    lost = [
        sentence
        for letter, design in zip(found.letters, found.designs, strict=True)
        for analysis in design.analyses
        for sentence in missing(analysis.not_estimable, analysis.not_tested, f"{letter}, {analysis.name}")
    ]
    if lost:
        yield paragraph(" ".join(lost))
    yield ""
    yield heading("Differences from A")
    yield from _differences(found)
    yield paragraph(
        "Effects are means of the estimates, and their differences on the scale of the method, log for ratios. ± is "
        "the Monte Carlo standard error, for a difference that of pairs on the same random numbers; n the patients "
        "needed for a power, with a dash where none is known. All pairs of designs are in the JSON answer."
    )
    yield from each_by_itself(*(scenario.trial for scenario in found.asked or ()))
    yield from _assumptions(found)
    yield ""
    engines = " and ".join(dict.fromkeys(design.engine for design in found.designs))
    yield paragraph(
        f"{whole(found.replicates)} replicates, seed {found.seed}, {engines} engine, {found.elapsed_seconds:.1f} s; "
        f"jaksim {found.provenance['version']}."
    )
    yield recreated(found.provenance["command"])


def row_names(found: SideBySide) -> list[str]:
    """The name of the analysis of each row, in every design that has it."""
    return [
        " / ".join(
            dict.fromkeys(
                design.analyses[place].name
                for design, place in zip(found.designs, places, strict=True)
                if place is not None
            )
        )
        for places in found.rows_of_analyses
    ]


def _characteristics(found: SideBySide) -> Iterator[Sequence[str]]:
    designs = found.designs
    yield ("patients planned", *(whole(design.n_patients) for design in designs))
    for number, places in enumerate(found.rows_of_analyses, start=1):
        own = [None if place is None else design.analyses[place] for design, place in zip(designs, places, strict=True)]
        powers = [None if one is None else _with_error(one.power, one.mc_se) for one in own]
        yield _row(f"[{number}] power", powers)
        effects, measure = _without_measure([None if one is None else effect(one) for one in own])
        yield _row(f"[{number}] {measure or 'effect'}", effects)
        for share in ("80", "90"):
            sizes = [None if one is None else patients(one.n_for_power[share]) for one in own]
            if any(size not in (None, _NONE) for size in sizes):
                yield _row(f"[{number}] n, {share} %", sizes)
    if any(len(design.analyses) > 1 for design in designs):
        yield ("at least one analysis rejects", *(_any(design) for design in designs))
    yield from _procedures(found)
    yield from _conducted(designs)


def _with_error(value: float, error: float) -> str:
    """A probability and its Monte Carlo error in percent, with as many decimals in all cells."""
    return f"{100.0 * value:.2f} ± {100.0 * error:.2f}{NO_BREAK}%"


def _row(label: str, cells: Sequence[str | None]) -> Sequence[str]:
    return (label, *(_NONE if cell is None else cell for cell in cells))


def _without_measure(texts: Sequence[str | None]) -> tuple[list[str | None], str]:
    """Effects without the measure in front of their numbers, and the measure, where all have the same."""
    found = [re.match(r"(?:.*?\s)?(?=[-+]?\d)", text) for text in texts if text is not None]
    measures = {"" if one is None else one[0].strip() for one in found}
    if len(measures) != 1 or not (measure := measures.pop()):
        return list(texts), ""
    return [None if text is None else text.removeprefix(measure).strip() or _NONE for text in texts], measure


def _any(design: PowerResult) -> str:
    rejects = round(design.any_rejection * design.replicates)
    return _with_error(design.any_rejection, standard_error(rejects, design.replicates))


def _procedures(found: SideBySide) -> Iterator[Sequence[str]]:
    """What the procedures for several hypotheses reject."""
    designs = found.designs
    if all(design.multiplicity is None for design in designs):
        return
    names = dict.fromkeys(one.name for d in designs if d.multiplicity is not None for one in d.multiplicity.analyses)
    numbers = {name: number for number, name in enumerate(row_names(found), start=1)}
    for name in names:
        cells = []
        for design in designs:
            own = () if design.multiplicity is None else design.multiplicity.analyses
            powers = [_with_error(one.power, one.mc_se) for one in own if one.name == name]
            cells.append(powers[0] if powers else _NONE)
        yield (f"[{numbers[name]}] under its procedure" if name in numbers else name, *cells)


def _conducted(designs: Sequence[PowerResult]) -> Iterator[Sequence[str]]:
    """Patients, duration and endings of designs that may end early."""
    known = [design.characteristics for design in designs]
    if all(one is None for one in known):
        return
    for words, name, digits in (("patients on average", "patients", 1), ("days on average", "duration", 1)):
        yield (words, *(_NONE if one is None else _mean(getattr(one, name), digits) for one in known))
    for reason, words in REASONS.items():
        shares = [
            None if one is None else sum(look.stopped[reason].share for look in one.looks if reason in look.stopped)
            for one in known
        ]
        if any(share for share in shares):
            errors = (
                (share, standard_error(round(share * design.replicates), design.replicates))
                for share, design in zip(shares, designs, strict=True)
                if share is not None
            )
            cells = iter([_with_error(share, error) for share, error in errors])
            yield (f"ends: {words}", *(_NONE if share is None else next(cells) for share in shares))


def _mean(quantity: object, digits: int) -> str:
    mean, error = quantity.mean, quantity.mc_se  # type: ignore[attr-defined]
    return f"{mean:,.{digits}f} ± {error:,.{digits}f}" if error > 0.0 else f"{mean:,.{digits}f}"


def _differences(found: SideBySide) -> Iterator[Block]:
    of_first = [one for one in found.differences if one.first == found.letters[0]]
    headers = [f"{one.second} less {one.first}" for one in of_first]
    rows = []
    for number in range(len(found.rows_of_analyses)):
        at = [one.analyses[one.rows.index(number)] if number in one.rows else None for one in of_first]
        if all(one is None for one in at):
            continue
        rows.append((f"[{number + 1}] power", *(_NONE if one is None else _points(one.power) for one in at)))
        rows.append((f"[{number + 1}] effect", *(_NONE if one is None else _plain(one.estimate, 4) for one in at)))
    rows.append(("patients", *(_plain(one.patients, 1) for one in of_first)))
    for first in range(0, len(headers), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        cells = [(row[0], *row[1:][some]) for row in rows]
        yield columns(["", *headers[some]], cells, right=range(1, 1 + _AT_ONCE))


def _points(one: Difference) -> str:
    error = f" ± {100 * one.mc_se:.2f}" if math.isfinite(one.mc_se) else ""
    return f"{100 * one.difference:+.2f}{error}{NO_BREAK}%"


def _plain(one: Difference, digits: int) -> str:
    if not math.isfinite(one.difference):
        return _NONE
    error = f" ± {one.mc_se:,.{digits}f}" if math.isfinite(one.mc_se) and one.mc_se > 0.0 else ""
    return f"{one.difference:+,.{digits}f}{error}"


def _assumptions(found: SideBySide) -> Iterator[Block]:
    """Those of the first design, and what each other has instead."""
    if not found.assumptions:
        return
    first, *others = found.assumptions
    yield ""
    same = all(other == first for other in others)
    yield from assumptions_part(first, "Assumptions of all" if same else "Assumptions of A")
    for letter, other in zip(found.letters[1:], others, strict=True):
        lines = [line for line in other if line not in first]
        if lines:
            yield ""
            yield from assumptions_part(lines, f"Assumptions of {letter} that are not those of A")
