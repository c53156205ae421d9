import math

import numpy as np
import pytest

from jaksim.checks import is_text, is_whole, not_negative, number
from jaksim.errors import InputError


def test_text_has_something_written_in_it():
    assert is_text("a")
    assert not any(is_text(value) for value in ("", " \n", 5, None, b"a"))


def test_whole_numbers_are_not_booleans_or_floats():
    assert all(is_whole(value) for value in (0, -3, np.int8(4)))
    assert not any(is_whole(value) for value in (True, 2.0, np.bool_(True), "2", None))


def test_numbers_are_finite_unless_said_otherwise():
    assert number(np.float32(0.5), "here") == 0.5
    assert number(math.inf, "here", infinite=True) == math.inf
    for value in (math.inf, math.nan, "five", None, [1.0], 10**400):
        with pytest.raises(InputError, match="here: must be a"):
            number(value, "here")
    with pytest.raises(InputError, match="finite"):
        number(math.nan, "here", infinite=True)


def test_negative_values_are_refused():
    assert not_negative(0, "here") == 0.0
    with pytest.raises(InputError, match=r"here: cannot be negative \(got -1\)"):
        not_negative(-1, "here")
