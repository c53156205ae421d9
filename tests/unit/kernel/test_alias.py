import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jaksim.kernel.alias import category_of
from jaksim.simulate.alias_table import WHOLE, alias_columns, quantise


def unpack(columns):
    return [(int(c) >> 32, int(c) & 0xFFFFFFFF) for c in columns]


def mass_of(columns, n_categories):
    height = WHOLE // len(columns)
    mass = [0] * n_categories
    for column, (threshold, alias) in enumerate(unpack(columns)):
        if threshold:
            mass[column] += threshold
        mass[alias] += height - threshold
    return mass


integer_weights = st.lists(st.integers(0, 2**20) | st.sampled_from([0, 1, 2**31]), min_size=1, max_size=70).filter(any)


@settings(deadline=None)
@given(integer_weights)
def test_columns_hold_exactly_the_weights(raw):
    weights = quantise(np.array(raw) / sum(raw))
    kept = weights[weights > 0]
    columns = alias_columns(kept)
    assert len(columns) & (len(columns) - 1) == 0
    assert all(0 <= t <= WHOLE // len(columns) for t, _ in unpack(columns))
    assert mass_of(columns, len(kept)) == kept.tolist()


@settings(deadline=None)
@given(integer_weights)
def test_a_word_falls_where_its_column_says(raw):
    weights = quantise(np.array(raw) / sum(raw))
    columns = alias_columns(weights[weights > 0])
    bits = len(columns).bit_length() - 1
    height = WHOLE // len(columns)
    shift, low_mask = np.uint64(32 - bits), np.uint64(height - 1)
    for column, (threshold, alias) in enumerate(unpack(columns)):
        for low in {0, max(threshold - 1, 0), min(threshold, height - 1), height - 1}:
            word = np.uint32(column * height + low)
            expected = column if low < threshold else alias
            assert category_of(word, columns, np.uint64(0), shift, low_mask) == expected


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40).filter(lambda p: sum(p) > 1e-3))
def test_quantised_laws_are_whole_and_close(raw):
    law = np.array(raw) / sum(raw)
    weights = quantise(law)
    assert int(weights.sum()) == WHOLE
    assert np.all(weights[law == 0] == 0)
    assert np.abs(weights.astype(float) - law * WHOLE).max() <= 2
