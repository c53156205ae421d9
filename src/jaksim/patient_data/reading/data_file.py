"""Reading the patients of a trial from text or Parquet, each column as it stands in the file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from jaksim.datafile import read_content
from jaksim.errors import InputError
from jaksim.parquet_file import arrow_values, columns_of_parquet
from jaksim.patient_data.reading.columns import Columns
from jaksim.patient_data.reading.sas_file import columns_of_sas, format_of
from jaksim.patient_data.reading.text_form import AS_IT_STANDS, TextForm, check_labels, without_labels
from jaksim.patient_data.reading.text_table import columns_of_text, each_once, without_rows

PARQUET = (".parquet", ".pq")
PARQUET_MARK = b"PAR1"


def read_columns(path: str | os.PathLike[str], of: str = "patient", form: TextForm = AS_IT_STANDS) -> Columns:
    """The columns of a file, text where the file is text, any type from another, and the hash of its content.

    Parquet, SAS and Stata are told by the file's name or its first bytes. The file is read once, so it may be a pipe. A
    row is `of` a patient, or whatever messages call it; `form` tells of a text file what it does not tell itself.
    Raises InputError for a file that is missing, empty or without rows and for what `columns_of_text` refuses.
    """
    where = os.fspath(path)
    content = read_content(where)
    columns: dict[str, Any]
    sas = format_of(Path(where).suffix, content)
    if Path(where).suffix.lower() in PARQUET or content.startswith(PARQUET_MARK):
        found = columns_of_parquet(content, where)
        each_once([name for name, _ in found], where)
        columns = dict(found)
    elif sas is not None:
        found = columns_of_sas(content, sas, where, form.encoding)
        each_once([name for name, _ in found], where)
        columns = dict(found)
    else:
        columns = dict(columns_of_text(form.text(content, where), where, of))
        if form.labels:
            columns = without_labels(columns, where)
        elif columns and of == "patient":
            check_labels(columns, where)
    if not columns or not len(next(iter(columns.values()))):
        raise without_rows(of, where)
    return Columns(columns, where, content_hash=hashlib.sha256(content).hexdigest(), decimal=form.decimal)


def given_columns(data: object, of: str = "patient") -> Columns:
    """The columns of a pandas, polars or pyarrow table or of a mapping of arrays, with a row for each `of`.

    InputError for anything else, for a repeated name and for unequal lengths.
    """
    if not isinstance(data, Mapping) and not hasattr(data, "columns"):
        raise InputError("must be a file, a data frame or a table of columns", where="data", got=type(data).__name__)
    table: Any = data
    arrow = hasattr(table, "column_names")
    keys = list(table if isinstance(data, Mapping) else table.column_names if arrow else table.columns)
    each_once([str(key) for key in keys], "data")
    columns = {str(key): arrow_values(table[key]) if arrow else _column(table[key], str(key), of) for key in keys}
    lengths = {column.shape for column in columns.values()}
    if len(lengths) != 1 or len(next(iter(lengths))) != 1 or not next(iter(lengths))[0]:
        raise InputError("columns must be of one length, at least 1", where="data")
    return Columns(columns, "data", content_hash=hash_of(columns))


def hash_of(columns: Mapping[str, Any]) -> str:
    """SHA-256 of the names, types and values of columns, for data that are not in a file."""
    found = hashlib.sha256()
    for name, values in columns.items():
        array = np.asarray(values)
        numeric = array.dtype.kind in "biufmM"
        found.update(f"{name}\0{array.dtype.str if numeric else 'text'}\0{len(array)}\0".encode())
        found.update(array.tobytes() if numeric else "\0".join(map(str, array.tolist())).encode(errors="replace"))
    return found.hexdigest()


def _column(values: Any, name: str, of: str) -> Any:
    """A column of a table as an array; InputError for what is no list of values."""
    try:
        column = np.asarray(values)
    except ValueError:  # lists of different lengths
        column = np.empty(())
    if column.ndim != 1:
        raise InputError(
            f"must be one value for each {of}",
            where=f"data, column '{name}'",
            allowed="a list, an array or a series",
            got=type(values).__name__,
        )
    return column
