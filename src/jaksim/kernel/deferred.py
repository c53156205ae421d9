"""Functions that are handed to Numba when they are first used, so that what uses none does not wait for its import."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import update_wrapper
from operator import attrgetter
from sys import modules
from threading import local
from types import MethodType
from typing import Any


class _Thread(local):
    interpreted = False


_THREAD = _Thread()


@contextmanager
def interpreted() -> Iterator[None]:
    """Let this thread call kernels as they are written, without compiling them: for single tables, which take as long.

    What they give is the same up to rounding, as far as they raise nothing: Python divides no number of its own by 0.
    """
    before, _THREAD.interpreted = _THREAD.interpreted, True
    try:
        yield
    finally:
        _THREAD.interpreted = before


class Deferred:
    """A function that becomes one of Numba's when it is first called, or first met by Numba in one that it compiles.

    What is asked of it goes to what Numba made of it, apart from its name, its text and the function as it is written.
    """

    __wrapped__: Callable[..., Any]

    def __init__(
        self, function: Callable[..., Any], make: Callable[[], Any], native: Callable[..., Any] | None = None
    ) -> None:
        update_wrapper(self, function)
        self._make = make
        self._native = native

    @property
    def compiled(self) -> Any:
        """What Numba made of the function: one thing, whichever of several threads ask for it first."""
        own = self.__dict__
        # Two threads may make it twice, which compiles nothing; the first that is entered is everybody's. A lock would
        # be held for ever in a process that is forked meanwhile.
        return own["_compiled"] if "_compiled" in own else own.setdefault("_compiled", self._make())

    @property
    def py_func(self) -> Callable[..., Any]:
        """The function as it is written."""
        return self.__wrapped__

    @property
    def _numba_type_(self) -> Any:
        """What Numba asks of a thing that it meets in a function."""
        return self.compiled._numba_type_

    def __call__(self, *given: Any, **named: Any) -> Any:
        if _THREAD.interpreted:
            return self.__wrapped__(*given, **named)
        own = self.__dict__
        if "_compiled" in own:
            return own["_compiled"](*given, **named)
        if self._native is not None and not named:
            answer = self._native(*given)
            if answer is not NotImplemented:
                return answer
        return self.compiled(*given, **named)

    def __getattr__(self, name: str) -> Any:
        if name == "_compiled" or (name.startswith("__") and name.endswith("__")):
            raise AttributeError(name)
        return getattr(self.compiled, name)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<kernel {self.__module__}.{self.__qualname__}>"

    def __reduce__(self) -> Any:
        """By name, as functions are; one without a place of its own as Numba does it."""
        module, name = self.__module__, self.__qualname__
        try:
            if attrgetter(name)(modules[module]) is self:
                return _named, (module, name)
        except (AttributeError, KeyError):
            pass
        return _itself, (self.compiled,)


def _named(module: str, name: str) -> Any:
    from importlib import import_module

    return attrgetter(name)(import_module(module))


def _itself(compiled: Any) -> Any:
    return compiled
