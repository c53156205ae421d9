from dataclasses import replace
from pathlib import Path

import pytest

from jaksim.errors import InputError
from jaksim.model import PatientType, Regimen
from jaksim.scenario import load_scenario
from jaksim.trial import AnalysisPlan, Arm, Population, Stratum
from jaksim.trial.randomisation import Randomisation

SMALL = Path(__file__).parents[2] / "scenarios" / "small.toml"
ILL = ((1.0, PatientType(2)),)


@pytest.fixture(scope="module")
def trial():
    return load_scenario(SMALL).trial


def test_under_the_null_every_arm_has_the_regimen_of_the_reference(trial):
    assert {arm.regimen for arm in trial.under_null().arms} == {trial.reference.regimen}
    assert [arm.name for arm in trial.under_null().arms] == [arm.name for arm in trial.arms]


def test_other_numbers_of_patients(trial):
    assert trial.with_patients(7).population == replace(trial.population, patients=7)
    with pytest.raises(InputError, match="not positive"):
        trial.with_patients(0)


def test_parts_are_found_by_name(trial):
    assert trial.arm("drug").name == "drug"
    assert trial.endpoint("death").kind == "binary"
    with pytest.raises(InputError, match="did you mean 'drug'"):
        trial.arm("drugs")


def test_strata_of_an_analysis(trial):
    plans = {plan.name: trial.stratum_indices(plan) for plan in trial.analyses}
    assert plans["cox"] == (1,)
    assert plans["log-rank"] == (0, 1)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"arms": (Arm("a", Regimen(()), reference=True),)}, "two arms or more"),
        ({"arms": (Arm("a", Regimen(()), reference=True), Arm("a", Regimen(())))}, "used twice"),
        ({"randomisation": Randomisation(block_size=5)}, "a multiple of 2"),
        ({"analyses": (AnalysisPlan("x", "death", "log_rank", "drug", "control"),)}, "kind 'binary'"),
        ({"analyses": (AnalysisPlan("x", "death", "risk_difference", "drog", "control"),)}, "did you mean 'drug'"),
        (
            {"analyses": (AnalysisPlan("x", "death", "risk_difference", "drug", "control", strata=("ill", "ill")),)},
            "twice",
        ),
        ({"population": Population(10, (Stratum("dead", 1.0, ((1.0, PatientType(4)),)),))}, "absorbing"),
        ({"population": Population(10, (Stratum("other", 1.0, ((1.0, PatientType(9)),)),))}, "unknown score"),
    ],
)
def test_parts_that_do_not_fit_are_refused(trial, change, word):
    with pytest.raises(InputError, match=word):
        replace(trial, **change)


@pytest.mark.parametrize(
    ("build", "word"),
    [
        (lambda: Arm("", Regimen(())), "name"),
        (lambda: Arm("a", Regimen(()), allocation=0), "allocation"),
        (lambda: Stratum("s", 1.0, ()), "at least one"),
        (lambda: Stratum("s", 1.0, ((0.5, PatientType(2)),)), "sum to 0.5"),
        (lambda: Population(10, ()), "no stratum"),
        (lambda: Population(10, (Stratum("s", 0.5, ILL),)), "sum to 0.5"),
        (lambda: Population(10, (Stratum("s", -0.5, ILL), Stratum("t", 1.5, ILL))), "negative"),
        (lambda: Population(10, (Stratum("s", 0.5, ILL), Stratum("s", 0.5, ILL))), "one name"),
        (lambda: Population(10, (Stratum("s", 1.0, ILL),), "fixd"), "did you mean 'fixed'"),
        (lambda: AnalysisPlan("x", "e", "m", "a", "a"), "compared with itself"),
        (lambda: AnalysisPlan("x", "e", "m", "", "", pairs=(("a", "b"), ("c", "b"))), "in two pairs"),
        (lambda: AnalysisPlan("x", "e", "m", "a", "b", alpha=0.0), "1e-09 <= alpha < 1"),
        (lambda: AnalysisPlan("x", "e", "m", "a", "b", sides=3), "1 or 2"),
        (lambda: AnalysisPlan("x", "e", "m", "a", "b", role="first"), "role"),
    ],
)
def test_values_that_make_no_sense_are_refused(build, word):
    with pytest.raises(InputError, match=word):
        build()
