"""The figure of state occupation: the scores of the patients stacked by day, by arm and by baseline score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jaksim.design.expected.occupation import WITHDRAWN as LEFT
from jaksim.design.expected.occupation import Occupation
from jaksim.report.plots.showing.style import (
    SIZE,
    SMALL,
    WITHDRAWN,
    day_axis,
    score_colours,
    stacked,
    wrapped,
)
from jaksim.verbs.showing.shown import ShownScenario

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PANEL = (2.7, 1.75)
_LEGEND = 2.9


def occupation_figure(shown: ShownScenario) -> Figure:
    """A column for each arm, a row for all patients and for each baseline score."""
    from matplotlib.figure import Figure

    arms = [arm.name for arm in shown.arms]
    by_arm = [[one for one in shown.occupation if one.arm == arm] for arm in arms]
    rows, width = len(by_arm[0]), max(_PANEL[0], 6.0 / len(arms))
    height = _PANEL[1] if rows > 1 else 3.0
    figure = Figure(figsize=(width * len(arms) + _LEGEND, height * rows + 1.1), layout="constrained")
    panels = np.atleast_2d(figure.subplots(rows, len(arms), sharex=True, sharey=True, squeeze=False))
    figure.suptitle(wrapped(shown.title, 90), fontsize=SIZE + 1)
    handles: list[Any] = []
    for column, own in enumerate(by_arm):
        for row, one in enumerate(own):
            handles = _draw(panels[row, column], shown, one)
        panels[0, column].set_title(wrapped(arms[column], 12 * int(width)), fontsize=SIZE, fontweight="bold")
        panels[-1, column].set_xlabel("days since randomisation", fontsize=SIZE)
    for row, one in enumerate(by_arm[0]):
        whose = "all patients" if one.baseline is None else f"baseline score {one.baseline}"
        panels[row, 0].set_ylabel(f"{whose}\n% of patients", fontsize=SIZE)
    names = {str(score): wrapped(f"{score}: {label}") for score, label in shown.scores.items()}
    labels = [names.get(state, "withdrawn from the study") for state in _order(shown)]
    legend = figure.legend(
        handles[::-1],
        labels[::-1],
        loc="outside right center",
        fontsize=SMALL,
        frameon=False,
        title=f"{wrapped(shown.scale)}, worst above",
        alignment="left",
    )
    legend.get_title().set_fontsize(SMALL)
    return figure


def _order(shown: ShownScenario) -> list[str]:
    """The states from the bottom up."""
    return [*stacked(tuple(shown.scores), shown.higher_is_worse), *shown.occupation[0].states[len(shown.scores) :]]


def _draw(panel: Any, shown: ShownScenario, one: Occupation) -> list[Any]:
    colours = {**score_colours(tuple(shown.scores), shown.higher_is_worse), LEFT: WITHDRAWN}
    order = _order(shown)
    probability = 100.0 * np.array(one.probability)[:, [one.states.index(state) for state in order]].T
    bands = panel.stackplot(
        np.arange(shown.horizon + 1),
        probability,
        colors=[colours[state] for state in order],
        edgecolor="white",
        linewidth=0.5,
    )
    day_axis(panel, shown.horizon)
    panel.set_ylim(0, 100)
    panel.set_yticks(range(0, 101, 25))
    panel.tick_params(labelsize=SMALL)
    return list(bands)
