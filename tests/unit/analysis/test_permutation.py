from itertools import combinations, product
from statistics import NormalDist

import numpy as np
import pytest

from jaksim.analysis.permutation import ALIKE, BY_SIZE, VAN_ELTEREN, add_stratum, fill_normal_values
from jaksim.analysis.single_table import given_categories
from jaksim.analysis.survival.methods.log_rank import METHOD as LOG_RANK
from jaksim.errors import InputError
from jaksim.methods import log_rank, mean_difference, risk_difference_mh, van_elteren, wilcoxon

PERMUTED = {"distribution": "permutation"}
WEIGHTS = {
    ALIKE: lambda n, n_1: 1.0,
    BY_SIZE: lambda n, n_1: n**2 / (n_1 * (n - n_1)),
    VAN_ELTEREN: lambda n, n_1: 1.0 / (n + 1.0),
}


def sums(strata, weighting):
    """U and its cumulants (4,) of strata of scores (n,) whose first patients are the active arm."""
    total = np.zeros(4)
    for scores, n_1 in strata:
        active = np.arange(len(scores)) < n_1
        add_stratum.py_func(1.0 - active, active * 1.0, scores, weighting, total)
    return total


def normal_values(u, cumulants):
    """Normal z (n,) of values U (n,) with the same cumulants (3,)."""
    out = np.zeros((len(u), 3))
    fill_normal_values(np.column_stack([u, np.tile(cumulants, (len(u), 1))]), out)
    return out[:, 2]


def every_value(scores, n_1):
    """The centred sum of the active arm's scores for every choice of its patients."""
    return np.array([scores[list(chosen)].sum() for chosen in combinations(range(len(scores)), n_1)]) - (
        n_1 * scores.mean()
    )


@pytest.mark.parametrize("weighting", WEIGHTS)
@pytest.mark.parametrize("sizes", [((6, 2), (5, 3)), ((7, 1), (4, 2), (3, 2)), ((2, 1), (9, 4))])
def test_cumulants_are_those_of_every_randomisation(sizes, weighting):
    rng = np.random.default_rng(7)
    strata = [(rng.exponential(size=n) ** 2, n_1) for n, n_1 in sizes]
    parts = [WEIGHTS[weighting](len(scores), n_1) * every_value(scores, n_1) for scores, n_1 in strata]
    values = np.array([sum(one) for one in product(*parts)])
    second, third, fourth = ((values**power).mean() for power in (2, 3, 4))
    found = sums(strata, weighting)
    assert values.mean() == pytest.approx(0.0, abs=1e-12)
    assert found[1:] == pytest.approx([second, third, fourth - 3.0 * second**2], rel=1e-12, abs=1e-12)
    assert found[0] == pytest.approx(sum(part[0] for part in parts), rel=1e-12)


def test_the_log_rank_statistic_over_every_randomisation():
    """Its variance under randomisation is not Mantel's, which differs from one randomisation to the next."""
    time, status = np.array([1, 1, 2, 2, 3, 4, 4, 5]), np.array([1, 0, 1, 1, 0, 1, 0, 0])
    scores = []
    u, plain = [], []
    for chosen in combinations(range(8), 3):
        arm = np.isin(np.arange(8), chosen)
        table = np.array([~arm, arm], dtype=float)
        result = log_rank(table, time, status)
        u.append(result.estimate / result.se**2)
        plain.append(result.statistic)
        scores.append(log_rank(table, time, status, **PERMUTED).statistic)
    hazard = np.cumsum([1 / 8, 2 / 6, 0, 1 / 3, 0])[time - 1]
    variance = sums([(status - hazard, 3)], ALIKE)[1]
    assert np.var(u) == pytest.approx(variance, rel=1e-12)
    assert np.mean(u) == pytest.approx(0.0, abs=1e-12)
    order = np.argsort(u)
    assert (np.diff(np.array(scores)[order]) >= -1e-9).all(), "z grows with U, whoever is randomised"
    assert not (np.diff(np.array(plain)[order]) >= -1e-9).all()


@pytest.mark.parametrize("n_1", [5, 8, 17])
def test_tails_of_every_randomisation(n_1):
    """22 patients are few for an expansion, but its errors in the tails are less than half of those of the plain z."""
    scores = 1.0 - np.cumsum(1.0 / np.arange(22.0, 0.0, -1.0))
    values = np.sort(every_value(scores, n_1))
    cumulants = sums([(scores, n_1)], ALIKE)[1:]
    tail = np.concatenate([np.linspace(0.01, 0.05, 50), np.linspace(0.95, 0.99, 50)])
    u = values[(tail * len(values)).astype(int)]
    corrected, plain = (
        np.abs(np.log([min(NormalDist().cdf(one), NormalDist().cdf(-one)) for one in z] / np.minimum(tail, 1 - tail)))
        for z in (normal_values(u, cumulants), u / np.sqrt(cumulants[0]))
    )
    assert corrected.mean() < 0.5 * plain.mean()
    assert corrected.max() < 0.75 * plain.max()


