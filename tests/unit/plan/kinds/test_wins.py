"""Wins from what is stated, from distributions, from two times."""

import math

import pytest

from jaksim import plan
from jaksim.errors import InputError

CONTROL, ACTIVE = (0.3, 0.3, 0.4), (0.4, 0.3, 0.3)
TIMES = {"death_rate": 0.3, "event_rate": 0.7, "kappa": 2, "accrual": 1, "follow_up": 1}


def test_win_odds_as_hce_sizes_them():
    # hce tests: sizeWO(WO = 1.23, power = 0.9) 1318; sizeWO(WO = 1.5, power = 0.9, k = 1/3) 395.
    found = plan.wins(win_odds=1.23, power=0.9).designs[0]
    assert math.ceil(found.exact_size) == found.size == 1318
    assert math.ceil(plan.wins(win_odds=1.5, power=0.9, allocation="1:2").designs[0].exact_size) == 395
    # powerWO(N = 1000, WO = 1.2), which adds 5e-6 for the wrong side; then with a standard deviation of one's own.
    assert plan.wins(win_odds=1.2, patients=1000).designs[0].power == pytest.approx(0.7018388, abs=1e-5)
    own = plan.wins(win_odds=1.2, patients=1000, sd=1 / math.sqrt(3)).designs[0]
    assert own.power == pytest.approx(plan.wins(win_odds=1.2, patients=1000).designs[0].power, abs=1e-12)


def test_the_win_ratio_by_yu_and_ganju():
    # hce::sizeWR(WR = 1.36, Pties = 0.064, power = 0.9): 16 (1 + t) (z + z)^2 / (3 (1 - t) log(WR)^2) = 673.77.
    found = plan.wins(win_ratio=1.36, ties=0.064, power=0.9).designs[0]
    assert found.exact_size == pytest.approx(673.773, abs=1e-3)
    assert found.facts["wins"] / found.facts["losses"] == pytest.approx(1.36)
    # propWINS(WO = 1.25, WR = 1.5, Overall = 120 * 150): 6000 wins, 4000 losses, 8000 ties.
    both = plan.wins(win_odds=1.25, win_ratio=1.5, power=0.9).designs[0]
    assert [both.facts[name] * 18000 for name in ("wins", "losses", "ties")] == pytest.approx([6000, 4000, 8000])


def test_sizes_of_wr_for_death_and_hospitalisation():
    # WR vignette "Sample size calculation for standard win ratio test", diagonal of its table for 90 % power.
    wanted = [257.4937, 362.072, 528.1615, 811.8697, 1349.4079, 2543.923, 6052.798, 25538.227]
    ratios = [0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]
    found = plan.wins(variance=0.2942899, slopes=(0.08886542, 0.34018646), hazard_ratio=ratios, power=0.9)
    assert [design.exact_size for design in found.designs] == pytest.approx(wanted, rel=1e-6)


def test_maos_formula_is_told_beside_the_law_under_the_effect():
    asked = {**TIMES, "power": 0.8}
    near, far = (plan.wins(**asked, hazard_ratio=ratio, formula="mao").designs[0] for ratio in (0.95, 0.6))
    assert near.beside[0].power == pytest.approx(near.power, abs=0.01)
    assert far.beside[0].power < far.power - 0.05
    exact = plan.wins(**TIMES, hazard_ratio=0.6, patients=far.size).designs[0]
    assert exact.power == pytest.approx(far.beside[0].power)


@pytest.mark.parametrize(
    "asked",
    [
        {"win_odds": 1.4},
        {"win_ratio": 1.6, "ties": 0.3, "sides": 1},
        {"net_benefit": 0.2, "allocation": "2:1"},
        {"win_odds": 1.2, "hypothesis": "non_inferiority", "margin": 0.8},
        {"control": CONTROL, "win_ratio": 1.5},
        {"control": CONTROL, "net_benefit": 0.1, "test": "permutation"},
        {**TIMES, "hazard_ratio": 0.7},
        {**TIMES, "hazard_ratio": 0.7, "death_hazard_ratio": 0.9, "measure": "net_benefit", "looks": 2},
    ],
)
def test_size_and_effect_lead_back_to_each_other(asked):
    name = next(name for name in ("win_odds", "win_ratio", "net_benefit", "hazard_ratio") if name in asked)
    sized = plan.wins(**asked, power=0.85).designs[0]
    assert sized.power >= 0.85 - 1e-9
    rest = {key: value for key, value in asked.items() if key != name} | (
        {} if name == "hazard_ratio" else {"measure": name}
    )
    found = plan.wins(**rest, patients=sized.size, power=sized.power).designs[0]
    assert found.effect == pytest.approx(asked[name], rel=1e-4)


def test_distributions_and_the_statistic_they_have_are_the_same_question():
    by_arms = plan.wins(control=CONTROL, active=ACTIVE, measure="win_ratio", power=0.8).designs[0]
    assert by_arms.effect == pytest.approx((0.4 * 0.7 + 0.3 * 0.4) / (0.3 * 0.3 + 0.3 * 0.6))
    reversed_ = plan.wins(control=CONTROL[::-1], active=ACTIVE[::-1], worst_first=True, measure="win_ratio", power=0.8)
    assert reversed_.designs[0].size == by_arms.size


