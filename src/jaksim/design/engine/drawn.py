"""Blocks of replicates that were drawn and analysed, for trials that would draw or analyse the same ones again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from threading import Lock
from typing import Any, Final

from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.design.analyses.evaluation import Test
from jaksim.design.engine.engine import Beside, Engine

BYTES_OF_TABLES: Final = 2**26
BYTES_OF_RESULTS: Final = 2**27


class _Latest:
    """The arrays last asked for, as far as they fit into so many bytes; any number of threads may ask."""

    def __init__(self, most: int) -> None:
        self._most, self._bytes = most, 0
        self._kept: OrderedDict[Hashable, Sequence[NDArray[Any]]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Sequence[NDArray[Any]] | None:
        """The arrays of this name, None where they are not there any more."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def keep(self, key: Hashable, arrays: Sequence[NDArray[Any]]) -> None:
        """Keep arrays, in place of those that nobody has asked for the longest."""
        with self._lock:
            self._bytes -= sum(array.nbytes for array in self._kept.pop(key, ()))
            self._kept[key] = arrays
            self._bytes += sum(array.nbytes for array in arrays)
            while self._bytes > self._most:
                self._bytes -= sum(array.nbytes for array in self._kept.popitem(last=False)[1])


class Drawn:
    """The last blocks: their tables by what they are drawn from, their results by what is computed of the tables.

    Trials that differ in the level of an analysis share both, trials that differ in their analyses the tables. `tables`
    tells whether these are wanted beside the results.
    """

    def __init__(self, *, tables: bool = False) -> None:
        self._wanted = tables
        self._beside = _Latest(BYTES_OF_TABLES)
        self._tables, self._results = _Latest(BYTES_OF_TABLES), _Latest(BYTES_OF_RESULTS)

    def of(self, engine: Engine, tests: Sequence[Test], first: int, n: int) -> tuple[Sequence[Floats], list[Floats]]:
        """Tables (n, C, K) of the endpoints, none where results are all that is wanted and known, and results (n, 3)
        of the tests."""
        block = (engine.draws, first, n)
        tables = self._drawn(engine, block) if self._wanted else ()
        results: list[Floats] = []
        for test in tests:
            key = (block, test.computes)
            known = self._results.get(key)
            if known is None:
                tables = tables or self._drawn(engine, block)
                known = (test.results(tables[test.table]),)
                self._results.keep(key, known)
            results += known
        return tables, results

    def _drawn(self, engine: Engine, block: tuple[Hashable, int, int]) -> Sequence[Floats]:
        known = self._tables.get(block)
        if known is None:
            # Of the last trial with these laws, whose numbers of patients may be close.
            last = (engine.origin, *block[1:])
            beside = self._beside.get(last)
            known, left = engine.tables_beside(*block[1:], None if beside is None else Beside(*beside))
            if left is not None:
                self._beside.keep(last, left)
            self._tables.keep(block, known)
        return known
