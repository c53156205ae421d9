import json

import pytest

from jaksim.errors import InputError
from jaksim.escapes import json_escaped, one_line, printable, without_line_ends

CLEAR = "\x1b]0;OWN\x07\x1b[2J"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (CLEAR, r"\x1b]0;OWN\x07\x1b[2J"),
        ("a\x9b31m\r\t\x7f", r"a\x9b31m\r\t\x7f"),
        ("left \u202e right \u2066 \u2028 \x85", r"left \u202e right \u2066 \u2028 \x85"),
        ("naïve ± 5 \u00a0% of 中文 🙂 [bold]", "naïve ± 5 \u00a0% of 中文 🙂 [bold]"),
    ],
)
def test_control_characters_are_written_as_escapes(text, shown):
    assert printable(text) == shown
    assert printable(f"{text}\n") == f"{shown}\n"
    assert one_line(f"{text}\n") == rf"{shown}\n"
    assert json.loads(json_escaped(json.dumps(text, ensure_ascii=False))) == text


def test_line_ends_alone_are_written_as_escapes():
    assert without_line_ends("a\nb\r\nc\x0b\x85\u2028 \x1b[1m\t") == r"a\nb\r\nc\x0b\x85\u2028" + " \x1b[1m\t"


def test_a_message_is_one_line_whatever_it_speaks_of():
    error = InputError("no such column", where=f"a\n{CLEAR}.csv", allowed=["x\ny", "z\x1b[1m"], got="w\n\x9b")
    assert str(error) == (r"a\n\x1b]0;OWN\x07\x1b[2J.csv: no such column (got 'w\n\x9b'); allowed: x\ny, z\x1b[1m")
