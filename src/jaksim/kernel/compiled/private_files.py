"""Folders and files that only their user and the administrator can have written: what is in them may be run."""

from __future__ import annotations

import hashlib
import os
import stat
from functools import cache
from pathlib import Path
from typing import Final

from jaksim.whole_file import write_whole

DIGEST: Final = hashlib.sha256().digest_size
_FOLDER: Final = 0o755  # others may read
_FILE: Final = 0o644
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
_ROOT: Final = 0


class NotPrivate(PermissionError):
    """Another user owns a file or folder, or may write to it, or a link leads elsewhere; `str` says which and why."""


def read_private(folder: Path, name: str) -> bytes:
    """The content of a regular file in a private folder.

    Raises `NotPrivate` where another user may have written it, `OSError` where it cannot be read. What is checked is
    what was opened, so that nothing can be put in its place in between. Systems without owners are taken as they are.
    """
    if not _has_owners():
        return (folder / name).read_bytes()
    check_private(folder)
    inside = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        _check(os.fstat(inside), folder)
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=inside)
    finally:
        os.close(inside)
    with os.fdopen(file, "rb") as opened:
        about = os.fstat(file)
        _check(about, folder / name)
        if not stat.S_ISREG(about.st_mode):
            raise NotPrivate(f"{folder / name} is no regular file")
        return opened.read()


def read_checked(folder: Path, name: str) -> bytes:
    """The content of a file that `write_checked` wrote; raises `ValueError` where it is not what was written."""
    content = read_private(folder, name)
    if hashlib.sha256(content[DIGEST:]).digest() != content[:DIGEST]:
        raise ValueError(f"{folder / name} is damaged")
    return content[DIGEST:]


def write_checked(folder: Path, name: str, content: bytes) -> None:
    """As `write_private`, behind the hash of the content."""
    write_private(folder, name, hashlib.sha256(content).digest() + content)


def write_private(folder: Path, name: str, content: bytes) -> None:
    """Write a file that others may read and not write to, whatever the user's mask; the folder is made if need be.

    Raises `NotPrivate` where others may write to the folder, `OSError` where this user may not.
    """
    for path in reversed((folder, *folder.parents)):
        if not path.exists():
            path.mkdir(_FOLDER, exist_ok=True)
    check_private(folder)
    write_whole(folder / name, content, mode=_FILE)


def check_private(folder: Path) -> None:
    """Raise `NotPrivate` unless the folder and those above it belong to this user or to root, who alone may write.

    A folder above may be open to all if it keeps each user's files from the others, as /tmp does. A link on the way
    must belong to this user or to root, and what it leads to is checked; the folder itself is no link.
    """
    if not _has_owners():
        return
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode):
        raise NotPrivate(f"{folder} is no folder of its own")
    _check(found, folder)
    reason = _shared_above(folder.absolute())
    if reason is not None:
        raise NotPrivate(reason)


@cache
def _shared_above(folder: Path) -> str | None:
    try:
        for path in dict.fromkeys((*folder.parents, *folder.resolve().parents)):
            _check(os.lstat(path), path, above=True)
    except NotPrivate as error:
        return str(error)
    return None


def _check(found: os.stat_result, path: Path, *, above: bool = False) -> None:
    owners = {_ROOT, os.geteuid(), *(_unmapped() if above else ())}
    if found.st_uid not in owners:
        raise NotPrivate(f"{path} belongs to another user")
    if stat.S_ISLNK(found.st_mode) or (above and found.st_mode & stat.S_ISVTX):
        return
    writers = found.st_mode & _OTHERS_WRITE
    if writers == stat.S_IWGRP and _is_own_group(found.st_gid):
        return
    if writers:
        raise NotPrivate(f"other users may write to {path}")


@cache
def _is_own_group(number: int) -> bool:
    """Whether a group is the one that many systems make for each user, of that user alone."""
    import grp
    import pwd

    if os.geteuid() == _ROOT:  # whose group has other members where it is used
        return False
    try:
        user, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(number)
    except KeyError:
        return False
    return group.gr_name == user and set(group.gr_mem) <= {user}


@cache
def _unmapped() -> tuple[int, ...]:
    """Who seems to own root's files in a container that knows this user alone."""
    try:
        words = Path("/proc/self/uid_map").read_text().split()
        return () if words == ["0", "0", "4294967295"] else (int(Path("/proc/sys/kernel/overflowuid").read_text()),)
    except (OSError, ValueError):
        return ()


def _has_owners() -> bool:
    return hasattr(os, "geteuid")
