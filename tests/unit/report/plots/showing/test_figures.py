"""What the figures of a scenario draw, and where they are written."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import jaksim
from jaksim.errors import InputError
from jaksim.report.plots.showing.figures import FIGURES, places_of, plot_shown
from jaksim.report.plots.showing.style import day_axis, score_colours


@pytest.fixture(scope="module")
def shown():
    names = ("actt4", "stroke-alteplase", "recovery-multi-arm", "delayed-effect")
    return {name: jaksim.show(name) for name in names}


def overlapping(texts, renderer):
    """Pairs of texts whose boxes overlap."""
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in texts if text.get_text()]
    return [
        (one, other)
        for place, (one, box) in enumerate(boxes)
        for other, beside in boxes[place + 1 :]
        if box.overlaps(beside)
    ]


def drawn(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return canvas.get_renderer()


@pytest.mark.parametrize("name", ["actt4", "stroke-alteplase", "recovery-multi-arm", "delayed-effect"])
def test_no_number_of_the_diagram_covers_another(shown, name):
    figure = FIGURES["moves"](shown[name])
    renderer = drawn(figure)
    for panel in figure.axes:
        assert overlapping(panel.texts, renderer) == []
    moves = {one.move for one in shown[name].move_counts}
    assert all(len(panel.texts) == len(moves) + len(shown[name].scores) for panel in figure.axes)


@pytest.mark.parametrize("name", ["actt4", "recovery-multi-arm"])
def test_states_are_stacked_to_a_hundred_in_every_panel(shown, name):
    figure = FIGURES["occupation"](shown[name])
    drawn(figure)
    assert len(figure.axes) == len(shown[name].occupation)
    for panel in figure.axes:
        top = max(band.get_paths()[0].vertices[:, 1].max() for band in panel.collections)
        assert top == pytest.approx(100.0)
        assert len(panel.collections) == len(shown[name].scores)


def test_windows_are_drawn_for_every_arm_that_has_some(shown):
    figure = FIGURES["window"](shown["recovery-multi-arm"])
    assert len(figure.axes) == 2 * 2
    steps = {line.get_label(): line.get_ydata() for line in figure.axes[0].lines}
    assert steps["deterioration"][0] == pytest.approx(0.69, abs=0.005)
    lasting = jaksim.show("delayed-effect", changes=["disease.treatments.drug.effect.0.window={ start = 0 }"])
    with pytest.raises(InputError, match="no effect of any arm has a window"):
        FIGURES["window"](lasting)


def test_lightness_falls_from_the_best_to_the_worst_score():
    for higher_is_worse in (True, False):
        colours = np.array([score_colours(range(1, 9), higher_is_worse)[str(score)] for score in range(1, 9)])
        lightness = colours[:, :3] @ (0.299, 0.587, 0.114)
        assert (np.diff(lightness if higher_is_worse else -lightness) < 0.0).all()


def test_one_figure_or_all_are_written(shown, tmp_path):
    lasting = jaksim.show("delayed-effect", changes=["disease.treatments.drug.effect.0.window={ start = 0 }"])
    assert [path.name for path in plot_shown(lasting, tmp_path / "all")] == [
        "all-occupation.png",
        "all-moves.png",
        "all-patients.png",
    ]
    assert [path.name for path in plot_shown(shown["actt4"], tmp_path / "one.svg", "window")] == ["one.svg"]
    assert (tmp_path / "one.svg").read_text("utf-8").startswith("<?xml")
    with pytest.raises(InputError, match="did you mean 'moves'"):
        places_of(tmp_path / "one.png", "move")
    with pytest.raises(InputError, match="ending"):
        places_of(tmp_path / "one.gif", "moves")


@pytest.mark.parametrize(("horizon", "ticks"), [(5, 6), (28, 5), (90, 7), (365, 7), (3650, 6)])
def test_days_have_few_round_ticks(horizon, ticks):
    from matplotlib.figure import Figure

    panel = Figure().subplots()
    day_axis(panel, horizon)
    assert len(panel.get_xticks()) == ticks
