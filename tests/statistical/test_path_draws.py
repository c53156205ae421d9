"""Simulated patients against the exact door; a z beyond 4 fails."""

import numpy as np
import pytest
from scipy import stats

from jaksim.endpoint.automaton import Category, enumerate_automaton
from jaksim.exact.occupation import state_occupation
from jaksim.exact.transition import transition_matrices
from jaksim.model.intensity import IntensityTable
from jaksim.scale import niaid_8
from jaksim.simulate import compile_paths, path_tables, simulate_scores

HORIZON = 28
PATIENTS = 200_000
RATES = [
    {(5, 4): 0.3, (4, 5): 0.1, (4, 1): 0.15, (4, 2): 0.05, (5, 6): 0.05, (6, 5): 0.1, (6, 8): 0.02, (2, 1): 0.3},
    {(5, 4): 0.1, (4, 5): 0.4, (4, 1): 0.05, (5, 7): 0.05, (7, 6): 0.1, (6, 5): 1.5, (7, 8): 0.1, (2, 1): 0.1},
    {(5, 4): 4.0, (4, 2): 2.5, (2, 3): 0.7, (3, 1): 0.2, (6, 7): 0.1, (7, 8): 0.05},
]


def table(breaks, order=(0, 1, 2)):
    generators = np.zeros((len(breaks), 8, 8))
    for j, generator in enumerate(generators):
        for (origin, end), rate in RATES[order[j]].items():
            generator[origin - 1, end - 1] = rate
        np.fill_diagonal(generator, -generator.sum(axis=1))
    return IntensityTable(np.array(breaks), generators)


PROCESSES = [
    table((0.0, 2.5, 9.0)),
    table((0.0, 1.0), (2, 0)),
    table((0.0,), (1,)),
    table((0.0, 13.7, 13.9), (1, 2, 0)),
]


@pytest.fixture(scope="module")
def recovery():
    """Category 0 to 27: recovered on day 1 to 28; 28: not recovered."""
    return enumerate_automaton(
        niaid_8(),
        HORIZON,
        lambda score: 0,
        lambda memory, score, day: day if memory == 0 and score <= 3 else memory,
        lambda memory: Category(str(memory), time=float(memory or HORIZON), status=int(memory > 0)),
    )[0]


def z_of_counts(observed, expected):
    kept = expected > 10
    observed = np.append(observed[kept], observed[~kept].sum())
    expected = np.append(expected[kept], expected[~kept].sum())
    if expected[-1] < 10:
        assert observed[-1] < 40
        observed, expected = observed[:-1], expected[:-1]
    statistic = ((observed - expected) ** 2 / expected).sum()
    return stats.norm.isf(max(stats.chi2.sf(statistic, max(len(expected) - 1, 1)), 1e-300))


@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize("start", [3, 4, 6])
def test_states_are_occupied_as_the_exact_door_says(process, start, recovery):
    plan = compile_paths([process], [start], HORIZON, [recovery])
    scores = simulate_scores(plan, [PATIENTS], 77, 3)
    exact = state_occupation(transition_matrices(process, HORIZON), start)
    for day in range(HORIZON + 1):
        observed = np.bincount(scores[:, day], minlength=8)
        assert observed[exact[day] == 0].sum() == 0
        assert z_of_counts(observed, PATIENTS * exact[day]) < 4


@pytest.mark.parametrize("process", PROCESSES[:2])
def test_daily_transitions_follow_the_exact_matrices(process, recovery):
    plan = compile_paths([process], [4], HORIZON, [recovery])
    scores = simulate_scores(plan, [PATIENTS], 5, 9).astype(int)
    exact = transition_matrices(process, HORIZON)
    for day in (1, 2, 3, 9, 14, 28):
        moves = np.bincount(scores[:, day - 1] * 8 + scores[:, day], minlength=64).reshape(8, 8)
        for origin in np.flatnonzero(moves.sum(axis=1) > 50):
            assert z_of_counts(moves[origin], moves[origin].sum() * exact[day - 1, origin]) < 4


def test_endpoint_tables_follow_the_exact_law(recovery):
    starts = [4, 4, 6, 3]
    plan = compile_paths(PROCESSES, starts, HORIZON, [recovery])
    replicates, n = 400, 250
    out = np.empty(replicates * 4 * recovery.n_categories)
    path_tables(plan, np.full((replicates, 4), n), 6, 0, out)
    tables = out.reshape(replicates, 4, -1)
    for c, (process, start) in enumerate(zip(PROCESSES, starts, strict=True)):
        law = recovery.law(transition_matrices(process, HORIZON), start)
        assert z_of_counts(tables[:, c].sum(axis=0), replicates * n * law) < 4


def test_neighbouring_replicates_cells_and_patients_are_independent(recovery):
    plan = compile_paths([PROCESSES[0]] * 2, [4, 4], HORIZON, [recovery])
    replicates = 200
    scores = np.stack([simulate_scores(plan, [200, 200], 12, r) for r in range(replicates)])
    sick = (scores[:, :, 1:] >= 3).sum(axis=2).reshape(replicates, 2, 200)
    standard = (sick - sick.mean()) / sick.std()
    pairs = {
        "patient": (standard[:, :, :-1], standard[:, :, 1:]),
        "replicate": (standard[:-1], standard[1:]),
        "cell": (standard[:, :1], standard[:, 1:]),
        "patient and replicate": (standard[:-1, :, :-1], standard[1:, :, 1:]),
    }
    for name, (left, right) in pairs.items():
        assert abs((left * right).sum()) / np.sqrt(left.size) < 4, name


def test_patient_types_come_in_their_weights(recovery):
    weights = [0.15, 0.25, 0.6]
    plan = compile_paths(PROCESSES[:3], [3, 4, 6], HORIZON, [recovery], cells=[0, 0, 0], weights=weights)
    start = simulate_scores(plan, [PATIENTS], 4, 4)[:, 0]
    observed = np.bincount(start, minlength=8)[[3, 4, 6]]
    assert z_of_counts(observed, PATIENTS * np.array(weights)) < 4
    following = np.bincount(start[1:] * 8 + start[:-1], minlength=64)
    expected = np.zeros((8, 8))
    expected[np.ix_([3, 4, 6], [3, 4, 6])] = np.outer(weights, weights)
    assert z_of_counts(following, (PATIENTS - 1) * expected.ravel()) < 4


def test_waiting_and_destination_are_independent(recovery):
    """The first move of a constant process: its day says nothing about where it leads."""
    process = PROCESSES[2]
    plan = compile_paths([process], [3], HORIZON, [recovery])
    scores = simulate_scores(plan, [PATIENTS], 21, 0).astype(int)
    moved = (scores != 3).any(axis=1)
    day = (scores != 3).argmax(axis=1)[moved]
    entered = scores[np.flatnonzero(moved), day]
    matrix = transition_matrices(process, 1)[0]
    for d in (1, 2, 3, 5):
        here = np.bincount(entered[day == d], minlength=8)
        expected = matrix[3].copy()
        expected[3] = 0.0
        assert z_of_counts(here, here.sum() * expected / expected.sum()) < 4
