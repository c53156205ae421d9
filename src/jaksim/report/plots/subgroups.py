"""Subgroups drawn: each level as reported and shrunken, on a log axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jaksim.evidence.subgroups.answers import Subgroups
from jaksim.report.plots.conduct import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDEST: Final = 8.0
"""The axis reaches no further than this factor from 1."""
TICKS: Final = (0.2, 0.5, 1.0, 2.0, 5.0)


def subgroups_figure(found: Subgroups) -> Figure:
    """The published or crude odds ratio of each level in grey, what is left of it in blue; findings in orange."""
    from matplotlib.figure import Figure

    answers = found.as_dict()
    said = {(finding["characteristic"], finding["level"]) for finding in answers["findings"]}
    n = sum(len(one["levels"]) + 1 for one in answers["characteristics"])
    figure = Figure(figsize=(8.0, 1.3 + 0.24 * n), layout="constrained")
    axes = figure.subplots()
    figure.suptitle(f"{answers['title']}\ngrey as reported, in colour shrunken", fontsize=10)
    place, labels = 0, []
    for one in answers["characteristics"]:
        labels.append((place, one["name"], True))
        for level in one["levels"]:
            place += 1
            labels.append((place, level["level"], False))
            shrunken = level["published_shrunken"] or level["shrunken"]
            colour = ORANGE if (one["name"], level["level"]) in said else BLUE
            _draw(axes, place - 0.14, level["published"] or {"odds_ratio": level["odds_ratio"]}, GREY)
            _draw(axes, place + 0.14, shrunken, colour)
        place += 1
    axes.axvline(1.0, color="black", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_xlim(1.0 / WIDEST, WIDEST)
    axes.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
    axes.minorticks_off()
    axes.set_xlabel(f"odds ratio of {answers['event']}")
    axes.set_yticks([at for at, _, _ in labels], [text for _, text, _ in labels], fontsize=8)
    for tick, (_, _, bold) in zip(axes.get_yticklabels(), labels, strict=True):
        tick.set_fontweight("bold" if bold else "normal")
    axes.set_ylim(place - 0.4, -0.8)
    return figure


def _draw(axes: Any, at: float, value: dict[str, Any], colour: str) -> None:
    if value["odds_ratio"] is None or not 0.0 < value["odds_ratio"] < float("inf"):
        return
    if "interval" in value:
        axes.plot(value["interval"], [at, at], color=colour, linewidth=1.4)
    axes.plot([value["odds_ratio"]], [at], marker="o", markersize=3.5, color=colour)
