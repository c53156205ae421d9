"""The command line that asks what options ask."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import fields
from numbers import Real
from os import PathLike, fspath
from typing import Any

from jaksim.verbs.options.base import Flag, Options, several


def recreate(verb: str, subjects: Sequence[str], options: Options) -> str | None:
    """The command with the flags of all options that are not as when left out; None where one is a value that no
    command line can give, such as a scenario that was changed after it was read."""
    words = ["jaksim", verb, *subjects]
    for field in fields(options):
        value = getattr(options, field.name)
        if "flag" not in field.metadata or value is None or _same(value, field.default):
            continue
        flag: Flag = field.metadata["flag"]
        found = _words(flag, field.name, value)
        if found is None:
            return None
        words += found
    return shlex.join(words)


def _same(value: Any, default: Any) -> bool:
    return not len(value) if default == () else bool(value == default)


def _words(flag: Flag, name: str, value: Any) -> list[str] | None:
    spelled = flag.spelled(name)
    if isinstance(value, bool):
        yes, _, no = spelled.partition("/")
        return [yes if value or not no else no]
    if isinstance(value, Mapping):
        pairs = [f"{key}={item}" for key, item in value.items()]
        return [word for pair in pairs for word in (spelled, pair)] if flag.read is several else None
    if isinstance(value, str | Real | PathLike):
        return [spelled, _text(value)]
    if isinstance(value, Sequence) and value and all(isinstance(item, list | tuple) for item in value):
        found = [_words(flag, name, item) for item in value]
        return [word for words in found if words is not None for word in words] if None not in found else None
    if not isinstance(value, Sequence) or not all(isinstance(item, str | Real) for item in value):
        return None
    texts = [_text(item) for item in value]
    return [word for text in texts for word in (spelled, text)] if flag.read is several else [spelled, ",".join(texts)]


def _text(value: Any) -> str:
    """Text as it is, a number with as many digits as it takes to read the same number again."""
    if not isinstance(value, float):
        return str(fspath(value)) if isinstance(value, PathLike) else str(value)
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))
