"""The figure of designs compared: powers side by side, and what differs from the first."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any, Final

from jaksim.design.comparison import Comparison
from jaksim.design.side_by_side import LETTERS, SideBySide
from jaksim.report.designs.side_by_side import row_names
from jaksim.report.plots.figure_file import check_plot, write_figure
from jaksim.report.plots.showing.style import GREY, SIZE, SMALL, plain_axes, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#000000", "#e69f00", "#56b4e9")
MARKS: Final = ("o", "s", "D", "^", "v", "P", "X")
_NORMAL_975: Final = 1.959963984540054
_ROOM: Final = 0.7
"""Part of the height of an analysis in which its designs stand."""


@dataclass(frozen=True)
class Shown:
    """The powers (analyses, designs) with standard errors, and the differences from the first design; NaN where a
    design lacks an analysis."""

    titles: tuple[str, ...]
    names: tuple[str, ...]
    powers: tuple[tuple[tuple[float, float], ...], ...]
    differences: tuple[tuple[tuple[float, float], ...], ...]
    replicates: int


def plot_comparison(found: Comparison | SideBySide, path: str | PathLike[str]) -> None:
    """Write the figure to a PNG, SVG or PDF file, by the ending of its name."""
    check_plot(path)
    write_figure(comparison_figure(found), path)


def comparison_figure(found: Comparison | SideBySide) -> Figure:
    """Power of every analysis in every design on the left, differences from design A on the right, with 95 % Monte
    Carlo intervals."""
    from matplotlib.figure import Figure

    shown = _of_two(found) if isinstance(found, Comparison) else _of_many(found)
    designs = len(shown.titles)
    height = 1.6 + 0.2 * designs + len(shown.names) * max(0.42, 0.17 * designs)
    figure = Figure(figsize=(10.5, height), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for design in range(designs):
        _draw(left, [row[design] for row in shown.powers], design, designs)
        if design:
            _draw(right, [row[design - 1] for row in shown.differences], design, designs)
    names = [textwrap.fill(name, 36) for name in shown.names]
    left.set_yticks(range(len(names)), names, fontsize=SMALL)
    left.set_ylim(len(names) - 0.5, -0.5)
    left.set_xlabel("power, % of the trials", fontsize=SIZE)
    left.set_xlim(*_limits(shown.powers, low=0.0, high=100.0))
    right.set_xlabel("difference in power from A, % points", fontsize=SIZE)
    right.axvline(0.0, color=GREY, linewidth=0.9)
    for panel in (left, right):
        panel.grid(axis="x", alpha=0.25)
        panel.set_axisbelow(True)
        plain_axes(panel)
        for place in range(1, len(names)):
            panel.axhline(place - 0.5, color=GREY, linewidth=0.4, alpha=0.5)
    labels = [wrapped(f"{letter}: {title}", 110) for letter, title in zip(LETTERS, shown.titles, strict=False)]
    figure.legend(left.get_legend_handles_labels()[0], labels, loc="outside upper left", fontsize=SMALL, frameon=False)
    how = f"{shown.replicates:,} replicates on common random numbers"
    figure.supxlabel(f"{how}; bars: 95 % Monte Carlo intervals", fontsize=SMALL)
    return figure


def _of_two(found: Comparison) -> Shown:
    changes = [found.provenance[which]["changes"] for which in ("first", "second")]
    return Shown(
        tuple(_title(title, own) for title, own in zip(found.titles, changes, strict=True)),
        tuple(one.first if one.first == one.second else f"{one.first} / {one.second}" for one in found.analyses),
        tuple(
            ((one.power_first, one.power_first_mc_se), (one.power_second, one.power_second_mc_se))
            for one in found.analyses
        ),
        tuple(((one.power.difference, one.power.mc_se),) for one in found.analyses),
        found.replicates,
    )


def _of_many(found: SideBySide) -> Shown:
    nothing = (math.nan, math.nan)
    of_first = [one for one in found.differences if one.first == found.letters[0]]
    powers = [
        tuple(
            nothing if place is None else (design.analyses[place].power, design.analyses[place].mc_se)
            for design, place in zip(found.designs, places, strict=True)
        )
        for places in found.rows_of_analyses
    ]
    differences = []
    for number in range(len(powers)):
        at = [one.analyses[one.rows.index(number)].power if number in one.rows else None for one in of_first]
        differences.append(tuple(nothing if one is None else (one.difference, one.mc_se) for one in at))
    titles = tuple(_title(design.title, design.provenance["changes"]) for design in found.designs)
    return Shown(titles, tuple(row_names(found)), tuple(powers), tuple(differences), found.replicates)


def _title(title: str, changes: Sequence[str]) -> str:
    return f"{title} with {', '.join(changes)}" if changes else title


def _draw(panel: Any, values: Sequence[tuple[float, float]], design: int, designs: int) -> None:
    """The marks of one design, one for each analysis, with their intervals."""
    shift = _ROOM * ((design + 0.5) / designs - 0.5)
    places = [place + shift for place in range(len(values))]
    panel.errorbar(
        [100.0 * value for value, _ in values],
        places,
        xerr=[100.0 * _NORMAL_975 * (error if math.isfinite(error) else 0.0) for _, error in values],
        fmt=MARKS[design % len(MARKS)],
        color=COLOURS[design % len(COLOURS)],
        markersize=4.5,
        elinewidth=1.2,
        label=LETTERS[design],
    )


def _limits(rows: Sequence[Sequence[tuple[float, float]]], low: float, high: float) -> tuple[float, float]:
    """All values with their intervals and some room, within the range that they can have."""
    ends = [
        100.0 * (value + sign * _NORMAL_975 * error)
        for row in rows
        for value, error in row
        if math.isfinite(value) and math.isfinite(error)
        for sign in (-1.0, 1.0)
    ]
    room = 0.06 * max(max(ends, default=high) - min(ends, default=low), 5.0)
    return max(low - 1.0, min(ends, default=low) - room), min(high + 1.0, max(ends, default=high) + room)
