import numpy as np
import pytest
from scipy.stats import cauchy, halfcauchy, halfnorm, multivariate_normal, norm

from jaksim.errors import InputError
from jaksim.evidence.synthesis import Estimates, HalfCauchy, HalfNormal, NormalPrior, class_effect, hierarchy, regress
from jaksim.evidence.synthesis.posterior import NormalMixture, TauGrid

FIVE = Estimates(tuple("abcde"), [-0.4, -0.1, -0.6, 0.2, -0.3], [0.2, 0.15, 0.3, 0.4, 0.25])
AGENTS = ("x", "x", "y", "y", "z")
PRIORS = {"study_prior": HalfNormal(0.3), "agent_prior": HalfNormal(0.4), "mean_prior": NormalPrior(0.1, 0.8)}


@pytest.mark.parametrize(("prior", "law"), [(HalfNormal(0.4), halfnorm), (HalfCauchy(0.4), halfcauchy)])
def test_priors_are_densities(prior, law):
    grid = TauGrid(0.4)
    density = np.exp(prior.log_density(grid.tau))
    assert density == pytest.approx(law.pdf(grid.tau, scale=0.4))
    assert density @ grid.weights == pytest.approx(1, rel=1e-9)
    assert prior.median == pytest.approx(law.ppf(0.5, scale=0.4))
    posterior = grid.distribution(density * grid.weights)
    for p in (0.025, 0.3, 0.9):
        assert posterior.quantile(p) == pytest.approx(law.ppf(p, scale=0.4), rel=1e-6)
        assert posterior.below(posterior.quantile(p)) == pytest.approx(p)


def test_mixture_of_one_is_that_normal():
    mixture = NormalMixture(np.ones(1), np.array([0.3]), np.array([0.2]))
    assert mixture.interval() == pytest.approx(norm.interval(0.95, 0.3, 0.2))
    assert mixture.beyond(0.1) == pytest.approx(norm.cdf(-0.1, 0.3, 0.2) + norm.sf(0.1, 0.3, 0.2))


def test_mixture_moments_and_quantiles():
    mixture = NormalMixture(np.array([1.0, 3.0]), np.array([-1.0, 1.0]), np.array([0.5, 0.0]))
    assert mixture.mean == pytest.approx(0.5)
    assert mixture.standard_deviation == pytest.approx(np.sqrt(0.25 * (0.25 + 2.25) + 0.75 * 0.25))
    assert mixture.below(0.999) == pytest.approx(0.25, abs=1e-4)
    assert mixture.below(mixture.quantile(0.2)) == pytest.approx(0.2)


def test_hierarchy_against_dense_integration():
    """Evidence and posterior mean from the full multivariate normal on a plain grid of tau."""
    tau = np.linspace(0, 3, 6001)
    weight, mean = [], []
    for t in tau:
        covariance = np.diag(FIVE.v + t**2) + 0.8**2
        weight.append(multivariate_normal.pdf(FIVE.y, np.full(5, 0.1), covariance) * halfnorm.pdf(t, scale=0.3))
        precision = 1 / (FIVE.v + t**2)
        mean.append((precision @ FIVE.y + 0.1 / 0.64) / (precision.sum() + 1 / 0.64))
    total = np.trapezoid(weight, tau)
    fit = hierarchy(FIVE, tau_prior=HalfNormal(0.3), mean_prior=NormalPrior(0.1, 0.8))
    assert fit.log_evidence == pytest.approx(np.log(total), abs=1e-6)
    posterior = np.trapezoid(np.array(weight) * mean, tau) / total
    assert fit.coefficient("mean").mean == pytest.approx(posterior, abs=1e-6)


@pytest.mark.parametrize("prior", [HalfNormal(0.05), HalfNormal(5), HalfCauchy(0.3)])
def test_finer_quadrature_changes_nothing(prior):
    ones = np.ones((5, 1))
    coarse = regress(FIVE, ones, ("mean",), (NormalPrior(),), tau_prior=prior)
    fine = regress(FIVE, ones, ("mean",), (NormalPrior(),), tau_prior=prior, grid=TauGrid(0.15, n_panels=90, order=16))
    a, b = coarse.coefficient("mean"), fine.coefficient("mean")
    assert a.mean == pytest.approx(b.mean, abs=1e-8)
    assert a.interval() == pytest.approx(b.interval(), abs=1e-7)
    assert coarse.tau.interval() == pytest.approx(fine.tau.interval(), rel=1e-4)


