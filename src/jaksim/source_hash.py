"""A hash of the source of functions, which tells when what they compute may have changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, Final

PACKAGE: Final = Path(__file__).parent
DIGITS: Final = 16


def source_hash(record: object) -> str:
    """Hash of every function that a record holds, directly or in a closure, with all plain values beside them.

    Of a function in a file the file counts and the modules beside it, which it may call, unless it is part of this
    package, whose version tells, and where it stands. Of one typed in, as in a notebook, its compiled code counts.
    """
    found: set[bytes] = set()
    for part in _parts(record, set()):
        if isinstance(part, FunctionType):
            found.update(_sources(part))
        else:
            found.add(repr(part).encode())
    return hashlib.sha256(b"\0".join(sorted(found))).hexdigest()[:DIGITS]


def _parts(thing: Any, seen: set[int]) -> Iterator[Any]:
    """Functions and plain values in a record or other object, in a function's closure and defaults, in a collection."""
    if id(thing) in seen:
        return
    seen.add(id(thing))
    compiled = getattr(thing, "py_func", None)  # of numba
    if isinstance(compiled, FunctionType):
        thing = compiled
    inside: list[Any] = []
    if isinstance(thing, FunctionType):
        yield thing
        inside = [cell.cell_contents for cell in thing.__closure__ or ()]
        inside += [*(thing.__defaults__ or ()), *(thing.__kwdefaults__ or {}).values()]
    elif isinstance(thing, partial):
        inside = [thing.func, *thing.args, *thing.keywords.values()]
    elif is_dataclass(thing) and not isinstance(thing, type):
        inside = [getattr(thing, field.name) for field in fields(thing)]
    elif isinstance(thing, dict):
        inside = [*thing.keys(), *thing.values()]
    elif isinstance(thing, list | tuple | set | frozenset):
        inside = list(thing)
    elif isinstance(thing, str | int | float | bool | bytes | None):
        yield thing
    elif hasattr(thing, "tobytes"):
        yield thing.tobytes()
    elif hasattr(thing, "__dict__") and not isinstance(thing, type):
        own = [value for value in vars(type(thing)).values() if isinstance(value, FunctionType)]
        inside = [*own, *vars(thing).values()]
    for part in inside:
        yield from _parts(part, seen)


def _sources(function: FunctionType) -> Iterator[bytes]:
    file = Path(function.__code__.co_filename)
    if not file.is_file():
        yield from _code(function.__code__)
    elif file.is_relative_to(PACKAGE):
        yield function.__qualname__.encode()
    else:
        yield f"{function.__qualname__} in line {function.__code__.co_firstlineno}".encode()
        yield from (path.read_bytes() for path in {file, *file.parent.glob("*.py")})


def _code(code: CodeType) -> Iterator[bytes]:
    yield code.co_code
    yield repr(code.co_names).encode()
    for value in code.co_consts:
        if isinstance(value, CodeType):
            yield from _code(value)
        elif isinstance(value, frozenset):  # whose order is another in every process
            yield repr(sorted(map(repr, value))).encode()
        else:
            yield repr(value).encode()
