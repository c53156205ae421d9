"""One process at a time in the directory of a sweep."""

from __future__ import annotations

import errno
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jaksim.errors import InputError

NAME = "lock"
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL})


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold the lock of a directory; InputError when another process holds it, with its number and machine.

    The operating system gives the lock back when its process ends, however it ends, so that there are no stale locks
    and nothing depends on clocks or process numbers. A file left by another machine counts as held, until its owner or
    the user removes it, and where the file system has no locks so does that of a process that is alive here.
    """
    path = directory / NAME
    # A link may have been put there so that the file it leads to is emptied.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    try:
        owner = os.read(descriptor, 4096).decode("utf-8", "replace")
        taken = _take(descriptor)
        elsewhere = bool(owner) and _host(owner) != socket.gethostname()
        if taken is False or elsewhere or (taken is None and _is_alive(owner)):
            raise InputError(
                f"another sweep is at work in this directory: {_described(owner)}",
                where=str(directory),
                allowed=f"wait until it has ended, or remove {path} if that machine no longer runs it",
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"host": socket.gethostname(), "process": os.getpid()}).encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool | None:
    """Whether the lock could be had; None where there are no locks."""
    try:
        import fcntl
    except ImportError:  # pragma: no cover - systems without POSIX locks
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return None if error.errno in _NO_LOCKS else False
    return True


def _is_alive(owner: str) -> bool:
    process = _read(owner).get("process")
    if not isinstance(process, int) or process < 1 or os.name == "nt":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # of another user
        pass
    return True


def _host(owner: str) -> str:
    return str(_read(owner).get("host", ""))


def _described(owner: str) -> str:
    read = _read(owner)
    return (
        f"process {read['process']} on {read['host']}" if {"process", "host"} <= read.keys() else "an unknown process"
    )


def _read(owner: str) -> dict[str, object]:
    try:
        found = json.loads(owner)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
