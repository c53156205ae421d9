"""Files that appear whole or not at all, whatever happens while they are written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole_file(target: Path) -> Iterator[str]:
    """A name beside `target` to write to; when the block ends the file is on the disk and takes the target's place.

    If the block raises, nothing is left. A process that is killed leaves at most a file `.NAME.…` beside the target.
    """
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    try:
        yield name
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        _to_disk(name)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    with suppress(OSError):  # some systems have no directories to open, some file systems none to flush
        _to_disk(str(target.parent))


def write_whole(target: Path, content: bytes) -> None:
    """Write a small file."""
    with whole_file(target) as name, open(name, "wb") as file:
        file.write(content)


def _to_disk(name: str) -> None:
    descriptor = os.open(name, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
