from dataclasses import replace
from pathlib import Path

import pytest

from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.report.formats.text import as_text
from jaksim.report.parts.numbers import effect, patients, probability_with_error, standard_errors
from jaksim.report.power import power_report
from jaksim.scenario import load_scenario
from jaksim.verbs.power import power

HERE = Path(__file__).parents[2]
SMALL = HERE / "scenarios" / "small.toml"
ACTT2 = HERE.parent / "scenarios" / "actt2.toml"


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize("path", [SMALL, ACTT2], ids=["small", "actt2"])
def test_report_fits_its_width_and_loses_nothing(path, width):
    scenario = load_scenario(path)
    result = power(scenario, replicates=200)
    text = as_text(power_report(result, scenario.trial, scenario.assumptions), width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    words = " ".join(text.replace("\u00a0", " ").split())
    for one in result.analyses:
        assert one.endpoint in words
    for line in scenario.assumptions:
        assert line.about.split()[0] in words
        if line.interval:
            assert f"{line.ratio:.2f} ({line.interval[0]:.2f}-{line.interval[1]:.2f})" in words


def test_replicates_without_an_estimate_are_reported():
    scenario = load_scenario(SMALL, changes=["population.patients=8"])
    result = power(scenario, replicates=300)
    lost = [one for one in result.analyses if one.not_estimable]
    assert lost
    text = " ".join(as_text(power_report(result, scenario.trial, ())).split())
    times = f"{lost[0].not_estimable} replicate{'s' if lost[0].not_estimable > 1 else ''}"
    assert f"has no finite estimate in {times}, left out of the mean effect." in text


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.5, 0.05, "50.0 ± 5.0 %"),
        (0.5, 0.0016, "50.00 ± 0.16 %"),
        (0.05, 0.0001, "5.000 ± 0.010 %"),
        (1.0, 0.0, "100.0 ± 0.0 %"),
    ],
)
def test_probabilities_have_the_digits_their_error_deserves(value, error, text):
    assert probability_with_error(value, error).replace("\u00a0", " ") == text


def test_effects_are_named_after_their_scale():
    result = trial_power(load_scenario(SMALL).trial, Settings(replicates=50))
    by_name = {one.name: replace(one, mean_estimate=0.25) for one in result.analyses}
    assert effect(by_name["log-rank"]) == "one-step hazard ratio 1.28"
    assert effect(by_name["odds"]) == "odds ratio 1.28"
    assert effect(by_name["death"]).replace("\u00a0", " ") == "+25.0 % points"
    assert effect(by_name["van elteren"]) == "win probability 0.250"
    assert effect(replace(by_name["log-rank"], method="rmst_difference", scale="difference", mean_estimate=-1.5)) == (
        "-1.50 days"
    )
    net = replace(by_name["van elteren"], method="net_benefit", scale="difference", mean_estimate=0.2)
    assert effect(net) == "net benefit +0.200"
    assert effect(replace(net, method="mean_difference")) == "+0.20 days"
    assert effect(replace(by_name["death"], mean_estimate=float("nan"))) == "not estimable"
    assert effect(replace(by_name["death"], mean_estimate=-1e-9)).startswith("0.0")


def test_missing_numbers_are_dashes():
    assert patients(None) == "-"
    assert patients(12345) == "12,345"
    assert standard_errors(float("nan")) == "-"