def test_shrinkage_stays_between_study_and_mean():
    fit = hierarchy(FIVE, tau_prior=HalfNormal(0.3))
    mean = fit.coefficient("mean").mean
    for label, y in zip(FIVE.labels, FIVE.y, strict=True):
        assert min(y, mean) - 0.02 < fit.studies[label].mean < max(y, mean) + 0.02
        assert fit.studies[label].standard_deviation < 0.4


def test_regression_needs_identified_coefficients():
    twice = np.column_stack([np.ones(5), np.ones(5)])
    with pytest.raises(InputError, match="do not identify"):
        regress(FIVE, twice, ("a", "b"), (NormalPrior(), NormalPrior()), tau_prior=HalfNormal(1))
    fit = regress(FIVE, twice, ("a", "b"), (NormalPrior(0, 1), NormalPrior(0, 1)), tau_prior=HalfNormal(1))
    assert fit.coefficient("a").mean == pytest.approx(fit.coefficient("b").mean)
    with pytest.raises(InputError, match="no such coefficient"):
        fit.coefficient("c")


def dense_class_posterior():
    """Posterior moments of (mean, agents) and the evidence: joint normal of everything, trapezoid rule on a grid."""
    member = np.array([[agent == name for name in "xyz"] for agent in AGENTS], dtype=float)
    link = np.column_stack([np.zeros(5), member])
    grids = np.meshgrid(np.linspace(0, 1.6, 81), np.linspace(0, 2, 101), indexing="ij")
    tau_study, tau_agent = (grid.ravel() for grid in grids)
    prior = 0.64 + tau_agent[:, None, None] ** 2 * np.diag([0.0, 1.0, 1.0, 1.0])
    covariance = link @ prior @ link.T + (FIVE.v + tau_study[:, None] ** 2)[:, None, :] * np.eye(5)
    inverse, away = np.linalg.inv(covariance), FIVE.y - 0.1
    gain = prior @ link.T @ inverse
    mean = 0.1 + gain @ away
    spread = np.diagonal(prior - gain @ link @ prior, axis1=1, axis2=2)
    weight = np.exp(-0.5 * ((inverse @ away) @ away)) / np.sqrt(np.linalg.det(2.0 * np.pi * covariance))
    weight *= halfnorm.pdf(tau_study, scale=0.3) * halfnorm.pdf(tau_agent, scale=0.4)
    weight *= 0.02**2 * np.where(tau_study == 0, 0.5, 1.0) * np.where(tau_agent == 0, 0.5, 1.0)
    mass = weight / weight.sum()
    centre = mass @ mean
    return centre, np.sqrt(mass @ (spread + mean**2) - centre**2), mass @ tau_agent, mass @ tau_study, weight.sum()


def test_class_effect_against_dense_integration():
    found = class_effect(FIVE, AGENTS, **PRIORS)
    mean, spread, tau_agent, tau_study, evidence = dense_class_posterior()
    pairs = zip((found.mean, *found.agents.values()), mean, spread, strict=True)
    for posterior, centre, deviation in pairs:
        assert posterior.mean == pytest.approx(centre, abs=5e-4)
        assert posterior.standard_deviation == pytest.approx(deviation, rel=5e-4)
    assert found.between_agents.mean == pytest.approx(tau_agent, rel=2e-3)
    assert found.between_studies.mean == pytest.approx(tau_study, rel=2e-3)
    assert found.log_evidence_agents == pytest.approx(np.log(evidence), abs=2e-3)


def test_one_common_effect_is_the_plain_hierarchy():
    found = class_effect(FIVE, AGENTS, **PRIORS)
    plain = hierarchy(FIVE, tau_prior=PRIORS["study_prior"], mean_prior=PRIORS["mean_prior"])
    assert found.log_evidence_common == pytest.approx(plain.log_evidence, abs=1e-6)
    tight = class_effect(FIVE, AGENTS, **{**PRIORS, "agent_prior": HalfNormal(1e-4)})
    assert tight.mean.mean == pytest.approx(plain.coefficient("mean").mean, abs=1e-5)
    assert tight.bayes_factor_common == pytest.approx(1, abs=1e-4)


