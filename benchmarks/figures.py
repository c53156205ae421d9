"""The figures of docs/performance.md: small SVG files, in colours that colour-blind people tell apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import ticker
from matplotlib.figure import Figure

from benchmarks.results import Case, Results
from benchmarks.tables import about

# Okabe and Ito (2008).
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#555555"
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "jaksim",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "lines.markersize": 4,
}
PLAIN = ticker.FuncFormatter(lambda value, _: f"{value:,g}")
Draw = Callable[[Results], Figure]


def write_figure(draw: Draw, results: Results, path: Path) -> None:
    """Write a figure in the format that the name of the file ends in."""
    with mpl.rc_context(STYLE):
        metadata = {"Date": None} if path.suffix == ".svg" else None
        draw(results).savefig(path, metadata=metadata, dpi=110, bbox_inches="tight", facecolor="white")


def line(axes: Any, cases: Iterable[Case], parameter: str, scale: float, colour: str, marker: str, label: str) -> None:
    """Cost of a unit along a parameter."""
    points = sorted((case.parameters[parameter], scale * case.cost) for case in cases)
    axes.plot(*zip(*points, strict=True), color=colour, marker=marker, label=label)


def logarithmic(axes: Any, values: Iterable[int] | None = None) -> None:
    """Logarithmic axes, with the values measured as ticks where they are few."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    if values is not None:
        axes.set_xticks(list(values), [f"{value:,}" for value in values])
    for one in (axes.xaxis, axes.yaxis):
        one.set_minor_locator(ticker.NullLocator())
    axes.yaxis.set_major_formatter(PLAIN)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)


def patients(results: Results) -> Figure:
    """Complete trials a second against their patients."""
    figure = Figure(figsize=(6.2, 3.6))
    axes = figure.subplots()
    for function, colour, marker, label in (
        ("test_log_rank_trials", BLUE, "o", "law engine, log-rank"),
        ("test_proportional_odds_trials", ORANGE, "s", "law engine, proportional odds"),
    ):
        points = sorted((case.parameters["patients"], case.rate) for case in results.all(function))
        axes.plot(*zip(*points, strict=True), color=colour, marker=marker, label=label)
    sizes = [(case.parameters["patients"], case) for case in results.all("test_path_engine")]
    points = sorted((n, case.rate / n) for n, case in sizes)
    axes.plot(*zip(*points, strict=True), color=GREEN, marker="^", label="path engine, tables alone")
    logarithmic(axes)
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,g}" if value < 1e6 else "1 million"))
    axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_xlabel("patients in a trial")
    axes.set_ylabel("trials a second, one thread")
    axes.legend()
    return figure


def growth(results: Results) -> Figure:
    """Cost of a trial along each thing that it may grow with."""
    figure = Figure(figsize=(7.6, 6.6), layout="constrained")
    places = iter(figure.subplots(3, 2).flat)
    for axis, words in (("days", "days of follow-up"), ("states", "states"), ("cells", "cells (arm × stratum)")):
        axes = next(places)
        for engine, colour, marker in (("law", BLUE, "o"), ("path", GREEN, "^")):
            line(axes, results.all(f"test_{axis}", engine=engine), axis, 1e6, colour, marker, f"{engine} engine")
        finish(axes, results.all(f"test_{axis}"), axis, words, "µs for 1,000 patients")
    axes = next(places)
    line(axes, results.all("test_endpoints_of_the_law_engine"), "endpoints", 1e6, BLUE, "o", "law engine")
    line(axes, results.all("test_endpoints_of_the_path_engine"), "endpoints", 1e9, GREEN, "^", "path engine")
    finish(axes, results.all("test_endpoints_of_the_path_engine"), "endpoints", "endpoints", "µs for 1,000 patients")
    axes = next(places)
    points = sorted((case.parameters["replicates"], case.cost * case.units) for case in results.all("test_replicates"))
    axes.plot(*zip(*points, strict=True), color=BLUE, marker="o", label="one thread, kernels loaded")
    points = sorted((case.parameters["replicates"], case.cost) for case in results.all("test_power"))
    axes.plot(*zip(*points, strict=True), color=ORANGE, marker="s", label="the program, all cores")
    finish(axes, results.all("test_power"), "replicates", "replicates of ACTT-4", "seconds")
    axes = next(places)
    speed_up(axes, results)
    return figure


def finish(axes: Any, cases: Iterable[Case], parameter: str, words: str, unit: str) -> None:
    logarithmic(axes, sorted({case.parameters[parameter] for case in cases}))
    axes.set_xlabel(words)
    axes.set_ylabel(unit)
    axes.legend(fontsize="x-small")


def speed_up(axes: Any, results: Results) -> None:
    """How much faster several threads and processes are than one thread."""
    rows = [
        ("law,\nthreads", "test_threads", "law engine, log-rank, 1,000 patients"),
        ("path,\nthreads", "test_threads", "path engine, 1 endpoint"),
        ("law,\nprocesses", "test_processes", "law engine, log-rank, 1,000 patients"),
        ("path,\nprocesses", "test_processes", "path engine, 1 endpoint"),
    ]
    widest = max(case.noted["width"] for case in results.all("test_threads"))
    for place, (_, function, name) in enumerate(rows):
        case = next(one for one in results.all(function, case=name) if one.noted["width"] == widest)
        clock, processor = case.speed_up
        axes.bar(place, clock, color=BLUE if "law" in name else GREEN, width=0.6)
        axes.plot([place - 0.3, place + 0.3], [processor, processor], color="black", linewidth=1.5)
    axes.axhline(widest, color=GREY, linewidth=0.8, linestyle=":")
    axes.set_ylim(0, 1.15 * widest)
    axes.set_xticks(range(len(rows)), [words for words, *_ in rows])
    axes.set_ylabel(f"times one thread, {widest} processors")
    axes.set_xlabel("bar: by the clock; line: by processor time")


def peers(results: Results) -> Figure:
    """How often jaksim does a piece of work while other software does it once."""
    found = [*results.all("test_python"), *results.all("test_r")]
    works = list(dict.fromkeys(case.parameters["work"] for case in found))
    rows = sorted(found, key=lambda case: (works.index(case.parameters["work"]), case.ratio))
    figure = Figure(figsize=(7.2, 0.27 * len(rows) + 0.7), layout="constrained")
    axes = figure.subplots()
    names = [f"{case.parameters['work']}, {case.parameters['peer']}" for case in rows]
    for place, case in enumerate(rows):
        axes.plot([1.0, case.ratio], [place, place], color=GREY, linewidth=1)
        axes.plot(case.ratio, place, color=BLUE, marker="o", markersize=5)
        axes.text(1.3 * case.ratio, place, about(case.ratio), va="center", fontsize=8)
    axes.set_yticks(range(len(rows)), names)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(1.0, 5.0 * max(case.ratio for case in rows))
    axes.xaxis.set_major_formatter(PLAIN)
    axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_xlabel("processor time for the same work, jaksim = 1")
    return figure


FIGURES: dict[str, Draw] = {"patients": patients, "growth": growth, "peers": peers}
