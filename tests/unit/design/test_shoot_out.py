from pathlib import Path

import numpy as np
import pytest

from jaksim.analysis import METHODS
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.design.shoot_out import shoot_out, shoot_out_trial
from jaksim.errors import InputError
from jaksim.scenario import load_scenario

SMALL = load_scenario(Path(__file__).parents[2] / "scenarios" / "small.toml").trial
PATHS = Settings(replicates=300, engine="path", workers=1)


FEW = ("log_rank", "cox", "proportional_odds", "wilcoxon", "van_elteren", "risk_difference", "risk_difference_mh")


@pytest.fixture(scope="module", autouse=True)
def few_methods():
    """The quickest methods alone: each of them is tested by itself elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jaksim.design.shoot_out.METHODS", {name: METHODS[name] for name in FEW})
        yield


@pytest.fixture(scope="module")
def small(few_methods):
    return shoot_out(SMALL, PATHS, methods="all")


def test_every_fitting_method_on_every_endpoint(small):
    pairs = {(one.endpoint, one.method) for one in small.analyses}
    kinds = small.kinds
    for method in ("log_rank", "wilcoxon", "proportional_odds", "risk_difference"):
        fitting = {name for name, kind in kinds.items() if kind in METHODS[method].kinds}
        assert {endpoint for endpoint, used in pairs if used == method} == fitting
    assert {"recovery", "score", "death", "free days", "time to death"} <= {endpoint for endpoint, _ in pairs}


def test_one_level_and_one_pair_of_arms(small):
    assert {(one.alpha, one.sides, one.active, one.reference) for one in small.analyses} == {
        (0.05, 2, "drug", "control")
    }


def test_sorted_and_consistent(small):
    power = np.array([one.power for one in small.analyses])
    joint, either = np.array(small.joint), np.array(small.disjunctive)
    correlation = np.array(small.correlation)
    assert (np.diff(power) <= 0).all()
    assert np.diag(joint) == pytest.approx(power)
    assert either == pytest.approx(power[:, None] + power - joint)
    assert (correlation == correlation.T).all()
    assert (np.abs(correlation[np.isfinite(correlation)]) <= 1 + 1e-12).all()
    assert small.all_reject <= joint.min()
    assert either.max() <= small.any_rejection <= 1


def test_planned_analyses_are_the_same_as_in_power_on_the_same_patients(small):
    alone = trial_power(SMALL, PATHS)
    found = {one.name: one for one in small.analyses}
    names = ["log-rank", "odds", "death", "van elteren"]
    for one in alone.analyses:
        if one.name in names:
            assert found[one.name].power == one.power
            assert found[one.name].mean_estimate == one.mean_estimate
            assert found[one.name].n_for_power == one.n_for_power
    rows = [[one.name for one in small.analyses].index(name) for name in names]
    places = [[one.name for one in alone.analyses].index(name) for name in names]
    assert np.array(small.joint)[np.ix_(rows, rows)].tolist() == np.array(alone.joint)[np.ix_(places, places)].tolist()


def test_the_same_events_under_two_names_correlate_fully(small):
    names = [(one.endpoint, one.method) for one in small.analyses]
    i = names.index(("death", "risk_difference_mh"))
    j = names.index(("time to death", "risk_difference_mh"))
    assert small.correlation[i][j] == pytest.approx(1.0, abs=1e-9)


def test_the_same_test_is_marked(small):
    names = [(one.endpoint, one.method) for one in small.analyses]
    i, j = (names.index((endpoint, "risk_difference_mh")) for endpoint in ("death", "time to death"))
    assert small.same_as[max(i, j)] == min(i, j)
    for place, first in enumerate(small.same_as):
        assert first is None or (first < place and small.same_as[first] is None)
        assert first is None or small.correlation[place][first] == pytest.approx(1.0, abs=1e-9)


def test_main_methods_are_fewer_and_keep_what_is_planned():
    trials = {methods: shoot_out_trial(SMALL, methods) for methods in ("main", "all")}
    main, every = ({plan.name for plan in trials[methods].analyses} for methods in ("main", "all"))
    assert main < every
    assert {plan.name for plan in SMALL.analyses if not plan.strata} <= main
    assert {plan.method for plan in trials["main"].analyses if plan.endpoint == "free days"} <= {
        name for name, method in METHODS.items() if "day_count" in method.main
    }


def test_a_main_method_fits_the_endpoints_that_it_is_one_of():
    main = {name: method.main for name, method in METHODS.items() if method.main}
    assert {"log_rank", "proportional_odds", "risk_difference_mh"} <= set(main)
    assert all(set(kinds) <= set(METHODS[name].kinds) for name, kinds in main.items())


def test_an_unknown_choice_of_methods_is_refused():
    with pytest.raises(InputError, match="did you mean 'main'"):
        shoot_out(SMALL, PATHS, methods="man")


def test_correlations_do_not_depend_on_workers_or_blocks(small):
    again = shoot_out(SMALL, Settings(replicates=300, engine="path", workers=2, block=37), methods="all")
    assert again.correlation == small.correlation
    assert again.joint == small.joint


def test_statistics_favour_the_active_arm_when_positive(small):
    """Recovery comes sooner and death less often: their signed statistics must go together."""
    names = [(one.endpoint, one.method) for one in small.analyses]
    row = small.correlation[names.index(("recovery", "log_rank"))]
    assert row[names.index(("death", "risk_difference"))] > 0
    assert row[names.index(("score", "wilcoxon"))] > 0.3


def test_null_keeps_the_level():
    result = shoot_out(SMALL, Settings(replicates=1500, workers=1), methods="all", null=True)
    by_name = {one.name: one for one in result.analyses}
    for name in ("log-rank", "score, wilcoxon"):
        one = by_name[name]
        assert abs(one.power - 0.05) < 4 * (0.05 * 0.95 / 1500) ** 0.5


def test_planned_options_are_kept():
    extended = shoot_out_trial(SMALL)
    assert [plan.role for plan in extended.analyses if plan.name == "log-rank"] == ["primary"]
    assert {plan.name for plan in SMALL.analyses if not plan.strata} <= {plan.name for plan in extended.analyses}


def test_a_precision_cannot_be_asked_for():
    with pytest.raises(InputError, match="number of replicates"):
        shoot_out(SMALL, Settings(until_se=0.01))
