from itertools import product
from math import prod

import numpy as np
import pytest
from scipy import stats

from jaksim.kernel.alias import category_of
from jaksim.kernel.counts.poisson import SLACK, Poissons, drawn, level
from jaksim.kernel.law import POISSON_COST
from jaksim.rng import Purpose, words
from jaksim.simulate import compile_laws, draw_tables
from jaksim.simulate.poisson_tables import fill_tables

WHOLE, COLUMN = 2**32, 2**48
LAW = np.array([0.3, 0.01, 0.08, 0.2, 0.0, 0.05, 0.108, 0.1, 0.15, 0.002])
SEED, CELL = 2**40 + 5, 1


def weights_of(law):
    return compile_laws([law]).weights[0]


def probabilities(tables: Poissons, number: int):
    """Lowest count and the chances of it and the counts after it, read off the columns of a table."""
    place = int(tables.place[number])
    width = 1 << (64 - place % 64)
    chance = np.zeros(width)
    for column, packed in enumerate(tables.columns[place // 64 :][:width].tolist()):
        chance[column] += (packed >> 16) / COLUMN / width
        chance[packed & 0xFFFF] += 1 / width - (packed >> 16) / COLUMN / width
    return int(tables.low[number]), chance


@pytest.mark.parametrize("n", [1, 2, 9, 129, 1000, 12_500, 2**19])
def test_the_level_is_the_highest_that_leaves_its_slack(n):
    found = int(level(n))
    root = found / 2
    assert root**2 + SLACK * root <= n < (root + 0.5) ** 2 + SLACK * (root + 0.5)


@pytest.mark.parametrize(("share", "of"), [(2**-32, 3), (0.01, 20), (0.1, 61), (0.7, 62), (0.5, 600), (0.99, 1447)])
def test_the_columns_are_those_of_a_poisson(share, of):
    weight = np.uint64(share * WHOLE)
    low, chance = probabilities(fill_tables([np.array([weight, WHOLE - weight], np.uint64)], [range(of, of + 1)]), 0)
    mean = float(weight) / WHOLE * of**2 / 4
    law, count = stats.poisson(mean), low + np.arange(len(chance))
    np.testing.assert_allclose(chance, law.pmf(count), rtol=1e-8, atol=1e-15)  # SciPy's digits for large means
    assert chance @ count == pytest.approx(mean, rel=1e-12)
    assert chance @ (count - mean) ** 2 == pytest.approx(mean, rel=1e-10)
    assert law.cdf(low - 1) + law.sf(low + len(chance) - 1) < 1e-16


def test_a_word_is_compared_with_the_threshold_of_its_column():
    tables = fill_tables([np.array([WHOLE // 4, WHOLE // 4 * 3], np.uint64)], [range(8, 9)])
    place = tables.place[0]
    bits = 64 - int(place) % 64
    for column in range(1 << bits):
        packed = int(tables.columns[column])
        threshold = packed >> 16
        for part, expected in ((threshold - 1, column), (threshold, packed & 0xFFFF), (COLUMN - 1, packed & 0xFFFF)):
            if part >= 0:
                word = np.uint64((column << 64 - bits) | (part << 16 - bits))
                assert int(drawn(word, tables.columns, place)) == expected


@pytest.mark.parametrize("n", [3, 5, 6])
def test_two_stages_are_multinomial(n):
    """Every way to come by the counts of three categories, added up."""
    law = np.array([0.5, 0.375, 0.125])
    of = int(level(n))
    tables = fill_tables([(law * WHOLE).astype(np.uint64)], [range(of, of + 1)])
    first = [dict(enumerate(chance, low)) for low, chance in (probabilities(tables, k) for k in range(3))]
    chance_of = {
        counts: prod(table.get(x, 0.0) for x, table in zip(counts, first, strict=True))
        for counts in product(range(n + 1), repeat=3)
        if sum(counts) <= n
    }
    accepted = sum(chance_of.values())
    assert 0.5 < accepted < 1
    for counts in (c for c in chance_of if sum(c) == n):
        found = sum(
            chance * stats.multinomial(n - sum(begun), law).pmf(np.subtract(counts, begun))
            for begun, chance in chance_of.items()
            if np.all(np.less_equal(begun, counts))
        )
        assert found / accepted == pytest.approx(stats.multinomial(n, law).pmf(counts), rel=1e-12)


def slowly(law, n, replicate):
    """Counts of the positive categories, and how often Poissons were drawn."""
    laws = compile_laws([law])
    weights = laws.weights[0][laws.weights[0] > 0]
    of = int(level(n))
    tables = fill_tables([weights], [range(of, of + 1)])
    k, trial = len(weights), 0
    together = -(-k // 16) * 8
    while True:
        count = np.empty(k, dtype=int)
        for i in range(k):
            stream = words(SEED, Purpose.LAW_SPLIT, replicate, CELL, i % together, 4 * trial + 4)[4 * trial :]
            high, low = (int(word) for word in (stream[:2] if i < together else stream[2:]))
            count[i] = int(tables.low[i]) + int(drawn(np.uint64(high << 32 | low), tables.columns, tables.place[i]))
        trial += 1
        if count.sum() <= n:
            break
    shift = np.uint64(32 - laws.column_bits[0])
    for word in words(SEED, Purpose.LAW, replicate, CELL, 0, n - count.sum()):
        mask = (np.uint64(1) << shift) - np.uint64(1)
        count[int(category_of(word, laws.columns, np.uint64(0), shift, mask))] += 1
    return count, trial


@pytest.mark.parametrize(
    ("law", "n"),
    [(LAW, POISSON_COST * 9 + 6), (LAW, 980), (np.full(16, 1 / 16), 300), (np.arange(1, 38) / 703, 1960)],
)
def test_counts_are_those_of_a_plain_slow_form(law, n):
    out = np.empty(20 * 2 * len(law))
    draw_tables(compile_laws([law, law]), np.arange(len(law))[None], [len(law)], np.full((20, 2), n), SEED, 7, out)
    found = out.reshape(20, 2, -1)[:, CELL, np.asarray(law) > 0]
    expected, trials = zip(*(slowly(law, n, 7 + b) for b in range(20)), strict=True)
    np.testing.assert_array_equal(found, expected)
    assert max(trials) > 1
