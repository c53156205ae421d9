"""Machine code of kernels, called without Numba: LLVM's loader makes it ready in a fraction of the time."""

from __future__ import annotations

import ctypes
import json
import os
import pickle
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

from jaksim.kernel.compiled.places import (
    CARRIED,
    carried_mark,
    folders,
    levels,
    marked,
    numba_is_set_otherwise,
    numba_version,
    prefix,
    processor,
)
from jaksim.kernel.compiled.private_files import read_checked
from jaksim.kernel.compiled.remarks import numba_is_started

ENTRY: Final = "jaksim_entry"
NUMPY_TYPES: Final = tuple(("numpy", name) for name in ("ndarray", "int64", "uint64", "float64", "bool"))
VALUE: Final = 16
"""Where the value of a NumPy number is in it."""
LAYOUT: Final = SimpleNamespace(object_class=8, data=16, dimensions=24, shape=32, strides=40, descriptor=56, flags=64)
"""Where the parts of a NumPy array are in it, as NumPy's interface for compiled programs lays down."""
DESCRIPTOR: Final = SimpleNamespace(order=26, number=28)
"""The same of the type of an array's elements."""
LENGTH: Final = 4
SUFFIX: Final = ".native"
_FASTCALL: Final = 0x80
_kept: Final[list[Any]] = []  # what must live as long as the process does


class Unusable(Exception):
    """Machine code that this process cannot use; `str` says why."""


class Entry(NamedTuple):
    """Machine code of a kernel with the function by which Python calls it."""

    objects: tuple[bytes, ...]
    """Object files, which belong together."""
    symbols: tuple[str, ...]
    """What they take from the process that they are loaded into."""
    classes: tuple[tuple[str, str], ...]
    """Module and name of the classes of the arguments, in the order in which the function knows them."""

    def to_bytes(self) -> bytes:
        about = json.dumps([[len(one) for one in self.objects], self.symbols, self.classes]).encode()
        return len(about).to_bytes(LENGTH, "little") + about + b"".join(self.objects)

    @classmethod
    def from_bytes(cls, content: bytes) -> Entry:
        start = LENGTH + int.from_bytes(content[:LENGTH], "little")
        lengths, symbols, classes = json.loads(content[LENGTH:start])
        objects = []
        for length in lengths:
            objects.append(content[start : start + length])
            start += length
        return cls(tuple(objects), tuple(symbols), tuple((module, name) for module, name in classes))


