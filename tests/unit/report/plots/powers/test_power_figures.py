"""What the figures of sizes, sweeps, assurances and predictions draw."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import jaksim
from jaksim.design.sizing import analytic_curve
from jaksim.errors import InputError
from jaksim.report.plots.powers.sweep import sweep_figure

SMALL = ("population.patients=300,600,1200",)


def swept(tmp_path, *vary, **options):
    tmp_path.mkdir(exist_ok=True)
    return jaksim.sweep("actt4", out=tmp_path / "sweep", vary=vary, replicates=20, **options)


def drawn(figure):
    FigureCanvasAgg(figure).draw()
    return [panel for panel in figure.axes if panel.get_visible()]


def test_a_key_of_numbers_makes_curves_with_the_powers_of_the_table(tmp_path):
    found = swept(tmp_path, *SMALL)
    (panel,) = drawn(found.plot())
    powers = {row["analysis"]: [] for row in found.rows()}
    for row in found.rows():
        powers[row["analysis"]].append(100.0 * row["power"])
    lines = {line.get_label(): line for line in panel.lines if not line.get_label().startswith("_")}
    assert lines.keys() == powers.keys()
    for name, line in lines.items():
        assert list(line.get_xdata()) == [300, 600, 1200]
        assert line.get_ydata() == pytest.approx(powers[name])


def test_two_keys_of_numbers_make_contours_and_another_key_panels(tmp_path):
    alphas = "analysis.0.alpha=0.01,0.05,0.1"
    contours = drawn(swept(tmp_path / "a", *SMALL, alphas).plot())
    assert len(contours) == 6 + 1  # the analyses, and the bar of the shades
    assert contours[-1].get_ylabel() == "power, % of the trials"
    labels = [(panel, label) for panel in contours[:-1] for label in panel.texts]
    assert labels
    for panel, label in labels:
        box, frame = label.get_window_extent(), panel.get_window_extent()
        assert frame.x0 < 0.5 * (box.x0 + box.x1) < frame.x1
        assert frame.y0 < 0.5 * (box.y0 + box.y1) < frame.y1
    curves = drawn(swept(tmp_path / "b", *SMALL, "population.stratum_sizes=drawn,fixed").plot())
    assert [panel.get_title(loc="left") for panel in curves] == [
        "population.stratum_sizes = drawn",
        "population.stratum_sizes = fixed",
    ]
    null = swept(tmp_path / "c", "population.stratum_sizes=drawn,fixed", null=True)
    assert "TYPE I ERROR" in null.report()
    assert "POWER" not in null.report()
    (points,) = drawn(null.plot())
    assert points.get_xlabel() == "type I error, % of the trials"
    assert [label.get_text() for label in points.get_yticklabels()] == [
        "population.stratum_sizes = drawn",
        "population.stratum_sizes = fixed",
    ]


def test_many_keys_make_a_panel_each(tmp_path):
    ranges = ("population.patients=300:900", "analysis.0.alpha=0.01:0.1", "analysis.1.alpha=0.01:0.1")
    panels = drawn(swept(tmp_path, *ranges, latin=5).plot())
    assert [panel.get_xlabel() for panel in panels] == [one.split("=")[0] for one in ranges]


def test_what_has_no_figure_is_refused(tmp_path):
    with pytest.raises(InputError, match="no key is varied"):
        sweep_figure(swept(tmp_path))
    with pytest.raises(InputError, match="10 panels"):
        swept(
            tmp_path / "many", "population.patients=300,600,900", "population.stratum.0.name=a,b,c,d,e,f,g,h,i,j"
        ).plot()


def test_a_size_is_drawn_with_its_steps_and_the_analytic_curve():
    found = jaksim.size("actt2", power=0.8, replicates=300, analysis="score on day 15, proportional_odds")
    (panel,) = drawn(found.plot())
    labels = panel.get_legend_handles_labels()[1]
    assert f"answer: {found.n_patients:,} ({found.interval[0]:,} to {found.interval[1]:,})" in labels
    (line,) = [line for line in panel.lines if line.get_label() == "analytic"]
    curve = np.interp(found.analytic_n_patients, line.get_xdata(), line.get_ydata())
    assert curve == pytest.approx(80.0, abs=1.0)


def test_the_analytic_curve_passes_through_the_analytic_sizes():
    trial = jaksim.load_scenario("actt2").trial
    name = "score on day 15, proportional_odds"
    sizes = jaksim.power("actt2", replicates=2).analyses
    needed = next(one.n_for_power for one in sizes if one.name == name)
    (_, at), (_, less) = analytic_curve(trial, name, [needed["90"], needed["90"] - 2])
    assert less < 0.9 <= at


def test_an_assurance_is_drawn_through_the_one_that_was_found():
    name = "score on day 15, proportional_odds"
    found = jaksim.assurance("actt2", target=0.6, analysis=name, draws=20)
    assert dict(found.by_patients[name])[found.n_patients] == pytest.approx(found.analyses[0].assurance, abs=1e-12)
    assert found.analyses[0].assurance >= 0.6
    (panel,) = drawn(found.plot())
    assert f"{found.n_patients:,} patients" in [text.get_text() for text in panel.texts]
    with pytest.raises(InputError, match="one number of patients only"):
        jaksim.assurance("delayed-effect", draws=20).plot()


def test_a_prediction_is_drawn_by_scale_with_every_analysis():
    found = jaksim.predict("actt4", draws=20, replicates=10)
    panels = drawn(found.plot())
    scales = {one.scale for one in found.predictions}
    assert len(panels) == 2 * len(scales)
    labels = [label.get_text() for panel in panels[::2] for label in panel.get_yticklabels()]
    assert len(labels) == len(found.predictions)
    success = sorted(bar.get_width() for panel in panels[1::2] for bar in panel.patches)
    assert success == pytest.approx(sorted(100.0 * one.probability_of_success for one in found.predictions))
