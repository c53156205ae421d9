"""Reading the patients of a trial from CSV or Parquet, each column as it stands in the file."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaksim.datafile import read_text
from jaksim.errors import InputError
from jaksim.parquet_file import read_parquet

PARQUET = (".parquet", ".pq")
DELIMITERS = ",;\t"


def read_columns(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Column name -> values of every row, text from CSV, any type from Parquet, which is told by the file's name.

    Columns of CSV are divided by commas, or by semicolons or tabs where the header has no comma. Raises InputError for
    a file that is missing, empty, binary or without patients, for a header with an empty or repeated name and for rows
    of another length.
    """
    where = os.fspath(path)
    columns = _read_parquet(where) if Path(where).suffix.lower() in PARQUET else _read_csv(where)
    if not columns or not len(next(iter(columns.values()))):
        raise InputError("the file has no patients", where=where, allowed="a header and a row for each patient")
    return columns


def given_columns(data: object) -> dict[str, Any]:
    """The columns of a pandas or pyarrow table or of a mapping of arrays.

    InputError for anything else, for a repeated name and for unequal lengths.
    """
    if not isinstance(data, Mapping) and not hasattr(data, "columns"):
        raise InputError("must be a file, a data frame or a table of columns", where="data", got=type(data).__name__)
    table: Any = data
    names = [str(name) for name in getattr(table, "column_names", table)]
    _each_once(names, "data")
    columns = {str(name): np.asarray(table[name]) for name in getattr(table, "column_names", table)}
    lengths = {column.shape for column in columns.values()}
    if len(lengths) != 1 or len(next(iter(lengths))) != 1 or not next(iter(lengths))[0]:
        raise InputError("columns must be of one length, at least 1", where="data")
    return columns


def _each_once(names: Sequence[str], where: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"column '{name}' appears twice", where=where)


def _read_csv(where: str) -> dict[str, Any]:
    text = read_text(where)
    first = text.lstrip().splitlines()[0]
    delimiter = "," if "," in first else max(DELIMITERS, key=first.count)
    try:
        rows = [row for row in _rows(text, delimiter, where) if row]
    except csv.Error as error:
        raise InputError(f"not a table: {error}", where=where, allowed="comma-separated values") from None
    header = [name.strip() for name in rows[0]]
    for name in header:
        if not name:
            raise InputError("a column has no name", where=f"{where}, header", got=",".join(header))
    _each_once(header, f"{where}, header")
    return dict(zip(header, zip(*rows[1:], strict=True), strict=True)) if len(rows) > 1 else {}


def _rows(text: str, delimiter: str, where: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    width = 0
    for row in reader:
        width = width or len(row)
        if row and len(row) != width:
            raise InputError(
                f"line {reader.line_num} has {len(row)} values, the header {width}",
                where=where,
                allowed="one value for each column in every line",
            )
        yield row


def _read_parquet(where: str) -> dict[str, Any]:
    columns = read_parquet(where)
    _each_once([name for name, _ in columns], where)
    return dict(columns)
