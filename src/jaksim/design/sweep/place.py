"""Where the scenario of a sweep lies: written as seen from the directory of the sweep, so that both can be moved."""

from __future__ import annotations

import os
from os import PathLike
from pathlib import Path


def absolute(file: str | PathLike[str]) -> str:
    """The whole path of a file, without links to folders, which `..` would not go back through."""
    path = Path(file)
    return os.path.join(os.path.realpath(path.parent), path.name)


def seen_from(directory: str | PathLike[str], place: str | None) -> str | None:
    """The path of a file from a directory, with /; None where there is none, as from another drive."""
    if place is None:
        return None
    try:
        return Path(os.path.relpath(absolute(place), os.path.realpath(directory))).as_posix()
    except ValueError:
        return None


def place_from(directory: str | PathLike[str], seen: str | None, typed: str) -> str | None:
    """The scenario file of the sweep in a directory, from its path as seen from there and as it was typed.

    The first that there is; without any, where it should be, as seen from the directory.
    """
    should = None if seen is None else os.path.normpath(os.path.join(os.path.realpath(directory), seen))
    for path in (should, typed):
        if path is not None and os.path.isfile(path):
            return absolute(path)
    return should
