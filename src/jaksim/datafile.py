"""Reading small text files that people write, with one readable message for whatever may be wrong with them."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from types import NoneType
from typing import Any, Final

from jaksim.errors import InputError
from jaksim.input_file import content_of
from jaksim.key import Key

DEEPEST: Final = 50
LONGEST: Final = 2**64
_HARMLESS: Final = frozenset((float, str, bool, NoneType))
_SHORT_NUMBER: Final = re.compile(r"[+-]?(\.\d+|\d+\.)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
"""Numbers that people type and TOML does not know: .05 and 5. for 0.05 and 5.0."""


def read_content(path: str | PathLike[str]) -> bytes:
    """The bytes of a file, or of standard input for `-`, read once; InputError when it is missing or unreadable."""
    where = str(path)
    try:
        return content_of(path)
    except FileNotFoundError:
        raise InputError("no such file", where=where) from None
    except IsADirectoryError:
        raise InputError("this is a directory, a file is needed", where=where) from None
    except PermissionError:
        raise InputError("no permission to read this file", where=where) from None
    except (OSError, ValueError) as error:
        raise InputError(f"the file cannot be read: {_reason(error)}", where=where) from None


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)


def read_text(path: str | PathLike[str]) -> str:
    """The text of a UTF-8 file; InputError when it is missing, unreadable, binary or empty."""
    return text_of(read_content(path), where=str(path))


def text_of(content: bytes, *, where: str) -> str:
    """The text that is the content of a UTF-8 file; InputError when it is binary or empty."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("this is not a text file", where=where, allowed="text in UTF-8") from None
    if "\0" in text:
        raise InputError("this is not a text file", where=where, allowed="text in UTF-8")
    if not text.strip():
        raise InputError("the file is empty", where=where)
    return text.removeprefix("\ufeff")


def read_toml(path: str | PathLike[str], *, parse_float: Callable[[str], float] = float) -> dict[str, Any]:
    """The table held by a TOML file; InputError, with the line, when it is not TOML."""
    return parse_toml(read_text(path), where=str(path), parse_float=parse_float)


def parse_toml(text: str, *, where: str, parse_float: Callable[[str], float] = float) -> dict[str, Any]:
    """The table written in `text`; `where` names its origin in the error message."""
    try:
        return plain(tomllib.loads(text.replace("\r\n", "\n"), parse_float=parse_float), where)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not valid TOML: {_fault(error)}", where=where) from None


def parse_value(text: str, *, where: str) -> Any:
    """The value that a text on the command line stands for: TOML, and else the text itself."""
    try:
        return plain(tomllib.loads(f"value = {text.strip()}"), where)["value"]
    except tomllib.TOMLDecodeError:
        word = text.strip()
        return float(word) if _SHORT_NUMBER.fullmatch(word) else word
    except (ValueError, RecursionError) as error:
        raise InputError(_fault(error), where=where) from None


def parse_json(text: str, *, where: str, what: str) -> dict[str, Any]:
    """The object written in `text`, which is to be `what`; InputError for all else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not {what}: {_fault(error)}", where=where) from None
    if not isinstance(found, dict):
        raise InputError(f"not {what}: a JSON object is needed", where=where)
    return plain(found, where)


def plain(document: dict[str, Any], where: str) -> dict[str, Any]:
    """The document; InputError where it is nested deeper, or holds a whole number longer, than anything meant."""
    waiting: list[tuple[Any, int]] = [(document, 0)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, dict | list):
            if depth == DEEPEST:
                raise InputError("tables and lists are nested too deeply", where=where, allowed=f"{DEEPEST} levels")
            inside = value.values() if isinstance(value, dict) else value
            if not _HARMLESS.issuperset(map(type, inside)):
                waiting.extend((inner, depth + 1) for inner in inside)
        elif isinstance(value, int) and not -LONGEST <= value < LONGEST:
            raise InputError("a whole number is too long", where=where, allowed="64 bits", got=value)
    return document


def _fault(error: Exception) -> str:
    """What a parser says, without the words that are only for programmers."""
    if isinstance(error, RecursionError):
        return "tables and lists are nested too deeply"
    return "a whole number is too long" if "int_max_str_digits" in str(error) else str(error)


def check_keys(
    table: Mapping[str, object], *, where: str, required: Iterable[str] = (), optional: Iterable[str] = ()
) -> None:
    """Raise InputError for a key of `table` that is unknown, or for a required one that is missing."""
    required = tuple(required)
    allowed = (*required, *optional)
    for key in table:
        if key not in allowed:
            raise InputError("unknown key", where=where, allowed=allowed, got=key)
    for key in required:
        if key not in table:
            raise InputError(f"the key '{key}' is missing", where=where, allowed=allowed)


def check_table(table: Mapping[str, object], keys: Iterable[Key], *, where: str) -> None:
    """`check_keys` by the keys that a table of a file may hold."""
    known = tuple(keys)
    required = [key.name for key in known if key.required]
    check_keys(table, where=where, required=required, optional=[key.name for key in known if not key.required])
