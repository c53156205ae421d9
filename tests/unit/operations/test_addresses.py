import numpy as np
import pytest

from jaksim import rng
from jaksim.operations.addresses import addressed, stream

SITE = np.array([[0], [66], [4095]])
PATIENT = np.array([0, 1, 2**32 - 1])


@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
@pytest.mark.parametrize("block", [0, 1])
def test_words_are_those_of_the_plain_generator(seed, block):
    found = addressed(seed, rng.Purpose.SCREENING, 7, SITE, PATIENT, block)
    assert found.shape == (3, 3, 4)
    np.testing.assert_array_equal(found, rng.addressed(seed, rng.Purpose.SCREENING, 7, SITE, PATIENT, block))
    for site, patient in ((0, 0), (66, 1), (4095, 2**32 - 1)):
        stream = rng.words(seed, rng.Purpose.SCREENING, 7, site, patient, 8)
        one = addressed(seed, rng.Purpose.SCREENING, 7, site, patient, block)
        np.testing.assert_array_equal(one, stream[4 * block : 4 * block + 4])


def test_nobody_has_no_words():
    assert addressed(1, rng.Purpose.VISIT, 0, np.array([], dtype=np.int64), np.array([], dtype=np.int64)).shape == (
        0,
        4,
    )


@pytest.mark.parametrize("n", [1, 4, 31])
def test_streams_are_those_of_the_plain_generator(n):
    for address in ((0, 0, 0), (7, 66, 2**32 - 1)):
        np.testing.assert_array_equal(stream(3, 1, *address, n), rng.words(3, 1, *address, n))
