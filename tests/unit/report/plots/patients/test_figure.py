"""Figures of data sets: who is who, numbers at risk, units, censored patients, estimates, shares."""

import numpy as np
import pytest
from matplotlib.text import Text

import jaksim
from jaksim.report.plots.patients.events import wilson
from jaksim.report.plots.patients.figure import analysis_figure
from jaksim.report.plots.patients.style import even_marks
from jaksim.report.plots.patients.survival import at_risk

AML = {
    "arm": ["Maintained"] * 11 + ["Observed"] * 12,
    "time": [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161, 5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45],
    "status": [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1],
}


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_survival_tells_arms_numbers_at_risk_unit_and_estimate():
    found = jaksim.analyze(AML, methods=["cox", "log_rank"], reference="Observed", time_unit="weeks")
    figure = analysis_figure(found)
    said = texts(figure)
    assert {"Observed (n = 12)", "Maintained (n = 11)", "time (weeks)", "without the event (%)", "At risk"} <= {*said}
    assert "Cox model: hazard ratio 0.4003 (95 % interval 0.1468 to 1.092), p = 0.0737" in said
    (panel,) = figure.axes
    ticks = [mark for mark in panel.get_xticks() if mark <= 161]
    shown = [text.get_text() for text in panel.texts]
    counted = [
        sum(time >= mark and arm == name for time, arm in zip(AML["time"], AML["arm"], strict=True))
        for name in ("Observed", "Maintained")
        for mark in ticks
    ]
    assert shown == [str(number) for number in counted]
    strokes = [line.get_xdata().tolist() for line in panel.lines if line.get_marker() == "|"]
    assert strokes == [[16.0], [13.0, 28.0, 45.0, 161.0]]


def test_patients_who_enter_late_are_at_risk_after_their_entry():
    data = {
        "arm": ["a", "a", "a", "b", "b"],
        "entry": [0, 2, 4, 0, 3],
        "time": [5, 6, 9, 7, 8],
        "status": [1, 1, 0, 1, 1],
    }
    (trial,) = jaksim.analyze(data, method="cox", entry="entry").data
    assert [at_risk(trial, 0, mark) for mark in (0, 2, 3, 4, 4.5, 6, 9, 10)] == [1, 1, 2, 2, 3, 2, 1, 0]
    assert [at_risk(trial, 1, mark) for mark in (0, 3, 4, 8)] == [1, 1, 2, 1]


def test_competing_events_are_drawn_beside_the_event():
    data = {"arm": ["a"] * 5 + ["b"] * 5, "time": [1, 2, 3, 4, 5] * 2, "status": [1, 2, 1, 0, 2, 1, 1, 2, 0, 0]}
    (panel,) = analysis_figure(jaksim.analyze(data, methods=["gray"])).axes
    lines = {line.get_label(): line.get_ydata()[-1] for line in panel.lines if not line.get_label().startswith("_")}
    # Aalen and Johansen: a 1/5 + 3/5 * 1/3, and 1/5 + 2/5 for the other; b 1/5 + 4/5 * 1/4, and 3/5 * 1/3.
    assert lines == pytest.approx(
        {"a (n = 5)": 0.4, "a, competing event": 0.6, "b (n = 5)": 0.4, "b, competing event": 0.2}
    )
    assert panel.get_xlabel() == "time (unit not told)"


def test_daily_scores_are_stacked_by_day():
    days = {f"score_day_{day}": scores for day, scores in enumerate([[5, 5, 6, 4], [4, 6, 7, 4], [2, 7, 8, 3]])}
    data = {"arm": ["p", "p", "d", "d"], **days}
    asked = {"kind": "time_to_event", "set": "recovered"}
    found = jaksim.analyze(data, method="cox", endpoint=asked, scale="niaid-8", reference="p")
    first, second, curves = analysis_figure(found).axes
    assert (first.get_title(), second.get_title()) == ("p (n = 2)", "d (n = 2)")
    heights = np.array([bar.get_height() for bar in first.patches]).reshape(-1, 3)
    labels = [container.get_label() for container in first.containers]
    assert dict(zip(labels, heights.tolist(), strict=True)) == {
        "2": [0, 0, 0.5], "3": [0, 0, 0], "4": [0, 0.5, 0], "5": [1, 0, 0], "6": [0, 0.5, 0], "7": [0, 0, 0.5],
        "8": [0, 0, 0],
    }  # fmt: skip
    assert curves.get_xlabel() == "time (days)"


def test_scores_are_bars_few_or_a_distribution_many():
    few = {"arm": ["a"] * 4 + ["b"] * 4, "score": [1, 2, 2, 3, 1, 1, 2, 2]}
    (panel,) = analysis_figure(jaksim.analyze(few, method="wilcoxon")).axes
    assert [bar.get_width() for bar in panel.patches] == [0.25, 0.5, 0.5, 0.5, 0.25, 0.0]
    many = {"arm": ["a"] * 20 + ["b"] * 20, "score": [*range(20), *range(2, 22)]}
    (panel,) = analysis_figure(jaksim.analyze(many, method="wilcoxon")).axes
    assert [line.get_label() for line in panel.lines[:2]] == ["a (n = 20), median 9", "b (n = 20), median 11"]


def test_an_event_is_a_share_with_its_interval():
    data = {"arm": ["a"] * 10 + ["b"] * 10, "event": [1] * 2 + [0] * 18}
    (panel,) = analysis_figure(jaksim.analyze(data, method="risk_difference")).axes
    assert [text.get_text().strip() for text in panel.texts] == [
        "2 of 10: 20.0 % (5.7 to 51.0)",
        "0 of 10: 0.0 % (0.0 to 27.8)",
    ]
    # binom::binom.confint(c(2, 0), 10, methods = "wilson") of R
    assert wilson(2, 10) == pytest.approx((0.05668215, 0.5098375), rel=1e-6)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775328), rel=1e-6)


@pytest.mark.parametrize(
    ("last", "unit", "marks"),
    [
        (28, "days", [0, 7, 14, 21, 28]),
        (10, "days", [0, 2, 4, 6, 8, 10]),
        (36, "months", [0, 6, 12, 18, 24, 30, 36]),
        (161, "weeks", [0, 30, 60, 90, 120, 150]),
        (0.9, None, [0, 0.2, 0.4, 0.6, 0.8]),
        (4556, None, [0, 1000, 2000, 3000, 4000]),
        (20000, "days", [0, 3000, 6000, 9000, 12000, 15000, 18000]),
    ],
)
def test_marks_of_time_are_round(last, unit, marks):
    assert even_marks(last, unit) == pytest.approx(marks)
