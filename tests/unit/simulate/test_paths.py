from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from jaksim.endpoint.product import product
from jaksim.errors import InputError
from jaksim.model.intensity import IntensityTable
from jaksim.simulate import compile_paths, path_tables, reference, simulate_scores

HORIZON = 28


@pytest.fixture(scope="module")
def plan(processes, automata):
    return compile_paths(*processes, HORIZON, automata)


def count(plan, sizes, seed=1, first_replicate=0):
    sizes = np.asarray(sizes)
    flat = np.full(sizes.size * int(plan.n_categories.sum()), np.nan)
    path_tables(plan, sizes, seed, first_replicate, flat)
    ends = np.cumsum(sizes.size * plan.n_categories)
    return [part.reshape(*sizes.shape, -1) for part in np.split(flat, ends[:-1])]


def test_plain_python_walks_the_same_paths(plan, processes):
    sizes = [900, 700, 300, 200]
    components = [[(1.0, table, start)] for table, start in zip(*processes, strict=True)]
    for seed, replicate in [(11, 5), (2**64 - 1, 2**32 - 1)]:
        fast = simulate_scores(plan, sizes, seed, replicate)
        slow = reference.simulate_scores(components, HORIZON, sizes, seed, replicate)
        assert fast.dtype == np.int8
        np.testing.assert_array_equal(fast, slow)


def test_patient_types_are_drawn_as_in_plain_python(processes, automata):
    tables, starts = processes
    cells, weights = [0, 0, 0, 1], [0.2, 0.7, 0.1, 1.0]
    mixed = compile_paths(tables, starts, HORIZON, automata, cells=cells, weights=weights)
    first = [(w, t, s) for w, t, s in zip(weights[:3], tables, starts, strict=False)]
    slow = reference.simulate_scores([first, [(1.0, tables[3], starts[3])]], HORIZON, [611, 50], 2, 9)
    fast = simulate_scores(mixed, [611, 50], 2, 9)
    np.testing.assert_array_equal(fast, slow)
    assert set(fast[:611, 0]) == set(starts[:3])
    joint = count(mixed, [[611, 50]], seed=2, first_replicate=9)
    for automaton, table in zip(automata, joint, strict=True):
        np.testing.assert_array_equal(table[0], tally(automaton, fast, [611, 50]))


def tally(automaton, scores, sizes):
    categories = np.split(automaton.run(scores), np.cumsum(sizes)[:-1])
    return [np.bincount(c, minlength=automaton.n_categories) for c in categories]


@pytest.mark.parametrize("sizes", [(1, 0, 2, 3), (130, 40, 511, 9), (1030, 512, 513, 600), (2050, 0, 1, 4200)])
def test_tables_count_the_daily_paths(plan, automata, sizes):
    tables = count(plan, [sizes, sizes], seed=3, first_replicate=70)
    for b in range(2):
        scores = simulate_scores(plan, sizes, 3, 70 + b)
        for automaton, table in zip(automata, tables, strict=True):
            np.testing.assert_array_equal(table[b], tally(automaton, scores, sizes))


def test_a_product_of_endpoints_counts_the_same(plan, processes, automata):
    sizes = np.full((3, 4), 60)
    joint = compile_paths(*processes, HORIZON, [product(*automata)])
    for together, apart in zip(count(joint, sizes), count(plan, sizes), strict=True):
        np.testing.assert_array_equal(together, apart)


def test_adding_a_patient_leaves_every_other_path_unchanged(plan):
    before = simulate_scores(plan, [30, 20, 5, 40], 1, 8)
    after = simulate_scores(plan, [30, 21, 5, 40], 1, 8)
    np.testing.assert_array_equal(np.delete(after, 50, axis=0), before)


def test_a_path_does_not_depend_on_the_other_cells(plan, processes, automata):
    tables, starts = processes
    alone = compile_paths(tables[:1], starts[:1], HORIZON, automata)
    np.testing.assert_array_equal(
        simulate_scores(alone, [200], 4, 2), simulate_scores(plan, [200, 9, 9, 9], 4, 2)[:200]
    )


def test_the_same_words_are_used_under_another_regimen(disease, automata):
    """Common random numbers: one intensity raised by a hair changes few paths."""
    table = disease()
    generators = table.generators.copy()
    generators[:, 4, 3] *= 1.001
    generators[:, 4, 4] -= generators[:, 4, 3] - table.generators[:, 4, 3]
    first = simulate_scores(compile_paths([table], [4], HORIZON, automata), [4000], 1, 1)
    second = simulate_scores(
        compile_paths([IntensityTable(table.breaks, generators)], [4], HORIZON, automata), [4000], 1, 1
    )
    assert 0 < np.mean(np.any(first != second, axis=1)) < 0.02


