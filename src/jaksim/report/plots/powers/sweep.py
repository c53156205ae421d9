"""The figure of a finished sweep: power against one key as curves, against two as contours, point by point else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from jaksim.errors import InputError
from jaksim.report.plots.showing.style import GREY, SIZE, SMALL, plain_axes, wrapped
from jaksim.verbs.sweep.sweep import SweepState

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#000000", "#e69f00", "#56b4e9")
MARKS: Final = ("o", "s", "D", "^", "v", "P", "X")
MOST_PANELS: Final = 9
_LEVELS: Final = (5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95)
_DARKEST: Final = 0.65
"""Of the shades: numbers at the lines stay legible."""
_MARGIN: Final = 0.05
"""Share of a panel at its edges where the number of a line would be cut."""
_HIGH: Final = 60.0
"""Axes of powers above this reach up to 100 %."""
_CONTOUR: Final = 3
"""So many values of both keys make contours."""
Row = Mapping[str, Any]


def sweep_figure(state: SweepState) -> Figure:
    """Power of every analysis over the points; InputError for a sweep that is not finished or has no varied key."""
    if state.results is None:
        raise InputError("the sweep is not finished", where=state.directory, allowed="--resume first")
    rows = state.rows()
    numbers = [key for key in state.keys if _is_number([row[key] for row in rows])]
    others = [key for key in state.keys if key not in numbers]
    if not state.keys:
        raise InputError("no key is varied", where="plot", allowed="a sweep with --vary KEY=VALUES")
    if len(numbers) == 2 and not others and all(len(_values(rows, key)) >= _CONTOUR for key in numbers):
        return _contours(state, rows, numbers[0], numbers[1])
    if numbers and len(numbers) <= 2:
        along = max(numbers, key=lambda key: len(_values(rows, key)))
        return _curves(state, rows, along, [key for key in state.keys if key != along])
    if numbers:
        return _scattered(state, rows, numbers)
    return _points(state, rows)


def _curves(state: SweepState, rows: Sequence[Row], along: str, apart: Sequence[str]) -> Figure:
    """A panel for each combination of the other keys, a curve for each analysis."""
    sets = list(dict.fromkeys(tuple(row[key] for key in apart) for row in rows))
    figure, panels = _room(state, len(sets), "the values of the other keys")
    for panel, values in zip(panels, sets, strict=True):
        own = [row for row in rows if tuple(row[key] for key in apart) == values]
        for place, (name, of_name) in enumerate(_by_analysis(own).items()):
            at = sorted(of_name, key=lambda row: float(row[along]))
            x = [float(row[along]) for row in at]
            power = np.array([100.0 * row["power"] for row in at])
            limits = np.array([[100.0 * row["ci_low"], 100.0 * row["ci_high"]] for row in at])
            colour, mark = COLOURS[place % len(COLOURS)], MARKS[place % len(MARKS)]
            panel.fill_between(x, limits[:, 0], limits[:, 1], color=colour, alpha=0.2, linewidth=0.0)
            panel.plot(x, power, color=colour, marker=mark, markersize=4.5, linewidth=1.5, label=name)
            known = np.array([_analytic(row) for row in at])
            if np.isfinite(known).any():
                panel.plot(x, known, color=colour, linewidth=1.0, linestyle=(0, (3, 2)))
        if apart:
            words = (f"{key} = {_shown(value)}" for key, value in zip(apart, values, strict=True))
            panel.set_title(wrapped(", ".join(words), 45), fontsize=SMALL, loc="left")
        _axes(panel, along)
        panel.set_ylabel(_measure(state), fontsize=SIZE)
        panel.set_ylim(*_range(rows))
    _legend(figure, panels[0], "band: 95 % Monte Carlo interval; broken line: analytic")
    return figure


def _contours(state: SweepState, rows: Sequence[Row], along: str, up: str) -> Figure:
    """A panel for each analysis, power as lines and shades over two keys."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    analyses = _by_analysis(rows)
    figure, panels = _room(state, len(analyses), "the analyses")
    shades = ListedColormap(colormaps["Blues"](np.linspace(0.02, _DARKEST, 256)))
    image: Any = None
    for panel, (name, own) in zip(panels, analyses.items(), strict=True):
        x, y = (np.array([float(row[key]) for row in own]) for key in (along, up))
        power = 100.0 * np.array([row["power"] for row in own])
        image = panel.tricontourf(x, y, power, levels=np.arange(0.0, 101.0, 5.0), cmap=shades)
        lines = panel.tricontour(x, y, power, levels=_LEVELS, colors="black", linewidths=0.8)
        panel.clabel(lines, fmt="%d %%", fontsize=SMALL - 1, manual=_spots(lines, x, y))
        panel.plot(x, y, ".", color=GREY, markersize=2.5)
        panel.set_title(wrapped(name, 40), fontsize=SIZE, loc="left")
        _axes(panel, along)
        panel.set_ylabel(wrapped(up, 60), fontsize=SIZE)
    bar = figure.colorbar(image, ax=panels, shrink=0.8, pad=0.02)
    bar.set_label(_measure(state), fontsize=SIZE)
    bar.ax.tick_params(labelsize=SMALL)
    return figure


