"""The pull of effect priors, against a refit without them and against the normal formula."""

import math
from dataclasses import replace

import numpy as np
import pytest

from jaksim.calibration.predict import predict
from jaksim.calibration.problem import FitProblem
from jaksim.calibration.pull import Pull, pulls_of_priors
from jaksim.model.parameter_set import load_parameter_set


def with_effect_sd(study, sd):
    effects = {effect.parameter for effect in study.template.effects}
    parameters = tuple(replace(p, prior_sd=sd) if p.name in effects else p for p in study.template.parameters)
    return replace(study, template=replace(study.template, parameters=parameters))


def estimate_of(study):
    problem = FitProblem(study)
    return problem.full(problem.solve().x)


@pytest.mark.parametrize("sd", [0.3, 0.5, 1.0])
def test_one_ratio_is_pulled_by_its_share_of_the_variance(study_of, sd):
    """STOP-COVID's deaths are few: near normal, the share is about se^2 / (se^2 + (slope sd)^2), slope the ratio's."""
    study = with_effect_sd(study_of("stop-covid"), sd)
    estimate = estimate_of(study)
    (pull,) = (p for p in pulls_of_priors(study, estimate) if p.id == "mortality_hazard_ratio_day28.all")
    free = estimate_of(with_effect_sd(study, 100 * sd))
    position = next(i for i, target in enumerate(study.targets) if target.id == pull.id)
    found = [float(predict(study, values[None])[position][0, 0]) for values in (estimate, free)]
    assert [math.log(pull.fitted), math.log(pull.without_priors)] == pytest.approx(found, abs=1e-4)
    assert pull.share == pytest.approx((found[1] - found[0]) / math.log(0.49), abs=1e-3)
    assert pull.standard_errors == pytest.approx(
        (found[1] - found[0]) / study.targets[position].log_standard_error, abs=1e-3
    )
    assert pull.without_priors == pytest.approx(0.49, abs=0.01)
    assert pull.notable == (abs(pull.share) > 0.05)


def test_the_wider_the_prior_the_smaller_the_pull(study_of):
    shares = []
    for sd in (0.3, 0.5, 1.0, 3.0):
        study = with_effect_sd(study_of("cov-barrier"), sd)
        pulls = pulls_of_priors(study, estimate_of(study))
        shares.append(next(p.share for p in pulls if p.id == "mortality_hazard_ratio_day28.all"))
    assert np.all(np.diff(shares) < 0)
    assert shares[0] > 0.1
    assert 0 < shares[-1] < 0.01


@pytest.mark.parametrize("name", ["cov-barrier", "recovery-baricitinib", "recovery-dexamethasone", "stop-covid"])
def test_no_published_headline_is_pulled_by_more_than_a_twentieth_of_its_log(name, study_of):
    pulls = pulls_of_priors(study_of(name), load_parameter_set(name).estimate)
    assert len(pulls) >= 3
    assert not any(pull.notable for pull in pulls)
    assert max(abs(pull.share) for pull in pulls if pull.share is not None) < 0.05


def test_a_study_without_free_effects_or_fitted_ratios_has_none(study_of, small):
    assert pulls_of_priors(with_effect_sd(study_of("stop-covid"), 0.0), load_parameter_set("stop-covid").estimate) == ()
    counts = [(t, s) for t, s in zip(small.targets, small.statistics, strict=True) if not s.is_ratio]
    part = replace(small, targets=tuple(t for t, _ in counts), statistics=tuple(s for _, s in counts))
    assert pulls_of_priors(part, small.template.prior_mean) == ()


@pytest.mark.parametrize(
    ("share", "standard_errors", "notable"),
    [(0.2, 0.3, True), (-0.2, -0.3, True), (0.2, 0.01, False), (0.01, 0.3, False), (None, 0.3, True)],
)
def test_what_is_worth_a_word(share, standard_errors, notable):
    assert Pull("figure", 0.8, 0.85, 0.8, share, standard_errors).notable is notable