def test_blocks_and_threads_do_not_matter(plan):
    sizes = np.random.default_rng(1).integers(0, 90, (12, 4))
    whole = count(plan, sizes, first_replicate=100)

    def block(low):
        return count(plan, sizes[low : low + 3], first_replicate=100 + low)

    with ThreadPoolExecutor(2) as pool:
        blocks = list(pool.map(block, range(0, 12, 3)))
    for e, table in enumerate(whole):
        np.testing.assert_array_equal(np.concatenate([part[e] for part in blocks]), table)
    for e, table in enumerate(count(plan, sizes[7:8], first_replicate=107)):
        np.testing.assert_array_equal(table[0], whole[e][7])


def test_a_patient_who_cannot_move_stays(automata):
    still = IntensityTable(np.array([0.0, 2.0]), np.zeros((2, 8, 8)))
    plan = compile_paths([still], [4], HORIZON, automata)
    assert np.all(simulate_scores(plan, [9], 1, 1) == 4)
    recovered, ventilated, _ = count(plan, [[9]])
    assert recovered[0, 0, automata[0].final[0]] == 9
    assert ventilated.sum() == 9


def test_a_state_left_on_one_day_only(automata):
    """All of the exit hazard lies in [2, 3) and is huge: everyone moves within day 3."""
    generators = np.zeros((3, 8, 8))
    generators[1, 4, 3] = 1e6
    generators[1, 4, 4] = -1e6
    plan = compile_paths([IntensityTable(np.array([0.0, 2.0, 3.0]), generators)], [4], HORIZON, automata)
    scores = simulate_scores(plan, [500], 1, 1)
    assert np.all(scores[:, :3] == 4)
    assert np.all(scores[:, 3:] == 3)


@pytest.mark.parametrize("horizon", [1, 2, 90])
def test_other_horizons(horizon, processes, days_in):
    tables, starts = processes
    endpoint = days_in((6, 7), horizon)
    plan = compile_paths(tables[:2], starts[:2], horizon, [endpoint])
    scores = simulate_scores(plan, [150, 20], 6, 0)
    assert scores.shape == (170, horizon + 1)
    np.testing.assert_array_equal(count(plan, [[150, 20]], seed=6)[0][0], tally(endpoint, scores, [150, 20]))


def test_refuses_what_does_not_fit_together(disease, first_day_in, automata):
    table = disease()
    smaller = IntensityTable(np.array([0.0]), np.zeros((1, 3, 3)))
    leaving_death = np.array(table.generators)
    leaving_death[:, 7, 6], leaving_death[:, 7, 7] = 0.1, -0.1
    cases = [
        (([], [], HORIZON, automata), {}, "starting state"),
        (([table], [3, 4], HORIZON, automata), {}, "starting state"),
        (([table], [8], HORIZON, automata), {}, "no such starting state"),
        (([table, smaller], [0, 0], HORIZON, automata), {}, "process 1"),
        (([table], [3], HORIZON, []), {}, "no endpoint"),
        (([table], [3], HORIZON, [first_day_in((1,), 14)]), {}, "14 days"),
        (([IntensityTable(table.breaks, leaving_death)], [3], HORIZON, automata), {}, "absorbing"),
        (([table] * 2, [3, 4], HORIZON, automata), {"cells": [0, 2]}, "cell by cell"),
        (([table] * 2, [3, 4], HORIZON, automata), {"cells": [1, 1]}, "cell by cell"),
        (([table] * 2, [3, 4], HORIZON, automata), {"cells": [0, 0], "weights": [0.5, 0.6]}, "sum to one"),
        (([table] * 2, [3, 4], HORIZON, automata), {"cells": [0, 0], "weights": [1.0]}, "one entry"),
    ]
    for arguments, options, message in cases:
        with pytest.raises(InputError, match=message):
            compile_paths(*arguments, **options)
    plan = compile_paths([table], [3], HORIZON, automata)
    with pytest.raises(InputError, match="output"):
        path_tables(plan, [[3]], 1, 0, np.empty(3))
    with pytest.raises(InputError, match="sizes"):
        simulate_scores(plan, [3, 4], 1, 0)
    with pytest.raises(InputError, match="replicate"):
        simulate_scores(plan, [3], 1, -1)