def _spots(lines: Any, x: NDArray[np.float64], y: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Where each line is nearest to the middle of the panel, for its number; none where that is at the edge."""
    low, span = np.array([x.min(), y.min()]), np.array([np.ptp(x), np.ptp(y)])
    found = []
    for path in (path for level in lines.allsegs for path in level if len(path)):
        off = np.abs((path - low) / span - 0.5)
        nearest = int(np.argmin((off**2).sum(axis=1)))
        if off[nearest].max() <= 0.5 - _MARGIN:
            found.append((float(path[nearest, 0]), float(path[nearest, 1])))
    return found


def _scattered(state: SweepState, rows: Sequence[Row], keys: Sequence[str]) -> Figure:
    """A panel for each of many keys, with all points of all analyses: what else varies is the spread."""
    figure, panels = _room(state, len(keys), "the keys that are varied")
    for panel, key in zip(panels, keys, strict=True):
        for place, (name, own) in enumerate(_by_analysis(rows).items()):
            x, power = [float(row[key]) for row in own], [100.0 * row["power"] for row in own]
            colour, mark = COLOURS[place % len(COLOURS)], MARKS[place % len(MARKS)]
            panel.plot(x, power, mark, color=colour, markersize=3.5, alpha=0.6, label=name)
        _axes(panel, key)
        panel.set_ylabel(_measure(state), fontsize=SIZE)
        panel.set_ylim(*_range(rows))
    _legend(figure, panels[0], "every point in every panel")
    return figure


def _points(state: SweepState, rows: Sequence[Row]) -> Figure:
    """A line for each point, where no key holds numbers."""
    from matplotlib.figure import Figure

    points = [list(own) for _, own in groupby(rows, key=lambda row: row["point"])]
    figure = Figure(figsize=(8.5, 1.8 + 0.45 * len(points)), layout="constrained")
    panel = figure.subplots()
    figure.suptitle(wrapped(_title(state), 90), fontsize=SIZE)
    for place, own in enumerate(points):
        for number, row in enumerate(own):
            power = 100.0 * row["power"]
            ends = [[power - 100.0 * row["ci_low"]], [100.0 * row["ci_high"] - power]]
            panel.errorbar(
                [power],
                [place + 0.6 * ((number + 0.5) / len(own) - 0.5)],
                xerr=np.maximum(ends, 0.0),
                fmt=MARKS[number % len(MARKS)],
                color=COLOURS[number % len(COLOURS)],
                markersize=4.5,
                label=row["analysis"] if place == 0 else None,
            )
    labels = [", ".join(f"{key} = {_shown(own[0][key])}" for key in state.keys) for own in points]
    panel.set_yticks(range(len(points)), [wrapped(label, 40) for label in labels], fontsize=SMALL)
    panel.set_ylim(len(points) - 0.5, -0.5)
    panel.set_xlabel(_measure(state), fontsize=SIZE)
    panel.grid(axis="x", alpha=0.25)
    panel.set_axisbelow(True)
    plain_axes(panel)
    _legend(figure, panel, "bar: 95 % Monte Carlo interval")
    return figure


def _room(state: SweepState, count: int, what: str) -> tuple[Figure, list[Any]]:
    """A figure with so many panels; InputError for more than can be read."""
    from matplotlib.figure import Figure

    if count > MOST_PANELS:
        fault = f"{count} panels, one for each of {what}, are too many"
        raise InputError(fault, where="plot", allowed=f"up to {MOST_PANELS}")
    across = 1 if count == 1 else 2 if count in (2, 4) else 3
    down = -(-count // across)
    figure = Figure(figsize=(6.8 if across == 1 else 4.4 * across, 3.4 * down + 1.6), layout="constrained")
    grid = figure.subplots(down, across, squeeze=False).ravel()
    for panel in grid[count:]:
        panel.set_visible(False)
    figure.suptitle(wrapped(_title(state), 45 * across + 20), fontsize=SIZE)
    return figure, list(grid[:count])


def _measure(state: SweepState) -> str:
    return f"{'type I error' if state.null else 'power'}, % of the trials"


def _title(state: SweepState) -> str:
    return f"{state.directory}: {state.points:,} points, {state.replicates:,} replicates each, seed {state.seed}"


def _axes(panel: Any, key: str) -> None:
    panel.set_xlabel(wrapped(key, 45), fontsize=SIZE)
    panel.grid(alpha=0.25)
    panel.set_axisbelow(True)
    plain_axes(panel)


def _legend(figure: Figure, panel: Any, note: str) -> None:
    handles, labels = panel.get_legend_handles_labels()
    legend = figure.legend(
        handles,
        [wrapped(label, 70) for label in labels],
        loc="outside lower center",
        ncols=1 if max(map(len, labels)) > 45 or len(labels) < 3 else 2,
        fontsize=SMALL,
        frameon=False,
        title=note,
    )
    legend.get_title().set_fontsize(SMALL)
    legend.get_title().set_color(GREY)


def _by_analysis(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows of each analysis, primary ones first."""
    names = sorted({(row["role"] != "primary", place, row["analysis"]) for place, row in enumerate(rows)})
    found: dict[str, list[Row]] = {name: [] for _, _, name in names}
    for row in rows:
        found[row["analysis"]].append(row)
    return found


def _values(rows: Sequence[Row], key: str) -> set[Any]:
    return {row[key] for row in rows}


def _is_number(values: Sequence[Any]) -> bool:
    return not any(isinstance(value, bool | np.bool_ | str) or value is None for value in values)


def _analytic(row: Row) -> float:
    """The power without simulation in %, NaN where it is not to be relied on."""
    power = row["analytic_power"]
    return math.nan if row["analytic_caution"] or power is None else 100.0 * float(power)


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float | np.floating) else str(value)


def _range(rows: Sequence[Row]) -> tuple[float, float]:
    """From 0 to 100, or less where all are small, as type I errors are."""
    high = 100.0 * max(row["power"] for row in rows)
    return 0.0, 100.0 if high > _HIGH else max(math.ceil(1.2 * high / 5.0) * 5.0, 5.0)
