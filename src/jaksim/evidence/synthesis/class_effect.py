"""Class against agent: studies within agents within one class of treatments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.evidence.synthesis.estimates import Estimates
from jaksim.evidence.synthesis.posterior import NormalMixture, TauGrid, TauPosterior
from jaksim.evidence.synthesis.priors import NormalPrior, TauPrior

GRID = {"n_panels": 8, "order": 10}
MEAN_NODES, AGENT_NODES = 10, 16
LEAST_MASS = 1e-4


@dataclass(frozen=True, eq=False)
class ClassEffect:
    """Posterior of y_ij ~ N(theta_j, v_ij + tau_study**2), theta_j ~ N(mean, tau_agent**2).

    `mean` is the class mean; `agents` the effect of each agent, `pairs` the difference of each pair (first minus
    second), `new_agent` the effect of an agent of the class not yet studied, `new_pair` the difference of two such.
    `between_agents` and `between_studies` are the standard deviations. `log_evidence_agents` and
    `log_evidence_common` are the log marginal likelihoods with agents that differ and with one effect for all agents.
    """

    mean: NormalMixture
    new_agent: NormalMixture
    new_pair: NormalMixture
    agents: Mapping[str, NormalMixture]
    pairs: Mapping[tuple[str, str], NormalMixture]
    between_agents: TauPosterior
    between_studies: TauPosterior
    log_evidence_agents: float
    log_evidence_common: float
    _nodes: _Nodes

    @property
    def bayes_factor_common(self) -> float:
        """Evidence for one effect common to all agents over agents that differ as the prior of tau_agent says."""
        return float(np.exp(self.log_evidence_common - self.log_evidence_agents))

    def any_pair_beyond(self, distance: float) -> float:
        """Probability that the largest difference between two of the studied agents exceeds `distance`."""
        return _range_beyond(self._nodes, distance)


@dataclass(frozen=True, eq=False)
class _Nodes:
    """At each node (m,) of (tau_study, tau_agent): its mass, the class mean, and the agents (m, J) given the mean."""

    mass: Floats
    mean: Floats
    mean_variance: Floats
    own: Floats
    own_share: Floats
    own_variance: Floats
    log_likelihood: Floats


def class_effect(
    estimates: Estimates,
    agents: Sequence[str],
    *,
    study_prior: TauPrior,
    agent_prior: TauPrior,
    mean_prior: NormalPrior,
) -> ClassEffect:
    """Three-level hierarchy by quadrature over (tau_study, tau_agent), exact normals given both.

    `agents` names the agent of each study. InputError when there are fewer than two agents, or the prior of the class
    mean is not proper (the comparison with a common effect needs one).
    """
    names = tuple(dict.fromkeys(agents))
    if len(agents) != len(estimates):
        raise InputError("each study has one agent", where="agents", got=len(agents))
    if len(names) < 2:
        raise InputError("a class needs at least two agents", where="agents", got=list(names))
    if not np.isfinite(mean_prior.standard_deviation):
        raise InputError("the prior of the class mean must be proper", where="mean_prior", got=str(mean_prior))
    member = np.array([names.index(agent) for agent in agents])
    study = TauGrid(np.sqrt(study_prior.median * _middle_error(estimates)), **GRID)
    agent = TauGrid(np.sqrt(agent_prior.median * _middle_error(estimates)), **GRID)
    tau_study, tau_agent = (axis.ravel() for axis in np.meshgrid(study.tau, agent.tau, indexing="ij"))
    nodes = _condition(estimates, member, tau_study, tau_agent, mean_prior)
    log_study = study_prior.log_density(study.tau) + np.log(study.weights)
    log_agent = agent_prior.log_density(agent.tau) + np.log(agent.weights)
    log_mass = nodes.log_likelihood + (log_study[:, None] + log_agent).ravel()
    common = _condition(estimates, member, study.tau, np.zeros(len(study.tau)), mean_prior).log_likelihood + log_study
    mass = np.exp(log_mass - log_mass.max())
    nodes = replace(nodes, mass=mass / mass.sum())
    table = nodes.mass.reshape(len(study.tau), len(agent.tau))
    spread = np.sqrt(nodes.mean_variance)
    return ClassEffect(
        mean=NormalMixture(nodes.mass, nodes.mean, spread),
        new_agent=NormalMixture(nodes.mass, nodes.mean, np.hypot(spread, tau_agent)),
        new_pair=NormalMixture(nodes.mass, np.zeros_like(spread), np.sqrt(2) * tau_agent),
        agents={name: _agent(nodes, j) for j, name in enumerate(names)},
        pairs={(names[i], names[j]): _difference(nodes, i, j) for i, j in combinations(range(len(names)), 2)},
        between_agents=agent.distribution(table.sum(axis=0)),
        between_studies=study.distribution(table.sum(axis=1)),
        log_evidence_agents=_log_sum(log_mass),
        log_evidence_common=_log_sum(common),
        _nodes=nodes,
    )


def _middle_error(estimates: Estimates) -> float:
    return float(np.sqrt(np.median(estimates.v)))


def _condition(
    estimates: Estimates, member: Floats, tau_study: Floats, tau_agent: Floats, prior: NormalPrior
) -> _Nodes:
    """Integrates out study effects, agent effects and the class mean at each (tau_study, tau_agent)."""
    y = estimates.y
    w = 1 / (estimates.v + tau_study[:, None] ** 2)
    belongs = (member[:, None] == np.arange(member.max() + 1)).astype(float)
    weight = w @ belongs
    own = (w * y) @ belongs / weight
    within = np.log(w / (2 * np.pi)).sum(axis=1) - (w * (y - own[:, member]) ** 2).sum(axis=1)
    within += np.log(2 * np.pi / weight).sum(axis=1)
    variance = 1 / weight + tau_agent[:, None] ** 2
    precision = (1 / variance).sum(axis=1) + prior.precision
    mean = ((own / variance).sum(axis=1) + prior.mean * prior.precision) / precision
    between = -np.log(2 * np.pi * variance).sum(axis=1) - ((own - mean[:, None]) ** 2 / variance).sum(axis=1)
    between += np.log(prior.precision / precision) - (mean - prior.mean) ** 2 * prior.precision
    share = tau_agent[:, None] ** 2 / variance
    return _Nodes(
        mass=np.ones_like(mean),
        mean=mean,
        mean_variance=1 / precision,
        own=own,
        own_share=share,
        own_variance=share / weight,
        log_likelihood=0.5 * (within + between),
    )


def _agent(nodes: _Nodes, j: int) -> NormalMixture:
    share = nodes.own_share[:, j]
    mean = share * nodes.own[:, j] + (1 - share) * nodes.mean
    return NormalMixture(nodes.mass, mean, np.sqrt(nodes.own_variance[:, j] + (1 - share) ** 2 * nodes.mean_variance))


def _difference(nodes: _Nodes, i: int, j: int) -> NormalMixture:
    """First minus second: given the class mean the two are independent, and both lean on it."""
    shares = nodes.own_share[:, [i, j]]
    centres = shares * nodes.own[:, [i, j]] + (1 - shares) * nodes.mean[:, None]
    variance = nodes.own_variance[:, [i, j]].sum(axis=1) + (shares[:, 0] - shares[:, 1]) ** 2 * nodes.mean_variance
    return NormalMixture(nodes.mass, centres[:, 0] - centres[:, 1], np.sqrt(variance))


def _range_beyond(nodes: _Nodes, distance: float) -> float:
    """1 - P(all within `distance`): the lowest agent j at x, all others in (x, x + distance), summed over j.

    Hermite nodes for the class mean and for the lowest agent; agents are independent given the mean.
    """
    from scipy.special import ndtr

    kept = nodes.mass > LEAST_MASS * nodes.mass.max()
    mean_nodes, mean_weights = _hermite(MEAN_NODES)
    agent_nodes, agent_weights = _hermite(AGENT_NODES)
    mean = nodes.mean[kept, None] + np.sqrt(nodes.mean_variance[kept, None]) * mean_nodes
    share = nodes.own_share[kept][:, None, :]
    centre = share * nodes.own[kept][:, None, :] + (1 - share) * mean[:, :, None]
    spread = np.maximum(np.sqrt(nodes.own_variance[kept]), 1e-12)[:, None, :]
    within = np.zeros(mean.shape)
    for j in range(centre.shape[2]):
        lowest = centre[:, :, j, None] + spread[:, :, j, None] * agent_nodes
        others = np.ones(lowest.shape)
        for other in set(range(centre.shape[2])) - {j}:
            step = (lowest - centre[:, :, other, None]) / spread[:, :, other, None]
            others *= ndtr(step + distance / spread[:, :, other, None]) - ndtr(step)
        within += others @ agent_weights
    mass = nodes.mass[kept] / nodes.mass[kept].sum()
    return float(np.clip(1 - mass @ (within @ mean_weights), 0.0, 1.0))


def _hermite(n: int) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(n)
    return nodes, weights / weights.sum()


def _log_sum(values: Floats) -> float:
    peak = float(values.max())
    return peak + float(np.log(np.exp(values - peak).sum()))
