"""How Python calls a compiled kernel without Numba: machine code that takes the arguments as Python hands them over.

A kernel that Numba has compiled is machine code like that of any other language; what ties it to Numba is its wrapper,
which asks Numba what the arguments are. Here it gets another: a C function of Python's own kind that looks at the
arguments itself, lets go of the interpreter lock, and calls the kernel. It answers

- `NotImplemented` where an argument is not exactly of the type that the kernel was compiled for,
- a list of what makes up an exception where the kernel raised one, which it never returns,
- and else what the kernel returns.

Memory that a kernel asks for comes from the C library. So the whole stands for itself, and a process that finds it on
disk needs LLVM's loader alone, which is there in a fraction of the time (see `native`).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any, Final

from llvmlite import binding, ir
from numba.core import cgutils, types
from numba.core.callconv import excinfo_t
from numba.np.arrayobj import make_array, populate_array
from numba.np.numpy_support import as_dtype

from jaksim.kernel.compiled.native import DESCRIPTOR, ENTRY, LAYOUT, NUMPY_TYPES, VALUE, Entry

BYTE: Final = ir.IntType(8)
INT: Final = ir.IntType(32)
LONG: Final = ir.IntType(64)
OBJECT: Final = BYTE.as_pointer()
SCALARS: Final = {types.int64: "int64", types.uint64: "uint64", types.float64: "float64", types.boolean: "bool"}
PYTHON: Final = {  # what the entry itself takes from the interpreter
    "PyBool_FromLong": ir.FunctionType(OBJECT, [LONG]),
    "PyBytes_FromStringAndSize": ir.FunctionType(OBJECT, [OBJECT, LONG]),
    "PyErr_Clear": ir.FunctionType(ir.VoidType(), []),
    "PyErr_Occurred": ir.FunctionType(OBJECT, []),
    "PyEval_RestoreThread": ir.FunctionType(ir.VoidType(), [OBJECT]),
    "PyEval_SaveThread": ir.FunctionType(OBJECT, []),
    "PyFloat_AsDouble": ir.FunctionType(ir.DoubleType(), [OBJECT]),
    "PyFloat_FromDouble": ir.FunctionType(OBJECT, [ir.DoubleType()]),
    "PyList_Append": ir.FunctionType(INT, [OBJECT, OBJECT]),
    "PyList_New": ir.FunctionType(OBJECT, [LONG]),
    "PyLong_AsLongLong": ir.FunctionType(LONG, [OBJECT]),
    "PyLong_FromLongLong": ir.FunctionType(OBJECT, [LONG]),
    "PyLong_FromUnsignedLongLong": ir.FunctionType(OBJECT, [LONG]),
    "PyTuple_GetItem": ir.FunctionType(OBJECT, [OBJECT, LONG]),
    "PyTuple_New": ir.FunctionType(OBJECT, [LONG]),
    "PyTuple_SetItem": ir.FunctionType(INT, [OBJECT, LONG, OBJECT]),
    "PyTuple_Size": ir.FunctionType(LONG, [OBJECT]),
    "Py_IncRef": ir.FunctionType(ir.VoidType(), [OBJECT]),
}
NUMBAS: Final = ("NRT_", "numba", "nrt", "_ZN")
"""How the names of Numba's own begin, one of which takes the interpreter lock for what else a kernel asks of Python."""
HEAD: Final = 48
"""Bytes of what Numba keeps before the memory of an array."""


class NotAlone(Exception):
    """A kernel needs Numba when it runs, or takes or returns what the entry does not know; `str` says what."""


def entry_of(compiled: Any) -> Entry:
    """The machine code of a compiled kernel, as Numba made it, with its entry.

    Raises `NotAlone` where it cannot be called without Numba.
    """
    library, about = compiled.library, compiled.fndesc
    target = library.codegen._tm
    writer = _Entry(compiled.target_context, about)
    needed = _needed(library._final_module, about.llvm_func_name, target)
    foreign = sorted(name for name in needed if name.startswith(NUMBAS) and name not in writer.module.globals)
    if foreign:
        raise NotAlone(f"it calls {foreign[0]}")
    kernel = library._get_compiled_object()
    outside = set(undefined(kernel))
    for name in outside:
        if name.startswith(NUMBAS) and name not in writer.module.globals:  # of Numba's wrapper, which nobody calls
            unused = ir.Function(writer.module, ir.FunctionType(OBJECT, []), name)
            ir.IRBuilder(unused.append_basic_block("entry")).ret(OBJECT(None))
    module = binding.parse_assembly(str(writer.module))
    own = target.emit_object(module)
    defined = {thing.name for thing in module.functions if not thing.is_declaration} | {about.llvm_func_name}
    symbols = tuple(sorted((outside | set(undefined(own))) - defined))
    return Entry((kernel, own), symbols, tuple(writer.classes))


