"""The JSON Schema of each of the four kinds of file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from jaksim.analysis import METHODS
from jaksim.calibration.keys import LEVELS, STUDY_KEYS
from jaksim.endpoint.family import Family
from jaksim.endpoint.intercurrent_strategy import STRATEGY_KEYS
from jaksim.endpoint.registry import COMMON_KEYS, FAMILIES
from jaksim.endpoint.safety_reading import SAFETY_KEYS
from jaksim.evidence.keys import EVIDENCE_KEYS
from jaksim.key import ASSUMPTION, Key
from jaksim.scale import SCALE_KEYS
from jaksim.scenario.adaptation import reader
from jaksim.scenario.keys import CATALOGUE
from jaksim.trial.adaptive.kinds import KINDS
from jaksim.verbs.describing.schema import DRAFT, Schema, by_word, keys_schema, table_schema, value_schema

_TREATMENT: Final = "disease.treatments.NAME"
_WINDOW: Final = "disease.window"
_BETWEEN: Final = "prediction.between_trial_sd"
_BY_STRATUM: Final = "population.characteristic.stratum"


def schema_of_file(file: str) -> Schema:
    """The schema of a kind of file, for editors."""
    made: Mapping[str, Any] = {"scenario": _scenario, "scale": _scale, "study": _study, "evidence": _evidence}
    return {"$schema": DRAFT, "title": f"jaksim {file} file", **made[file]()}


def _scale() -> Schema:
    lists = {"type": "array", "items": {"type": "integer"}}
    (sets,) = (key for key in SCALE_KEYS[""] if key.name == "sets")
    return table_schema(
        SCALE_KEYS, also={"sets": value_schema(sets, {"type": "object", "additionalProperties": lists})}
    )


def _study() -> Schema:
    strategies = {LEVELS.name: value_schema(LEVELS)}
    return table_schema(
        STUDY_KEYS,
        also={
            "endpoint": {"type": "object", "additionalProperties": _endpoint(strategies, named=False)},
            "model.scale": _scale_of_file(),
        },
    )


def _evidence() -> Schema:
    record = table_schema(EVIDENCE_KEYS, "records")
    inner = {**record, "required": ["id"]}
    records: Schema = {"type": "array", "items": inner}
    group: Schema = {**record, "properties": {**record["properties"], "records": records}, "required": ["records"]}
    return table_schema(EVIDENCE_KEYS, also={"groups": {"type": "array", "items": group}})


def _scenario() -> Schema:
    renamed = {
        "disease.treatments": _TREATMENT,
        "disease.treatments.effect": f"{_TREATMENT}.effect",
        "disease.treatments.reference_onset": f"{_TREATMENT}.reference_onset",
        _BETWEEN: f"{_BETWEEN}.NAME",
        _BY_STRATUM: f"{_BY_STRATUM}.NAME",
    }
    tables: dict[str, Sequence[Key]] = {
        renamed.get(name, name): keys for name, keys in CATALOGUE.items() if name != _WINDOW
    }
    for place in (_TREATMENT, f"{_TREATMENT}.effect", "disease.interaction"):
        tables[f"{place}.window"] = CATALOGUE[_WINDOW]
    between = table_schema(tables, f"{_BETWEEN}.NAME")
    return table_schema(
        tables,
        also={
            "disease.scale": _scale_of_file(),
            _TREATMENT: {"anyOf": [{"type": "string"}, table_schema(tables, _TREATMENT)]},
            f"{_BETWEEN}.NAME": {"anyOf": [{"type": "number"}, {"type": "string"}, between]},
            "endpoint": {"type": "array", "items": _endpoint(_strategies(), named=True)},
            "analysis": {"type": "array", "items": _analysis(tables)},
            "adaptation": _adaptation(),
        },
    )


def _scale_of_file() -> Schema:
    return {"anyOf": [{"type": "string"}, _scale()]}


def _strategies() -> dict[str, Schema]:
    texts = {name: {"type": "string", "description": about} for name, about in {**STRATEGY_KEYS, **SAFETY_KEYS}.items()}
    return {**texts, ASSUMPTION.name: value_schema(ASSUMPTION)}


def _endpoint(further: Mapping[str, Schema], *, named: bool) -> Schema:
    kind: Schema = {"type": "string", "description": COMMON_KEYS["kind"], "enum": list(FAMILIES)}
    common: dict[str, Schema] = {"kind": kind, **further}
    if named:
        common["name"] = {"type": "string", "description": COMMON_KEYS["name"]}
    kinds = {name: _family(family, common) for name, family in FAMILIES.items()}
    return {
        "type": "object",
        "properties": common,
        "required": ["name", "kind"] if named else ["kind"],
        "allOf": by_word("kind", kinds),
    }


def _family(family: Family, common: Mapping[str, Schema]) -> Schema:
    own = {key.name: value_schema(key) for key in family.options}
    required = [key for key in family.options if not (family.takes_scores and key.name == "scores")]
    return keys_schema(required, {**common, **own})


def _analysis(tables: Mapping[str, Sequence[Key]]) -> Schema:
    found = table_schema(tables, "analysis")
    options = {
        name: {
            "properties": {
                "options": keys_schema(method.options, {key.name: value_schema(key) for key in method.options})
            }
        }
        for name, method in METHODS.items()
    }
    method = {**found["properties"]["method"], "enum": list(METHODS)}
    return {**found, "properties": {**found["properties"], "method": method}, "allOf": by_word("method", options)}


def _adaptation() -> Schema:
    kind: Schema = {"type": "string", "enum": list(KINDS)}
    common = {"kind": kind, ASSUMPTION.name: value_schema(ASSUMPTION)}
    kinds = {}
    for name in KINDS:
        keys = reader(name).KEYS
        kinds[name] = keys_schema(keys, {**common, **{key.name: value_schema(key) for key in keys}})
    return {"type": "object", "properties": common, "required": ["kind"], "allOf": by_word("kind", kinds)}
