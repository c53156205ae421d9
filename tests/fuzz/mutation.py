"""Values that nobody would type on purpose, and where to put them: the same for the same random stream."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

HUGE = 10**5000
NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 2, 3, 7, 29, 100, 366, 3650, 10_000, 20201101, 10**9, 2**31, 2**32, 2**63, 2**64, -(2**63), 10**30, HUGE,
    0.0, -0.0, 0.5, 1.5, 1e-3, 1e-9, 1e-300, 5e-324, 1e3, 1e9, 1e15, 1e30, 1e308, -1e308, -0.5, 0.999999999999, 1.0,
    math.nan, math.inf, -math.inf,
)  # fmt: skip
TEXTS = (
    "", " ", "x", "0", "1e9", "a,b", "=1+1", "\x1b[31mred\x1b[0m", "\u202e", "\n",
    "\0", "é" * 300, "🙂", "a" * 5000, "..",
    "/",
    "-1",
    "%s%n", "{0}", "[1, 2]", "true", "none", "recovered", "dead", "improvement", "death", "events >= 10 and day",
    "complete >= 1e308 %", "hsd:1e308", "power:0", "cp:2", "2>1", "9>9", "1e309",
)  # fmt: skip
OTHERS: tuple[Any, ...] = (True, False, [], {}, [[]], [{}], {"": 1}, [1, "a", {}], ["x"] * 50, [0] * 2000, None)


def anything(rng: random.Random) -> Any:
    """Some value."""
    return deepcopy(rng.choice(rng.choice((NUMBERS, NUMBERS, TEXTS, OTHERS))))


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of everything inside a document of tables and lists."""
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in items:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        document = document[key]
    return document


def mutated(document: dict[str, Any], rng: random.Random, words: tuple[str, ...] = ()) -> dict[str, Any]:
    """The document with one to three changes; `words` are names of keys that may be added."""
    changed = deepcopy(document)
    for _ in range(rng.choice((1, 1, 1, 1, 2, 2, 3))):
        _change(changed, rng, words)
    return changed


def _change(document: dict[str, Any], rng: random.Random, words: tuple[str, ...]) -> None:
    found = list(places(document))
    if not found:
        document[rng.choice(words or ("x",))] = anything(rng)
        return
    path = rng.choice(found)
    holder, key = at(document, path[:-1]), path[-1]
    value = holder[key]
    kind = rng.randrange(10)
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, list):
        holder.insert(key, deepcopy(value))
    elif kind == 2:  # a value from elsewhere
        holder[key] = deepcopy(at(document, rng.choice(found)))
    elif kind == 3 and isinstance(holder, dict):
        holder[rng.choice(words or ("x",))] = rng.choice((anything(rng), deepcopy(value)))
    elif kind in (4, 5) and isinstance(value, int | float) and not isinstance(value, bool):
        scaled = value * rng.choice((-1, 0, 2, 10, 1000, 10**6, 10**12, 0.5, 1e-3, 1e-9, 1e300))
        holder[key] = int(scaled) if isinstance(value, int) and math.isfinite(scaled) else scaled
    elif kind == 6 and isinstance(holder, dict):
        holder[rng.choice((*words, str(key) + "x", str(key)[:-1], ""))] = holder.pop(key)
    elif kind == 7 and isinstance(value, list):
        rng.shuffle(value)
        del value[rng.randrange(len(value) + 1) :]
    elif kind == 8 and isinstance(value, str) and value:
        cut = rng.randrange(len(value))
        holder[key] = value[:cut] + rng.choice(("", ",", " ", "0", ":", "=", value)) + value[cut + 1 :]
    else:
        holder[key] = anything(rng)


def as_toml(document: dict[str, Any]) -> str:
    """TOML of a document, each of its keys on one line."""
    return "".join(f"{_toml_key(key)} = {_toml(value)}\n" for key, value in document.items() if value is not None)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml_key(k)} = {_toml(v)}" for k, v in value.items() if v is not None) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(one) for one in value if one is not None) + "]"
    if isinstance(value, float):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf") if math.isinf(value) else repr(value)
    if isinstance(value, int):
        return digits(value)
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml_key(key: Any) -> str:
    return json.dumps(str(key), ensure_ascii=False).replace("\x7f", "\\u007f")


def digits(value: int) -> str:
    """A whole number in digits, however many."""
    return "1" + "0" * 5000 if value == HUGE else str(value) if abs(value) < 10**4000 else "1" + "0" * 4400


def as_json(document: Any) -> str:
    """JSON of a document, with whole numbers of any length."""
    if isinstance(document, dict):
        return "{" + ",".join(f"{json.dumps(str(k))}:{as_json(v)}" for k, v in document.items()) + "}"
    if isinstance(document, list | tuple):
        return "[" + ",".join(map(as_json, document)) + "]"
    return digits(document) if isinstance(document, int) and not isinstance(document, bool) else json.dumps(document)


def spoiled_text(text: str, rng: random.Random) -> str:
    """A text with a few places changed, as by an editor that went wrong."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        cut = rng.randrange(len(text) + 1)
        kind = rng.randrange(6)
        if kind == 0:
            text = text[:cut]
        elif kind == 1:
            text = text[:cut] + rng.choice("\"[]{}=,\n\t\0#'é\\") + text[cut:]
        elif kind == 2:
            text = text[:cut] + text[cut + rng.randrange(1, 40) :]
        elif kind == 3:
            text = text[:cut] + rng.choice(TEXTS) + text[cut:]
        elif kind == 4:
            text = text[:cut] + "[" * 3000 + text[cut:]
        else:
            text = text[:cut] + text[max(0, cut - 50) : cut] + text[cut:]
    return text


def spoiled_rows(rows: list[list[str]], rng: random.Random) -> list[list[str]]:
    """The rows of a data file, a header first, with a few cells, rows or columns changed."""
    rows = [list(row) for row in rows]
    for _ in range(rng.choice((1, 1, 2, 3))):
        row = rng.randrange(len(rows))
        column = rng.randrange(len(rows[0]))
        kind = rng.randrange(9)
        cell = rng.choice((str(rng.choice(NUMBERS[:19] + NUMBERS[20:])), rng.choice(TEXTS)))
        if kind <= 2 and column < len(rows[row]):
            rows[row][column] = cell
        elif kind == 3 and len(rows) > 1:
            del rows[row]
        elif kind == 4:
            rows = [one[:column] + one[column + 1 :] for one in rows]
        elif kind == 5:
            rows = [rows[0], *([*one[:column], cell, *one[column + 1 :]] for one in rows[1:])]
        elif kind == 6:
            rows.append(list(rows[row]))
        elif kind == 7:
            rows = [[*one, one[column] if column < len(one) else ""] for one in rows]
        else:
            rows = rows[: rng.randrange(1, min(len(rows), 8) + 1)]
        if not rows or not rows[0]:
            return [[""]]
    return rows