def _needed(module: Any, name: str, target: Any) -> set[str]:
    """What a function of a module calls, directly or not, that is not in the module."""
    alone = binding.parse_bitcode(module.as_bitcode())
    for thing in (*alone.functions, *alone.global_variables):
        if not thing.is_declaration and thing.name != name:
            thing.linkage = "internal"
    passes = binding.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(alone, binding.create_pass_builder(target, binding.create_pipeline_tuning_options()))
    return {thing.name for thing in (*alone.functions, *alone.global_variables) if thing.is_declaration}


class _Entry:
    """Writes the entry of one kernel."""

    def __init__(self, context: Any, about: Any) -> None:
        self.context = context
        self.module = context.create_module("entry")
        self.classes: list[tuple[str, str]] = list(NUMPY_TYPES)
        _add_runtime(self.module)
        entry = ir.Function(self.module, ir.FunctionType(OBJECT, [OBJECT, OBJECT.as_pointer(), LONG]), ENTRY)
        self.known, given, number = entry.args
        self.builder = builder = ir.IRBuilder(entry.append_basic_block("entry"))
        self.other = entry.append_basic_block("other")
        self.require(builder.icmp_signed("==", number, LONG(len(about.argtypes))))
        values = []
        for place, kind in enumerate(about.argtypes):
            values.append(self.taken(kind, builder.load(builder.gep(given, [LONG(place)]))))
        kernel_type = context.call_conv.get_function_type(about.restype, about.argtypes)
        kernel = ir.Function(self.module, kernel_type, about.llvm_func_name)
        state = self.python("PyEval_SaveThread")
        status, answer = context.call_conv.call_function(
            builder, kernel, about.restype, about.argtypes, values, attrs=("noinline",)
        )
        self.python("PyEval_RestoreThread", state)
        with builder.if_then(status.is_error, likely=False):
            builder.ret(self.exception(status))
        builder.ret(self.given_back(about.restype, answer))
        builder.position_at_end(self.other)
        builder.ret(self.held(self.object("_Py_NotImplementedStruct")))

    def python(self, name: str, *given: Any) -> Any:
        return self.builder.call(cgutils.get_or_insert_function(self.module, PYTHON[name], name), given)

    def object(self, name: str) -> Any:
        known = self.module.globals
        return known[name] if name in known else _outside(self.module, name)

    def held(self, thing: Any) -> Any:
        self.python("Py_IncRef", thing)
        return thing

    def require(self, holds: Any) -> None:
        """Go on where this holds; where it does not, the kernel is not for these arguments."""
        further = self.builder.append_basic_block("further")
        self.builder.cbranch(holds, further, self.other)
        self.builder.position_at_end(further)

    def read(self, start: Any, offset: int, kind: Any) -> Any:
        place = self.builder.gep(start, [LONG(offset)])
        return self.builder.load(self.builder.bitcast(place, kind.as_pointer()))

    def is_of(self, thing: Any, place: int) -> Any:
        """Whether a thing's class is the one at this place of those that the entry is given."""
        return self.builder.icmp_unsigned(
            "==", self.read(thing, LAYOUT.object_class, OBJECT), self.python("PyTuple_GetItem", self.known, LONG(place))
        )

    def taken(self, kind: Any, thing: Any) -> Any:
        """The value of an argument, as Numba's functions expect it."""
        if kind in SCALARS:
            return self.scalar(kind, thing)
        if isinstance(kind, types.Array):
            return self.array(kind, thing)
        if isinstance(kind, types.NoneType):
            self.require(self.builder.icmp_unsigned("==", thing, self.object("_Py_NoneStruct")))
            return self.context.get_dummy_value()
        if isinstance(kind, types.BaseTuple):
            return self.several(kind, thing)
        raise NotAlone(f"it takes {kind}")

    def several(self, kind: Any, thing: Any) -> Any:
        named = getattr(kind, "instance_class", tuple)
        wanted = (named.__module__, named.__qualname__)
        if wanted not in self.classes:
            self.classes.append(wanted)
        self.require(self.is_of(thing, self.classes.index(wanted)))
        self.require(self.builder.icmp_signed("==", self.python("PyTuple_Size", thing), LONG(len(kind.types))))
        values = [
            self.taken(part, self.python("PyTuple_GetItem", thing, LONG(place))) for place, part in enumerate(kind)
        ]
        return self.context.make_tuple(self.builder, kind, values)

    def scalar(self, kind: Any, thing: Any) -> Any:
        """A number of Python's or of NumPy's that Numba takes for this type as it is."""
        builder = self.builder
        numpys = self.is_of(thing, NUMPY_TYPES.index(("numpy", SCALARS[kind])))
        if kind is types.uint64:
            self.require(numpys)
            return self.read(thing, VALUE, LONG)
        if kind is types.boolean:
            true = builder.icmp_unsigned("==", thing, self.object("_Py_TrueStruct"))
            false = builder.icmp_unsigned("==", thing, self.object("_Py_FalseStruct"))
            self.require(builder.or_(numpys, builder.or_(true, false)))
            set_there = builder.icmp_unsigned("!=", self.read(thing, VALUE, BYTE), BYTE(0))
            return builder.select(numpys, set_there, true)
        whole = kind is types.int64
        own = self.object("PyLong_Type" if whole else "PyFloat_Type")
        pythons = builder.icmp_unsigned("==", self.read(thing, LAYOUT.object_class, OBJECT), own)
        self.require(builder.or_(numpys, pythons))
        if not whole:
            return self.python("PyFloat_AsDouble", thing)  # NumPy's is one of Python's
        value = cgutils.alloca_once(builder, LONG)
        with builder.if_else(numpys) as (from_numpy, from_python):
            with from_numpy:
                builder.store(self.read(thing, VALUE, LONG), value)
            with from_python:
                builder.store(self.python("PyLong_AsLongLong", thing), value)
                failed = cgutils.is_not_null(builder, self.python("PyErr_Occurred"))
                with builder.if_then(failed, likely=False):  # too large
                    self.python("PyErr_Clear")
                    builder.branch(self.other)
        return builder.load(value)

    def array(self, kind: Any, thing: Any) -> Any:
        builder, dtype = self.builder, as_dtype(kind.dtype)
        if dtype.kind not in "biuf" or dtype.num not in range(13):
            raise NotAlone(f"it takes {kind}")
        self.require(self.is_of(thing, NUMPY_TYPES.index(("numpy", "ndarray"))))
        descriptor = self.read(thing, LAYOUT.descriptor, OBJECT)
        flags = builder.and_(self.read(thing, LAYOUT.flags, INT), INT(_flags(kind)[0]))
        for found, wanted in (
            (self.read(descriptor, DESCRIPTOR.number, INT), INT(dtype.num)),
            (self.read(descriptor, DESCRIPTOR.order, BYTE), BYTE(ord(dtype.byteorder))),
            (self.read(thing, LAYOUT.dimensions, INT), INT(kind.ndim)),
            (flags, INT(_flags(kind)[1])),
        ):
            self.require(builder.icmp_unsigned("==", found, wanted))
        shape, strides = (
            [self.read(self.read(thing, offset, OBJECT), 8 * axis, LONG) for axis in range(kind.ndim)]
            for offset in (LAYOUT.shape, LAYOUT.strides)
        )
        made = make_array(kind)(self.context, builder)
        populate_array(
            made,
            data=builder.bitcast(self.read(thing, LAYOUT.data, OBJECT), made.data.type),
            shape=shape,
            strides=strides,
            itemsize=LONG(dtype.itemsize),
            meminfo=None,
            parent=None,
        )
        return made._getvalue()

    def given_back(self, kind: Any, value: Any) -> Any:
        """What the kernel returned, for Python."""
        builder = self.builder
        if isinstance(kind, types.NoneType):
            return self.held(self.object("_Py_NoneStruct"))
        if kind is types.boolean:
            return self.python("PyBool_FromLong", builder.zext(value, LONG))
        makers = {
            types.float64: "PyFloat_FromDouble",
            types.int64: "PyLong_FromLongLong",
            types.uint64: "PyLong_FromUnsignedLongLong",
        }
        if kind in makers:
            return self.python(makers[kind], value)
        if isinstance(kind, types.UniTuple | types.Tuple):
            several = self.python("PyTuple_New", LONG(len(kind.types)))
            for place, part in enumerate(kind.types):
                one = self.given_back(part, builder.extract_value(value, place))
                self.python("PyTuple_SetItem", several, LONG(place), one)
            return several
        raise NotAlone(f"it returns {kind}")

    def exception(self, status: Any) -> Any:
        """A list of the pickled exception, which is empty where there is none.

        A text that is made while a kernel runs is left out: Numba makes it by means of the process that compiled it.
        """
        builder = self.builder
        found = builder.alloca(excinfo_t)
        builder.store(cgutils.get_null_value(excinfo_t), found)
        with builder.if_then(status.is_user_exc):
            builder.store(builder.load(status.excinfoptr), found)
        start, length = (builder.extract_value(builder.load(found), part) for part in range(2))
        answer = self.python("PyList_New", LONG(0))
        self.python(
            "PyList_Append", answer, self.python("PyBytes_FromStringAndSize", start, builder.sext(length, LONG))
        )
        return answer


