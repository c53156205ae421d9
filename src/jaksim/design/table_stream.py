"""Tables that are written as their rows come, in memory that does not grow with them."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

import numpy as np

from jaksim.design.patients.patient_table import check_output
from jaksim.parquet_file import ParquetStream
from jaksim.spreadsheet import disarmed
from jaksim.whole_file import explained, whole_file

Columns = Mapping[str, Any]
_ROWS_AT_ONCE: Final = 2**16


@contextmanager
def table_stream(
    path: str | os.PathLike[str], metadata: Mapping[str, str], kinds: Mapping[str, str] | None = None
) -> Iterator[Callable[[Columns], None]]:
    """A function that adds rows, given as columns, to a CSV or Parquet file, which appears whole or not at all.

    All rows have the columns of the first. A float that is NaN is a missing value. `kinds` are the Arrow types of
    columns, those of the first rows otherwise; `metadata` goes into a Parquet file only. InputError where the file
    cannot be written.
    """
    target = check_output(path)
    with explained(target), whole_file(target) as file:
        writer = _Parquet(file, metadata, kinds) if target.suffix.lower() == ".parquet" else _Csv(file)
        yield writer.add
        writer.close()


class _Csv:
    def __init__(self, file: BinaryIO) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        self._writer = csv.writer(self._text, lineterminator="\n")
        self._begun = False

    def add(self, columns: Columns) -> None:
        if not self._begun:
            self._writer.writerow(map(disarmed, columns))
            self._begun = True
        self._writer.writerows(zip(*(_cells(column) for column in columns.values()), strict=True))

    def close(self) -> None:
        self._text.detach()


class _Parquet:
    """Row groups of at least so many rows, as long as more are coming."""

    def __init__(self, file: BinaryIO, metadata: Mapping[str, str], kinds: Mapping[str, str] | None) -> None:
        self._file, self._metadata, self._kinds = file, metadata, kinds
        self._stream: ParquetStream | None = None
        self._waiting: dict[str, list[Any]] = {}

    def add(self, columns: Columns) -> None:
        if self._stream is None:
            kinds = self._kinds or {name: _kind(column) for name, column in columns.items()}
            self._stream = ParquetStream(self._file, kinds, self._metadata)
            self._waiting = {name: [] for name in columns}
        for name, column in columns.items():
            self._waiting[name] += _values(column)
        if len(next(iter(self._waiting.values()))) >= _ROWS_AT_ONCE:
            self._flush()

    def close(self) -> None:
        if self._stream is not None:
            self._flush()
            self._stream.close()

    def _flush(self) -> None:
        if self._stream is not None and any(self._waiting.values()):
            self._stream.add(self._waiting)
            self._waiting = {name: [] for name in self._waiting}


def _values(column: Any) -> list[Any]:
    """The values, None for those that are missing."""
    array = np.asarray(column)
    values: list[Any] = array.tolist()
    if array.dtype.kind == "f" and np.isnan(array).any():
        return [None if missing else value for value, missing in zip(values, np.isnan(array).tolist(), strict=True)]
    return values


def _cells(column: Any) -> list[Any]:
    values = _values(column)
    if not any(isinstance(value, str) for value in values):
        return values
    names = {value: disarmed(value) for value in set(values) if isinstance(value, str)}
    return [names.get(value, value) for value in values]


def _kind(column: Any) -> str:
    array = np.asarray(column)
    if array.dtype.kind == "O":
        return "string" if any(isinstance(value, str) for value in array) else "int64"
    return {"f": "float64", "b": "bool"}.get(array.dtype.kind, "int64")
