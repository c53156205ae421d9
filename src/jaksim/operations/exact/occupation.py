"""How many patients of a trial are in each state by calendar day.

Patients are randomised by a Poisson process given the rates and openings of the sites, and each then goes her own way:
the number in a state on day t is Poisson with mean sum over d of m(t - d) p(d), m(e) being those expected on day e and
p(d) the probability of the state d days later (the M_t/G/infinity queue: Eick, Massey and Whitt, Oper. Res.
1993;41:731). Over the rates and openings it is a mixture of such, whose law is found as that of the enrolment is.
A patient counts from the end of the day of randomisation until that of her last day of follow-up. Arms are taken as
drawn by the allocation, each by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.exact.occupation import state_occupation
from jaksim.exact.transition import transition_matrices
from jaksim.operations.exact.enrolment import EnrolmentLaw
from jaksim.operations.exact.generating_function import points, power, read, transform
from jaksim.operations.site_effects import over_sites
from jaksim.trial import Trial


def states_since_randomisation(trial: Trial) -> Floats:
    """Probability (A, S, H + 1, K) of each state of the scale 0 to H days after randomisation, by arm and stratum: the
    mean over sites where these differ in the course of the disease."""
    population, scale = trial.population, trial.scale
    score = trial.states.score
    found = np.zeros((len(trial.arms), len(population.strata), trial.horizon + 1, scale.n_states))
    for a, arm in enumerate(trial.arms):
        for s, stratum in enumerate(population.strata):
            for share, patient in stratum.patients:
                for weight, table in over_sites(trial.intensities(arm, patient), trial.states.better, trial.site_sd):
                    daily = transition_matrices(table, trial.horizon)
                    for part, start in trial.states.starts(arm.name, scale.index(patient.baseline_score)):
                        np.add.at(found[a, s].T, score, weight * share * part * state_occupation(daily, start).T)
    return found


def shares_of_cells(trial: Trial) -> Floats:
    """Shares (G, A, S) of the patients of each group of sites by arm and stratum."""
    assert trial.operations is not None
    allocation = np.array([arm.allocation for arm in trial.arms], dtype=np.float64)
    strata = [group.strata or trial.population.weights for group in trial.operations.recruitment.groups]
    return np.array([np.outer(allocation / allocation.sum(), np.array(one) / sum(one)) for one in strata])


def expected_entries(law: EnrolmentLaw, patients: int, days: int) -> Floats:
    """Patients (days,) expected to be randomised on each day in a trial that stops when it is full."""
    mean = np.full(days, float(patients))
    k = np.arange(patients + 1)
    for day in range(days):
        p = law.enrolled(min(day, law.last_day), patients)
        mean[day] = p @ k
        if p[-1] > 1.0 - 1e-12:
            break
    return np.diff(mean, prepend=0.0)


def expected_in_state(entries: Floats, chances: Floats) -> Floats:
    """Patients (T, ...) expected in states by calendar day, of whom entries (T,) are randomised on each, from the
    probabilities (H + 1, ...) of the states since randomisation."""
    found = np.zeros((len(entries), *chances.shape[1:]))
    for d in range(min(len(chances), len(entries))):
        found[d:] += np.multiply.outer(entries[: len(entries) - d], chances[d])
    return found


def expected_occupation(trial: Trial, law: EnrolmentLaw, days: int) -> Floats:
    """Patients (days, A, S, K) of a trial expected in each state of the scale by arm and stratum.

    That the trial stops when it is full is allowed for exactly, unless sites differ in the shares of their strata: then
    those who come on a day have the shares of all who are expected on it without the stop.
    """
    entries = expected_entries(law, trial.population.patients, days)
    cells, chances = shares_of_cells(trial), states_since_randomisation(trial)
    if (cells == cells[0]).all():
        shares = np.broadcast_to(cells[0], (days, *cells[0].shape))
    else:
        by_group = np.array([[g.count * float(g.chances @ g.expected(day)) for day in range(days)] for g in law.groups])
        weight = np.maximum(np.diff(by_group, axis=1, prepend=0.0), 0.0)
        total = weight.sum(axis=0)
        weight = np.where(total > 0.0, weight / np.where(total > 0.0, total, 1.0), 1.0 / len(weight))
        shares = np.einsum("gt,gas->tas", weight, cells)
    found = np.zeros((days, *chances.shape[:2], chances.shape[3]))
    for a, s in np.ndindex(*chances.shape[:2]):
        found[:, a, s] = expected_in_state(entries * shares[:, a, s], chances[a, s])
    return found


def occupation_law(law: EnrolmentLaw, day: int, chances: Floats | Sequence[Floats], most: int) -> Floats:
    """Probabilities (most + 1,) of 0, 1, ... patients in a state on a calendar day, in a trial that is never full.

    chances (H + 1,) are the probabilities of the state 0 to H days since randomisation, or one such array for each
    group of sites, whose patients share nothing else. InputError with caps, under which the patients are no mixture of
    Poisson processes.
    """
    recruitment = law.recruitment
    if any(country.cap is not None for country in recruitment.countries) or any(
        group.cap is not None for group in recruitment.groups
    ):
        raise InputError("the law of the patients in a state is not known with caps", allowed="sites without caps")
    rows = np.broadcast_to(np.asarray(chances, dtype=np.float64), (len(law.groups), np.shape(chances)[-1]))
    length = points(most)
    found = np.ones(length // 2 + 1, dtype=np.complex128)
    for group, row in zip(law.groups, rows, strict=True):
        days = range(day - len(row), day + 1)
        by_day = np.diff([group.expected(one) for one in days], axis=0)
        found *= power(transform(group.mixed(row[::-1] @ by_day, most), length), group.count)
    return read(found, length, most)
