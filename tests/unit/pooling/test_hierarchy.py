from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import block_diag
from scipy.stats import kstest, multivariate_normal

from jaksim.errors import InputError
from jaksim.model import moves
from jaksim.pooling.coordinates import Coordinates
from jaksim.pooling.hierarchy import conditional, fit, left_out, predictive
from jaksim.pooling.priors import KINDS, PooledPriors
from jaksim.pooling.summaries import TrialEffects, Within

CELLS = {
    "JAK inhibitor": ("improvement", "deterioration", "death"),
    "IL-6 receptor antagonist": ("improvement", "deterioration", "death"),
    "glucocorticoid": ("improvement", "death.oxygen", "death.ventilated"),
}
OMEGA, TAU = np.array([0.1, 0.2, 0.15]), np.array([0.2, 0.1, 0.3])


def trial(study, drug, treatment_class, share, estimate, covariance):
    return TrialEffects.of(
        np.asarray(estimate),
        np.asarray(covariance),
        study=study,
        published="2021-01",
        drug=drug,
        treatment_class=treatment_class,
        share=share,
        cells=CELLS[treatment_class],
        windows=((0, 14),) * 3,
    )


def made(stream, drugs):
    """Trials with arbitrary estimates: drugs as (drug, class, share)."""
    found = []
    for number, (drug, treatment_class, share) in enumerate(drugs):
        root = 0.15 * stream.standard_normal((3, 5))
        covariance = root @ root.T + 0.01 * np.eye(3)
        one = trial(f"t{number}", drug, treatment_class, share, 0.3 * stream.standard_normal(3), covariance)
        if drug == "T":
            root = stream.standard_normal((3, 4))
            one = replace(one, within=Within(root @ root.T, stream.standard_normal(3)))
        found.append(one)
    return found


DESIGNS = [
    [("A", "JAK inhibitor", 0.2)],
    [("A", "JAK inhibitor", 0.2), ("A", "JAK inhibitor", 0.9), ("B", "JAK inhibitor", 0.8)],
    [
        ("D", "glucocorticoid", None),
        ("A", "JAK inhibitor", 0.5),
        ("H", "glucocorticoid", None),
        ("D", "glucocorticoid", None),
    ],
    [("A", "JAK inhibitor", 0.9), ("T", "IL-6 receptor antagonist", 0.3), ("T", "IL-6 receptor antagonist", 0.8)],
]


def joint_normal(trials, priors, omega, tau):
    """All estimates and the vector of effects as one normal distribution, written out by hand."""
    coordinates = Coordinates.of(trials)
    names = coordinates.names
    prior = np.zeros((len(names), len(names)))
    described = [("class", *pair) for pair in coordinates.classes] + [("drug", *pair) for pair in coordinates.drugs]
    for row, (what, owner, cell) in enumerate(described):
        for column, (other, second, second_cell) in enumerate(described):
            first_class = owner if what == "class" else coordinates.class_of[owner]
            second_class = second if other == "class" else coordinates.class_of[second]
            if (first_class, cell) == (second_class, second_cell):
                prior[row, column] = priors.class_sd**2
                if row == column and what == "drug":
                    prior[row, column] += omega[KINDS.index(cell.split(".")[0])] ** 2
    for row, (_, kind) in enumerate(coordinates.interactions, start=len(described)):
        for column, (_, other) in enumerate(coordinates.interactions, start=len(described)):
            alike = 1.0 if row == column else priors.interaction_shared
            prior[row, column] = priors.interaction_sd**2 * alike * (kind == other)
    design = np.concatenate([coordinates.design(one) for one in trials])
    estimates, noise = [], np.zeros((len(design), len(design)))
    for number, one in enumerate(trials):
        rows = slice(3 * number, 3 * number + 3)
        estimates.append(np.linalg.solve(one.information, one.weighted))
        own = [KINDS.index(kind) for kind in one.kinds]
        same = np.equal.outer(own, own)
        noise[rows, rows] = np.linalg.inv(one.information) + same * tau[own] ** 2
    for one in trials:
        if one.within is not None:
            rows = np.zeros((3, len(names)))
            for row, kind in zip(rows, one.kinds, strict=True):
                row[names.index(f"interaction.{one.treatment_class}.{kind}")] = 1.0
            design = np.concatenate([design, rows])
            estimates.append(np.linalg.solve(one.within.information, one.within.weighted))
            noise = block_diag(noise, np.linalg.inv(one.within.information))
    return np.concatenate(estimates), design, prior, noise


