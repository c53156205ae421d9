import numpy as np
import pytest

from jaksim.calibration.information import sandwich_covariance, score_covariance, second_moments, stretched
from jaksim.calibration.predict import StudyLaws
from jaksim.calibration.replicates import replicate_study
from jaksim.calibration.target import CountTarget, RatioTarget, TableTarget

REPLICATES = 2000


def test_independent_targets_leave_the_curvature():
    rng = np.random.default_rng(1)
    jacobian = np.vstack([rng.standard_normal((12, 4)), np.eye(4)])
    expected = np.linalg.inv(jacobian.T @ jacobian)
    np.testing.assert_allclose(sandwich_covariance(jacobian, np.eye(12)), expected, atol=1e-12)


def test_a_target_given_twice_is_worth_one():
    """Least squares on y, y for one parameter: the variance is that of one y, not of two."""
    jacobian = np.array([[1.0], [1.0], [0.0]])
    assert sandwich_covariance(jacobian, np.ones((2, 2))) == pytest.approx(1.0)
    assert sandwich_covariance(jacobian, np.eye(2)) == pytest.approx(0.5)


def test_scores_that_are_not_finite_leave_a_covariance():
    rng = np.random.default_rng(3)
    scores = rng.standard_normal((4000, 3)) @ np.array([[1.0, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 2.0]])
    np.testing.assert_allclose(second_moments(scores), scores.T @ scores / 4000)
    scores[:1000, 1] = np.nan
    scores[500:800, 1] = np.inf
    found = second_moments(np.column_stack([scores, np.full(4000, np.nan)]))
    assert found[1, 1] == pytest.approx(np.mean(scores[1000:, 1] ** 2))
    assert found[0, 1] == pytest.approx(np.sum(scores[1000:, 0] * scores[1000:, 1]) / np.sqrt(3000 * 4000))
    np.testing.assert_array_equal(found[3], [0.0, 0.0, 0.0, 1.0])


def test_stretched_draws_have_the_wanted_covariance():
    rng = np.random.default_rng(2)
    draws = rng.standard_normal((500, 3)) @ rng.standard_normal((3, 3)) + 5
    centre = draws.mean(axis=0)
    root = rng.standard_normal((3, 3))
    wanted = root @ root.T
    found = stretched(draws, centre, np.cov(draws.T), wanted)
    np.testing.assert_allclose(np.cov(found.T), wanted, rtol=1e-8)
    np.testing.assert_allclose(found.mean(axis=0), centre)


def test_residuals_of_simulated_trials_have_the_variance_the_fit_assumes(study_of):
    """One for a table or a count (patients of known status over patients), correlated within a trial."""
    study = study_of("actt-2")
    covariance = score_covariance(study, study.template.prior_mean, REPLICATES, seed=3)
    fitted = [
        (target, statistic)
        for target, statistic in zip(study.targets, study.statistics, strict=True)
        if target.role == "fit"
    ]
    expected = []
    for target, statistic in fitted:
        patients = sum(study.arms[statistic.arm].patients[s] for s in statistic.strata)
        match target:
            case TableTarget():
                laws = StudyLaws(study, study.template.prior_mean[None])
                expected += list(1 - laws.pooled(statistic)[0])
            case CountTarget():
                expected.append(target.patients / patients)
            case _:
                expected.append(np.nan)
    found = np.diag(covariance)
    known = np.isfinite(expected) & (np.array(expected) > 0)
    spread = np.abs(found / np.array(expected) - 1)[known]
    assert np.median(spread) < 0.05
    eigenvalues = np.linalg.eigvalsh(covariance)
    assert eigenvalues[0] > -1e-9
    assert eigenvalues[-1] > 1.5
    ratios = [i for i, x in enumerate(expected) if not np.isfinite(x)]
    assert len(ratios) == sum(isinstance(t, RatioTarget) or type(t).__name__ == "MedianTarget" for t, _ in fitted)


def test_simulated_trials_have_the_expected_tables(study_of, scattered):
    study = study_of("actt-1")
    values = scattered(study, 6)[0]
    replicates = 20_000
    tables = replicate_study(study, values, replicates, seed=4)
    laws = StudyLaws(study, values[None])
    strata = tuple(study.strata)
    for name in [name for name, endpoint in study.endpoints.items() if endpoint.transitions is None]:
        for arm in study.arms.values():
            counts = tables.expected_table(name, arm.name, strata)
            assert np.all(counts.sum(axis=2) == [arm.patients[s] for s in strata])
            expected = laws.expected_table(name, arm.name, strata)[0]
            sd = np.sqrt(expected * (1 - expected / expected.sum(axis=1, keepdims=True)) / replicates)
            common = expected * replicates > 400
            assert np.abs((counts.mean(axis=0) - expected)[common] / sd[common]).max() < 4.0


def test_endpoints_of_one_simulated_trial_belong_to_the_same_patients(study_of, scattered):
    study = study_of("actt-1")
    tables = replicate_study(study, scattered(study, 7)[0], 200, seed=5)
    early, late = (
        tables.expected_table(name, "placebo", tuple(study.strata))[..., study.endpoints[name].status == 1].sum(axis=2)
        for name in ("death_day15", "death_day29")
    )
    dead = tables.expected_table("day15_score", "placebo", tuple(study.strata))[
        ..., study.endpoints["day15_score"].value == 8
    ].sum(axis=2)
    np.testing.assert_array_equal(early, dead)
    assert np.all(late >= early)
    assert np.any(late > early)
