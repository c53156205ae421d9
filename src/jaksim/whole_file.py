"""Files that appear whole or not at all, whatever happens while they are written, and never in the place of a device.

A file is written without a name where the system can do that (Linux, on most file systems): a process that is killed
leaves nothing. Elsewhere it has a name `.NAME.…` that nobody can guess, which a process that is killed may leave.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from jaksim.errors import InputError

_READ_WRITE_ALL: Final = 0o666  # less the user's mask
_OPEN_FILES: Final = "/proc/self/fd"
_NO_UNNAMED: Final = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT, errno.ENOSYS})


def check_place(target: Path) -> None:
    """Raise OSError, saying why, unless a new file can stand there or take the place of an old one.

    A device or a pipe is not replaced, and neither is a link, which may have been put there by somebody else.
    """
    if not target.parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "there is no such directory", str(target.parent))
    try:
        there = os.lstat(target).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(there):
        raise IsADirectoryError(errno.EISDIR, "this is a directory, a file is needed", str(target))
    if stat.S_ISLNK(there):
        raise FileExistsError(errno.EEXIST, "this is a link; name the file itself", str(target))
    if not stat.S_ISREG(there):
        raise FileExistsError(errno.EEXIST, "this is a device or a pipe, a file is needed", str(target))


@contextmanager
def explained(target: Path) -> Iterator[None]:
    """Turn a fault of the file system into an InputError about the file that a user asked for."""
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or error}", where=str(target)) from error


@contextmanager
def whole_file(target: Path, *, mode: int = _READ_WRITE_ALL) -> Iterator[BinaryIO]:
    """A file to write to; when the block ends it is on the disk and takes the place of `target`.

    If the block raises, nothing is left. OSError names the target.
    """
    check_place(target)
    # In the same directory, for names are changed within one file system only.
    name = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    with _naming(target):
        unnamed = _open_unnamed(target.parent, mode)
        try:
            with os.fdopen(_open_new(name, mode) if unnamed is None else unnamed, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
                if unnamed is not None:
                    _give_name(unnamed, name)
            os.replace(name, target)
        except BaseException:
            name.unlink(missing_ok=True)
            raise
    with suppress(OSError):  # some systems have no directories to open, some file systems none to flush
        _to_disk(target.parent)


def write_whole(target: Path, content: bytes, *, mode: int = _READ_WRITE_ALL) -> None:
    """Write a small file."""
    with whole_file(target, mode=mode) as file:
        file.write(content)


def _open_unnamed(folder: Path, mode: int) -> int | None:
    if not (hasattr(os, "O_TMPFILE") and os.path.isdir(_OPEN_FILES)):
        return None
    try:
        return os.open(folder, os.O_TMPFILE | os.O_RDWR, mode)
    except OSError as error:
        if error.errno in _NO_UNNAMED:
            return None
        raise


def _give_name(unnamed: int, name: Path) -> None:
    folder = os.open(name.parent, os.O_RDONLY)
    try:  # with a folder given, for without one the link itself would be linked
        os.link(f"{_OPEN_FILES}/{unnamed}", name.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


def _open_new(name: Path, mode: int) -> int:
    return os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)


@contextmanager
def _naming(target: Path) -> Iterator[None]:
    """Let an OSError name the file that was to be written, not the one that it would have been made of."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(target)) from error


def _to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
