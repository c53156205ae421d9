import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.evidence.synthesis import (
    Contrast,
    Estimates,
    decompose,
    indirect,
    network,
    p_scores,
    pool,
    rank_probabilities,
    split,
    trial_from_arms,
    trial_from_contrasts,
    trial_from_events,
)

ARMS = {
    "1": (("a", "b"), [0.1, 0.6], [0.2, 0.2]),
    "2": (("a", "c"), [0.0, 0.9], [0.15, 0.25]),
    "3": (("b", "c"), [0.4, 0.5], [0.2, 0.3]),
    "4": (("a", "b", "c"), [0.2, 0.5, 1.0], [0.2, 0.25, 0.3]),
    "5": (("a", "b"), [0.3, 0.2], [0.3, 0.2]),
}
TRIALS = [trial_from_arms(label, *arms) for label, arms in ARMS.items()]


def pair(label, first, second, effect, error):
    return trial_from_contrasts(label, {(first, second): (effect, error)})


def test_two_treatments_are_a_pairwise_meta_analysis():
    effects, errors = [-0.3, 0.1, -0.5], [0.2, 0.25, 0.15]
    trials = [pair(str(i), "b", "a", y, se) for i, (y, se) in enumerate(zip(effects, errors, strict=True))]
    for method in ("fixed", "dersimonian_laird", "reml"):
        pooled = pool(Estimates(("0", "1", "2"), effects, errors), method=method)
        found = network(trials, reference="a", method=method).compare("b", "a")
        assert found.estimate == pytest.approx(pooled.mean.estimate, rel=1e-6)
        assert found.standard_error == pytest.approx(pooled.mean.standard_error, rel=1e-6)


def test_a_star_is_a_bucher_comparison():
    net = network([pair("1", "b", "a", -0.4, 0.2), pair("2", "c", "a", -0.1, 0.15)], reference="a", method="fixed")
    expected = indirect(net.compare("b", "a"), net.compare("c", "a"))
    found = net.compare("b", "c")
    assert found.estimate == pytest.approx(expected.estimate)
    assert found.standard_error == pytest.approx(expected.standard_error)
    assert split(net, "b", "c").direct is None


@pytest.mark.parametrize("method", ["fixed", "dersimonian_laird", "reml"])
def test_reference_and_order_of_arms_do_not_matter(method):
    net = network(TRIALS, reference="a", method=method)
    turned = [trial_from_arms(label, t[::-1], y[::-1], se[::-1]) for label, (t, y, se) in ARMS.items()]
    other = network(turned[::-1], reference="c", method=method)
    assert other.tau2 == pytest.approx(net.tau2, rel=1e-5, abs=1e-9)
    assert other.q == pytest.approx(net.q)
    for (first, second), found in net.league().items():
        assert found.estimate == pytest.approx(other.compare(first, second).estimate, abs=1e-6)
        assert found.standard_error == pytest.approx(other.compare(first, second).standard_error, rel=1e-5)


def test_contrasts_of_a_multi_arm_trial_give_back_its_arms():
    trial = trial_from_arms("4", *ARMS["4"])
    names = ("a", "b", "c")
    pairs = {(x, y): trial.contrast(x, y) for x in names for y in names if x < y}
    again = trial_from_contrasts("4", {key: (effect, np.sqrt(v)) for key, (effect, v) in pairs.items()})
    assert again.effects == pytest.approx(trial.effects)
    assert again.covariance == pytest.approx(trial.covariance)


def test_a_multi_arm_trial_is_not_counted_twice():
    """A saturated network of one three-arm trial gives back that trial."""
    net = network([TRIALS[3]], reference="a", method="fixed")
    assert net.compare("c", "b").estimate == pytest.approx(0.5)
    assert net.compare("c", "b").standard_error == pytest.approx(np.hypot(0.25, 0.3))
    assert (net.q_df, net.tau2) == (0, 0)


def test_q_splits_into_within_and_between():
    parts = decompose(network(TRIALS, method="dersimonian_laird"))
    assert parts.total.q == pytest.approx(parts.within.q + parts.between.q)
    assert parts.total.df == parts.within.df + parts.between.df == 4
    assert parts.within.df == 1


