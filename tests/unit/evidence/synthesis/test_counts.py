import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.evidence.synthesis import Tables, estimates_of_ratios, mantel_haenszel, peto, trial_effects

ZEROS = Tables(("none", "one", "plain", "all"), [0, 0, 10, 5], [20, 20, 50, 5], [0, 3, 20, 6], [20, 20, 50, 6])


def test_ratios_leave_out_trials_that_say_nothing_and_correct_zero_cells():
    found = trial_effects(ZEROS, "odds_ratio")
    assert found.labels == ("one", "plain")
    assert found.y[0] == pytest.approx(np.log(0.5 * 17.5 / (20.5 * 3.5)))
    assert found.y[1] == pytest.approx(np.log(10 * 30 / (40 * 20)))
    assert ZEROS.uninformative == ("none", "all")


def test_differences_keep_every_trial():
    assert trial_effects(ZEROS, "risk_difference").labels == ZEROS.labels


def test_correction_of_all_tables_touches_those_without_zero():
    found = trial_effects(ZEROS, "risk_ratio", to="all", add=1.0)
    assert found.y[1] == pytest.approx(np.log(11 / 52 / (21 / 52)))


def test_an_uncorrected_zero_is_refused_by_name():
    with pytest.raises(InputError, match="one: a table with a zero cell"):
        trial_effects(ZEROS, "odds_ratio", to="none")


@pytest.mark.parametrize("measure", ["odds_ratio", "risk_ratio", "hazard_ratio", "risk_difference"])
def test_standard_errors_match_simulated_spread(measure):
    """Delta-method variance against the spread over binomial draws, within four standard errors of the spread."""
    n, draws = 4000, 4000
    rng = np.random.default_rng(5)
    first, second = rng.binomial(n, 0.3, draws), rng.binomial(n, 0.4, draws)
    labels = tuple(map(str, range(draws)))
    found = trial_effects(Tables(labels, first, [n] * draws, second, [n] * draws), measure)
    spread = found.y.std(ddof=1)
    assert abs(spread - np.sqrt(found.v.mean())) < 4 * spread / np.sqrt(2 * draws)


def test_hazard_ratio_is_exact_under_proportional_hazards():
    risk = 1 - np.exp(-np.array([0.2, 0.5, 1.3]))
    treated = 1 - (1 - risk) ** 0.6
    n = [1_000_000] * 3
    found = trial_effects(Tables(("a", "b", "c"), treated * n, n, risk * n, n), "hazard_ratio")
    assert np.exp(found.y) == pytest.approx(0.6, rel=1e-12)


def test_swapping_arms_turns_the_sign():
    turned = Tables(ZEROS.labels, ZEROS.second_events, ZEROS.second_n, ZEROS.first_events, ZEROS.first_n)
    for measure in ("odds_ratio", "risk_ratio", "risk_difference"):
        assert mantel_haenszel(turned, measure).estimate == pytest.approx(-mantel_haenszel(ZEROS, measure).estimate)
        assert mantel_haenszel(turned, measure).standard_error == pytest.approx(
            mantel_haenszel(ZEROS, measure).standard_error
        )
    assert peto(turned).estimate == pytest.approx(-peto(ZEROS).estimate)


def test_no_events_at_all_is_refused():
    empty = Tables(("a",), [0], [10], [0], [10])
    for call in (lambda: mantel_haenszel(empty, "odds_ratio"), lambda: peto(empty)):
        with pytest.raises(InputError):
            call()
    with pytest.raises(InputError, match="at least one study"):
        trial_effects(empty, "odds_ratio")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (([5], [4], [1], [4]), "between 0 and the number"),
        (([1], [4], [1], [0]), "between 0 and the number"),
        (([1, 2], [4, 4], [1], [4]), "one row of counts per label"),
    ],
)
def test_impossible_counts_are_refused(columns, words):
    with pytest.raises(InputError, match=words):
        Tables(("a",), *columns)


def test_ratios_must_lie_in_their_intervals():
    with pytest.raises(InputError, match="study b"):
        estimates_of_ratios(("a", "b"), [1.0, 2.0], [0.5, 2.1], [2.0, 3.0])
