"""What became of every published figure of a study: a target, a check, or excluded with a reason.

A figure in none of these is unused; a study says so rather than pass over it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jaksim.calibration.keys import STUDY_KEYS
from jaksim.checks import items, table, text
from jaksim.datafile import check_table
from jaksim.errors import InputError


@dataclass(frozen=True)
class Excluded:
    """A published figure, by the id of its record, that is neither fitted nor checked, and why."""

    record: str
    reason: str


def excluded_figures(
    entries: Sequence[Any], records: Collection[str], targets: Collection[str]
) -> tuple[Excluded, ...]:
    """The figures that the tables `[[excluded]]` name, in the order of the records; the first reason given stands.

    A name may hold `*` for any text. Errors: InputError for a name of no record, and for one that is a target.
    """
    reasons: dict[str, str] = {}
    for position, entry in enumerate(entries, start=1):
        where = f"excluded {position}"
        place = f"{where}, records"
        check_table(table(entry, where), STUDY_KEYS["excluded"], where=where)
        reason = text(entry["reason"], f"{where}, reason")
        for name in items(entry["records"], place):
            for record in _matching(text(name, place), records, place):
                if record in targets:
                    raise InputError("a figure is a target or excluded, not both", where=place, got=record)
                reasons.setdefault(record, reason)
    return tuple(Excluded(record, reasons[record]) for record in records if record in reasons)


def unused_figures(records: Iterable[str], targets: Collection[str], excluded: Iterable[Excluded]) -> tuple[str, ...]:
    """Records that are neither targets nor excluded."""
    accounted = {*targets, *(figure.record for figure in excluded)}
    return tuple(record for record in records if record not in accounted)


def by_reason(excluded: Iterable[Mapping[str, str]]) -> dict[str, list[str]]:
    """Records of excluded figures by their reason, as a report lists them."""
    found: dict[str, list[str]] = {}
    for figure in excluded:
        found.setdefault(figure["reason"], []).append(figure["record"])
    return found


def _matching(name: str, records: Collection[str], where: str) -> list[str]:
    pattern = re.compile(".*".join(re.escape(part) for part in name.split("*")))
    found = [record for record in records if pattern.fullmatch(record)]
    if not found:
        raise InputError("no such record", where=where, allowed=tuple(records), got=name)
    return found
