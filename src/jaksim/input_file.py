"""Files that a user names, read once: regular files and pipes that end, not devices."""

from __future__ import annotations

import os
import re
import stat
import sys
from os import PathLike
from typing import Final, Protocol

from jaksim import budget
from jaksim.errors import InputError

STANDARD_INPUT: Final = "-"
_DESCRIPTOR: Final = re.compile(r"/dev/stdin|/dev/fd/\d+|/proc/(self|\d+)/fd/\d+")
_CHUNK: Final = 1 << 20
# What is read becomes text, then columns, each some times as large.
_SHARE: Final = 0.1


class Readable(Protocol):
    """A file open for reading bytes."""

    def fileno(self) -> int: ...

    def read(self, size: int, /) -> bytes | None: ...


def content_of(path: str | PathLike[str]) -> bytes:
    """The content of a file, of standard input (`-`) or of what a shell puts in the place of `<(...)`.

    A device, such as /dev/zero, never ends and a pipe with a name waits for whoever may write to it: InputError, as for
    more than fits into memory. OSError where there is nothing to read.
    """
    where = os.fspath(path)
    if where == STANDARD_INPUT:
        if sys.stdin is None:
            raise InputError("is closed", where="standard input")
        return _read(sys.stdin.buffer, "standard input", pipe=True)
    # Without waiting: opening a pipe that nobody writes to would never end.
    descriptor = os.open(where, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb", buffering=0) as file:
        return _read(file, where, pipe=_DESCRIPTOR.fullmatch(where) is not None)


def _read(file: Readable, where: str, *, pipe: bool) -> bytes:
    kind = os.fstat(file.fileno()).st_mode
    if not (stat.S_ISREG(kind) or (pipe and (stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind)))):
        raise InputError(
            "this is a device or a pipe, a file is needed",
            where=where,
            allowed="a file, `-` for data on standard input, or <(COMMAND) in a shell",
        )
    if hasattr(os, "set_blocking"):
        os.set_blocking(file.fileno(), True)
    most = int(_SHARE * budget.memory_limit())
    parts, size = [], 0
    while part := file.read(_CHUNK):
        parts.append(part)
        size += len(part)
        if size > most:
            raise InputError(
                f"there are more than {budget.memory_words(most)} to read",
                where=where,
                allowed=f"less, or more memory by the environment variable {budget.MEMORY}",
            )
    return b"".join(parts)
