"""JSON Schemas made from tables of keys: what an editor needs to complete and check a file while it is written.

A schema knows names, kinds of values, allowed words and bounds. What one key means for another is left to reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from jaksim.key import Key

Schema = dict[str, Any]
Tables = Mapping[str, Sequence[Key]]

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
"""The draft that editors of TOML understand."""
ANY_NAME: Final = "NAME"

_TEXT: Final[Schema] = {"type": "string"}
_NUMBER: Final[Schema] = {"type": "number"}
_WHOLE: Final[Schema] = {"type": "integer"}
_KINDS: Final[Mapping[str, tuple[Schema | str, ...]]] = {
    "text": (_TEXT,),
    "number": (_NUMBER,),
    "whole number": (_WHOLE,),
    "true or false": ({"type": "boolean"},),
    "table": ("table",),
    "list of texts": ({"type": "array", "items": _TEXT},),
    "list of numbers": ({"type": "array", "items": _NUMBER},),
    "list of whole numbers": ({"type": "array", "items": _WHOLE},),
    "list of tables": ("tables",),
    "table or list of tables": ("table", "tables"),
    "list of pairs": ({"type": "array"},),
    "list of lists": ({"type": "array", "items": {"type": "array"}},),
    "days": (_WHOLE, "table"),
    "text or whole number": (_TEXT, _WHOLE),
    "text or table": (_TEXT, "table"),
    "number, text or table": (_NUMBER, _TEXT, "table"),
    "text or list of texts": (_TEXT, {"type": "array", "items": _TEXT}),
    "text, whole number or list": (_TEXT, _WHOLE, {"type": "array"}),
    "number or text": (_NUMBER, _TEXT),
    "number or list of numbers": (_NUMBER, {"type": "array", "items": _NUMBER}),
    "any value": (),
}
"""By kind of key, the schemas of which one has to fit; "table" and "tables" stand for the tables below the key."""


def table_schema(tables: Tables, place: str = "", also: Mapping[str, Schema] | None = None) -> Schema:
    """The schema of the table at a dotted path, with those below it.

    A path that ends in NAME is that of tables under names of the user's. `also` are schemas that replace those of the
    keys, by path.
    """
    replaced = also or {}
    return keys_schema(
        tables[place],
        {
            key.name: replaced.get(_join(place, key.name)) or value_schema(key, _below(tables, place, key, replaced))
            for key in tables[place]
        },
    )


def keys_schema(keys: Iterable[Key], properties: Mapping[str, Schema]) -> Schema:
    """The schema of a table that may hold these keys and no other."""
    found: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    required = [key.name for key in keys if key.required]
    return {**found, "required": required} if required else found


def value_schema(key: Key, below: Schema | None = None) -> Schema:
    """The schema of the value of a key; `below` is that of the tables it holds."""
    inner = below or {"type": "object"}
    named = {"table": inner, "tables": {"type": "array", "items": inner}}
    choices = [_bounded(key, named[choice] if isinstance(choice, str) else choice) for choice in _KINDS[key.kind]]
    found: Schema = {"description": key.description}
    if len(choices) == 1:
        found |= choices[0]
    elif choices:
        found["anyOf"] = choices
    if not key.required and key.default not in (None, "", (), {}):
        found["default"] = list(key.default) if isinstance(key.default, tuple) else key.default
    return found


def by_word(word: str, choices: Mapping[str, Schema]) -> list[Schema]:
    """Conditions for `allOf`: where the key `word` has this value, this schema holds."""
    return [
        {"if": {"properties": {word: {"const": name}}, "required": [word]}, "then": schema}
        for name, schema in choices.items()
    ]


def _bounded(key: Key, schema: Schema) -> Schema:
    found = dict(schema)
    if found.get("type") == "string" and key.allowed:
        found["enum"] = list(key.allowed)
    if found.get("type") in ("number", "integer"):
        if key.low is not None:
            found["minimum"] = key.low
        if key.high is not None:
            found["maximum"] = key.high
    return found


def _below(tables: Tables, place: str, key: Key, replaced: Mapping[str, Schema]) -> Schema | None:
    path = _join(place, key.name)
    if path in tables:
        return table_schema(tables, path, replaced)
    if _join(path, ANY_NAME) in replaced:
        return {"type": "object", "additionalProperties": replaced[_join(path, ANY_NAME)]}
    if _join(path, ANY_NAME) in tables:
        return {"type": "object", "additionalProperties": table_schema(tables, _join(path, ANY_NAME), replaced)}
    return None


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
