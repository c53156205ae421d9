import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaksim.errors import InputError
from jaksim.evidence.synthesis import Estimates, pool
from jaksim.evidence.synthesis.heterogeneity import TAU2_METHODS, cochran_q, estimate_tau2
from jaksim.evidence.synthesis.inference import contrast_of_ratio, inconsistency, indirect, wald

SPREAD = Estimates(("a", "b", "c", "d"), [-0.9, 0.1, -0.4, 0.7], [0.2, 0.15, 0.3, 0.25])
studies = st.lists(
    st.tuples(st.floats(-3, 3), st.floats(0.05, 2)), min_size=2, max_size=12, unique_by=lambda row: row[0]
)


def of(rows):
    return Estimates(tuple(map(str, range(len(rows)))), *zip(*rows, strict=True))


@pytest.mark.parametrize("method", ["fixed", *TAU2_METHODS])
@settings(deadline=None, max_examples=30)
@given(rows=studies, shift=st.floats(-5, 5), scale=st.floats(0.2, 5))
def test_pooling_moves_and_scales_with_the_data(method, rows, shift, scale):
    plain = pool(of(rows), method=method)
    changed = pool(of([(scale * y + shift, scale * se) for y, se in rows]), method=method)
    assert changed.mean.estimate == pytest.approx(scale * plain.mean.estimate + shift, rel=1e-4, abs=1e-4)
    assert changed.tau2 == pytest.approx(scale**2 * plain.tau2, rel=1e-3, abs=1e-5)
    assert changed.i2 == pytest.approx(plain.i2, abs=1e-6)


@pytest.mark.parametrize("method", TAU2_METHODS)
@settings(deadline=None, max_examples=30)
@given(rows=studies)
def test_the_mean_lies_among_the_studies_and_the_weights_add_up(method, rows):
    pooled = pool(of(rows), method=method)
    effects = [y for y, _ in rows]
    assert min(effects) - 1e-9 <= pooled.mean.estimate <= max(effects) + 1e-9
    assert sum(pooled.weights) == pytest.approx(1)
    assert pooled.tau2 >= 0
    assert pooled.tau2_interval[0] <= pooled.tau2_interval[1]


@settings(deadline=None, max_examples=30)
@given(rows=studies)
def test_paule_mandel_solves_its_equation(rows):
    estimates = of(rows)
    tau2 = estimate_tau2(estimates.y, estimates.v, "paule_mandel")
    q = cochran_q(estimates.y, estimates.v, tau2)
    assert q == pytest.approx(len(rows) - 1, rel=1e-6) if tau2 > 0 else q <= len(rows) - 1 + 1e-9


@pytest.mark.parametrize("restricted", [False, True])
@settings(deadline=None, max_examples=30)
@given(rows=studies)
def test_likelihood_estimates_beat_every_other_value(restricted, rows):
    from jaksim.evidence.synthesis.heterogeneity import _log_likelihood

    e = of(rows)
    best = _log_likelihood(e.y, e.v, estimate_tau2(e.y, e.v, "reml" if restricted else "ml"), restricted)
    others = [_log_likelihood(e.y, e.v, tau2, restricted) for tau2 in np.linspace(0, 3, 301) ** 2]
    assert best >= max(others) - 1e-7


@settings(deadline=None, max_examples=30)
@given(rows=studies)
def test_truncation_never_narrows(rows):
    plain = pool(of(rows), interval="hartung_knapp").mean.standard_error
    truncated = pool(of(rows), interval="hartung_knapp_truncated").mean.standard_error
    normal = pool(of(rows)).mean.standard_error
    assert truncated == pytest.approx(max(plain, normal))


def test_equal_studies_have_no_heterogeneity():
    same = Estimates(("a", "b", "c"), [0.3] * 3, [0.1, 0.2, 0.4])
    for method in TAU2_METHODS:
        assert pool(same, method=method).tau2 == 0
        assert pool(same, method=method).mean == pool(same, method="fixed").mean


def test_one_study_is_itself():
    pooled = pool(Estimates(("a",), [0.4], [0.2]))
    assert pooled.mean.estimate == pytest.approx(0.4)
    assert pooled.i2 == 0
    assert pooled.mean.standard_error == pytest.approx(0.2)
    assert pooled.prediction_interval is None
    assert pooled.tau2_interval is None
    with pytest.raises(InputError, match="at least two studies"):
        pool(Estimates(("a",), [0.4], [0.2]), interval="hartung_knapp")


def test_prediction_intervals_by_degrees_of_freedom():
    widths = {how: np.ptp(pool(SPREAD, prediction=how).prediction_interval) for how in ("normal", "k-1", "k-2")}
    assert widths["normal"] < widths["k-1"] < widths["k-2"]
    two = SPREAD.only(["a", "b"])
    assert pool(two).prediction_interval is None
    assert pool(two, prediction="normal").prediction_interval is not None


def test_coverage_of_the_q_profile_interval():
    """Exact under the model: 95% of the intervals hold the true variance, within four standard errors."""
    rng, tau, se, runs = np.random.default_rng(11), 0.3, np.array([0.1, 0.2, 0.3, 0.25, 0.15, 0.4]), 500
    held = 0
    for _ in range(runs):
        y = rng.normal(0, np.sqrt(tau**2 + se**2))
        low, high = pool(Estimates(tuple("abcdef"), y, se), method="dersimonian_laird").tau2_interval
        held += low <= tau**2 <= high
    assert abs(held / runs - 0.95) < 4 * math.sqrt(0.95 * 0.05 / runs)


def test_intervals_and_tests_agree():
    found = wald(-0.5, 0.25, level=0.9, df=7)
    assert (found.interval[1] < 0) == (found.p_value < 0.1)
    assert found.ratio == pytest.approx(math.exp(-0.5))
    assert found.ratio_interval == pytest.approx(tuple(map(math.exp, found.interval)))


def test_indirect_comparison_undoes_itself():
    a, b = contrast_of_ratio(0.7, 0.5, 0.98), contrast_of_ratio(0.9, 0.7, 1.16)
    forth, back = indirect(a, b), indirect(b, a)
    assert forth.estimate == -back.estimate
    assert forth.standard_error > max(a.standard_error, b.standard_error)
    assert inconsistency(forth, forth).estimate == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"method": "remle"}, "did you mean 'reml'"),
        ({"interval": "knapp"}, "unknown interval"),
        ({"prediction": "k"}, "unknown prediction"),
        ({"level": 1.0}, "a level lies between"),
    ],
)
def test_unknown_options_are_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        pool(SPREAD, **arguments)


@pytest.mark.parametrize(
    ("labels", "effects", "errors", "words"),
    [
        ((), [], [], "at least one study"),
        (("a", "a"), [0, 1], [1, 1], "each study once"),
        (("a", "b"), [0, 1], [1], "go together"),
        (("a",), [float("nan")], [1], "study a"),
        (("a",), [0], [0], "standard error is positive"),
        (("a",), [0], [float("inf")], "standard error is positive"),
    ],
)
def test_impossible_estimates_are_refused(labels, effects, errors, words):
    with pytest.raises(InputError, match=words):
        Estimates(labels, effects, errors)
