import json
import math
from pathlib import Path

import pytest

from jaksim.design.sums.characteristics import Quantity
from jaksim.errors import InputError
from jaksim.piecewise import PiecewiseConstant
from jaksim.report.formats.text import as_text
from jaksim.report.parts.characteristics import with_error
from jaksim.report.parts.design import design_part
from jaksim.report.parts.monitoring import accrual_words, randomisation_words, trigger_words
from jaksim.report.plots.characteristics import characteristics_figure
from jaksim.report.power import power_report
from jaksim.scenario import load_scenario
from jaksim.trial.accrual import Accrual
from jaksim.trial.randomisation import Randomisation
from jaksim.trial.trigger import parse_trigger
from jaksim.verbs.power import power

SCENARIOS = Path(__file__).parents[4] / "scenarios"


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(SCENARIOS / "actt4-interims.toml")


@pytest.fixture(scope="module")
def result(scenario):
    return power(scenario, replicates=600)


@pytest.mark.parametrize("width", [80, 100])
def test_the_report_says_how_the_trial_is_conducted_and_ends(scenario, result, width):
    text = as_text(power_report(result, scenario.trial, scenario.assumptions), width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    words = " ".join(text.replace("\u00a0", " ").split())
    for fragment in (
        "permuted blocks of 4 within strata, blinded",
        "4 until day 30, then 10 patients a day, at random; number 1,500 is expected on day 168",
        "of [1], 4 analyses, one-sided alpha 0.025",
        "4.3326",
        "OPERATING CHARACTERISTICS",
        "end of the trial",
        "patients on an inferior arm",
        "events in the data",
        "expected deaths of all randomised",
        "The Monte Carlo error of RMSE is",
    ):
        assert fragment in words, fragment
    assert words.index("Interims") < words.index("ASSUMPTIONS") < words.index("OPERATING")


def test_the_effect_is_the_true_one_not_the_mean_at_stopping(scenario, result):
    text = as_text(power_report(result, scenario.trial, ())).replace("\u00a0", " ")
    monitored = result.analyses[0]
    assert f"{100 * monitored.analytic_estimate:+.1f} % points" in text
    assert abs(monitored.mean_estimate - monitored.analytic_estimate) > 5 * monitored.mean_estimate_mc_se
    assert f"{100 * monitored.mean_estimate:+.1f} % points" not in text


def test_json_has_plain_characteristics_and_pandas_one_row_for_each(result):
    record = json.loads(json.dumps(result.as_dict()["characteristics"]))
    assert len(record["looks"]) == 4
    shares = [share["share"] for look in record["looks"] for share in look["stopped"].values()]
    assert math.fsum(shares) == pytest.approx(1.0)
    exact = [value for look in record["looks"] for value in look["analytic"].values()]
    assert math.fsum(exact) == pytest.approx(1.0)
    assert record["patients"]["mean"] == pytest.approx(sum(v["mean"] for v in record["patients_by_arm"].values()))
    frame = result.characteristics.to_pandas()
    assert frame[frame["what"].str.startswith("ends")]["value"].sum() == pytest.approx(1.0)
    errors = frame[frame["what"].str.startswith("mean squared error")]
    assert len(errors) > 1
    assert (errors["mc_se"] < 0.2 * errors["value"]).all()
    deaths = frame[frame["what"] == "deaths"]
    assert deaths["value"].item() == record["deaths"]["mean"]


def test_patients_needed_reach_the_power_by_integration(scenario, result):
    for target, needed in result.analyses[0].n_for_power.items():
        again = load_scenario(scenario.path, changes=[f"population.patients={needed}"])
        # Drifts are scaled by the root of the number of patients, which leaves out the second-order term of the twin.
        found = power(again, replicates=1).analyses[0].analytic_power
        assert found == pytest.approx(float(target) / 100, abs=0.002)


def test_the_plot_shows_bounds_and_endings(scenario, result, tmp_path):
    bounds, endings = characteristics_figure(result, scenario.trial).axes
    assert [line.get_label() for line in bounds.lines][:2] == ["efficacy", "futility"]
    assert sum(bar.get_height() for bar in endings.patches) == pytest.approx(100.0)
    plain = load_scenario(SCENARIOS / "actt4.toml").trial
    with pytest.raises(InputError, match="no interim analyses"):
        characteristics_figure(result, plain)


def test_words_of_accrual_randomisation_and_triggers():
    ramp = Accrual(PiecewiseConstant(tuple(range(1, 11)), tuple(float(k + 1) for k in range(11))), "even", 7)
    assert accrual_words(ramp, 100) == (
        "1 to 11 patients a day in 11 steps until day 10, evenly; number 100 is expected on day 14; "
        "data are in the analysis after 7 days"
    )
    assert randomisation_words(Randomisation("simple", blinded=False)) == "simple randomisation, open"
    assert randomisation_words(Randomisation("biased coin", coin=0.7)) == "biased coin (0.7) within strata"
    trigger = parse_trigger("events(death) >= 30 and day >= 100 or patients >= 50 %")
    assert trigger_words(trigger).replace("\u00a0", " ") == "30 events (death) and day 100 or 50 % randomised"


@pytest.mark.parametrize(
    ("mean", "error", "text"),
    [
        (1189.7004, 2.12, "1,189.7 ± 2.1"),
        (0.0083734, 0.000193, "0.00837 ± 0.00019"),
        (1200.0, 0.0, "1,200 ± 0"),
        (2.29791, 0.0, "2.2979 ± 0"),
        (-0.0299, math.nan, "-0.0299 ± -"),
        (0.3999999999996, 1.7e-8, "0.4 ± 0"),
    ],
)
def test_means_have_the_digits_their_error_deserves(mean, error, text):
    assert with_error(Quantity(mean, error, 1.0)) == text


def test_several_arms_whose_numbers_follow_the_data():
    scenario = load_scenario(SCENARIOS / "ruxolitinib-dose.toml")
    result = power(scenario, replicates=100)
    words = " ".join(as_text(power_report(result, scenario.trial, ())).replace("\u00a0", " ").split())
    assert "15 mg: ruxolitinib 15 mg Strata" in words
    assert f"[1] has no finite estimate in {result.analyses[0].not_estimable} replicates" in words
    assert f"[1] has no test statistic in {result.analyses[0].not_tested} replicates, which count as not" in words
    assert f"{100 * result.any_rejection:.1f} ±" in words.split("At least one of the 6 analyses rejects in ")[1][:9]


def test_patients_that_a_closed_stratum_turns_away_are_waited_for():
    scenario = load_scenario(SCENARIOS / "platform.toml")
    words = " ".join(as_text(design_part(scenario.trial)).replace("\u00a0", " ").split())
    assert "of whom those of strata that are closed are turned away; number 3,000 is expected on day 150" in words
    assert "750 patients" not in words
    found = power(scenario, replicates=200).characteristics.duration
    assert found.mean == pytest.approx(150 + 28, abs=2)


def test_numbers_that_do_not_exist_are_dashes():
    assert with_error(Quantity(math.nan, math.nan, math.nan)) == "-"
