"""Margins: the level at the margin, power against the twin, and margins on the wrong side."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm, t

from jaksim.analysis import get_method
from jaksim.analysis.margin import targets
from jaksim.design.engine.cells import Cells
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.design.sums.precision import standard_error
from jaksim.design.twin.analytic import analysis_input, large_sample
from jaksim.design.twin.analytic_size import patients_needed
from jaksim.errors import InputError
from jaksim.methods import wilcoxon
from jaksim.scenario import load_scenario
from jaksim.trial import AnalysisPlan

SMALL = Path(__file__).parents[2] / "scenarios" / "small.toml"
REPLICATES = 8000


@pytest.fixture(scope="module")
def trial():
    return load_scenario(SMALL).trial


def planned(trial, **changes):
    plan = AnalysisPlan("analysis", active="drug", reference="control", **changes)
    return replace(trial, analyses=(plan,)).with_patients(1200)


def truth(trial, method):
    """The large-sample estimate as margins are given."""
    one = trial.analyses[0]
    twin = large_sample(analysis_input(Cells(trial), one, get_method(method)), 1e7).estimate
    return np.exp(twin) if get_method(method).scale == "log_ratio" else twin


@pytest.mark.parametrize(
    ("endpoint", "method", "options"),
    [
        ("recovery", "cox", {}),
        ("score", "win_odds", {}),
        ("recovery", "risk_difference", {"test": "score"}),
    ],
)
def test_level_where_the_truth_is_the_margin(trial, endpoint, method, options):
    """The reference arm plays the better one, so that the truth lies on the side of harm; z beyond 4 fails."""
    setting = planned(trial, endpoint=endpoint, method=method, options=options)
    setting = replace(
        setting,
        arms=tuple(replace(a, regimen=b.regimen) for a, b in zip(setting.arms, setting.arms[::-1], strict=True)),
    )
    margin = float(truth(setting, method))
    plan = replace(setting.analyses[0], hypothesis="non-inferiority", margin=margin)
    result = trial_power(replace(setting, analyses=(plan,)), Settings(replicates=REPLICATES, seed=7)).analyses[0]
    assert (result.alpha, result.sides) == (0.025, 1)
    assert abs(result.power - 0.025) < 4 * standard_error(round(0.025 * REPLICATES), REPLICATES)
    assert result.analytic_power == pytest.approx(0.025, abs=0.003)


@pytest.mark.parametrize(
    ("hypothesis", "method", "margin"),
    [("non-inferiority", "cox", 0.85), ("equivalence", "cox", 1.3), ("equivalence", "wilcoxon", 0.45)],
)
def test_power_between_arms_that_do_not_differ_agrees_with_the_twin(trial, hypothesis, method, margin):
    endpoint = "recovery" if method == "cox" else "score"
    alike = planned(trial, endpoint=endpoint, method=method, hypothesis=hypothesis, margin=margin).under_null()
    result = trial_power(alike, Settings(replicates=REPLICATES, seed=9)).analyses[0]
    assert 0.2 < result.power < 0.99
    assert abs(result.z) < 4
    given = analysis_input(Cells(alike), alike.analyses[0], get_method(method))
    needed = patients_needed(given, 0.9, 1.959964, 1, 1, 2)
    assert large_sample(given, needed).power(1.959964, 1, 1) >= 0.9
    assert large_sample(given, needed - 2).power(1.959964, 1, 1) < 0.9


def test_superiority_by_a_margin_is_harder(trial):
    plain = planned(trial, endpoint="recovery", method="cox")
    by_margin = planned(trial, endpoint="recovery", method="cox", margin=1.1)
    powers = [trial_power(one, Settings(replicates=1000)).analyses[0].power for one in (plain, by_margin)]
    assert powers[1] < powers[0]


def test_equivalence_needs_room_for_two_tests(trial):
    tight = planned(trial, endpoint="recovery", method="cox", hypothesis="equivalence", margin=1.01)
    result = trial_power(tight, Settings(replicates=500)).analyses[0]
    assert result.power == result.analytic_power == 0.0


@pytest.mark.parametrize(
    ("method", "kind", "hypothesis", "margin", "message"),
    [
        (
            "cox",
            "recovery",
            "non-inferiority",
            1.2,
            "favours the active arm (got 1.2); allowed: a hazard ratio below 1",
        ),
        ("cox", "recovery", "superiority", 0.8, "favours the reference arm (got 0.8); allowed: a hazard ratio above 1"),
        ("wilcoxon", "score", "non-inferiority", 0.6, "a probability below 0.5"),
        ("wilcoxon", "score", "equivalence", 1.2, "between 0 and 1"),
        ("cox", "recovery", "equivalence", 1.0, "leaves no room"),
        ("cox", "recovery", "non-inferiority", -0.1, "above 0"),
        ("cox", "recovery", "non-inferiority", None, "needs a margin"),
        ("cox", "recovery", "noninferiority", 0.8, "did you mean 'non-inferiority'"),
    ],
)
def test_margins_that_cannot_be(trial, method, kind, hypothesis, margin, message):
    with pytest.raises(InputError) as error:
        targets(get_method(method), trial.endpoint(kind), hypothesis, margin)
    assert message in str(error.value)


def test_a_bad_event_has_its_margin_above(trial):
    deaths = replace(trial.endpoint("recovery"), better="no event")
    assert targets(get_method("cox"), deaths, "non-inferiority", 1.25) == (pytest.approx(np.log(1.25)),)
    assert targets(get_method("risk_difference"), deaths, "equivalence", 0.1) == (-0.1, 0.1)


def test_scenario_keys(trial):
    changes = ["analysis.cox.hypothesis=non-inferiority", "analysis.cox.margin=0.8"]
    plan = next(one for one in load_scenario(SMALL, changes=changes).trial.analyses if one.method == "cox")
    assert (plan.hypothesis, plan.margin, plan.sides) == ("non-inferiority", 0.8, 1)
    with pytest.raises(InputError, match=r"analysis\.cox, margin: the margin lies on the side"):
        load_scenario(SMALL, changes=["analysis.cox.hypothesis=non-inferiority", "analysis.cox.margin=1.2"])


def test_z_against_a_margin_is_the_normal_value_of_the_distance_in_standard_errors():
    method, table = get_method("wilcoxon"), np.array([[[[10.0, 20, 30]], [[25.0, 20, 15]]]])
    result = wilcoxon(table[0], range(3))
    known = {"rank": np.arange(3), "status": np.full(3, -1), "time": np.full(3, np.nan), "value": np.full(3, np.nan)}
    endpoint = type("Ranks", (), {**known, "name": "ranks", "kind": "ordinal", "better": "lower rank"})
    out = np.empty((1, 3))
    method.test_at_margin(table, endpoint, {}, 0.4, out)
    distance = (result.estimate - 0.4) / result.se
    assert out[0, 2] == pytest.approx(-norm.ppf(t.sf(distance, result.interval_df)), rel=1e-8)
