"""The transition diagram: scores in a row, and every move between them with its mean intensity, arm by arm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from jaksim.design.expected.move_counts import MoveCount
from jaksim.report.plots.showing.style import GROUP_COLOURS, SIZE, SMALL, score_colours, wrapped
from jaksim.verbs.showing.shown import ShownScenario

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_STEP: Final = 0.42
"""Height of an arc over each score that it passes."""
_RADIUS: Final = 0.2
_APART: Final = 0.07
"""How far from the middle of a score its moves begin and end."""
_WIDEST: Final = 4.5
_NARROWEST: Final = 0.5


def moves_figure(shown: ShownScenario) -> Figure:
    """A panel for each arm; arcs above lead to better scores, arcs below to worse ones, as wide as they are often
    gone."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    scores = list(shown.scores)[:: 1 if shown.higher_is_worse else -1]
    place = {score: position for position, score in enumerate(scores)}
    above, below = _reach(shown, place)
    height = 0.35 + 0.95 * (above + below)
    figure = Figure(figsize=(max(1.35 * len(scores) + 0.6, 6.5), height * len(shown.arms) + 1.4), layout="constrained")
    panels = figure.subplots(len(shown.arms), 1, squeeze=False)[:, 0]
    figure.suptitle(wrapped(shown.title, 90), fontsize=SIZE + 1)
    most = max((one.per_patient for one in shown.move_counts), default=1.0)
    for panel, arm in zip(panels, shown.arms, strict=True):
        for one in shown.move_counts:
            if one.arm == arm.name and one.per_patient > 0.0:
                _arc(panel, one, place, most)
        _nodes(panel, shown, scores)
        panel.set_title(arm.name, fontsize=SIZE, fontweight="bold", loc="left")
        panel.set_xlim(-0.6, len(scores) - 0.4)
        panel.set_ylim(-below, above)
        panel.set_axis_off()
    groups = dict.fromkeys(one.group for one in shown.move_counts)
    figure.legend(
        [Line2D([], [], color=GROUP_COLOURS[group], linewidth=2.5) for group in groups],
        list(groups),
        loc="outside lower left",
        ncols=len(groups),
        fontsize=SMALL,
        frameon=False,
        title=wrapped(
            f"Number at a move: its mean intensity per day over {shown.horizon} days of follow-up. Width: how many "
            f"moves a patient makes; the widest is {most:.2f}.",
            12 * int(figure.get_figwidth()),
        ),
        title_fontsize=SMALL,
        alignment="left",
    )
    return figure


def _reach(shown: ShownScenario, place: dict[int, int]) -> tuple[float, float]:
    """How far arcs go above and below the scores."""
    spans = [place[one.destination] - place[one.origin] for one in shown.move_counts]
    above = max((_height(-span) for span in spans if span < 0), default=_RADIUS)
    below = max((_height(span) for span in spans if span > 0), default=_RADIUS)
    return above + 0.1, below + 0.1


def _height(span: int) -> float:
    return _RADIUS + 0.12 + _STEP * math.pow(span, 0.8)


def _arc(panel: Any, one: MoveCount, place: dict[int, int], most: float) -> None:
    """Half an ellipse from score to score, with an arrow head and the intensity at its top."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    start, end = float(place[one.origin]), float(place[one.destination])
    up, top = (1.0 if end < start else -1.0), _height(round(abs(end - start)))
    # Patients leave a score on the side to which they go, and come on the side from which they do.
    start, end = start - up * _APART, end + up * _APART
    angle = np.linspace(0.0, math.pi, 80)
    middle, half = (start + end) / 2.0, (start - end) / 2.0
    x, y = middle + half * np.cos(angle), up * top * np.sin(angle) ** 0.75
    away = np.abs(y) > _RADIUS
    width = max(_NARROWEST, _WIDEST * math.sqrt(one.per_patient / most))
    panel.add_patch(
        FancyArrowPatch(
            path=Path(np.column_stack([x[away], y[away]])),
            arrowstyle="-|>",
            mutation_scale=8.0 + 1.6 * width,
            color=GROUP_COLOURS[one.group],
            linewidth=width,
            capstyle="butt",
            zorder=1,
        )
    )
    panel.text(
        middle,
        up * top,
        _number(one.per_day),
        ha="center",
        va="center",
        fontsize=SMALL,
        color=GROUP_COLOURS[one.group],
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        zorder=3,
    )


def _nodes(panel: Any, shown: ShownScenario, scores: list[int]) -> None:
    colours = score_colours(tuple(shown.scores), shown.higher_is_worse)
    for position, score in enumerate(scores):
        colour = colours[str(score)]
        dark = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2] < 0.5
        panel.scatter([position], [0.0], s=520, facecolor=[colour], edgecolor="black", zorder=4)
        panel.text(
            position,
            -0.01,
            str(score),
            ha="center",
            va="center",
            fontsize=SIZE + 1,
            fontweight="bold",
            color="white" if dark else "black",
            zorder=5,
        )


def _number(value: float) -> str:
    return f"{value:#.3g}"
