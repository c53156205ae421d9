import pickle

import pytest

from jaksim.errors import InputError, JaksimError, nearest


def test_message_says_what_where_allowed_and_nearest_spelling():
    error = InputError(
        "unknown endpoint", where="actt4.toml, analyses[0]", allowed=("death", "recovery"), got="recovrey"
    )
    assert str(error) == (
        "actt4.toml, analyses[0]: unknown endpoint (got 'recovrey'); allowed: death, recovery; did you mean 'recovery'?"
    )


def test_message_has_only_the_parts_that_are_known():
    assert str(InputError("the file is empty")) == "the file is empty"
    assert str(InputError("too small", allowed="above 0", got=-1.0)) == "too small (got -1.0); allowed: above 0"
    assert str(InputError("unknown set", allowed=(), got="x")) == "unknown set (got 'x'); allowed: nothing"


def test_no_suggestion_when_nothing_is_near_or_the_value_is_not_text():
    assert InputError("unknown", allowed=("death",), got="zzzz").suggestion is None
    assert InputError("unknown score", allowed=(1, 2, 3), got=4).suggestion is None


def test_long_values_are_shortened():
    assert len(str(InputError("bad", got="x" * 10_000))) < 120


def test_message_is_one_line_whatever_was_typed():
    assert "\n" not in str(InputError("bad", got="a\nb"))


def test_outer_location_is_put_in_front():
    inner = InputError("unknown key", where="status 2", allowed=("score",), got="scor")
    outer = inner.at("scale.toml")
    assert str(outer).startswith("scale.toml, status 2: unknown key (got 'scor')")
    assert str(InputError("empty").at("scale.toml")) == "scale.toml: empty"


def test_error_survives_pickling():
    error = InputError("unknown", where="here", allowed=("death", "recovery"), got="recovrey")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_input_errors_are_jaksim_errors():
    with pytest.raises(JaksimError):
        raise InputError("bad")


def test_nearest_ignores_case_and_returns_the_allowed_spelling():
    assert nearest("niaid-8", ["NIAID-8", "mrs"]) == "NIAID-8"
    assert nearest("qqq", ["NIAID-8", "mrs"]) is None
    assert nearest("x", []) is None