@pytest.mark.parametrize(
    "asked",
    [
        {"win_odds": 1.6, "power": 0.8},
        {"win_ratio": 1.8, "ties": 0, "power": 0.8, "looks": 2, "sides": 1, "futility": "z:0.2"},
        {**TIMES, "hazard_ratio": 0.5, "power": 0.8},
        {"control": CONTROL, "active": (0.5, 0.3, 0.2), "power": 0.8},
    ],
)
def test_simulated_trials_agree(asked):
    design = plan.wins(**asked, simulate=True, replicates=1500).designs[0]
    assert design.simulated.power == pytest.approx(design.power, abs=4.5 * design.simulated.mc_se)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "two of the three"),
        ({"win_odds": 0}, "win_odds: out of range"),
        ({"win_odds": -1}, "win_odds: out of range"),
        ({"win_odds": 1}, "shows this win odds"),
        ({"net_benefit": 1.5}, "net_benefit: is no net benefit"),
        ({"win_ratio": 1.5}, "ties: .*needs the share of ties"),
        ({"win_ratio": 1.5, "ties": 1}, "ties: out of range"),
        ({"win_ratio": 1.2, "win_odds": 1.5}, "no wins and losses have this win ratio"),
        ({"win_ratio": 1.5, "win_odds": 1.2, "ties": 0.1}, "ties: follow from"),
        ({"win_odds": 1.5, "ties": 0.1}, "ties: are of the win ratio"),
        ({"win_odds": 1.5, "net_benefit": 0.2}, "say the same"),
        ({"win_odds": 1.5, "measure": "win_ratio"}, "measure: is not the statistic"),
        ({"win_odds": 1.5, "measure": "winratio"}, "did you mean 'win_ratio'"),
        ({"win_odds": 1.5, "sd": 0}, "sd: out of range"),
        ({"win_odds": 1.5, "active": ACTIVE}, "active: has no meaning without"),
        ({"win_odds": 1.5, "worst_first": True}, "worst_first"),
        ({"control": CONTROL, "active": (0.4, 0.6)}, "active: does not have the categories"),
        ({"control": (0.3, 0.3)}, "control: the probabilities do not add up"),
        ({"control": CONTROL, "active": ACTIVE, "win_odds": 1.2}, "say the effect twice"),
        ({"control": CONTROL, "win_odds": 1.2, "ties": 0.2}, "ties: has no meaning of distributions"),
        ({"control": CONTROL, "active": ACTIVE, "test": "score"}, "unknown test"),
        ({"control": CONTROL, "net_benefit": 0.9}, "no proportional odds give this effect"),
        (
            {
                "control": CONTROL,
                "active": ACTIVE,
                "test": "permutation",
                "margin": 0.8,
                "hypothesis": "non_inferiority",
            },
            "no margin",
        ),
        ({"control": CONTROL, "death_rate": 0.1}, "control: has no meaning of two times"),
        ({**TIMES, "death_median": 3}, "death_rate.*one of the two"),
        ({"death_rate": 0.1, "follow_up": 1}, "event_rate.*one of the two"),
        ({**TIMES, "kappa": 0.5}, "kappa: the copula"),
        ({**TIMES, "follow_up": None, "accrual": None}, "follow_up: is needed"),
        ({**TIMES, "accrual": -1}, "accrual: is no duration"),
        ({**TIMES, "dropout_hazard": -0.1}, "dropout_hazard: is no hazard"),
        ({**TIMES, "hazard_ratio": 0}, "hazard_ratio: out of range"),
        ({**TIMES, "hazard_ratio": 1}, "shows this hazard ratio"),
        ({**TIMES, "hazard_ratio": 0.8, "margin": 1.1, "hypothesis": "non_inferiority"}, "margin.*superiority"),
        ({**TIMES, "hazard_ratio": 0.8, "formula": "moa"}, "did you mean 'mao'"),
        ({"variance": 0.3, "hazard_ratio": 0.8}, "variance.*are needed both"),
        ({"variance": 0.3, "slopes": (0.1,), "hazard_ratio": 0.8}, "slopes: there are two times"),
        ({"variance": 0.3, "slopes": (0.1, 0.2), "kappa": 2, "hazard_ratio": 0.8}, "kappa: is in the slopes"),
        (
            {"variance": 0.3, "slopes": (0.1, 0.2), "hazard_ratio": 0.8, "formula": "u_statistic"},
            "are of Mao's formula",
        ),
        ({"win_odds": 1.5, "write": "x.toml"}, "write.*no scenario"),
        ({"win_ratio": 1.5, "ties": 0.1, "simulate": True}, "simulate.*which outcomes tie"),
    ],
)
def test_bad_input_is_one_message(asked, message):
    given = {key: value for key, value in asked.items() if value is not None}
    with pytest.raises(InputError, match=message):
        plan.wins(**given, **({} if asked == {} else {"power": 0.8}))
