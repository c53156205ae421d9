from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.kernel.law import POISSON_COST, ROOT_COST, SPLIT_COST
from jaksim.simulate import compile_laws, draw_tables

LAWS = [[0.5, 0.0, 0.2, 0.1, 0.15, 0.05], [0.0, 0.3, 0.3, 0.3, 0.1, 0.0], [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]]
PARTS = np.array([[0, 1, 2, 3, 4, 5], [0, 0, 1, 1, 2, 2], [1, 0, 1, 0, 1, 0]])
SIZES = (6, 3, 2)
SMALL, LARGE = 40, 5000
MANY = [np.arange(1, 12) / 66, [*np.full(9, 1 / 9), 0.0, 0.0]]
EVERY_WAY = [0, SMALL, 9 * POISSON_COST, 9 * POISSON_COST + 1, 1000, 81 * ROOT_COST, 81 * ROOT_COST + 1, LARGE]


def draw(sizes, seed=1, first_replicate=0, laws=LAWS, parts=PARTS, n_categories=SIZES):
    sizes = np.asarray(sizes)
    flat = np.full(sizes.size * sum(n_categories), np.nan)
    draw_tables(compile_laws(laws), parts, n_categories, sizes, seed, first_replicate, flat)
    tables, start = [], 0
    for k in n_categories:
        tables.append(flat[start : start + sizes.size * k].reshape(*sizes.shape, k))
        start += sizes.size * k
    return tables


@pytest.mark.parametrize("n", [0, 1, 3, SMALL, SPLIT_COST * 6, LARGE, 3 * 10**6])
def test_every_endpoint_counts_every_patient_in_its_part(n):
    joint, second, third = draw(np.full((7, 3), n))
    assert np.all(joint == np.round(joint))
    assert np.all(joint >= 0)
    for table in (joint, second, third):
        np.testing.assert_array_equal(table.sum(axis=2), n)
    for table, part in ((second, PARTS[1]), (third, PARTS[2])):
        for category in range(table.shape[2]):
            np.testing.assert_array_equal(table[..., category], joint[..., part == category].sum(axis=2))
    assert np.all(joint[:, np.array(LAWS) == 0] == 0)


@pytest.mark.parametrize("n", [SMALL, LARGE])
def test_a_replicate_is_the_same_in_every_block(n):
    sizes = np.full((100, 3), n)
    whole = draw(sizes, first_replicate=50)
    for low, high in [(0, 1), (17, 18), (3, 60), (33, 100)]:
        for table, part in zip(whole, draw(sizes[low:high], first_replicate=50 + low), strict=True):
            np.testing.assert_array_equal(table[low:high], part)


def test_a_replicate_does_not_depend_on_the_sizes_of_others():
    random = np.random.default_rng(3)
    sizes = random.choice([0, 5, SMALL, SPLIT_COST * 3 - 1, SPLIT_COST * 3 + 1, LARGE], size=(80, 3))
    whole = draw(sizes)
    for b in (0, 31, 32, 79):
        for table, alone in zip(whole, draw(sizes[b : b + 1], first_replicate=b), strict=True):
            np.testing.assert_array_equal(table[b], alone[0])
    reordered = draw(sizes[:, :1], laws=LAWS[:1])
    np.testing.assert_array_equal(reordered[0][:, 0], whole[0][:, 0])


def many(sizes, **options):
    return draw(sizes, laws=MANY, parts=np.arange(11)[None], n_categories=(11,), **options)[0]


def test_however_a_cell_is_drawn_its_replicates_are_those_of_any_other_block():
    sizes = np.random.default_rng(4).choice(EVERY_WAY, size=(90, 2))
    whole = many(sizes, first_replicate=3)
    np.testing.assert_array_equal(whole.sum(axis=2), sizes)
    assert np.all(whole >= 0)
    for low, high in [(0, 1), (5, 60), (60, 90)]:
        np.testing.assert_array_equal(many(sizes[low:high], first_replicate=3 + low), whole[low:high])


def test_tables_made_for_some_sizes_serve_others_alike():
    laws = compile_laws(MANY)
    for sizes in ([[400, 1000]], [[500, 1200]], [[200, 160]], [[1000, 1000]], [[SMALL, 300]], [[400, 1000]]):
        flat = np.full(22, np.nan)
        draw_tables(laws, np.arange(11)[None], [11], sizes, 1, 0, flat)
        np.testing.assert_array_equal(flat.reshape(1, 2, 11), many(sizes))


