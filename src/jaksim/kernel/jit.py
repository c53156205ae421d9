"""How every kernel is compiled: cached on disk, without the interpreter lock, IEEE division, no reordering of sums."""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from jaksim.kernel.compiled.native import Native
from jaksim.kernel.compiled.remarks import numba_is_unknown
from jaksim.kernel.deferred import Deferred

log = logging.getLogger("jaksim")
F = TypeVar("F", bound=Callable[..., Any])

PACKAGE: Final = Path(__file__).parents[1]
IMPORT: Final = re.compile(
    rf"^\s*(?:from\s+(?P<origin>{PACKAGE.name}(?:\.\w+)*)\s+import\s+(?P<names>\([^)]*\)|[^\n]*)"
    rf"|import\s+(?P<module>{PACKAGE.name}(?:\.\w+)+))",
    re.MULTILINE,
)
"""An import of a module of this package, whose modules import each other by absolute names only."""
BEGUN: Final = time.time()
"""When this process had read none of the kernels yet."""


def stamp(function: Callable[..., Any]) -> str | None:
    """What a compiled kernel is known by beside its name: all that it is made of; None where that cannot be told.

    Of a function of this package that is its source, unless that was written since this process began: the function
    may be that of before. One of others may be written anew while a process runs, stand in a file twice, or hold values
    of the function that made it; one that was typed in has no file.
    """
    code, file = function.__code__, Path(function.__code__.co_filename)
    if _of_the_package(function):
        return fingerprint(file) if _last_written(file) < BEGUN else None
    if not file.is_file():
        return None
    values = _dumped(tuple(cell.cell_contents for cell in function.__closure__ or ()))
    parts = (fingerprint(file).encode(), str(code.co_firstlineno).encode(), code.co_code, values)
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _of_the_package(function: Callable[..., Any]) -> bool:
    return Path(function.__code__.co_filename).is_relative_to(PACKAGE) and function.__closure__ is None


def _dumped(values: tuple[Any, ...]) -> bytes:
    if not values:
        return b""
    from numba.core.serialize import dumps

    content: bytes = dumps(values)
    return content


@cache
def _last_written(file: Path) -> float:
    """When the last of the files that a kernel of the package may contain parts of was written or put in its place."""
    times = [path.stat() for path in _imported([file])]
    return max(max(one.st_mtime, one.st_ctime) for one in times)


def fingerprint(file: Path) -> str:
    """Hash of every source file that a kernel in this file may contain parts of: its own, and all that it imports.

    Constants and functions from any of them are compiled into the kernel, so a change of one of them must not leave the
    kernel as it was; a change of any other file cannot alter it. Of a file outside the package, which may import by
    other names, the files beside it count, too, as they are now.
    """
    if file.is_relative_to(PACKAGE):
        return _of_package(file)
    return _hash_of([file, *file.parent.glob("*.py")], imported=_imports_now(file))


@cache
def _of_package(file: Path) -> str:
    return _hash_of([file], imported=_imports(file))


def _hash_of(files: Iterable[Path], imported: Iterable[Path]) -> str:
    found = sorted({*files, *_imported(imported)})
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in found)).hexdigest()


def _imported(files: Iterable[Path]) -> set[Path]:
    """These files of the package and those that they import, directly or not."""
    found: set[Path] = set()
    waiting = list(files)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_imports(path))
    return found


@cache
def _imports(file: Path) -> tuple[Path, ...]:
    """As `_imports_now`, of a file of the package, which stays as it is while a process runs."""
    return _imports_now(file)


def _imports_now(file: Path) -> tuple[Path, ...]:
    """Files of the package that a file names in an import; a name imported from a module may be a module, too."""
    names: set[str] = set()
    for match in IMPORT.finditer(file.read_text("utf-8")):
        origin, imported = match["origin"] or match["module"], match["names"] or ""
        names |= {origin, *(f"{origin}.{word}" for word in re.findall(r"\w+", imported))}
    return tuple(path for name in names if name != PACKAGE.name and (path := _path(name)) is not None)


@cache
def _path(module: str) -> Path | None:
    place = PACKAGE.parent.joinpath(*module.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


def kernel(function: F) -> F:
    """Compile a function for use from Python threads.

    A compiled kernel is kept on disk until its source changes. Results must not outlive their source, so the `stamp`
    covers the kernel's own file and every file that it imports, directly or not, any of which it may call. A function
    that was typed in, as in a notebook, is compiled in every process.
    """
    if _of_the_package(function):
        native = Native(function, lambda: stamp(function))
        return cast(F, Deferred(function, lambda: _kept(function, stamp(function), alone=True), native))
    known_by = stamp(function)  # now, while its file and what it holds are those that it was made of
    return cast(F, Deferred(function, lambda: _kept(function, known_by)))


def _kept(function: Callable[..., Any], known_by: str | None, *, alone: bool = False) -> Any:
    compiled = _handed_over(function, nogil=True)
    if known_by is None or compiled is function:  # as it is when Numba is switched off
        return compiled
    try:
        from jaksim.kernel.compiled.disk_cache import DiskCache

        if not hasattr(compiled, "_cache"):
            raise AttributeError("compiled functions have no cache")
        compiled._cache = DiskCache(function, known_by, alone=alone)
    except (ImportError, AttributeError) as error:
        numba_is_unknown(error)
    return compiled


def make_ready() -> None:
    """Import what kernels need, before a process is copied whose copies would each import it."""
    import numba  # noqa: F401

    import jaksim.kernel.compiled.disk_cache
    import jaksim.kernel.compiled.pipeline  # noqa: F401


def _handed_over(function: Callable[..., Any], *, apart: bool = False, **options: Any) -> Any:
    """What Numba makes of a function: compiled for each combination of types when it is first called with them."""
    import numba

    kind = "PartCompiler" if options.get("no_cpython_wrapper") else "KernelCompiler"
    return numba.njit(error_model="numpy", **_cheaply("ApartCompiler" if apart else kind), **options)(function)


@cache
def _cheaply(kind: str) -> dict[str, Any]:
    """What makes Numba compile for less; nothing where its inner workings, which that rests on, are not those known."""
    try:
        from jaksim.kernel.compiled import pipeline
    except (ImportError, AttributeError) as error:
        log.debug(f"jaksim: kernels are compiled in Numba's own way, which takes longer: {error}")
        return {}
    return {"no_cfunc_wrapper": True, "pipeline_class": getattr(pipeline, kind)}


def inner(function: F) -> F:
    """Compile a function for use from kernels only: no wrapper for Python, which would take longest to compile."""
    return cast(F, Deferred(function, lambda: _handed_over(function, no_cpython_wrapper=True)))


def merged(function: F) -> F:
    """Compile as `inner` and merge into every caller: for small work on many arrays, which a call would hand over."""
    return cast(F, Deferred(function, lambda: _handed_over(function, no_cpython_wrapper=True, forceinline=True)))


def apart(function: F) -> F:
    """Compile as `merged`, for arrays that share no memory: loops over them that look things up become vector
    instructions only where the compiler is told so."""
    options = {"no_cpython_wrapper": True, "forceinline": True}
    return cast(F, Deferred(function, lambda: _handed_over(function, apart=True, **options)))


def inlined(function: F) -> F:
    """Compile a small function that is always inlined into the kernels that call it."""
    return cast(F, Deferred(function, lambda: _handed_over(function, inline="always")))
