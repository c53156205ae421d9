"""Parameters that a message mentions: by name for Python, as flags on the command line.

A message says ‹missing=drop› for the parameter `missing` with a value, ‹missing› for the parameter itself. It reads
`missing="drop"` in Python and `--missing drop` after a command.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_MENTION: Final = re.compile("‹([a-z_]+)(?:=([^›]*))?›")
_SWITCHES: Final = {"unstratified": "stratified=False", "resume": "the same sweep again"}
"""What the keywords are, or how it is done, where Python has no parameter of the name."""
_WITHOUT_QUOTES: Final = re.compile("[0-9]+|ARM|CODE|COLUMN|NAME|UNIT|KEY=VALUE|KEY=LOW:HIGH")
"""Numbers, and words that stand for a value; a column may have a name in capitals."""


def in_python(text: str) -> str:
    """The text with its parameters as keywords."""
    return _MENTION.sub(_keyword, text)


def in_flags(text: str, flags: Mapping[str, str] | None = None) -> str:
    """The text with its parameters as flags; `flags` are those that are not spelled like their parameter."""
    return _MENTION.sub(lambda found: _flag(found, flags or {}), text)


def _keyword(found: re.Match[str]) -> str:
    name, value = found[1], found[2]
    if value is None:
        return _SWITCHES.get(name, name)
    return f"{name}={value}" if _WITHOUT_QUOTES.fullmatch(value) else f'{name}="{value}"'


def _flag(found: re.Match[str], flags: Mapping[str, str]) -> str:
    name, value = found[1], found[2]
    flag = flags.get(name, f"--{name.replace('_', '-')}")
    return flag if value is None else f"{flag} {value}"