def test_threads_give_the_same_bytes():
    laws = compile_laws(LAWS)
    sizes = np.tile([SMALL, LARGE, 7], (64, 1))
    blocks = [np.empty(16 * 3 * 6) for _ in range(4)]

    def fill(i):
        draw_tables(laws, PARTS[:1], SIZES[:1], sizes[:16], 9, 16 * i, blocks[i])

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(fill, range(4)))
    expected = draw(sizes, seed=9, parts=PARTS[:1], n_categories=SIZES[:1])[0]
    np.testing.assert_array_equal(np.concatenate(blocks), expected.ravel())


def test_threads_that_need_other_tables_at_once_get_their_own():
    laws, sizes = compile_laws(MANY), [[[200 * i + 200, 400]] for i in range(8)]
    found = [np.empty(22) for _ in sizes]

    def fill(i):
        draw_tables(laws, np.arange(11)[None], [11], sizes[i], 1, i, found[i])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fill, range(8)))
    for i, flat in enumerate(found):
        np.testing.assert_array_equal(flat.reshape(1, 2, 11), many(sizes[i], first_replicate=i))


def test_one_more_patient_adds_one_to_one_category():
    for n in (0, 1, 2, 3, 4, 5, 6, 37):
        before, after = draw(np.full((50, 3), n))[0], draw(np.full((50, 3), n + 1))[0]
        assert np.all(after >= before)
        np.testing.assert_array_equal((after - before).sum(axis=2), 1)


def test_seeds_and_replicates_differ():
    sizes = np.full((50, 1), LARGE)
    tables = [draw(sizes, seed=s, laws=LAWS[:1])[0] for s in (0, 1, 2**32, 2**64 - 1)]
    assert len({row.tobytes() for table in tables for row in table}) > 195


def test_the_law_drawn_from_is_the_law_given():
    laws = compile_laws(LAWS)
    np.testing.assert_allclose(laws.law, LAWS, atol=2**-32)
    np.testing.assert_array_equal(laws.law.sum(axis=1), 1.0)


def test_many_small_categories_beside_a_large_one():
    law = np.full(5000, 1e-4)
    law[0] = 1.0 - law[1:].sum()
    table = draw([[10**6], [2000]], laws=[law], parts=[np.arange(5000)], n_categories=[5000])[0]
    np.testing.assert_array_equal(table.sum(axis=2)[:, 0], [10**6, 2000])
    assert 400 < np.count_nonzero(table[1]) < 1300


@pytest.mark.parametrize("n", [0, 1, 5, 299, 300, 2000])
def test_fewer_patients_than_categories_are_counted_as_more_are(n):
    random = np.random.default_rng(8)
    laws = random.dirichlet(np.ones(500), 2)
    parts = np.stack([np.arange(500), random.integers(0, 30, 500), random.integers(0, 3, 500)])
    joint, second, third = draw(np.full((9, 2), n), laws=laws, parts=parts, n_categories=(500, 30, 3))
    np.testing.assert_array_equal(joint.sum(axis=2), n)
    for table, part in ((second, parts[1]), (third, parts[2])):
        for category in range(table.shape[2]):
            np.testing.assert_array_equal(table[..., category], joint[..., part == category].sum(axis=2))


@pytest.mark.parametrize(
    ("law", "message"),
    [
        ([0.5, 0.4], "sum to one"),
        ([1.5, -0.5], "not a probability"),
        ([np.nan, 1.0], "not a probability"),
        ([], "differ"),
        ([0.2, 0.3, 0.5], "differ"),
    ],
)
def test_refuses_what_is_no_law(law, message):
    with pytest.raises(InputError, match=message) as caught:
        compile_laws([[0.5, 0.5], law])
    assert "cell 1" in str(caught.value)


def test_refuses_arguments_that_do_not_fit():
    laws = compile_laws(LAWS)
    good = {"parts": PARTS, "n_categories": SIZES, "sizes": [[1, 2, 3]], "seed": 1, "first_replicate": 0}
    draw_tables(laws, **good, out=np.empty(33))
    for wrong, message in [
        ({"parts": PARTS[:, :4]}, "parts"),
        ({"parts": PARTS + 1}, "endpoint 0"),
        ({"sizes": [[1, 2]]}, "sizes"),
        ({"sizes": [[1, 2, -3]]}, "patient"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**64}, "seed"),
        ({"first_replicate": 2**32}, "replicate"),
    ]:
        with pytest.raises(InputError, match=message):
            draw_tables(laws, **{**good, **wrong}, out=np.empty(33))
    for out in (np.empty(32), np.empty(33, np.float32), np.empty(66)[::2], np.empty((3, 11))):
        with pytest.raises(InputError, match="output"):
            draw_tables(laws, **good, out=out)
    with pytest.raises(InputError, match="no laws"):
        compile_laws([])
