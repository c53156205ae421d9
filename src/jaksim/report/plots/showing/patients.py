"""The figure of single courses: simulated patients of each arm, a line each, coloured by their score of each day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from jaksim.report.plots.showing.style import SIZE, SMALL, day_axis, score_colours, stacked, wrapped
from jaksim.verbs.showing.shown import ShownScenario

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PATIENTS: Final = 24
"""Of each arm; those of one replicate at even distances, in which strata have their shares."""


def patients_figure(shown: ShownScenario) -> Figure:
    """A panel for each arm; patients are sorted by baseline score and by how they did."""
    from matplotlib.colors import ListedColormap
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    from jaksim.verbs.simulate import simulate_trial

    simulated = simulate_trial(shown.asked, door="fast")
    patients = simulated.patients
    arms = [arm.name for arm in shown.arms]
    figure = Figure(figsize=(max(3.0, 6.0 / len(arms)) * len(arms) + 2.9, 4.6), layout="constrained")
    panels = figure.subplots(1, len(arms), squeeze=False)[0]
    seed = f"replicate {simulated.replicate}, seed {simulated.seed}"
    figure.suptitle(f"{wrapped(shown.title, 90)}\nsimulated patients, {seed}", fontsize=SIZE + 1)
    colours = score_colours(tuple(shown.scores), shown.higher_is_worse)
    scores = list(shown.scores)
    for panel, arm in zip(panels, arms, strict=True):
        own = np.flatnonzero(patients.arm == patients.arm_names.index(arm))
        chosen = own[np.linspace(0, len(own) - 1, min(PATIENTS, len(own))).round().astype(int)]
        courses = np.where(patients.seen[chosen], np.searchsorted(scores, patients.scores[chosen]), -1)
        courses = courses[_sorted(courses, worse=1 if shown.higher_is_worse else -1)]
        _draw(panel, courses, ListedColormap(["white", *(colours[str(score)] for score in scores)]), len(scores))
        panel.set_title(wrapped(arm, 30), fontsize=SIZE, fontweight="bold")
        panel.set_xlabel("days since randomisation", fontsize=SIZE)
        day_axis(panel, shown.horizon)
        panel.set_xlim(-0.5, shown.horizon + 0.5)
    panels[0].set_ylabel(f"{PATIENTS} patients, one line each", fontsize=SIZE)
    order = stacked(tuple(scores), shown.higher_is_worse)[::-1]
    names = {str(score): wrapped(f"{score}: {label}") for score, label in shown.scores.items()}
    handles = [Patch(facecolor=colours[score], edgecolor="black", linewidth=0.3) for score in order]
    labels = [names[score] for score in order]
    if not patients.seen.all():
        handles.append(Patch(facecolor="white", edgecolor="black", linewidth=0.3))
        labels.append("not seen")
    figure.legend(handles, labels, loc="outside right center", fontsize=SMALL, frameon=False, alignment="left")
    return figure


def _sorted(courses: NDArray[Any], worse: int) -> NDArray[Any]:
    """Order by the score of the first day, then by the mean score."""
    return np.lexsort((worse * courses.mean(axis=1), worse * courses[:, 0]))


def _draw(panel: Any, courses: NDArray[Any], colours: Any, n_scores: int) -> None:
    panel.imshow(
        courses, cmap=colours, vmin=-1.5, vmax=n_scores - 0.5, aspect="auto", interpolation="nearest", rasterized=True
    )
    panel.hlines(np.arange(0.5, len(courses) - 1), -0.5, courses.shape[1] - 0.5, color="white", linewidth=1.0)
    panel.set_yticks([])
    panel.tick_params(labelsize=SMALL)