class _MethodDef(ctypes.Structure):
    """What Python knows of a function written in C."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("text", ctypes.c_char_p),
    )


class Native:
    """The forms of one kernel that are on disk as machine code, each loaded when no other is for the arguments."""

    def __init__(self, function: Callable[..., Any], stamp: Callable[[], str | None]) -> None:
        self.function = function
        self.stamp = stamp
        self.files: tuple[tuple[Path, str], ...] | None = None
        self.forms: dict[str, Callable[..., Any]] = {}

    def __call__(self, *given: Any) -> Any:
        """What the kernel returns, or raises, for these arguments; `NotImplemented` where no form is for them."""
        # No lock, which would be held for ever in a process that is forked meanwhile: threads may load a form twice.
        for folder, name in self.files if self.files is not None else self._find():
            form = self.forms.get(name) or self.forms.setdefault(name, self._load(folder, name))
            answer = form(*given)
            if type(answer) is list:
                raise _exception(answer[0], self.function.__name__)
            if answer is not NotImplemented:
                return answer
        return NotImplemented

    def _find(self) -> tuple[tuple[Path, str], ...]:
        files: list[tuple[Path, str]] = []
        stamp, version, here = self.stamp(), numba_version(), this_processor()
        if stamp is not None and here is not None:
            start = prefix(self.function)
            places = folders(Path(self.function.__code__.co_filename), os.environ.get("NUMBA_CACHE_DIR", ""))
            if version is not None:
                files += _files(places, f"{start}{marked(stamp, version)}.{here.name}.")
            files += _files([CARRIED / level for level in here.levels], f"{start}{carried_mark(stamp)}.")
        self.files = tuple(files)
        return self.files

    def _load(self, folder: Path, name: str) -> Callable[..., Any]:
        try:
            return loaded(Entry.from_bytes(read_checked(folder, name)), self.function.__name__)
        except Exception as error:  # whatever is wrong with a file, Numba does without it
            numba_is_started(f"the machine code of {self.function.__name__} cannot be used: {error}")
            return _for_nothing


def _files(places: Iterable[Path], start: str) -> list[tuple[Path, str]]:
    """Files whose names begin so, each in the first of the places that has it."""
    found: dict[str, Path] = {}
    for place in places:
        with suppress(OSError):
            for name in os.listdir(place):
                if name.startswith(start) and name.endswith(SUFFIX):
                    found.setdefault(name, place)
    return [(found[name], name) for name in sorted(found)]


def _for_nothing(*_: Any) -> Any:
    return NotImplemented


def _exception(content: bytes, kernel: str) -> BaseException:
    """The exception that a kernel raised; what was only known when it ran is not in its text."""
    if not content:
        return SystemError(f"{kernel} failed for an unknown reason")
    kind, given, _ = pickle.loads(content)
    known = all(isinstance(part, str | int | float | None) for part in given)
    error: BaseException = kind(*(given if known else (f"raised by {kernel}",)))
    return error


class Processor(NamedTuple):
    """The processor of this machine."""

    name: str
    """How forms that were compiled for it are named."""
    levels: tuple[str, ...]
    """The kinds of processor whose machine code it runs, best first."""


@cache
def this_processor() -> Processor | None:
    """The processor; None where machine code by itself is not used."""
    if numba_is_set_otherwise():
        numba_is_started("it has settings of its own")
        return None
    if sys.implementation.name != "cpython" or "t" in sys.abiflags or sys.maxsize < 2**32:
        return None
    try:
        from llvmlite import binding

        binding.initialize_native_target()
        binding.initialize_native_asmprinter()
        if not _laid_out_as_expected():
            numba_is_started("arrays are laid out in another way")
            return None
        features = binding.get_host_cpu_features()
        name = processor(binding.get_process_triple(), binding.get_host_cpu_name(), features.flatten())
        return Processor(name, tuple(levels([feature for feature, there in features.items() if there])))
    except Exception as error:
        numba_is_started(f"LLVM does not name the processor: {error}")
        return None


def _laid_out_as_expected() -> bool:
    """Whether the parts of arrays and numbers of NumPy are where they are looked for."""
    import numpy as np

    array = np.zeros((2, 3))
    long, int_, pointer = ctypes.c_int64, ctypes.c_int32, ctypes.c_void_p

    def read(start: int, offset: int, kind: Any) -> Any:
        return kind.from_address(start + offset).value

    start, kind = id(array), id(array.dtype)
    shape, strides = read(start, LAYOUT.shape, pointer), read(start, LAYOUT.strides, pointer)
    return (
        read(start, LAYOUT.object_class, pointer) == id(np.ndarray)
        and read(start, LAYOUT.data, pointer) == array.ctypes.data
        and read(start, LAYOUT.dimensions, int_) == 2
        and [read(shape, at, long) for at in (0, 8)] == [2, 3]
        and [read(strides, at, long) for at in (0, 8)] == [24, 8]
        and read(start, LAYOUT.descriptor, pointer) == kind
        and read(start, LAYOUT.flags, int_) & 0x503 == 0x501
        and read(kind, DESCRIPTOR.number, int_) == array.dtype.num
        and read(kind, DESCRIPTOR.order, ctypes.c_char) == b"="
        and read(id(np.uint64(7)), VALUE, ctypes.c_uint64) == 7
    )


def loaded(entry: Entry, name: str) -> Callable[..., Any]:
    """The function by which Python calls a kernel; its answers are those that `entry` tells.

    Raises `Unusable` where the process lacks something that the code needs: LLVM would end the process.
    """
    from llvmlite import binding

    here = ctypes.CDLL(None)
    for symbol in entry.symbols:
        if not hasattr(here, symbol):
            raise Unusable(f"this process has no {symbol}")
        binding.add_symbol(symbol, ctypes.cast(getattr(here, symbol), ctypes.c_void_p).value)
    machine = binding.Target.from_default_triple().create_target_machine()
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
    for one in entry.objects:
        engine.add_object_file(binding.ObjectFileRef.from_data(one))
    engine.finalize_object()
    method = _MethodDef(name.encode(), engine.get_function_address(ENTRY), _FASTCALL, None)
    _kept.append((engine, method))
    # A class that is not there yet is that of none of the arguments.
    classes = tuple(getattr(sys.modules.get(module), called, None) for module, called in entry.classes)
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype, make.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)
    function: Callable[..., Any] = make(ctypes.addressof(method), classes, None)
    return function
