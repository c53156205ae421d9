"""Numbers needed and net benefit of published figures, and files of one's own."""

import math
from itertools import product

import numpy as np
import pytest
from scipy.stats import norm

from jaksim import evidence
from jaksim.errors import InputError
from jaksim.evidence.balance.net_benefit import break_even, net_benefit
from jaksim.evidence.balance.outcomes import Outcome, of_counts, of_interval
from jaksim.evidence.balance.question_file import load_balance
from jaksim.evidence.two_arms import Arms
from jaksim.ratio import number_needed

OWN = """
title = "My trial"
treated = "drug"
control = "placebo"

[[outcome]]
name = "death"
treated = [56, 70]
control = [48, 80]
weight = 1.0

[[outcome]]
name = "bleeding"
difference = [4.0, 1.0, 7.0]
weight = 0.2
range = [0.1, 0.4]
why = "a survey"
"""


@pytest.mark.parametrize(
    ("arms", "limits"),
    # Newcombe 1998, Statistics in Medicine 17:873, table II, method 10
    [
        (Arms((56, 70), (48, 80)), (0.0524, 0.3339)),
        (Arms((9, 10), (3, 10)), (0.1705, 0.8090)),
        (Arms((5, 56), (0, 29)), (-0.0381, 0.1926)),
        (Arms((0, 10), (0, 10)), (-0.2775, 0.2775)),
    ],
)
def test_the_interval_of_a_difference_is_newcombes(arms, limits):
    assert of_counts(arms).interval == pytest.approx(limits, abs=5e-5)


def test_what_altman_prints_of_numbers_needed():
    """Altman 1998, BMJ 317:1309: a difference of 10 % (-5 % to 25 %) is NNT 10, NNTH 20 to infinity to NNTB 4."""
    open_ended = number_needed(0.10, (-0.05, 0.25))
    assert (open_ended.number, open_ended.to_benefit, open_ended.to_harm) == pytest.approx((10.0, 4.0, 20.0))
    assert open_ended.interval is None
    closed = number_needed(0.202, (0.032, 0.371))
    assert closed.interval == pytest.approx((1 / 0.371, 1 / 0.032))
    assert number_needed(-0.05, (-0.08, -0.02)).of_benefit is False
    assert number_needed(0.0, (-0.1, 0.1)).number == math.inf


def outcome(difference, weight, weights=None, desirable=False):
    return Outcome("it", desirable, of_interval(*difference), weight, weights or (weight, weight))


def test_the_net_benefit_is_the_weighted_sum_and_its_probability_is_that_of_simulated_weights():
    outcomes = [
        outcome((-0.03, -0.06, 0.0), 1.0),
        outcome((0.05, 0.0, 0.10), 0.3, (0.1, 1.2)),
        outcome((0.02, -0.02, 0.06), 0.1, (0.0, 0.3), desirable=True),
    ]
    found = net_benefit(outcomes)
    assert found.estimate == pytest.approx(0.03 - 0.3 * 0.05 + 0.1 * 0.02)
    benefits, errors = np.array([0.03, -0.05, 0.02]), np.array([0.03, 0.05, 0.04]) / norm.ppf(0.975)
    assert found.standard_error == pytest.approx(math.sqrt(sum((np.array([1.0, 0.3, 0.1]) * errors) ** 2)))
    rng = np.random.default_rng(3)
    weights = np.column_stack([np.ones(200_000), rng.uniform(0.1, 1.2, 200_000), rng.uniform(0.0, 0.3, 200_000)])
    chances = norm.cdf(weights @ benefits / np.sqrt(weights**2 @ errors**2))
    assert found.averaged == pytest.approx(chances.mean(), abs=4 * chances.std() / math.sqrt(200_000))
    corners = np.array(list(product([1.0], [0.1, 1.2], [0.0, 0.3])))
    assert found.over_weights == pytest.approx(((corners @ benefits).min(), (corners @ benefits).max()))
    assert found.least_probability <= found.averaged <= 1.0
    turn = break_even(outcomes, 1)
    moved = [outcomes[0], outcome((0.05, 0.0, 0.10), turn), outcomes[2]]
    assert net_benefit(moved).estimate == pytest.approx(0.0, abs=1e-15)
    assert break_even(outcomes, 0) == pytest.approx(0.3 * 0.05 / 0.03 - 0.1 * 0.02 / 0.03)


def test_no_weight_turns_what_is_good_in_everything():
    outcomes = [outcome((-0.03, -0.06, 0.0), 1.0), outcome((-0.05, -0.1, 0.0), 0.3)]
    assert break_even(outcomes, 1) is None


def test_actt_2_has_fewer_harms_as_well():
    rows = {row["outcome"]: row for row in evidence.balance("actt-2").rows()}
    serious = rows["serious adverse event"]
    assert serious["difference"] == pytest.approx(-0.05)
    assert serious["interval"] == pytest.approx([-0.098, -0.003])
    assert (serious["treated_risk"], serious["control_risk"]) == (0.16, 0.21)
    assert serious["number_needed"] == pytest.approx(20)
    assert rows["recovery by day 28"]["number_needed_for"] == "benefit"
    assert rows["recovery by day 28"]["treated_risk"] == pytest.approx(433 / 515)


def test_more_serious_events_of_tofacitinib_would_have_to_weigh_more_than_a_death():
    rows = {row["outcome"]: row for row in evidence.balance("stop-covid").rows()}
    assert rows["serious adverse event"]["number_needed_for"] == "harm"
    assert rows["serious adverse event"]["break_even_weight"] > 1.0


def test_a_file_of_ones_own(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(OWN)
    found = evidence.balance(file)
    death, bleeding = found.rows()
    assert death["number_needed"] == pytest.approx(5.0)
    assert bleeding["treated_risk"] is None
    assert found.net.estimate == pytest.approx(-0.2 - 0.2 * 0.04)
    assert "My trial" in found.report()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("range = [0.1, 0.4]", "range = [0.3, 0.4]", "bleeding"),
        ("range = [0.1, 0.4]", "range = [0.3]", "range"),
        ("difference = [4.0, 1.0, 7.0]", "difference = [4.0, 5.0, 7.0]", "interval"),
        ("difference = [4.0, 1.0, 7.0]", "difference = [4.0]", "difference"),
        ("difference = [4.0, 1.0, 7.0]", 'difference = "x"', "study"),
        ("treated = [56, 70]", "treated = [56]", "treated"),
        ('name = "bleeding"', 'name = "death"', "death"),
        ("weight = 1.0", "wieght = 1.0", "weight"),
    ],
)
def test_a_fault_in_a_file_is_named(tmp_path, old, new, fault):
    file = tmp_path / "own.toml"
    assert old in OWN
    file.write_text(OWN.replace(old, new))
    with pytest.raises(InputError, match=fault):
        load_balance(file)
