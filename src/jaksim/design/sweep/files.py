"""The files of a sweep: Parquet where pyarrow is installed, else shards in lines of JSON and tables in CSV."""

from __future__ import annotations

import csv
import io
import json
import math
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from jaksim.parquet_file import has_pyarrow, parquet_bytes, rows_of
from jaksim.spreadsheet import disarmed

PARQUET: Final = ".parquet"
LINES: Final = ".jsonl"
CSV: Final = ".csv"
SHARD_ENDINGS: Final = (PARQUET, LINES)
TABLE_ENDINGS: Final = (PARQUET, CSV)
_BYTES: Final = "base64"


def shard_content(
    rows: Sequence[Mapping[str, Any]], kinds: Mapping[str, str], metadata: Mapping[str, str]
) -> tuple[bytes, str]:
    """The content of a shard's file and the ending of its name."""
    if has_pyarrow():
        return parquet_bytes({name: [row[name] for row in rows] for name in kinds}, metadata, kinds), PARQUET
    lines = [dict(metadata), *({name: _plain(row[name]) for name in kinds} for row in rows)]
    return "".join(f"{json.dumps(line, separators=(',', ':'))}\n" for line in lines).encode("utf-8"), LINES


def rows_of_shard(path: Path, content: bytes) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The rows of a shard and its metadata; InputError for a Parquet file where pyarrow is not installed."""
    if path.suffix == PARQUET:
        return rows_of(content)
    metadata, *rows = (json.loads(line, object_hook=_read) for line in content.decode("utf-8").split("\n")[:-1])
    return rows, metadata


def table_content(
    columns: Mapping[str, Any], kinds: Mapping[str, str], metadata: Mapping[str, str]
) -> tuple[bytes, str]:
    """The content of a table of results and the ending of its name; CSV has no place for metadata."""
    if has_pyarrow():
        return parquet_bytes(columns, metadata, kinds), PARQUET
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(map(disarmed, columns))
    writer.writerows(zip(*(map(_cell, column) for column in columns.values()), strict=True))
    return stream.getvalue().encode("utf-8"), CSV


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {_BYTES: b64encode(value).decode("ascii")}
    return value.tolist() if hasattr(value, "tolist") else value


def _read(found: dict[str, Any]) -> Any:
    return b64decode(found[_BYTES]) if _BYTES in found else found


def _cell(value: Any) -> Any:
    value = _plain(value)
    if isinstance(value, float) and math.isnan(value):
        return None
    return disarmed(value) if isinstance(value, str) else value
