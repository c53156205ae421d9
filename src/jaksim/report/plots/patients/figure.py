"""The figure of the analyses of a data set: what became of the patients of each arm, with the estimates."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from jaksim.endpoint.kinds import kind_of
from jaksim.patient_data.analyze import AnalyzedData
from jaksim.patient_data.from_data import TrialData
from jaksim.report.analysis import estimate_sentence
from jaksim.report.plots.figure_file import check_plot, write_figure
from jaksim.report.plots.patients.bars import draw_bars
from jaksim.report.plots.patients.events import draw_events
from jaksim.report.plots.patients.occupation import draw_occupation
from jaksim.report.plots.patients.survival import draw_survival
from jaksim.report.plots.patients.values import draw_values

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

WIDTH: Final = 7.6
MOST_BARS: Final = 12
MOST_SENTENCES: Final = 5
_TALL: Final[dict[Callable[..., None], float]] = {
    draw_survival: 4.6,
    draw_occupation: 3.7,
    draw_bars: 2.1,
    draw_events: 1.9,
    draw_values: 3.4,
}
_SENTENCE: Final = 0.21
_TITLE: Final = 0.35


def plot_analysis(found: AnalyzedData, path: str | os.PathLike[str]) -> None:
    """Write the figure to a PNG, SVG or PDF file, by the ending of its name."""
    check_plot(path)
    write_figure(analysis_figure(found), path)


def analysis_figure(found: AnalyzedData) -> Figure:
    """A panel for each endpoint, reference arm first, with the estimates below its title."""
    from matplotlib.figure import Figure

    panels = list(_panels(found))
    tall = [_TALL[draw] + _TITLE + _SENTENCE * len(sentences) for draw, _, _, sentences in panels]
    figure = Figure(figsize=(WIDTH, sum(tall)))
    parts = figure.subfigures(len(panels), 1, squeeze=False, height_ratios=tall)[:, 0]
    for part, height, (draw, trial, title, sentences) in zip(parts, tall, panels, strict=True):
        top = _headed(part, height, title, sentences)
        draw(part, trial, top, height)
    return figure


def _panels(found: AnalyzedData) -> list[tuple[Callable[..., None], TrialData, str, list[str]]]:
    """What draws each panel, its patients, its title and sentences; daily scores of the same patients come once."""
    panels: list[tuple[Callable[..., None], TrialData, str, list[str]]] = []
    for trial in found.data:
        sentences = [
            estimate_sentence(one.as_dict()) for one in found.analyses if one.data.endpoint.name == trial.endpoint.name
        ][:MOST_SENTENCES]
        if trial.weight is not None:
            sentences.append(f"Weighted by {trial.weight}; numbers of patients and curves are without weights.")
        title = trial.endpoint.name[:1].upper() + trial.endpoint.name[1:]
        if trial.states is not None and not any(draw is draw_occupation for draw, *_ in panels):
            longitudinal = trial.endpoint.kind == "longitudinal"
            panels.append((draw_occupation, trial, "Status by day", sentences if longitudinal else []))
        if trial.endpoint.kind != "longitudinal":
            panels.append((_drawn_by(trial), trial, title, sentences))
    return panels


def _drawn_by(trial: TrialData) -> Callable[..., None]:
    kind = kind_of(trial.endpoint)
    if kind.timed:
        return draw_survival
    if kind.has_event:
        return draw_events
    used = (trial.counts.by_arm.sum(axis=0) > 0).sum()
    return draw_bars if used <= MOST_BARS else draw_values


def _headed(part: SubFigure, height: float, title: str, sentences: list[str]) -> float:
    """Write title and sentences; where the panel may begin, as a share of the height from below."""
    part.text(0.02, 1.0 - 0.12 / height, title, fontsize=11, fontweight="bold", va="top")
    for number, sentence in enumerate(sentences):
        y = 1.0 - (_TITLE + _SENTENCE * number) / height
        part.text(0.02, y, sentence, fontsize=8.5, va="top", color="#333333")
    return 1.0 - (_TITLE + _SENTENCE * len(sentences) + 0.08) / height
