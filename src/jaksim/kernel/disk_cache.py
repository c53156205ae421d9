"""Compiled kernels on disk, for processes that start at once, are killed while they write, or may not write at all."""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numba
from numba.core import config
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps
from numba.misc.appdirs import AppDirs

from jaksim.kernel.private_files import NotPrivate, read_private, write_private

DIGEST: Final = hashlib.sha256().digest_size
NOTED: Final[list[bool]] = []  # whether it has been said that kernels cannot be kept
log = logging.getLogger("jaksim")


class DiskCache:
    """Where numba finds and keeps the compiled forms of one function, in place of numba's own cache.

    Every form is one file of its own, named by the `stamp` of its sources and by its argument types and processor. It
    appears whole or not at all and begins with the hash of the rest. So processes that compile at the same time do not
    disturb each other, and a file that is missing, truncated or altered is compiled again. Numba's cache has an index
    beside its files, stops at a damaged one, and may join the index of one process with the code of another.

    To load a form is to run what is in its file, so only files and folders are used that nobody but this user and the
    administrator can have written.
    """

    def __init__(self, function: Callable[..., Any], stamp: str) -> None:
        code = function.__code__
        python = f"{sys.implementation.cache_tag}-{numba.__version__}"
        self.prefix = f"{Path(code.co_filename).stem}.{function.__qualname__}."
        self.stamp = hashlib.sha256(f"{python} {stamp}".encode()).hexdigest()[:16]
        self.folders = folders(Path(code.co_filename))
        self.cache_path = str(self.folders[0])

    def load_overload(self, signature: Any, target: Any) -> Any:
        """The compiled form for these argument types; None when there is no good one."""
        target.refresh()
        name = self._name(signature, target.codegen())
        for folder in self.folders:
            with suppress(Exception):  # whatever is wrong with a file, compiling again mends it
                content = read_private(folder, name)
                if hashlib.sha256(content[DIGEST:]).digest() == content[:DIGEST]:
                    return CompileResult._rebuild(target, *pickle.loads(content[DIGEST:]))
        return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Keep a compiled form in the first folder that is the user's own; say so once when there is none."""
        if compiled.lifted or compiled.library.has_dynamic_globals:
            return
        content = dumps(compiled._reduce())
        name = self._name(signature, compiled.codegen)
        reasons = []
        for folder in self.folders:
            try:
                self._write(folder, name, hashlib.sha256(content).digest() + content)
            except NotPrivate as error:
                reasons.append(str(error))
            except OSError:
                pass
            else:
                return
        _note_unwritable(reasons)

    def flush(self) -> None:
        """Forget nothing: what is kept is right as long as the sources are the same."""

    def _name(self, signature: Any, codegen: Any) -> str:
        form = hashlib.sha256(repr((str(signature), codegen.magic_tuple())).encode()).hexdigest()[:24]
        return f"{self.prefix}{self.stamp}.{form}.nbc"

    def _write(self, folder: Path, name: str, content: bytes) -> None:
        write_private(folder, name, content)
        for path in (*folder.glob(f"{self.prefix}*"), *folder.glob(f".{self.prefix}*")):
            if not path.name.lstrip(".").startswith(self.prefix + self.stamp):  # of other sources, which are gone
                path.unlink(missing_ok=True)


def folders(source: Path) -> list[Path]:
    """Where compiled forms of functions in a source file are looked for, best first.

    That is beside the source, as Python does with its own, and then in the user's cache, for installations that are
    read-only; the directory named by NUMBA_CACHE_DIR alone where it is set, in which each user finds a folder of his
    own if the first one is another's.
    """
    place = hashlib.sha256(str(source.parent.resolve()).encode()).hexdigest()[:16]
    given = getattr(config, "CACHE_DIR", "")
    if given:
        user = f"-{os.geteuid()}" if hasattr(os, "geteuid") else ""
        return list(dict.fromkeys(Path(given) / f"jaksim-{place}{whose}" for whose in ("", user)))
    users = Path(AppDirs("jaksim", appauthor=False).user_cache_dir)
    # A user without a home, as in some containers, has no cache of his own, but a path that begins with "~".
    return [source.parent / "__pycache__", *([users / place] if users.is_absolute() else [])]


def _note_unwritable(reasons: list[str]) -> None:
    if NOTED:
        return
    NOTED.append(True)
    reason = f" ({reasons[-1]})" if reasons else ""
    log.warning(
        f"jaksim: compiled kernels cannot be kept, so every process compiles them{reason}; NUMBA_CACHE_DIR names a "
        "directory of your own"
    )
