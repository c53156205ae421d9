"""Files that a file names: their paths start at the folder of the file that names them."""

from __future__ import annotations

from os import PathLike
from os.path import exists  # unlike that of Path False for a name that is too long
from pathlib import Path
from typing import Final

from jaksim.errors import InputError

SUFFIXES: Final = frozenset({".json", ".toml"})


def is_file(reference: str) -> bool:
    """Whether a text means a file: it ends in `.toml` or `.json`, or holds a path separator. Else it is a name."""
    path = Path(reference)
    return path.name != reference or path.suffix in SUFFIXES


def beside(reference: str, folder: str | PathLike[str]) -> str:
    """The path of a file that another one in `folder` names; a name as it is.

    Raises `InputError` for a file that is not there but would be if the path started where the command was typed.
    """
    if not is_file(reference):
        return reference
    found = Path(folder) / reference
    if not exists(found) and exists(reference):
        raise InputError(
            "no such file; a path in a file starts at the folder of that file",
            allowed=f"a path from {Path(folder).resolve()}, or a whole one: {Path(reference).resolve()}",
            got=reference,
        )
    return str(found)