@pytest.mark.parametrize("design", DESIGNS)
def test_with_known_deviations_it_is_generalised_least_squares(design):
    trials = made(np.random.default_rng(3), design)
    priors = PooledPriors(class_sd=0.8, interaction_sd=0.4)
    estimates, rows, prior, noise = joint_normal(trials, priors, OMEGA, TAU)
    gain = prior @ rows.T @ np.linalg.inv(rows @ prior @ rows.T + noise)
    mean, covariance, _ = conditional(trials, priors, OMEGA, TAU)
    assert mean == pytest.approx(gain @ estimates, abs=1e-9)
    assert covariance == pytest.approx(prior - gain @ rows @ prior, abs=1e-9)


@pytest.mark.parametrize("design", DESIGNS)
def test_likelihood_of_the_deviations_is_that_of_the_joint_normal(design):
    trials = made(np.random.default_rng(4), design)
    priors = PooledPriors()

    def both(omega, tau):
        estimates, rows, prior, noise = joint_normal(trials, priors, omega, tau)
        exact = multivariate_normal(np.zeros(len(estimates)), rows @ prior @ rows.T + noise).logpdf(estimates)
        return exact, conditional(trials, priors, omega, tau)[2]

    (exact, found), (other_exact, other_found) = both(OMEGA, TAU), both(2 * OMEGA, 0 * TAU)
    assert found - other_found == pytest.approx(exact - other_exact, abs=1e-9)


def test_flat_priors_and_no_deviations_give_the_inverse_variance_mean():
    trials = made(np.random.default_rng(5), [("A", "JAK inhibitor", None)] * 3)
    priors = PooledPriors(class_sd=10.0, between_drugs=0.0, between_trials=0.0)
    found = fit(trials, priors, draws=20, points=16)
    information = sum(one.information for one in trials)
    mean = np.linalg.solve(information, sum(one.weighted for one in trials))
    drug = slice(3, 6)
    assert found.mean[drug] == pytest.approx(mean, abs=2e-3)
    assert found.covariance[drug, drug] == pytest.approx(np.linalg.inv(information), rel=2e-3)


def test_a_trial_without_information_changes_nothing_and_is_predicted_the_same():
    stream = np.random.default_rng(6)
    trials = made(stream, DESIGNS[1])
    silent = TrialEffects(
        **{**vars(trials[0]), "study": "silent", "information": np.zeros((3, 3)), "weighted": np.zeros(3)}
    )
    with_it, without = fit([*trials, silent], draws=50, seed=2), fit(trials, draws=50, seed=2)
    assert np.array_equal(with_it.draws, without.draws)
    assert np.array_equal(left_out(with_it, "silent", seed=2).tau_draws, without.tau_draws)


