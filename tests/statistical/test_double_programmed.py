"""Adaptive designs programmed a second time, patient by patient in plain numpy, from the chances of an event alone."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from scipy.stats import norm

from jaksim.design.analyses.evaluation import settle
from jaksim.design.conduct.designs import make_design
from jaksim.design.engine.cells import Cells
from jaksim.scenario import load_scenario

SCENARIOS = Path(__file__).parents[1] / "scenarios"
DEATHS = '["died, low dose","died, high dose","died, idle"]'
DOSES = (
    f"adaptation.analyses={DEATHS}",
    f"adaptation.select_by={DEATHS}",
    "adaptation.futility=0.2",
    "analysis.died.options={variance='greenland_robins'}",
    "randomisation.scheme=simple",
    "population.patients=2000",
    "accrual.rates=[10.0]",
    "disease.treatments.high dose.effect.0.hazard_ratio=2.5",
)
THOMPSON = (
    'adaptation.analyses=["well, good", "well, useless"]',
    "adaptation.power=1",
    "adaptation.lowest=0.1",
    "adaptation.calibration=1000",
)
FOLLOW_UP, IN_SECOND_STRATUM = 10, 0.4
BLOCK = 250


def conducted(file, changes, replicates, endpoint):
    """The blocks of trials, the design, and the chance of the event by arm and stratum."""
    trial = load_scenario(SCENARIOS / file, changes=changes).trial
    cells = Cells(trial)
    design = make_design(cells, settle(cells), 5)
    blocks = [design.conduct(first, BLOCK)[0] for first in range(0, replicates, BLOCK)]
    place = [one.name for one in trial.endpoints].index(endpoint)
    laws = cells.marginal_laws[place].reshape(len(cells.arms), 2, -1)
    chances = laws[:, :, trial.endpoints[place].status == 1].sum(axis=2)
    return blocks, design, chances, [arm.name for arm in cells.arms]


def entries(rng, trials, patients, rate):
    days = np.floor(np.cumsum(rng.exponential(1.0 / rate, (trials, patients)), axis=1)).astype(int)
    return days, (rng.random((trials, patients)) < IN_SECOND_STRATUM).astype(int)


def counted(chosen, arm, stratum, event, arms):
    """Patients and events (B, A, S) among those chosen."""
    where = [[chosen & (arm == a) & (stratum == s) for s in range(2)] for a in range(arms)]
    patients = np.array([[one.sum(axis=1) for one in row] for row in where])
    events = np.array([[(one & event).sum(axis=1) for one in row] for row in where])
    return np.moveaxis(patients, 2, 0), np.moveaxis(events, 2, 0)


def fewer_events(patients, events, active):
    """z of the Mantel-Haenszel risk difference with the variance of Greenland and Robins, positive for fewer events."""
    n, m, x, y = patients[:, active], patients[:, 0], events[:, active], events[:, 0]
    weight = n * m / (n + m)
    with np.errstate(invalid="ignore"):  # an arm that nobody enters any more
        difference = (weight * (x / n - y / m)).sum(axis=1)
        variance = (weight**2 * (x * (n - x) / n**3 + y * (m - y) / m**3)).sum(axis=1)
        return -difference / np.sqrt(variance)


@cache
def dunnett_table(comparisons):
    """Values of the largest of so many z against one control, arms of one size, and the normal value of each."""
    grid, control = np.linspace(-5.0, 7.0, 601), np.linspace(-9.0, 9.0, 2001)
    below = (
        norm.cdf(np.sqrt(2) * grid[:, None] + control) ** comparisons @ norm.pdf(control) * (control[1] - control[0])
    )
    return grid, norm.isf(np.clip(1 - below, 1e-14, 1 - 1e-14))


def chosen_doses(rng, trials, chances, arms, weight):
    """Rejections (3, B), choices (3, B) and trials that ended at the choice (B,)."""
    patients = 2000
    day, stratum = entries(rng, trials, patients, 10.0)
    first_arm, luck = rng.integers(0, 4, (trials, patients)), rng.random((trials, patients))
    choice = day[:, [patients // 2 - 1]]
    before = day <= choice
    known = before & (day + FOLLOW_UP <= choice)
    seen = counted(known, first_arm, stratum, luck < chances[first_arm, stratum], 4)
    early = np.array([fewer_events(*seen, arm) for arm in arms])
    best, goes_on = early.argmax(axis=0), early.max(axis=0) > 0.2
    later = np.where(rng.random((trials, patients)) < 0.5, 0, np.array(arms)[best][:, None])
    arm = np.where(before, first_arm, later)
    event = luck < chances[arm, stratum]
    stages = [counted(part, arm, stratum, event, 4) for part in (before, ~before)]
    first = np.array([fewer_events(*stages[0], one) for one in arms])
    second = np.array([fewer_events(*stages[1], one) for one in arms])[best, np.arange(trials)]
    combined = np.full(trials, np.inf)
    for bits in range(1, 8):
        members = [k for k in range(3) if bits >> k & 1]
        before_choice = np.interp(first[members].max(axis=0), *dunnett_table(len(members)))
        z = np.sqrt(weight) * before_choice + np.sqrt(1 - weight) * second
        combined = np.where(np.isin(best, members), np.minimum(combined, z), combined)
    success = goes_on & (combined > norm.isf(0.025))
    choices = np.array([goes_on & (best == k) for k in range(3)])
    return choices & success, choices, ~goes_on


def compare(found, other):
    """Means over replicates of two independent runs; z beyond 4 fails."""
    mean, expected = found.mean(axis=1), other.mean(axis=1)
    error = np.sqrt(found.var(axis=1) / found.shape[1] + other.var(axis=1) / other.shape[1])
    assert (np.abs(mean - expected) < 4 * error + 1e-9).all(), (mean, expected, error)


def test_choice_of_a_dose():
    blocks, design, chances, names = conducted("doses.toml", DOSES, 3000, "death")
    found = np.concatenate(
        [np.vstack([one.rejected, *one.extras.values(), one.reason == 1]) for one in blocks], axis=1
    ).astype(float)
    arms = [names.index(one) for one in ("low dose", "high dose", "idle")]
    rng = np.random.default_rng(3)
    parts = [np.vstack(chosen_doses(rng, 250, chances, arms, design.plan.weight)) for _ in range(12)]
    compare(found, np.concatenate(parts, axis=1).astype(float))
    assert found[1].mean() > 0.6


def within_least(weights, least):
    """Shares in proportion to the weights; those below the least are raised to it, and the others share the rest."""
    shares = np.empty_like(weights)
    for row, weight in enumerate(weights):
        raised = np.zeros(len(weight), dtype=bool)
        for _ in weight:
            share = np.where(raised, least, weight / weight[~raised].sum() * (1 - least * raised.sum()))
            raised |= share < least
        shares[row] = np.where(raised, least, weight / weight[~raised].sum() * (1 - least * raised.sum()))
    return shares


def thompson_sizes(rng, trials, chances):
    """Patients by arm (3, B) under the allocation by posterior draws."""
    patients = 300
    day, stratum = entries(rng, trials, patients, 3.0)
    luck, arm = rng.random((trials, patients)), rng.integers(0, 3, (trials, patients))
    for look in (90, 150, 210, 270):
        today = day[:, [look - 1]]
        event = luck < chances[arm, stratum]
        n, x = (one.sum(axis=2) for one in counted(day + FOLLOW_UP <= today, arm, stratum, event, 3))
        draws = rng.beta((x + 1)[:, None], (n - x + 1)[:, None], (trials, 2000, 3)).argmax(axis=2)
        best = np.stack([(draws == k).mean(axis=1) for k in range(3)], axis=1)
        shares = np.cumsum(within_least(np.maximum(best, 1e-12), 0.1), axis=1)
        drawn = (rng.random((trials, patients, 1)) > shares[:, None, :2]).sum(axis=2)
        arm = np.where(day > today, drawn, arm)
    return np.array([(arm == k).sum(axis=1) for k in range(3)])


def test_allocation_by_the_probability_of_being_best():
    blocks, _, chances, names = conducted("adaptive.toml", THOMPSON, 3000, "well")
    assert names == ["control", "good", "useless"]
    found = np.concatenate([one.enrolled.reshape(BLOCK, 3, 2).sum(axis=2).T for one in blocks], axis=1).astype(float)
    rng = np.random.default_rng(9)
    other = np.concatenate([thompson_sizes(rng, 250, chances) for _ in range(12)], axis=1).astype(float)
    compare(found, other)
    assert found[1].mean() > 1.5 * found[0].mean()
