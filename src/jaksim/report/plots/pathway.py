"""The graph of signals drawn: drugs, kinases, cytokines and STAT proteins in four columns, with the links between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jaksim.evidence.signalling.answers import Pathway
from jaksim.evidence.signalling.graph import CYTOKINE, DRUG, KINASE, STAT
from jaksim.evidence.signalling.links import AGREED, BLOCKS, CARRIES, INHIBITS, Link
from jaksim.report.plots.conduct import BLUE, GREEN, GREY, ORANGE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS: Final = ((DRUG, "drugs"), (KINASE, "Janus kinases"), (CYTOKINE, "cytokines"), (STAT, "STAT proteins"))
_KINASES: Final = {"JAK1": BLUE, "JAK2": ORANGE, "JAK3": GREEN, "TYK2": "#cc79a7"}
_SIDES: Final = {DRUG: 0.09, KINASE: 0.045, CYTOKINE: 0.085, STAT: 0.06}
"""Half of the width of a column, which links keep free for its names."""


def pathway_figure(found: Pathway) -> Figure:
    """A link in the colour of its kinase, dashed where sources disagree; cytokines raised in Covid-19 in bold."""
    from matplotlib.figure import Figure

    tallest = max(len(found.names(kind)) for kind, _ in COLUMNS)
    figure = Figure(figsize=(9.0, 1.6 + 0.32 * max(tallest, 4)), layout="constrained")
    axes = figure.subplots()
    asked = "Cytokine, Janus kinase, STAT protein and drug" if found.node is None else found.node.name
    figure.suptitle(f"{asked}\ndashed where sources disagree, bold where raised in Covid-19", fontsize=10)
    places: dict[str, tuple[float, float, float]] = {}
    for column, (kind, label) in enumerate(COLUMNS):
        names = found.names(kind)
        axes.text(column / 3, 1.06, label, ha="center", va="bottom", fontsize=9, color=GREY)
        for row, name in enumerate(names):
            places[name] = column / 3, 1.0 - (row + 0.5) / len(names), _SIDES[kind]
    for link in found.links:
        _draw(axes, link, places)
    raised = {node.name for node in found.nodes if any("raised" in remark for remark in node.remarks)}
    for name, (across, up, _) in places.items():
        own = found.node is not None and name == found.node.name
        box = {"boxstyle": "round,pad=0.25", "facecolor": "#dddddd", "edgecolor": GREY} if own else None
        weight = "bold" if own or name in raised else "normal"
        axes.text(across, up, name, ha="center", va="center", fontsize=8.5, fontweight=weight, bbox=box)
    axes.set_xlim(-0.13, 1.13)
    axes.set_ylim(-0.02, 1.12)
    axes.axis("off")
    return figure


def _draw(axes: Any, link: Link, places: dict[str, tuple[float, float, float]]) -> None:
    (left, low, half), (right, high, other) = places[link.source], places[link.target]
    kinase = link.target if link.relation == INHIBITS else link.source if link.relation == CARRIES else ""
    colour = "black" if link.relation == BLOCKS else _KINASES.get(kinase, GREY)
    style = "-" if link.standing == AGREED else (0, (4, 2.5))
    ends = [left + half, right - other], [low, high]
    axes.plot(*ends, color=colour, linestyle=style, linewidth=0.9, alpha=0.8, zorder=0)
