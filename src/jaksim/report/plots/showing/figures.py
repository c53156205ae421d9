"""The figures of `show` by name, written one by one or all at once."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jaksim.checks import known
from jaksim.report.plots.figure_file import check_plot, write_figure
from jaksim.report.plots.showing.moves import moves_figure
from jaksim.report.plots.showing.occupation import occupation_figure
from jaksim.report.plots.showing.patients import patients_figure
from jaksim.report.plots.showing.window import window_figure
from jaksim.verbs.showing.shown import ShownScenario

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURES: Final[dict[str, Callable[[ShownScenario], Figure]]] = {
    "occupation": occupation_figure,
    "moves": moves_figure,
    "patients": patients_figure,
    "window": window_figure,
}


def places_of(path: str | PathLike[str], figure: str | None = None) -> dict[str, Path]:
    """Where each figure is written: one to a file (PNG, SVG, PDF), all to PREFIX-NAME.png for a path without an ending.

    InputError where none can be written, and for an unknown figure.
    """
    if figure is not None:
        known(figure, FIGURES, "figure", "‹figure›")
    if Path(path).suffix or figure is not None:
        return {figure or next(iter(FIGURES)): check_plot(path)}
    return {name: check_plot(f"{fspath(path)}-{name}.png") for name in FIGURES}


def shown_figure(shown: ShownScenario) -> Figure:
    """The first of the figures, state occupation."""
    return occupation_figure(shown)


def plot_shown(shown: ShownScenario, path: str | PathLike[str], figure: str | None = None) -> list[Path]:
    """Write the figures; returns where they are. Of all, that of windows is left out where no effect has one."""
    written = []
    places = places_of(path, figure)
    for name, place in places.items():
        if name == "window" and len(places) > 1 and not shown.windows:
            continue
        write_figure(FIGURES[name](shown), place)
        written.append(place)
    return written