def test_inconsistent_loop_is_found_and_consistent_one_is_not():
    def loop(closing):
        sides = [("1", "b", "a", 0.5), ("2", "c", "b", 0.5), ("3", "c", "a", closing)]
        return network([pair(*side, 0.1) for side in sides], method="fixed")

    assert decompose(loop(1.0)).between.p_value > 0.99
    found = split(loop(2.0), "c", "a")
    assert found.direct.estimate == pytest.approx(2.0)
    assert found.indirect.estimate == pytest.approx(1.0)
    assert found.indirect.standard_error == pytest.approx(0.1 * np.sqrt(2))
    assert found.difference.p_value == pytest.approx(decompose(loop(2.0)).between.p_value)
    assert found.difference.p_value < 1e-6


def test_ranks():
    net = network(TRIALS, reference="a", method="dersimonian_laird")
    scores = p_scores(net, better="lower")
    assert scores["a"] > scores["b"] > scores["c"]
    assert sum(scores.values()) == pytest.approx(1.5)
    ranks = rank_probabilities(net, better="lower", draws=50_000, seed=4)
    table = np.array(list(ranks.values()))
    assert table.sum(axis=0) == pytest.approx(1)
    assert table.sum(axis=1) == pytest.approx(1)
    mean_rank = table @ [1, 2, 3]
    for name, rank in zip(ranks, mean_rank, strict=True):
        assert abs((3 - rank) / 2 - scores[name]) < 4 * 0.5 / np.sqrt(50_000)
    again = rank_probabilities(net, better="lower", draws=50_000, seed=4)
    assert all((ranks[name] == again[name]).all() for name in ranks)
    assert p_scores(net, better="higher")["c"] == pytest.approx(1 - scores["c"])


def test_zero_cells_are_corrected_in_that_trial_alone():
    trial = trial_from_events("z", ("a", "b"), [0, 4], [20, 20])
    assert trial.effects[0] == pytest.approx(np.log(4.5 / 16.5) - np.log(0.5 / 20.5))
    plain = trial_from_events("p", ("a", "b"), [2, 4], [20, 20])
    assert plain.effects[0] == pytest.approx(np.log(4 / 16) - np.log(2 / 18))


def test_heterogeneity_is_recovered():
    """Mean REML estimate over simulated networks, within four standard errors and a small-sample margin."""
    rng, tau2, found = np.random.default_rng(2), 0.09, []
    truth = {"a": 0.0, "b": 0.5, "c": -0.3}
    designs = [("a", "b"), ("a", "c"), ("b", "c"), ("a", "b", "c")] * 8
    for _ in range(60):
        trials = []
        for i, design in enumerate(designs):
            values = [truth[name] + rng.normal(0, np.sqrt(tau2 / 2)) + rng.normal(0, 0.15) for name in design]
            trials.append(trial_from_arms(str(i), design, values, [0.15] * len(design)))
        found.append(network(trials, method="reml").tau2)
    assert abs(np.mean(found) - tau2) < 4 * np.std(found) / np.sqrt(60)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: network([pair("1", "a", "b", 0, 1), pair("2", "c", "d", 0, 1)]), "c, d stand apart"),
        (lambda: network([]), "a network needs trials"),
        (lambda: network(TRIALS, reference="d"), "no such treatment"),
        (lambda: network(TRIALS, method="reml "), "did you mean 'reml'"),
        (lambda: network([TRIALS[0], TRIALS[0]]), "each trial once"),
        (lambda: network(TRIALS).compare("a", "z"), "no such treatment"),
        (lambda: trial_from_arms("1", ("a", "b"), [0, 1], [1, 0]), "standard error is positive"),
        (lambda: trial_from_arms("1", ("a", "a"), [0, 1], [1, 1]), "two or more treatments"),
        (lambda: trial_from_events("1", ("a", "b"), [0, 0], [5, 5]), "with and without the event"),
        (
            lambda: trial_from_contrasts("1", {("a", "b"): (0.1, 1), ("b", "c"): (0.1, 1)}),
            "every pair of arms",
        ),
        (
            lambda: trial_from_contrasts("1", {("a", "b"): (1, 0.1), ("b", "c"): (1, 0.1), ("a", "c"): (5, 0.1)}),
            "contradict each other",
        ),
        (
            lambda: trial_from_contrasts("1", {("a", "b"): (1, 0.1), ("b", "c"): (1, 0.1), ("a", "c"): (2, 0.9)}),
            "do not belong to arms of one trial",
        ),
        (lambda: p_scores(network(TRIALS), better="best"), "unknown direction"),
    ],
)
def test_impossible_networks_are_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_compare_returns_a_contrast():
    assert isinstance(network(TRIALS).compare("a", "b"), Contrast)
