import math

import numpy as np
import pytest

from jaksim.checks import is_text, is_whole, items, not_negative, number, table, text, whole
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


@pytest.mark.parametrize(
    ("check", "good", "bad", "words"),
    [
        (whole, 3, (3.0, True, "3", None), "must be a whole number"),
        (text, "a", ("", " ", 3, None, ["a"]), "must be text"),
        (table, {"a": 1}, ([], "a", None, 3), "must be a table"),
        (items, [1, "a"], ("ab", {"a": 1}, None, 3), "must be a list"),
    ],
)
def test_kinds_of_values_are_told_apart(check, good, bad, words):
    assert check(good, "here") == good
    for value in bad:
        with pytest.raises(InputError, match=f"here: {words}"):
            check(value, "here")
