"""Philox4x32-10 against the known answers published with Random123 (tests/kat_vectors)."""

import numpy as np
import pytest

from jaksim import rng
from jaksim.kernel.philox import block

KNOWN_ANSWERS = [
    "00000000 00000000 00000000 00000000 00000000 00000000 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff 408f276d 41c83b0e a20bc7c6 6d5451fd",
    "243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0 d16cfe09 94fdcceb 5001e420 24126ea1",
]


def parse(line):
    numbers = [int(word, 16) for word in line.split()]
    return numbers[:4], numbers[4:6], numbers[6:]


@pytest.mark.parametrize("line", KNOWN_ANSWERS)
def test_plain_philox(line):
    counter, key, answer = parse(line)
    assert rng.philox(np.array(counter, dtype=np.uint32), tuple(key)).tolist() == answer


@pytest.mark.parametrize("line", KNOWN_ANSWERS)
def test_kernel_philox(line):
    counter, key, answer = parse(line)
    assert list(block(*(np.uint64(x) for x in counter + key))) == answer


def test_the_stream_of_an_address_starts_at_its_counter():
    counter, key, _ = parse(KNOWN_ANSWERS[2])
    purpose, cell = counter[3] >> 24, counter[3] & 0xFFFFFF
    stream = rng.words(key[0] | key[1] << 32, purpose, counter[2], cell, counter[1], 4)
    expected = rng.philox(np.array([0, *counter[1:]], dtype=np.uint32), tuple(key))
    assert stream.tolist() == expected.tolist()
