"""What a plot of plans shows, read from the figure."""

import pytest

from jaksim import plan
from jaksim.report.plots.plan import plan_figure

CONTROL = (0.60, 0.08, 0.08, 0.05, 0.09, 0.10)


def points(panel):
    return [
        (float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in panel.lines if len(line.get_xdata()) == 1
    ]


def test_designs_are_points_on_curves_over_size_and_effect():
    found = plan.ordinal(control=CONTROL, odds_ratio=[1.3, 1.6], power=[0.8, 0.9])
    by_size, by_effect = plan_figure(found).axes
    assert points(by_size) == [(one.size, 100 * one.power) for one in found.designs]
    assert points(by_effect) == [(one.effect, 100 * one.power) for one in found.designs]
    assert [text.get_text() for text in by_size.get_legend().get_texts()] == ["odds ratio 1.3", "odds ratio 1.6"]
    curves = [line for line in by_effect.lines if len(line.get_xdata()) > 1]
    assert [float(line.get_ydata()[0]) for line in curves] == pytest.approx([2.5] * 4)
    assert by_effect.get_xlabel() == "odds ratio"


def test_a_given_distribution_has_no_other_effects():
    found = plan.ordinal(control=CONTROL, active=CONTROL[::-1], power=0.9)
    (panel,) = plan_figure(found).axes
    assert points(panel) == [(found.designs[0].size, 100 * found.designs[0].power)]


def test_equivalence_goes_from_margin_to_margin():
    found = plan.ordinal(control=CONTROL, hypothesis="equivalence", margin=0.7, power=0.8)
    _, by_effect = plan_figure(found).axes
    (curve,) = [line for line in by_effect.lines if len(line.get_xdata()) > 1]
    assert [curve.get_xdata()[0], curve.get_xdata()[-1]] == pytest.approx([0.7, 1 / 0.7])
    assert max(curve.get_ydata()) == pytest.approx(100 * found.designs[0].power, abs=1e-6)