def _flags(kind: Any) -> tuple[int, int]:
    """The flags of an array that count, and what they must be for an array type."""
    contiguous, columns, aligned, writable = 0x1, 0x2, 0x100, 0x400
    wanted = (aligned if kind.aligned else 0) | (writable if kind.mutable else 0)
    if kind.layout == "C":
        return contiguous | aligned | writable, wanted | contiguous
    return contiguous | columns | aligned | writable, wanted | (columns if kind.layout == "F" else 0)


def _outside(module: Any, name: str) -> Any:
    thing = ir.GlobalVariable(module, BYTE, name)
    thing.linkage = "external"
    return thing


def _add_runtime(module: Any) -> None:
    """What a kernel asks of Numba's runtime: memory for arrays and texts of its own, and other shapes of an array."""
    # Count of holders, what ends it with its data, the data, their size, who else gave them.
    head = ir.LiteralStructType([LONG, OBJECT, OBJECT, OBJECT, LONG, OBJECT])
    malloc = ir.Function(module, ir.FunctionType(OBJECT, [LONG]), "malloc")
    free = ir.Function(module, ir.FunctionType(ir.VoidType(), [OBJECT]), "free")
    longs = LONG.as_pointer()

    def write(name: str, kind: Any, body: Callable[..., None]) -> None:
        function = ir.Function(module, kind, name)
        body(ir.IRBuilder(function.append_basic_block("entry")), *function.args)

    def allocate(builder: Any, size: Any, step: Any = None) -> None:
        step = LONG(1) if step is None else builder.zext(step, LONG)
        start = builder.call(malloc, [builder.add(builder.add(size, step), LONG(HEAD))])
        with builder.if_then(cgutils.is_null(builder, start)):
            builder.ret(start)
        last = builder.add(builder.add(builder.ptrtoint(start, LONG), LONG(HEAD - 1)), step)
        aligned = builder.inttoptr(builder.sub(last, builder.urem(last, step)), OBJECT)
        content = builder.bitcast(start, head.as_pointer())
        for place, value in enumerate((LONG(1), OBJECT(None), OBJECT(None), aligned, size, OBJECT(None))):
            builder.store(value, builder.gep(content, [INT(0), INT(place)]))
        builder.ret(start)

    def bare(builder: Any, size: Any) -> None:
        builder.ret(builder.call(malloc, [size]))

    def give_back(builder: Any, start: Any) -> None:
        builder.call(free, [start])
        builder.ret_void()

    def reshape(builder: Any, *given: Any) -> None:
        number, shape, strides, new_number, new_shape, new_strides, itemsize, _ = given
        step = cgutils.alloca_once_value(builder, itemsize)
        for axes, sizes, visit in ((number, shape, True), (new_number, new_shape, False)):
            builder.store(itemsize, step)
            with cgutils.for_range(builder, axes) as loop:
                axis = builder.sub(builder.sub(axes, LONG(1)), loop.index)
                size, at = builder.load(builder.gep(sizes, [axis])), builder.load(step)
                if visit:  # only an array whose rows follow each other is seen in another shape
                    there = builder.load(builder.gep(strides, [axis]))
                    apart = builder.and_(builder.icmp_signed("!=", there, at), builder.icmp_signed(">", size, LONG(1)))
                    with builder.if_then(apart):
                        builder.ret(INT(0))
                else:
                    builder.store(at, builder.gep(new_strides, [axis]))
                rows = builder.select(builder.icmp_signed("==", size, LONG(0)), LONG(1), size)
                builder.store(builder.mul(at, rows), step)
        builder.ret(INT(1))

    write("NRT_Allocate", malloc.function_type, bare)
    write("NRT_Free", free.function_type, give_back)
    write("NRT_MemInfo_alloc", malloc.function_type, allocate)
    write("NRT_MemInfo_alloc_aligned", ir.FunctionType(OBJECT, [LONG, INT]), allocate)
    write("NRT_MemInfo_alloc_safe_aligned", ir.FunctionType(OBJECT, [LONG, INT]), allocate)
    write("NRT_MemInfo_call_dtor", free.function_type, give_back)
    write(
        "numba_attempt_nocopy_reshape",
        ir.FunctionType(INT, [LONG, longs, longs, LONG, longs, longs, LONG, INT]),
        reshape,
    )


def undefined(code: bytes) -> Iterator[str]:
    """Names that machine code takes from elsewhere, from the symbol table of its ELF file."""
    if code[:6] != b"\x7fELF\x02\x01":
        raise NotAlone("machine code of this system is not read")
    table, (size, number) = struct.unpack_from("<Q", code, 40)[0], struct.unpack_from("<HH", code, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", code, table + size * place) for place in range(number)]
    for section in sections:
        if section[1] == 2:  # the symbols, whose names are in the section that it is linked to
            names = sections[section[6]][4]
            for start in range(section[4] + section[9], section[4] + section[5], section[9]):
                name, _, _, place = struct.unpack_from("<IBBH", code, start)
                if place == 0:
                    end = code.index(b"\0", names + name)
                    yield code[names + name : end].decode()
