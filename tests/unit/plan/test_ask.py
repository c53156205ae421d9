"""Whatever is left out of power, size and effect is solved for, and gives back what it was solved from."""

import pytest

from jaksim import plan
from jaksim.errors import InputError

CONTROL = (0.60, 0.08, 0.08, 0.05, 0.09, 0.10)
WAYS = [
    {},
    {"sides": 1},
    {"allocation": "2:1", "method": "wilcoxon"},
    {"hypothesis": "non_inferiority", "margin": 0.8},
    {"hypothesis": "superiority", "margin": 1.1, "method": "proportional_odds"},
    {"control": [CONTROL, (0.3, 0.2, 0.1, 0.1, 0.1, 0.2)], "shares": (0.7, 0.3)},
]


@pytest.mark.parametrize("way", WAYS)
def test_size_and_effect_lead_back_to_the_power(way):
    asked = {"control": CONTROL, **way}
    sized = plan.ordinal(**asked, odds_ratio=1.5, power=0.85).designs[0]
    assert sized.size >= sized.exact_size
    assert sized.power >= 0.85 - 1e-9
    again = plan.ordinal(**asked, odds_ratio=1.5, patients=sized.size).designs[0]
    assert again.power == sized.power
    found = plan.ordinal(**asked, patients=sized.size, power=sized.power).designs[0]
    assert found.effect == pytest.approx(1.5, rel=1e-9)


def test_equivalence_is_two_tests_and_no_effect_when_none_is_said():
    asked = {"control": CONTROL, "hypothesis": "equivalence", "margin": 0.7}
    design = plan.ordinal(**asked, power=0.9).designs[0]
    assert design.effect == 1.0
    one = plan.ordinal(**asked | {"hypothesis": "non_inferiority"}, patients=design.size).designs[0]
    assert design.power == pytest.approx(2.0 * one.power - 1.0)
    assert plan.ordinal(**asked | {"margin": 1 / 0.7}, power=0.9).designs[0].size == design.size


def test_lists_make_a_table_of_every_combination():
    found = plan.ordinal(control=CONTROL, odds_ratio=[1.3, 1.5], power=[0.8, 0.9], allocation=["1:1", "2:1"])
    assert found.lists == ("power", "allocation", "odds_ratio")
    frame = found.to_pandas()
    assert frame[["power", "patients"]].shape == (8, 2)
    assert list(frame.odds_ratio) == [1.3, 1.5] * 4
    single = plan.ordinal(control=CONTROL, odds_ratio=1.5, power=0.9, allocation="2:1").designs[0]
    assert found.designs[-1].size == single.size
    assert found.provenance["command"] == (
        "jaksim plan ordinal --power 0.8,0.9 --allocation 1:1,2:1 --control 0.6,0.08,0.08,0.05,0.09,0.1 "
        "--odds-ratio 1.3,1.5"
    )


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "power.*patients.*odds_ratio.*two of the three"),
        ({"power": 0.8}, "two of the three"),
        ({"power": 0.8, "patients": 100, "odds_ratio": 2}, "nothing is left"),
        ({"power": 1.2, "odds_ratio": 2}, "power: out of range"),
        ({"power": 80, "odds_ratio": 2}, "power: out of range"),
        ({"power": 0.8, "odds_ratio": 1}, "no number of patients shows"),
        ({"power": 0.8, "odds_ratio": 0.8, "sides": 1}, "higher is better"),
        ({"patients": 10.5, "odds_ratio": 2}, "no size of a trial"),
        ({"power": 0.8, "odds_ratio": 2, "hypothesis": "non_inferiority"}, "margin: non-inferiority has a margin"),
        ({"power": 0.8, "hypothesis": "non_inferiority", "margin": 1.2}, "other side of 1"),
        ({"power": 0.8, "odds_ratio": list(range(1, 2000))}, "1,999 combinations"),
        ({"power": 0.8, "odds_ratio": [2, 2]}, "twice"),
        ({"power": 0.8, "odds_ratio": []}, "empty list"),
        ({"power": 0.02, "patients": 100}, "more than 0.025"),
    ],
)
def test_questions_without_an_answer_are_refused(asked, message):
    with pytest.raises(InputError, match=message):
        plan.ordinal(control=CONTROL, **asked)


def test_few_patients_have_a_simulated_power_beside_that_their_trials_confirm():
    found = plan.ordinal(control=CONTROL, odds_ratio=4.0, patients=60, simulate=True, replicates=4000)
    (design,) = found.designs
    beside = {one.name: one for one in design.beside}
    apart = beside["few patients"].power - design.simulated.power
    assert abs(apart) < 4 * (beside["few patients"].mc_se ** 2 + design.simulated.mc_se**2) ** 0.5
    assert "few patients" not in {
        one.name for one in plan.ordinal(control=CONTROL, odds_ratio=2, patients=400).designs[0].beside
    }


def test_large_tables_do_without_what_takes_longer():
    ratios = [1.2 + 0.01 * k for k in range(60)]
    found = plan.ordinal(control=CONTROL, odds_ratio=ratios, patients=80)
    assert not any(design.beside for design in found.designs)
    assert "tables of up to 50 designs" in found.report()


def test_arrays_are_lists_and_strata_are_told_in_the_command():
    import numpy as np
    import pandas as pd

    by_list = plan.ordinal(control=[CONTROL, CONTROL[::-1]], shares=[0.25, 0.75], odds_ratio=[2.0, 3.0], power=0.8)
    by_array = plan.ordinal(
        control=np.array([CONTROL, CONTROL[::-1]]),
        shares=pd.Series([0.25, 0.75]),
        odds_ratio=np.array([2.0, 3.0]),
        power=np.float64(0.8),
    )
    assert [one.size for one in by_array.designs] == [one.size for one in by_list.designs]
    assert by_list.provenance["command"] == by_array.provenance["command"]
    assert by_list.provenance["command"].count("--control 0.") == 2


@pytest.mark.filterwarnings("ignore:.*encountered:RuntimeWarning")
@pytest.mark.parametrize(
    ("kind", "asked", "name"),
    [
        ("means", {"sd": 1e308, "active_sd": 2, "difference": 1, "patients": 60}, "sd"),
        ("means", {"sd": 1e-200, "difference": 1, "patients": 60}, "sd"),
        ("means", {"sd": [1, 1e160], "difference": 1, "power": 0.9, "method": "z"}, "sd"),
        ("wins", {"death_rate": 0.1, "event_rate": 0.3, "hazard_ratio": 0.7, "accrual": 1e308, "follow_up": 2,
                  "power": 0.9, "formula": "u_statistic"}, "accrual"),
    ],
)  # fmt: skip
def test_numbers_whose_squares_are_none_are_refused(kind, asked, name):
    with pytest.raises(InputError, match=f"(?s){name}.*too large or too small to compute with.*1e-100 to 1e\\+100"):
        getattr(plan, kind)(**asked)


def test_a_division_by_zero_at_plain_numbers_stays_a_fault(monkeypatch):
    monkeypatch.setattr("jaksim.plan.kinds.means.MeansQuestion.power", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        plan.means(sd=1, difference=0.5, patients=60)
