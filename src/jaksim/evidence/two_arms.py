"""Events and patients of a treated and a control arm, as counts or as records of a study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from jaksim import checks
from jaksim.errors import InputError, located
from jaksim.evidence.figures import Proportion
from jaksim.evidence.records import Citation, Record, Study

COUNTS: Final = ("counts", "treated", "control")
"""Keys of a table that give them."""


@dataclass(frozen=True)
class Arms:
    """Events and patients of the treated and of the control arm."""

    treated: tuple[int, int]
    control: tuple[int, int]

    def __post_init__(self) -> None:
        for name, (events, patients) in (("treated", self.treated), ("control", self.control)):
            if patients < 1 or not 0 <= events <= patients:
                allowed = "events of at least one patient, such as [10, 48]"
                raise InputError("the counts do not fit", where=name, allowed=allowed, got=[events, patients])

    @property
    def events(self) -> int:
        return self.treated[0] + self.control[0]

    @property
    def odds_ratio(self) -> float:
        """Cross product of the counts: 0, infinite or NaN where cells are empty."""
        (a, n1), (c, n0) = self.treated, self.control
        over, under = a * (n0 - c), c * (n1 - a)
        return over / under if under else (np.inf if over else np.nan)

    def __sub__(self, other: Arms) -> Arms:
        """The patients of these who are not among the others."""
        (a, n1), (c, n0) = self.treated, self.control
        (b, m1), (d, m0) = other.treated, other.control
        return Arms((a - b, n1 - m1), (c - d, n0 - m0))

    def __add__(self, other: Arms) -> Arms:
        (a, n1), (c, n0) = self.treated, self.control
        (b, m1), (d, m0) = other.treated, other.control
        return Arms((a + b, n1 + m1), (c + d, n0 + m0))


def read_arms(
    entry: Mapping[str, Any], where: str, study: Study | None, cited: dict[str, Citation]
) -> tuple[Arms, tuple[str, ...]]:
    """The counts in a table, and the records they are of."""
    if ("counts" in entry) == ("treated" in entry or "control" in entry):
        raise InputError("either `counts`, two records, or `treated` and `control`", where=where)
    if "counts" in entry:
        names = [checks.text(one, f"{where}, counts") for one in checks.items(entry["counts"], f"{where}, counts")]
        if len(names) != 2:
            raise InputError("two records, treated arm first", where=f"{where}, counts", got=names)
        sides = [_proportion(record_of(study, name, f"{where}, counts", cited), where) for name in names]
        return Arms(*sides), tuple(names)
    pairs = []
    for key in ("treated", "control"):
        if key not in entry:
            raise InputError(f"`{key}` is missing", where=where, allowed="events and patients, such as [10, 48]")
        pair = [checks.whole(one, f"{where}, {key}") for one in checks.items(entry[key], f"{where}, {key}")]
        if len(pair) != 2:
            raise InputError("events and patients", where=f"{where}, {key}", allowed="such as [10, 48]", got=pair)
        pairs.append((pair[0], pair[1]))
    with located(where):
        return Arms(*pairs), ()


def record_of(study: Study | None, name: str, where: str, cited: dict[str, Citation]) -> Record:
    """A record of the study, which is then cited; InputError where there is none."""
    if study is None:
        raise InputError("a record is one of a study", where=where, allowed="`study` at the top, or counts", got=name)
    with located(where):
        record = study[name]
    cited[f"{study.id}, {record.citation}"] = study.citations[record.citation]
    return record


def _proportion(record: Record, where: str) -> tuple[int, int]:
    figure = record.figure
    if not isinstance(figure, Proportion) or figure.count is None or figure.n is None:
        raise InputError("a count among patients is needed", where=where, got=record.id)
    return figure.count, figure.n


def entries_of(table: Mapping[str, Any], key: str, where: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The tables of a list, each with its place in words."""
    for position, entry in enumerate(checks.items(table.get(key, []), f"{where}, {key}"), 1):
        place = f"{where}, {key} {position}"
        yield checks.table(entry, place), place