def test_agents_far_apart_speak_against_a_class_effect():
    apart = Estimates(tuple("abcdef"), [-1.5, -1.4, 0.1, 0.0, 1.2, 1.3], [0.1] * 6)
    together = Estimates(tuple("abcdef"), [-0.3, -0.25, -0.35, -0.3, -0.28, -0.31], [0.1] * 6)
    agents = ("x", "x", "y", "y", "z", "z")
    assert class_effect(apart, agents, **PRIORS).bayes_factor_common < 0.01
    assert class_effect(together, agents, **PRIORS).bayes_factor_common > 1.5
    assert class_effect(apart, agents, **PRIORS).any_pair_beyond(1.0) > 0.99


@pytest.mark.parametrize("distance", [0.05, 0.2, 0.5])
def test_probability_that_any_pair_differs_against_draws(distance):
    found = class_effect(FIVE, AGENTS, **PRIORS)
    nodes, rng, draws = found._nodes, np.random.default_rng(3), 200_000
    at = rng.choice(len(nodes.mass), draws, p=nodes.mass)
    mean = rng.normal(nodes.mean[at], np.sqrt(nodes.mean_variance[at]))[:, None]
    share = nodes.own_share[at]
    effects = rng.normal(share * nodes.own[at] + (1 - share) * mean, np.sqrt(nodes.own_variance[at]))
    for (i, j), pair in zip(((0, 1), (0, 2), (1, 2)), found.pairs.values(), strict=True):
        p = pair.beyond(distance)
        seen = (np.abs(effects[:, i] - effects[:, j]) > distance).mean()
        assert abs(seen - p) < 4 * np.sqrt(p * (1 - p) / draws)
    p = found.any_pair_beyond(distance)
    seen = (np.ptp(effects, axis=1) > distance).mean()
    assert abs(seen - p) < 4 * np.sqrt(p * (1 - p) / draws) + 0.003


def test_posterior_is_calibrated():
    """Truth drawn from the prior falls uniformly in its posterior (Cook, Gelman and Rubin 2006): mean and spread."""
    rng, runs, ranks = np.random.default_rng(8), 400, []
    for _ in range(runs):
        tau_study, tau_agent = np.abs(rng.normal(0, [0.3, 0.4]))
        mean = rng.normal(0.1, 0.8)
        agents = rng.normal(mean, tau_agent, 3)[[0, 0, 1, 1, 2]]
        y = rng.normal(agents, np.sqrt(FIVE.v + tau_study**2))
        found = class_effect(Estimates(FIVE.labels, y, np.sqrt(FIVE.v)), AGENTS, **PRIORS)
        ranks.append(
            [
                found.mean.below(mean),
                found.agents["x"].below(agents[0]),
                found.between_agents.below(tau_agent),
                found.between_studies.below(tau_study),
            ]
        )
    uniform = np.array(ranks)
    assert (np.abs(uniform.mean(axis=0) - 0.5) < 4 * np.sqrt(1 / 12 / runs)).all()
    assert (np.abs(((uniform - 0.5) ** 2).mean(axis=0) - 1 / 12) < 4 * np.sqrt(1 / 180 / runs)).all()


def test_impossible_requests_are_refused():
    with pytest.raises(InputError, match="at least two agents"):
        class_effect(FIVE, ("x",) * 5, **PRIORS)
    with pytest.raises(InputError, match="each study has one agent"):
        class_effect(FIVE, ("x", "y"), **PRIORS)
    with pytest.raises(InputError, match="must be proper"):
        class_effect(FIVE, AGENTS, **{**PRIORS, "mean_prior": NormalPrior()})
    with pytest.raises(InputError, match="positive"):
        HalfCauchy(0)
    with pytest.raises(InputError, match="positive"):
        NormalPrior(0, 0)
    assert cauchy.pdf(0) * 2 == pytest.approx(np.exp(HalfCauchy(1).log_density(np.zeros(1)))[0])
