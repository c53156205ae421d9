"""Compiled kernels on disk, for processes that start at once, are killed while they write, or may not write at all."""

from __future__ import annotations

import hashlib
import logging
import pickle
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numba
from numba.core import config
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from jaksim.kernel.compiled.native import SUFFIX
from jaksim.kernel.compiled.places import folders, marked, prefix, processor
from jaksim.kernel.compiled.private_files import NotPrivate, read_checked, write_checked
from jaksim.kernel.compiled.remarks import numba_is_started, numba_is_unknown

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

    def __init__(self, function: Callable[..., Any], stamp: str, *, alone: bool = False) -> None:
        self.alone = alone
        self.prefix = prefix(function)
        self.stamp = marked(stamp, numba.__version__)
        self.folders = folders(Path(function.__code__.co_filename), getattr(config, "CACHE_DIR", ""))
        self.cache_path = str(self.folders[0])

    def load_overload(self, signature: Any, target: Any) -> Any:
        """The compiled form for these argument types; None when there is no good one."""
        try:
            target.refresh()
            name = self._name(signature, target.codegen())
        except Exception as error:
            numba_is_unknown(error)
            return None
        for folder in self.folders:
            with suppress(Exception):  # whatever is wrong with a file, compiling again mends it
                return CompileResult._rebuild(target, *pickle.loads(read_checked(folder, name)))
        return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Keep a compiled form in the first folder that is the user's own; say so once when there is none."""
        try:
            if compiled.lifted or compiled.library.has_dynamic_globals:
                return
            entry = self._entry(signature, compiled) if self.alone else None
            content = dumps(compiled._reduce())
            name = self._name(signature, compiled.codegen)
        except Exception as error:
            numba_is_unknown(error)
            return
        reasons = []
        for folder in self.folders:
            try:
                self._write(folder, name, content)
                if entry is not None:
                    self._write(folder, *entry)
            except NotPrivate as error:
                reasons.append(str(error))
            except OSError:
                pass
            else:
                return
        _note_unwritable(reasons)

    def flush(self) -> None:
        """Forget nothing: what is kept is right as long as the sources are the same."""

    def _entry(self, signature: Any, compiled: Any) -> tuple[str, bytes] | None:
        """Name and content of the file that needs no Numba, for a kernel that can do without it."""
        try:
            from jaksim.kernel.compiled.entry import entry_of

            content = entry_of(compiled).to_bytes()
        except Exception as error:  # what is asked of Numba there is its own affair, and may change
            numba_is_started(f"{self.prefix[:-1]} cannot be kept as machine code: {error}")
            return None
        here = processor(*compiled.codegen.magic_tuple())
        return f"{self.prefix}{self.stamp}.{here}.{self._form(signature, compiled.codegen)}{SUFFIX}", content

    def _name(self, signature: Any, codegen: Any) -> str:
        return f"{self.prefix}{self.stamp}.{self._form(signature, codegen)}.nbc"

    def _form(self, signature: Any, codegen: Any) -> str:
        return hashlib.sha256(repr((str(signature), codegen.magic_tuple())).encode()).hexdigest()[:24]

    def _write(self, folder: Path, name: str, content: bytes) -> None:
        write_checked(folder, name, content)
        for path in (*folder.glob(f"{self.prefix}*"), *folder.glob(f".{self.prefix}*")):
            if not path.name.lstrip(".").startswith(self.prefix + self.stamp):  # of other sources, which are gone
                path.unlink(missing_ok=True)


def _note_unwritable(reasons: list[str]) -> None:
    if NOTED:
        return
    NOTED.append(True)
    reason = f" ({reasons[-1]})" if reasons else ""
    log.warning(
        f"jaksim: compiled kernels cannot be kept, so every process compiles them{reason}; NUMBA_CACHE_DIR names a "
        "directory of your own"
    )
