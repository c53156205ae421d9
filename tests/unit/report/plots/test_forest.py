"""What a forest plot and a funnel plot draw."""

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from jaksim.evidence import synthesise
from jaksim.report.evidence.synthesis import synthesis_page
from jaksim.report.plots.forest import POOLED, forest_figure, forest_lines
from jaksim.report.plots.funnel import funnel_figure


@pytest.fixture(scope="module")
def found():
    return synthesise("mortality")


def test_every_trial_and_pooled_effect_has_its_line(found):
    answers = found.as_dict()
    lines = forest_lines(answers)
    drawn = {line.label.split("  ")[0]: line for line in lines if line.kind == "trial"}
    assert set(drawn) == {trial["study"] for trial in answers["trials"]}
    for trial in answers["trials"]:
        line = drawn[trial["study"]]
        assert (line.ratio, line.interval) == (trial["ratio"], tuple(trial["ratio_interval"]))
    pooled = [line.ratio for line in lines if line.kind == "pooled"]
    classes = [part for part in answers["classes"].values() if len(part["trials"]) > 1]
    assert pooled == [part["pooled"][POOLED]["ratio"] for part in classes]
    next_trials = [line.interval for line in lines if line.kind == "next"]
    assert next_trials == [tuple(part["bayes"]["new_study"]["ratio_interval"]) for part in classes]


@pytest.mark.parametrize("outcome", ["mortality", "discharge", "clinical-status"])
def test_diamond_and_next_trial_bear_the_names_of_the_rows_of_the_report_with_their_numbers(outcome):
    answers = synthesise(outcome)
    rows = {}
    for part in synthesis_page(answers.as_dict()).split(" against control, ")[1:]:
        for row in part.splitlines():
            rows.setdefault(row[2:32].strip(), []).append(row)
    lines = forest_lines(answers.as_dict())
    pooled, following = ([line for line in lines if line.kind == kind] for kind in ("pooled", "next"))
    assert pooled
    for position, line in enumerate(pooled):
        assert f"{line.ratio:.2f} ({line.interval[0]:.2f} to {line.interval[1]:.2f})" in rows[line.label][position]
    for position, line in enumerate(following):
        row = rows[line.label.split(":")[0]][position]
        assert row.endswith("next trial {:.2f} to {:.2f}".format(*line.interval))


@pytest.mark.parametrize("outcome", ["mortality", "new-ventilation", "clinical-status"])
def test_the_axis_is_logarithmic_and_its_numbers_do_not_lie_on_each_other(outcome):
    figure = forest_figure(synthesise(outcome))
    (axes,) = figure.axes
    assert axes.get_xscale() == "log"
    low, high = axes.get_xlim()
    assert low * high == pytest.approx(1.0)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in axes.texts if text.get_text()]
    overlaps = [(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :] if a.overlaps(b)]
    assert not overlaps
    margin = 0.1 * figure.dpi
    assert all(box.x0 >= margin and box.x1 <= figure.bbox.x1 - margin for box in boxes)


def test_the_funnel_has_a_panel_for_each_class_with_several_trials(found):
    answers = found.as_dict()
    panels = funnel_figure(found).axes
    classes = [part for part in answers["classes"].values() if len(part["trials"]) > 1]
    assert [axes.get_title(loc="left").lower() for axes in panels] == [part["label"].lower() for part in classes]
    for axes, part in zip(panels, classes, strict=True):
        points = sum(len(line.get_xdata()) for line in axes.lines if line.get_marker() == "o")
        assert points == len(part["trials"])