@pytest.fixture
def table():
    return np.random.default_rng(5).integers(1, 15, size=(2, 3, 6)).astype(float)


TIME, STATUS, EVENT = [1, 2, 3, 1, 2, 3], [1, 1, 1, 0, 0, 0], [0, 0, 0, 0, 1, 1]
ANALYSES = {
    "log_rank": lambda table, **options: log_rank(table, TIME, STATUS, **options),
    "deaths": lambda table, **options: risk_difference_mh(table, EVENT, **options),
    "van_elteren": lambda table, **options: van_elteren(table, range(6), **options),
    "wilcoxon": lambda table, **options: wilcoxon(table, range(6), **options),
    "days": lambda table, **options: mean_difference(table, range(6), **options),
    "days, by size": lambda table, **options: mean_difference(table, range(6), strata="weighted", **options),
    "days, pooled": lambda table, **options: mean_difference(table, range(6), strata="pooled", **options),
}


# How far the two z, of size 1.7 to 3, may be apart; that the permutation's is right is tested by enumeration above.
APART = {"deaths": 0.06, "days": 0.11, "days, by size": 0.13}


@pytest.mark.parametrize("name", ANALYSES)
def test_only_z_changes(table, name):
    plain, permuted = ANALYSES[name](table), ANALYSES[name](table, **PERMUTED)
    assert (permuted.estimate, permuted.se, permuted.ci) == (plain.estimate, plain.se, plain.ci)
    assert permuted.statistic != plain.statistic
    assert permuted.statistic == pytest.approx(plain.statistic, abs=APART.get(name, 0.02))


@pytest.mark.parametrize("name", ANALYSES)
def test_exchanged_arms_turn_the_sign(table, name):
    analysis = ANALYSES[name]
    assert analysis(table[::-1], **PERMUTED).statistic == pytest.approx(-analysis(table, **PERMUTED).statistic)


def test_two_scores_are_the_same_test_by_any_name(table):
    counts = table[:, :1, :2]
    by_events = risk_difference_mh(counts, [1, 0], **PERMUTED).statistic
    assert log_rank(counts, [7, 28], [1, 0], **PERMUTED).statistic == pytest.approx(by_events, rel=1e-12)
    assert mean_difference(counts, [1, 0], **PERMUTED).statistic == pytest.approx(by_events, rel=1e-12)
    for ranks in (wilcoxon, van_elteren):
        assert ranks(counts, [1, 0], **PERMUTED).statistic == pytest.approx(-by_events, rel=1e-12)


def test_a_stratum_with_one_arm_says_nothing(table):
    alone = np.concatenate([table, np.stack([np.zeros((1, 6)), np.full((1, 6), 4.0)])], axis=1)
    for name in ("log_rank", "deaths", "van_elteren", "days"):
        assert ANALYSES[name](alone, **PERMUTED).statistic == ANALYSES[name](table, **PERMUTED).statistic


def test_nothing_to_test():
    for table in ([[4, 0, 0], [6, 0, 0]], [[0, 0, 0], [3, 2, 1]], [[0, 0, 0], [0, 0, 0]]):
        assert np.isnan(log_rank(table, [1, 2, 2], [1, 1, 0], **PERMUTED).statistic)
    assert np.isnan(risk_difference_mh([[5, 0], [7, 0]], [1, 0], **PERMUTED).statistic)


def test_expansion_that_turns_back_is_not_used():
    assert normal_values([4.0, 1.0], (1.0, 0.0, 3.0)).tolist() == [4.0, 1.25]


def test_unknown_distribution(table):
    with pytest.raises(InputError, match="normal, permutation"):
        log_rank(table, TIME, STATUS, distribution="exact")


def test_no_margin():
    options = LOG_RANK.settings(PERMUTED)
    times = given_categories(("time", "status"), 2, {"time": [1, 2], "status": [1, 0]})
    with pytest.raises(InputError, match="holds under no difference"):
        LOG_RANK.test_at_margin(np.ones((1, 2, 1, 2)), times, options, 0.1, np.empty((1, 3)))
