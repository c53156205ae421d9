"""Files of SAS and Stata as columns, read by pandas: the only place of patient data that knows it."""

from __future__ import annotations

import io
import struct
from typing import Any, Final

import numpy as np

from jaksim.errors import InputError

ENDINGS: Final = {".sas7bdat": "sas7bdat", ".xpt": "xport", ".dta": "stata"}
"""Formats by the ending of a file's name."""
_XPORT: Final = b"HEADER RECORD*******LIBRARY HEADER RECORD"
_XPORT_8: Final = b"HEADER RECORD*******LIBV8"
_SAS: Final = bytes(12) + b"\xc2\xea\x81\x60"
_MISSING: Final = "pip install 'jaksim[data]', or a .csv file"
_ZERO_OF_XPORT: Final = 16.0**-65
"""What pandas makes of a 0 in a transport file: the least number that the format has."""
_FAULTS: Final = (ValueError, KeyError, IndexError, TypeError, OverflowError, OSError, struct.error, AttributeError)


def format_of(ending: str, content: bytes) -> str | None:
    """The format of a file, by how its content begins, else by the `ending` of its name; None for another one."""
    if content.startswith(_XPORT):
        return "xport"
    if content.startswith(_SAS):
        return "sas7bdat"
    return ENDINGS.get(ending.lower())


def columns_of_sas(content: bytes, form: str, where: str, encoding: str | None) -> list[tuple[str, Any]]:
    """Name and values of each column of a file of SAS or Stata, in order; InputError when it is none.

    Dates are text as ISO 8601 has it, text is stripped, and what is missing there is missing here.
    """
    if content.startswith(_XPORT_8):
        raise InputError(
            "a transport file of SAS in version 8", where=where, allowed="version 5, .sas7bdat, or a .csv file"
        )
    try:
        import pandas as pd
    except ImportError:
        raise InputError("files of SAS and Stata need pandas", where=where, allowed=_MISSING) from None
    file = io.BytesIO(content)
    try:
        frame = pd.read_stata(file) if form == "stata" else pd.read_sas(file, format=form, encoding=encoding or "utf-8")
    except UnicodeDecodeError:
        raise InputError(
            "the text in the file is not UTF-8", where=where, allowed="‹encoding=cp1252›, latin-1, or as it was written"
        ) from None
    except _FAULTS as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"not a file of {'Stata' if form == 'stata' else 'SAS'}: {reason}", where=where) from None
    return [(str(name), _values(frame.iloc[:, place])) for place, name in enumerate(frame.columns)]


def _values(column: Any) -> Any:
    if column.dtype.kind == "M":
        return np.array(["" if text != text else str(text) for text in column.dt.strftime("%Y-%m-%dT%H:%M:%S")], object)
    if column.dtype.kind in "biuf":
        numbers = column.to_numpy()
        return np.where(numbers == _ZERO_OF_XPORT, 0.0, numbers) if column.dtype.kind == "f" else numbers
    return np.array(["" if value is None or value != value else str(value) for value in column], object)
