"""The second transcription of a study: figures read again from the sources, without sight of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from jaksim.datafile import check_keys, parse_toml
from jaksim.errors import InputError
from jaksim.evidence.figures import Figure, Printed
from jaksim.evidence.keys import FIGURE_KEYS
from jaksim.evidence.reading import figure_of, figure_values

Table = dict[str, Any]
Values = Mapping[str, Any]

SIZE = "sizes."
"""Before the id of an arm, in `not_checked`: the number randomised to it was not found."""
_PLACE_KEYS = ("arms", "baseline_scores", "day", "direction")
_NOTES = ("rounded", "not_read", "settled")


@dataclass(frozen=True)
class SecondRecord:
    """One figure as read the second time: `values` by key, among them its measure, arms, scores, day and direction.

    The direction is in words, such as "below 1 favours baricitinib". `versions` are the figures of other printings.
    Keys in `rounded` were printed with fewer digits than elsewhere, keys in `not_read` are not in the sources of the
    second reading. `settled` says how a disagreement between the two readings was resolved.
    """

    values: Values
    versions: tuple[Figure, ...] = ()
    rounded: tuple[str, ...] = ()
    not_read: tuple[str, ...] = ()
    settled: str = ""

    @property
    def measure(self) -> str:
        return str(self.values["measure"])


@dataclass(frozen=True)
class SecondReading:
    """The second transcription of one study, with the reason for each record of the study that was not read again.

    `sizes` are the patients randomised to each arm. `not_checked` maps a record, or `sizes.` and an arm, to a reason.
    """

    study: str
    sources: tuple[str, ...]
    sizes: Mapping[str, int]
    records: Mapping[str, SecondRecord]
    not_checked: Mapping[str, str]


def has_second_reading(study_id: str) -> bool:
    """Whether a study of the catalogue was transcribed twice."""
    return _file(study_id).is_file()


@cache
def load_second_reading(study_id: str) -> SecondReading:
    """The second transcription of a study of the catalogue; InputError when there is none or it cannot be read."""
    if not has_second_reading(study_id):
        raise InputError("no second reading of this study", where="evidence", got=study_id)
    where = f"qc/{study_id}.toml"
    return second_reading_from(
        study_id, parse_toml(_file(study_id).read_text("utf-8"), where=where, parse_float=Printed), where
    )


def second_reading_from(study_id: str, table: Table, where: str) -> SecondReading:
    """The second transcription in a parsed TOML table; InputError names the record and key at fault."""
    optional = ("baseline_scores", "sizes", "records", *_NOTES, "not_checked")
    check_keys(table, where=where, required=("sources",), optional=optional)
    entries: dict[str, Table] = table.get("records", {})
    not_checked = {name: group["reason"] for group in table.get("not_checked", ()) for name in group["records"]}
    for key in _NOTES:
        check_keys(table.get(key, {}), where=f"{where}, {key}", optional=entries)
    for name in not_checked:
        if name in entries:
            raise InputError("this record is read and also listed as not checked", where=where, got=name)
    records = {}
    for name, entry in entries.items():
        notes = {key: table[key][name] for key in _NOTES if name in table.get(key, {})}
        common = {"baseline_scores": table.get("baseline_scores", ())}
        records[name] = _record(common | entry, notes, f"{where}, record {name}")
    return SecondReading(study_id, tuple(table["sources"]), table.get("sizes", {}), records, not_checked)


def _file(study_id: str) -> Traversable:
    return resources.files("jaksim.evidence") / "qc" / f"{study_id}.toml"


def _record(entry: Table, notes: Table, where: str) -> SecondRecord:
    measure = entry.get("measure")
    if measure not in FIGURE_KEYS:
        raise InputError("unknown measure", where=where, allowed=tuple(FIGURE_KEYS), got=measure)
    keys = ("measure", *_PLACE_KEYS, "versions", *FIGURE_KEYS[measure])
    check_keys(entry, where=where, required=("measure", "arms"), optional=keys)
    rounded, not_read = tuple(notes.get("rounded", ())), tuple(notes.get("not_read", ()))
    for key in (*rounded, *not_read):
        check_keys({key: None}, where=where, optional=keys)
    try:
        values: Table = {
            **{key: tuple(entry.get(key, ())) for key in ("arms", "baseline_scores")},
            **{key: entry[key] for key in ("measure", "day", "direction") if key in entry},
            **figure_values(measure, entry),
        }
        versions = tuple(figure_of(measure, version) for version in entry.get("versions", ()))
    except InputError as error:
        raise error.at(where) from None
    return SecondRecord(values, versions, rounded, not_read, notes.get("settled", ""))
