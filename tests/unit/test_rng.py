import numpy as np
import pytest

from jaksim import rng
from jaksim.errors import InputError
from jaksim.rng import Purpose


def test_a_longer_stream_begins_with_the_shorter():
    long = rng.words(3, Purpose.PATH, 5, 7, 11, 23)
    assert long.dtype == np.uint32
    for n in range(23):
        np.testing.assert_array_equal(rng.words(3, Purpose.PATH, 5, 7, 11, n), long[:n])


def test_words_are_the_blocks_of_their_counter():
    seed = (9 << 32) | 4
    counter = np.array([[b, 11, 5, 7 | Purpose.LAW << 24] for b in range(3)], dtype=np.uint32)
    np.testing.assert_array_equal(rng.words(seed, Purpose.LAW, 5, 7, 11, 12), rng.philox(counter, (4, 9)).ravel())


def test_every_part_of_the_address_matters():
    address = {"seed": 1, "purpose": 1, "replicate": 1, "cell": 1, "patient": 1}
    streams = [rng.words(**address, n=8)]
    streams += [rng.words(**{**address, part: 2}, n=8) for part in address]
    streams.append(rng.words(**{**address, "seed": 1 + 2**32}, n=8))
    assert len({stream.tobytes() for stream in streams}) == len(streams)


@pytest.mark.parametrize(("part", "bits"), rng.LIMITS.items())
def test_addresses_end_where_their_field_ends(part, bits):
    address = {"seed": 1, "purpose": 1, "replicate": 1, "cell": 1, "patient": 1}
    rng.words(**{**address, part: 2**bits - 1}, n=1)
    for outside in (-1, 2**bits):
        with pytest.raises(InputError, match=part):
            rng.words(**{**address, part: outside}, n=1)


def test_purposes_fit_their_field_and_differ():
    assert all(0 < purpose < 1 << rng.LIMITS["purpose"] for purpose in Purpose)
    assert len({int(purpose) for purpose in Purpose}) == len(Purpose)


def test_generator_is_fixed_by_its_address():
    first = rng.generator(8, Purpose.POSTERIOR, 3, 2).random(5)
    np.testing.assert_array_equal(first, rng.generator(8, Purpose.POSTERIOR, 3, 2).random(5))
    others = [
        rng.generator(9, Purpose.POSTERIOR, 3, 2),
        rng.generator(8 + 2**32, Purpose.POSTERIOR, 3, 2),
        rng.generator(8, Purpose.PATH, 3, 2),
        rng.generator(8, Purpose.POSTERIOR, 2, 2),
        rng.generator(8, Purpose.POSTERIOR, 3, 3),
    ]
    assert all(not np.array_equal(first, other.random(5)) for other in others)
    with pytest.raises(InputError, match="seed"):
        rng.generator(-1, Purpose.POSTERIOR)
