"""The plot of every answer that has one, by the name of its class."""

from __future__ import annotations

import os
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from jaksim.errors import InputError
from jaksim.report.blocks import Figure
from jaksim.report.plots.figure_file import check_matplotlib, check_plot, write_figure
from jaksim.result import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

PLOTS: Final[dict[str, tuple[str, str, str]]] = {
    "PowerResult": (
        "jaksim.report.plots.characteristics",
        "power_figure",
        "Bounds on z by information, and the shares of trials that end at each analysis.",
    ),
    "Plan": ("jaksim.report.plots.plan", "plan_figure", "Power by size, and by effect."),
    "ShootOut": (
        "jaksim.report.plots.shoot_out",
        "shoot_out_figure",
        "Power of every analysis with its 95 % Monte Carlo interval, and the correlations of their z.",
    ),
    "ShownScenario": (
        "jaksim.report.plots.showing.figures",
        "shown_figure",
        "State occupation by day, arm and baseline score.",
    ),
    "ShownPhases": (
        "jaksim.report.plots.showing.phases",
        "phases_figure",
        "Phases by days since onset, hazard ratios of patients who come early or late, published odds ratios.",
    ),
    "Comparison": (
        "jaksim.report.plots.comparison",
        "comparison_figure",
        "Power of every analysis in both designs, and the differences, with 95 % Monte Carlo intervals.",
    ),
    "SideBySide": (
        "jaksim.report.plots.comparison",
        "comparison_figure",
        "Power of every analysis in every design, and the differences from A, with 95 % Monte Carlo intervals.",
    ),
    "SampleSize": (
        "jaksim.report.plots.powers.size",
        "size_figure",
        "Power against patients: the steps of the search and the analytic law.",
    ),
    "AssuranceResult": (
        "jaksim.report.plots.powers.assurance",
        "assurance_figure",
        "Assurance against patients.",
    ),
    "SweepState": (
        "jaksim.report.plots.powers.sweep",
        "sweep_figure",
        "Power over the points of the sweep.",
    ),
    "PredictedTrial": (
        "jaksim.report.plots.powers.prediction",
        "prediction_figure",
        "Predicted estimates, and the probability of success.",
    ),
    "ConductResult": (
        "jaksim.report.plots.conduct",
        "conduct_figure",
        "Patients, sites, analyses and ends by day.",
    ),
    "ForecastResult": (
        "jaksim.report.plots.forecast",
        "forecast_figure",
        "Patients and sites so far and to come, analyses and ends by day.",
    ),
    "AnalyzedData": (
        "jaksim.report.plots.patients.figure",
        "analysis_figure",
        "What became of the patients of each arm, with the estimates.",
    ),
    "Boundaries": (
        "jaksim.report.plots.boundaries",
        "boundaries_figure",
        "Bounds on z by information, and the chances of crossing them.",
    ),
    "MonitoringCharter": (
        "jaksim.report.plots.charter",
        "charter_figure",
        "Bounds on z by information, and the estimate at each bound on the day of its analysis.",
    ),
    "Pathway": (
        "jaksim.report.plots.pathway",
        "pathway_figure",
        "Drugs, the kinases that they inhibit, the cytokines that these carry, and STAT proteins.",
    ),
    "Subgroups": (
        "jaksim.report.plots.subgroups",
        "subgroups_figure",
        "Odds ratio of each subgroup with its 95 % interval, as reported in grey and shrunken in colour.",
    ),
    "SynthesisResult": (
        "jaksim.report.plots.forest",
        "forest_figure",
        "Trials, pooled effects and the interval of the next trial.",
    ),
}
"""By class of an answer, the module and the function that draws a figure of it, and what stands below the figure."""


def plot_of(answer: Result, path: str | os.PathLike[str] | None = None) -> Drawing:
    """The figure of an answer, also written to `path` where it is given; InputError for an answer without a plot."""
    name = type(answer).__name__
    if name not in PLOTS:
        raise InputError("there is no plot of this", where="plot", allowed=PLOTS, got=name)
    if path is not None:
        check_plot(path, "path")
    check_matplotlib("plot")
    module, function, _ = PLOTS[name]
    figure: Drawing = getattr(import_module(module), function)(answer)
    if path is not None:
        write_figure(figure, path)
    return figure


def figures_of(answer: Result) -> list[Figure]:
    """The figure that a document about the answer shows; none where it has no plot, or matplotlib is missing."""
    if type(answer).__name__ not in PLOTS or find_spec("matplotlib") is None:
        return []
    try:
        drawing = plot_of(answer)
    except InputError:  # there is nothing to plot in this one
        return []
    return [Figure(PLOTS[type(answer).__name__][2], lambda: drawing)]
