"""Values of a column that are replaced by others before they are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from jaksim.errors import InputError
from jaksim.patient_data.reading.columns import Columns, number_of

_FORM: Final = "COLUMN:OLD=NEW; nothing after = makes the value missing"

Replacements = Mapping[str, Mapping[str, str]]
"""New values by old ones, by column."""


def replacements_of(given: str | Sequence[str] | Mapping[str, Any]) -> Replacements:
    """Replacements from texts "COLUMN:OLD=NEW" or a mapping {column: {old: new}}; InputError for other forms."""
    found: dict[str, dict[str, str]] = {}
    if isinstance(given, Mapping):
        for column, values in given.items():
            if not isinstance(values, Mapping) or not values:
                raise InputError("must be a mapping of old to new values", where=f"‹map›, column '{column}'")
            found[str(column)] = {_text(old): "" if new is None else _text(new) for old, new in values.items()}
        return found
    for text in [given] if isinstance(given, str) else given:
        column, colon, pair = text.partition(":")
        old, equals, new = pair.partition("=")
        if not (colon and equals and column.strip()):
            raise InputError("no replacement of a value", where="‹map›", allowed=_FORM, got=text)
        of_column = found.setdefault(column.strip(), {})
        if old.strip() in of_column:
            raise InputError("this value is replaced already", where=f"‹map›, column '{column.strip()}'", got=old)
        of_column[old.strip()] = new.strip()
    return found


def as_texts(replacements: Replacements) -> tuple[str, ...]:
    """Replacements as they are given in text."""
    return tuple(f"{name}:{old}={new}" for name, pairs in replacements.items() for old, new in pairs.items())


def mapped(columns: Columns, replacements: Replacements) -> tuple[Columns, tuple[str, ...]]:
    """The columns with values replaced, all at once, and a sentence for each column about how many.

    InputError for a column or an old value that does not occur. Numbers are equal however they are written.
    """
    values, notes = dict(columns.values), []
    for name, pairs in replacements.items():
        columns.require(name, "‹map›")
        words = columns.words(name)
        numbers = columns.numbers(name) if columns.is_numeric(name) else None
        changed = words.astype(object)
        for old, new in pairs.items():
            here = np.asarray(words == old)
            if numbers is not None and np.isfinite(number_of(old)):
                here |= numbers == number_of(old)
            if not here.any():
                levels = sorted(set(words.tolist()) - {""})
                raise InputError("no row has this value", where=f"‹map›, {columns.at(name)}", allowed=levels, got=old)
            changed[here] = new
            shown = new or "missing"
            notes.append(f"In '{name}' {old or 'missing'} is read as {shown}, in rows: {int(here.sum()):,}.")
        values[name] = tuple(changed.tolist())
    return replace(columns, values=values, _known={}), tuple(notes)


def _text(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value).strip()
