"""Schemas of single keys and tables."""

import jsonschema
import pytest

from jaksim.key import KINDS, REQUIRED, Key
from jaksim.verbs.describing.schema import by_word, table_schema, value_schema

VALUES = ["word", 1.5, 2, True, {}, ["a"], [1.5], [1], [{}], [[1, 2]], []]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", VALUES, ids=str)
def test_what_a_key_takes_its_schema_takes(kind, value):
    if KINDS[kind](value):
        jsonschema.validate(value, value_schema(Key("key", kind, "")))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", 1),
        ("number", "x"),
        ("whole number", 1.5),
        ("list of texts", [1]),
        ("list of tables", {}),
        ("table", []),
    ],
)
def test_another_kind_of_value_is_refused(kind, value):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, value_schema(Key("key", kind, "")))


def test_words_and_bounds_are_kept():
    schema = value_schema(Key("key", "text", "What it is.", "a", ("a", "b")))
    assert schema == {"description": "What it is.", "type": "string", "enum": ["a", "b"], "default": "a"}
    schema = value_schema(Key("key", "whole number", "", REQUIRED, low=1, high=3))
    assert (schema["minimum"], schema["maximum"]) == (1, 3)


def test_tables_stand_below_their_keys():
    tables = {
        "": (Key("arm", "table", "", REQUIRED), Key("move", "list of tables", "", ())),
        "arm.NAME": (Key("n", "whole number", "", REQUIRED),),
        "move": (Key("to", "text", ""),),
    }
    schema = table_schema(tables)
    jsonschema.validate({"arm": {"a": {"n": 1}, "b": {"n": 2}}, "move": [{"to": "x"}]}, schema)
    for wrong in (
        {},
        {"arm": {"a": {}}},
        {"arm": {"a": {"m": 1}}},
        {"arm": {}, "move": [{"too": "x"}]},
        {"arm": {}, "x": 1},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def test_a_word_chooses_the_keys():
    schema = {"allOf": by_word("kind", {"a": {"required": ["x"]}, "b": {}})}
    jsonschema.validate({"kind": "b"}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"kind": "a"}, schema)
