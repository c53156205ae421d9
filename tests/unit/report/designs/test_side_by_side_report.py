"""The report and the figure of designs side by side."""

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import jaksim
from jaksim.report.designs.side_by_side import _without_measure
from jaksim.report.plots.comparison import comparison_figure


@pytest.fixture(scope="module")
def found():
    return jaksim.compare("actt4", "actt4-interims", "ruxcovid", replicates=20)


def test_what_a_design_lacks_is_a_dash(found):
    lines = [line.split() for line in found.report().splitlines()]
    patients = next(line for line in lines if line[:2] == ["patients", "planned"])
    assert patients[2:] == ["1,500", "1,500", "432"]
    average = next(line for line in lines if line[:3] == ["patients", "on", "average"])
    assert (average[3], average[-1]) == ("-", "-")
    assert any(line[:2] == ["ends:", "futility"] for line in lines)
    assert "nan" not in found.report()


def test_a_measure_that_all_share_stands_in_front():
    assert _without_measure(["odds ratio 1.11", None, "odds ratio 0.9"]) == (["1.11", None, "0.9"], "odds ratio")
    assert _without_measure(["one-step hazard ratio 1.04"]) == (["1.04"], "one-step hazard ratio")
    assert _without_measure(["-0.2 % points"]) == (["-0.2 % points"], "")
    assert _without_measure(["not estimable", "odds ratio 1.1"]) == (["not estimable", "odds ratio 1.1"], "")


def test_one_replicate_has_no_errors():
    assert "nan" not in jaksim.compare("actt4", "actt4", "actt4", replicates=1).report()


def test_the_figure_has_every_design_and_analysis(found):
    figure = comparison_figure(found)
    FigureCanvasAgg(figure).draw()
    left, right = figure.axes
    assert len(left.containers) == 3
    assert len(right.containers) == 2
    assert len(left.get_yticks()) == len(found.rows_of_analyses)
    of_two = comparison_figure(jaksim.compare("actt4", "actt4", replicates=5))
    assert [len(panel.containers) for panel in of_two.axes] == [2, 1]
