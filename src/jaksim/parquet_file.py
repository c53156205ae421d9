"""Parquet files as columns: the only place that knows pyarrow."""

from __future__ import annotations

import io
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any, BinaryIO

from jaksim.errors import InputError

MISSING = "pip install 'jaksim[data]', or a .csv file"


def parquet_bytes(
    columns: Mapping[str, Any], metadata: Mapping[str, str], kinds: Mapping[str, str] | None = None
) -> bytes:
    """A table as the content of a Parquet file; equal columns and metadata give equal bytes.

    `columns` are arrays or lists, None for a value that is missing; `kinds` names the Arrow type of a column, such as
    "int64", "float64", "string" or "list<int64>", where the values alone might not tell.
    """
    pyarrow, parquet = _modules("out")
    types = {name: _type(pyarrow, kind) for name, kind in (kinds or {}).items()}
    arrays = {
        name: pyarrow.array(column.tolist() if hasattr(column, "tolist") else column, type=types.get(name))
        for name, column in columns.items()
    }
    out = io.BytesIO()
    parquet.write_table(pyarrow.table(arrays).replace_schema_metadata(dict(metadata)), out)
    return out.getvalue()


class ParquetStream:
    """A Parquet file to which rows are added, each time as a row group; `kinds` are the Arrow types of its columns."""

    def __init__(self, file: BinaryIO, kinds: Mapping[str, str], metadata: Mapping[str, str]) -> None:
        self._pyarrow, parquet = _modules("out")
        fields = [(name, _type(self._pyarrow, kind)) for name, kind in kinds.items()]
        self._schema = self._pyarrow.schema(fields).with_metadata(dict(metadata))
        self._writer = parquet.ParquetWriter(file, self._schema)

    def add(self, columns: Mapping[str, list[Any]]) -> None:
        """Add rows; None is a missing value."""
        arrays = [self._pyarrow.array(columns[one.name], type=one.type) for one in self._schema]
        self._writer.write_table(self._pyarrow.Table.from_arrays(arrays, schema=self._schema))

    def close(self) -> None:
        """Write the end of the file."""
        self._writer.close()


def has_pyarrow() -> bool:
    """Whether Parquet files can be read and written."""
    return find_spec("pyarrow") is not None


def columns_of_parquet(content: bytes, where: str) -> list[tuple[str, Any]]:
    """Name and values of each column in the content of a Parquet file, in order; InputError when it is none.

    Text that is not UTF-8 stays bytes.
    """
    pyarrow, parquet = _modules(where)
    try:
        table = parquet.ParquetFile(pyarrow.BufferReader(content)).read()
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"not a Parquet file: {str(error).splitlines()[0]}", where=where) from None
    return [(name, arrow_values(column)) for name, column in zip(table.column_names, table.columns, strict=True)]


def arrow_values(column: Any) -> Any:
    """The values of an Arrow column as an array, None or NaN where missing; text that is not UTF-8 stays bytes."""
    import pyarrow

    if pyarrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)  # to_numpy would give a missing value the last level
    try:
        return column.to_numpy()
    except (pyarrow.ArrowException, UnicodeDecodeError):
        return column.cast(pyarrow.binary()).to_numpy()


def rows_of(content: bytes) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The rows and the metadata of a Parquet file held in memory."""
    pyarrow, parquet = _modules("shard")
    table = parquet.read_table(pyarrow.BufferReader(content))
    metadata = table.schema.metadata or {}
    return table.to_pylist(), {key.decode(): value.decode() for key, value in metadata.items()}


def _type(pyarrow: Any, kind: str) -> Any:
    if kind == "list<int64>":
        return pyarrow.list_(pyarrow.int64())
    return pyarrow.type_for_alias(kind)


def _modules(where: str) -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise InputError("Parquet files need pyarrow", where=where, allowed=MISSING) from None
    return pyarrow, parquet
