"""Compiling a kernel and the functions that it is made of, without work that no result comes from.

Numba brings every function to machine code, with the best of optimisation and a second entry from C, and then compiles
what calls it again from the start. A function that only kernels call is a part: it is linked into them and optimised
with them, so it needs none of that. What a kernel computes does not depend on it, since sums are not reordered anyway.

Compiling makes many objects that live until it ends. Looking for garbage among them finds little and took a fifteenth
of the time.
"""

from __future__ import annotations

import copy
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from numba import _dynfunc  # type: ignore[attr-defined]
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.environment import lookup_environment
from numba.core.typed_passes import NativeLowering

from jaksim.kernel.compiled.watching import told

ENVIRONMENT = "_ZN08NumbaEnv"


@contextmanager
def _no_search_for_garbage() -> Iterator[None]:
    """Numba compiles one function at a time, under its own lock, so that the outermost finds what was asked for."""
    wanted = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if wanted:
            gc.enable()


class PartLibrary(JITCodeLibrary):
    """Code of a part, which is linked into that of kernels and never run by itself."""

    def _optimize_final_module(self) -> None:
        """Clean up and inline; loops are made vectors in the kernel, whose optimisation goes over everything."""
        passes, builder = self._codegen._module_pass_manager(
            loop_vectorize=False, slp_vectorize=False, opt=0, cost="cheap"
        )
        passes.run(self._final_module, builder)

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True


def _not_to_be_called(library: Any, description: Any, environment: Any) -> Any:
    """What a part is known by among the functions that can be called from others; no code stands behind it."""
    name = description.qualname.split(".")[-1]
    return _dynfunc.make_function(description.lookup_module(), name, "a part", 0, environment, (library,))


@register_pass(mutates_CFG=True, analysis_only=False)
class PartLowering(NativeLowering):
    """Lowering without machine code."""

    _name = "part_lowering"

    def run_pass(self, state: Any) -> Any:
        state.targetctx = copy.copy(state.targetctx)
        state.targetctx.get_executable = _not_to_be_called
        state.library = PartLibrary(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        return super().run_pass(state)


@register_pass(mutates_CFG=True, analysis_only=False)
class KernelLowering(NativeLowering):
    """Lowering that hands to the machine code of a kernel what its parts want to know of themselves."""

    _name = "kernel_lowering"

    def run_pass(self, state: Any) -> Any:
        done = super().run_pass(state)
        for variable in state.library._final_module.global_variables:
            if variable.name.startswith(ENVIRONMENT):
                environment = lookup_environment(variable.name)
                if environment is not None:
                    state.library.codegen.set_env(variable.name, environment)
        return done


class _Compiler(CompilerBase):
    lowering: type[NativeLowering]

    def compile_extra(self, function: Callable[..., Any]) -> Any:
        with _no_search_for_garbage():
            return super().compile_extra(function)

    def define_pipelines(self) -> list[Any]:
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.passes = [(self.lowering if one is NativeLowering else one, what) for one, what in passes.passes]
        passes.finalize()
        return [passes]


class PartCompiler(_Compiler):
    """Compiles a function for use from kernels only."""

    lowering = PartLowering


class ApartCompiler(PartCompiler):
    """Compiles a part whose arrays share no memory."""

    def define_pipelines(self) -> list[Any]:
        self.state.flags.noalias = True
        return super().define_pipelines()


class KernelCompiler(_Compiler):
    """Compiles a kernel."""

    lowering = KernelLowering

    def compile_extra(self, function: Callable[..., Any]) -> Any:
        with told(function):
            return super().compile_extra(function)