def test_the_same_seed_gives_the_same_draws_and_another_seed_the_same_posterior():
    trials = made(np.random.default_rng(7), DESIGNS[1] * 2)
    one, again, other = (fit(trials, draws=4000, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.draws, again.draws)
    assert other.mean == pytest.approx(one.mean, abs=0.005)
    assert other.sd == pytest.approx(one.sd, rel=0.02)
    assert one.draws.mean(axis=0) == pytest.approx(one.mean, abs=0.05)
    assert one.draws.std(axis=0) == pytest.approx(one.sd, rel=0.06)


def test_prediction_of_a_trial_is_its_drug_interaction_and_deviation_together():
    trials = made(np.random.default_rng(8), DESIGNS[1] * 2)
    found = fit(trials, draws=20_000, seed=1)
    new = TrialEffects(**{**vars(trials[0]), "study": "new", "share": 0.6})
    drawn = predictive(found, new, seed=3)
    rows = found.coordinates.design(new)
    variance = np.diag(rows @ found.covariance @ rows.T) + found.weights @ found.tau_points**2
    assert drawn.mean(axis=0) == pytest.approx(rows @ found.mean, abs=0.012)
    assert drawn.var(axis=0) == pytest.approx(variance, rel=0.05)


def test_an_unknown_drug_is_drawn_around_its_class_and_an_unknown_class_around_none():
    trials = made(np.random.default_rng(9), DESIGNS[1] * 2)
    found = fit(trials, draws=20_000, seed=1)
    described = {**vars(trials[0]), "study": "new", "share": None}
    drawn = predictive(found, TrialEffects(**{**described, "drug": "C"}), seed=3)
    at_class = [found.coordinates.of_class("JAK inhibitor", cell) for cell in CELLS["JAK inhibitor"]]
    spread = found.weights @ (found.tau_points**2 + found.omega_points**2)
    assert drawn.mean(axis=0) == pytest.approx(found.mean[at_class], abs=0.015)
    assert drawn.var(axis=0) == pytest.approx(np.diag(found.covariance)[at_class] + spread, rel=0.06)
    foreign = predictive(found, TrialEffects(**{**described, "drug": "E", "treatment_class": "antiviral"}), seed=3)
    assert foreign.mean(axis=0) == pytest.approx(np.zeros(3), abs=0.03)
    assert foreign.var(axis=0) == pytest.approx(1.0 + spread, rel=0.05)


def test_posterior_of_simulated_bodies_of_evidence_is_as_wide_as_it_should_be():
    """Talts et al. (2018): truths drawn from the prior fall uniformly in their posteriors."""
    priors = PooledPriors(class_sd=0.5, between_drugs=0.3, between_trials=0.3, interaction_sd=0.4)
    described = [(drug, "JAK inhibitor", share) for drug in "AB" for share in (0.1, 0.5, 0.9)]
    described += [("D", "glucocorticoid", None)] * 3
    ranks, tau_ranks, errors = [], [], []
    for number in range(160):
        stream = np.random.default_rng([11, number])
        trials = made(stream, described)
        coordinates = Coordinates.of(trials)
        omega, tau = (abs(0.3 * stream.standard_normal(3)) for _ in range(2))
        truth = coordinates.root(priors, omega[None])[0] @ stream.standard_normal(coordinates.size)
        seen = []
        for one in trials:
            deviation = tau * stream.standard_normal(3)
            effects = coordinates.design(one) @ truth + deviation[[KINDS.index(kind) for kind in one.kinds]]
            covariance = np.linalg.inv(one.information)
            estimate = stream.multivariate_normal(effects, covariance)
            seen.append(TrialEffects(**{**vars(one), "weighted": one.information @ estimate}))
        found = fit(seen, priors, draws=99, seed=number, points=128)
        ranks.append((found.draws < truth).sum(axis=0))
        tau_ranks.append((found.tau_draws < tau).sum(axis=0))
        errors.append((truth - found.mean) / found.sd)
    ties = np.random.default_rng(12)
    for found_ranks in (np.array(ranks), np.array(tau_ranks)):
        for column in found_ranks.T:
            assert kstest((column + ties.random(len(column))) / 100, "uniform").pvalue > 1e-4
    assert 0.93 < np.sqrt(np.mean(np.square(errors))) < 1.07


def test_kinds_are_those_of_the_model():
    assert KINDS == moves.KINDS


def test_what_cannot_be_pooled_is_refused():
    trials = made(np.random.default_rng(1), DESIGNS[1])
    with pytest.raises(InputError, match="no trial"):
        fit([])
    with pytest.raises(InputError, match="a drug of two classes"):
        fit([*trials, TrialEffects(**{**vars(trials[0]), "treatment_class": "antiviral"})])
    with pytest.raises(InputError, match="unknown kind"):
        fit([TrialEffects(**{**vars(trials[0]), "cells": ("improvement", "recovery", "death")})])
    with pytest.raises(InputError, match="between_trials"):
        PooledPriors(between_trials=-0.1)
