"""From a study file (TOML) to a Study, with faults named by record and key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, fields
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from jaksim.datafile import check_table, read_toml
from jaksim.errors import InputError, located
from jaksim.evidence.figures import (
    DIFFERENCE_MEASURES,
    RATIO_MEASURES,
    Difference,
    EventCount,
    Figure,
    Mean,
    Median,
    Printed,
    Proportion,
    PValue,
    Ratio,
    ScoreCounts,
)
from jaksim.evidence.keys import EVIDENCE_KEYS, FIGURE_KEYS, record_keys, version_keys
from jaksim.evidence.records import Citation, Dispute, Event, Misfit, Record, Study, StudyArm, Version
from jaksim.named_file import beside

Table = dict[str, Any]
Value = TypeVar("Value")

_FIGURES: dict[str, type[Figure]] = {
    "proportion": Proportion,
    "event_count": EventCount,
    "score_counts": ScoreCounts,
    "median": Median,
    "mean": Mean,
}
_RECORD_TEXT = ("event", "citation", "origin", "population")
_RECORD_OPTIONAL_TEXT = (
    "when", "subgroup", "favours_first", "adjusted_for", "concomitant", "derivation", "note", "disputed",
)  # fmt: skip
_RECORD_LISTS = {"baseline_scores": int, "arms": str, "quoted_in": str, "evidence_counts": str, "sum_of": str}
_STUDY_TEXT = ("id", "title", "summary", "scale", "published", "concomitant", "score_mapping")
_CALIBRATED = frozenset({"evidence", "target"})
"""Keys of a file for `jaksim calibrate`, none of which a study file has."""
_KIND_WORDS = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


def read_study(path: str | PathLike[str]) -> Study:
    """The study in a TOML file; InputError names the record and key at fault."""
    table = read_toml(path, parse_float=Printed)
    if isinstance(table.get("scale"), str):
        with located(f"{path}, scale"):
            table["scale"] = beside(table["scale"], Path(path).parent)
    if _CALIBRATED.isdisjoint(table):
        return study_from(table, str(path))
    file = f"the file of its evidence ({table['evidence']})" if "evidence" in table else "the file of its evidence"
    raise InputError("tells how a study is calibrated, its figures stand elsewhere", where=str(path), allowed=file)


def figure_values(measure: str, entry: Table) -> Table:
    """The values that a parsed record gives for a figure of this measure, by key; InputError names the key at fault."""
    return {key: _value(key, entry[key]) for key in FIGURE_KEYS[measure] if key in entry}


def figure_of(measure: str, entry: Table) -> Figure:
    """The figure that a parsed record gives; InputError names the key at fault."""
    values = figure_values(measure, entry)
    if measure in RATIO_MEASURES or measure in DIFFERENCE_MEASURES:
        values["measure"] = measure
    kind = _FIGURES.get(measure, Ratio if measure in RATIO_MEASURES else Difference)
    for item in fields(kind):
        if item.default is MISSING and item.name not in values:
            raise InputError(f"the key '{item.name}' is missing")
    return kind(**values)


def study_from(table: Table, where: str) -> Study:
    """The study in a parsed TOML table."""
    check_table(table, EVIDENCE_KEYS[""], where=where)
    records: dict[str, Record] = {}
    for position, entry in enumerate(record_entries(table, where), start=1):
        place = f"{where}, record {entry.get('id', position)}"
        record = _record(entry, place)
        if record.id in records:
            raise InputError("this record id stands twice", where=place)
        records[record.id] = record
    with _at(where):
        plain: Table = {key: _typed(table[key], str, f"key {key}") for key in _STUDY_TEXT if key in table}
        plain |= {key: tuple(_strings(table, key, where)) for key in ("registry", "not_found")}
        return Study(
            **plain,
            day_of_randomisation=_typed(table["day_of_randomisation"], int, f"{where}, day_of_randomisation"),
            n_randomised=_optional(table, "n_randomised", int, where),
            design=_optional(table, "design", dict, where) or {},
            arms=_named(table, "arms", where, _arm),
            events=_named(table, "events", where, _event),
            citations=_named(table, "citations", where, _citation),
            disputes=tuple(_dispute(entry, f"{where}, disputes") for entry in _entries(table, "disputes", where)),
            records=records,
        )


def record_entries(table: Table, where: str) -> list[Table]:
    """The records of a parsed study file one by one: its `records`, then those of each of its `groups`.

    What a group says of its records holds for each of them that does not say otherwise.
    """
    entries = _entries(table, "records", where)
    for group in _entries(table, "groups", where):
        if not group.get("records"):
            raise InputError("a group needs `records`", where=where)
        common = {key: value for key, value in group.items() if key != "records"}
        entries += [common | entry for entry in _entries(group, "records", f"{where}, groups")]
    return entries


def _record(entry: Table, where: str) -> Record:
    measure = _optional(entry, "measure", str, where)
    if measure is not None and measure not in FIGURE_KEYS:
        raise InputError("unknown measure", where=where, allowed=FIGURE_KEYS, got=measure)
    check_table(entry, record_keys(str(measure)), where=where)
    text = ("id", *_RECORD_TEXT, *_RECORD_OPTIONAL_TEXT)
    with _at(where):
        plain: Table = {key: _typed(entry[key], str, f"key {key}") for key in text if key in entry}
        plain |= {key: _list_of(kind, entry, key) for key, kind in _RECORD_LISTS.items() if key in entry}
        return Record(
            **plain,
            figure=figure_of(str(measure), entry),
            day=_typed(entry["day"], int, "key day") if "day" in entry else None,
            versions=tuple(
                _version(version, str(measure), f"version {position}")
                for position, version in enumerate(_entries(entry, "versions", "versions"), start=1)
            ),
            misfits=tuple(_misfit(misfit) for misfit in _entries(entry, "misfits", "misfits")),
        )


def _version(entry: Table, measure: str, where: str) -> Version:
    check_table(entry, version_keys(measure), where=where)
    with _at(where):
        citation, reason = (_typed(entry[key], str, f"key {key}") for key in ("citation", "reason"))
        return Version(figure_of(measure, entry), citation, reason)


def _misfit(entry: Table) -> Misfit:
    check_table(entry, EVIDENCE_KEYS["records.misfits"], where="misfits")
    return Misfit(*(_typed(entry[key], str, f"misfits, {key}") for key in ("fault", "reason")))


def _value(key: str, value: Any) -> Any:
    place = f"key {key}"
    if key == "p_value":
        return _p_value(value, place)
    if key in ("interval_kind", "unit", "estimator"):
        return _typed(value, str, place)
    if key in ("count", "n", "missing"):
        return _typed(value, int, place)
    if key in ("scores", "counts"):
        return tuple(_typed(item, int, place) for item in _typed(value, list, place))
    if key in ("interval", "quartiles"):
        limits = tuple(_typed(item, float, place) for item in _typed(value, list, place))
        if len(limits) != 2:
            raise InputError("an interval has a lower and an upper limit", where=place, got=value)
        return limits
    return _typed(value, float, place)


def _p_value(value: Any, where: str) -> PValue:
    text = str(value).strip()
    number = text.removeprefix("<").removesuffix("one-sided")
    try:
        return PValue(float(number), below=text.startswith("<"), sides=1 if text.endswith("one-sided") else 2)
    except ValueError:
        allowed = "a number, '<' and a number, either followed by 'one-sided'"
        raise InputError("not a p value", where=where, allowed=allowed, got=text) from None


def _arm(name: str, entry: Table, where: str) -> StudyArm:
    check_table(entry, EVIDENCE_KEYS["arms.NAME"], where=where)
    label, regimen = (_typed(entry[key], str, f"{where}, {key}") for key in ("label", "regimen"))
    treatments = tuple(_strings(entry, "treatments", where))
    pools = tuple(_strings(entry, "pools", where))
    return StudyArm(name, label, treatments, regimen, _optional(entry, "n", int, where), pools)


def _event(name: str, entry: Table, where: str) -> Event:
    check_table(entry, EVIDENCE_KEYS["events.NAME"], where=where)
    definition = _typed(entry["definition"], str, f"{where}, definition")
    return Event(name, definition, _optional(entry, "desirable", bool, where))


def _citation(name: str, entry: Table, where: str) -> Citation:
    check_table(entry, EVIDENCE_KEYS["citations.NAME"], where=where)
    with _at(where):
        return Citation(name, **{key: _typed(value, str, key) for key, value in entry.items()})


def _dispute(entry: Table, where: str) -> Dispute:
    check_table(entry, EVIDENCE_KEYS["disputes"], where=where)
    about, followed = (_typed(entry[key], str, f"{where}, {key}") for key in ("about", "followed"))
    return Dispute(about, tuple(_strings(entry, "versions", where)), followed, tuple(_strings(entry, "sources", where)))


@contextmanager
def _at(where: str) -> Iterator[None]:
    """Puts the place in front of any complaint made inside."""
    try:
        yield
    except InputError as error:
        raise error.at(where) from None


def _named(table: Table, key: str, where: str, make: Callable[[str, Table, str], Value]) -> Mapping[str, Value]:
    entries = _optional(table, key, dict, where) or {}
    places = {name: f"{where}, {key}.{name}" for name in entries}
    return {name: make(name, _typed(entry, dict, places[name]), places[name]) for name, entry in entries.items()}


def _entries(table: Table, key: str, where: str) -> list[Table]:
    return [_typed(entry, dict, f"{where}, key {key}") for entry in _optional(table, key, list, where) or []]


def _strings(table: Table, key: str, where: str) -> list[str]:
    return [_typed(item, str, f"{where}, key {key}") for item in _optional(table, key, list, where) or []]


def _list_of(kind: type, table: Table, key: str) -> tuple[Any, ...]:
    return tuple(_typed(item, kind, f"key {key}") for item in _typed(table[key], list, f"key {key}"))


def _optional(table: Table, key: str, kind: type, where: str) -> Any:
    return _typed(table[key], kind, f"{where}, key {key}") if key in table else None


def _typed(value: Any, kind: type, where: str) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise InputError(f"expected {_KIND_WORDS[kind]}", where=where, got=value)
    return value
