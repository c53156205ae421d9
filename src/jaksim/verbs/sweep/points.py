"""The points of a sweep: a full grid, a list from a file, or a Latin hypercube."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, Final

from jaksim.budget import check_memory
from jaksim.design.sweep.plan import SweepDesign
from jaksim.errors import InputError
from jaksim.patient_data.reading.data_file import read_columns
from jaksim.scenario.document import value_of

MOST_POINTS: Final = 10_000_000
_POINT_BYTES: Final = 100
FORMS: Final = "KEY=V1,V2,... or KEY=LOW:HIGH:N, and KEY=LOW:HIGH with ‹latin›"

Points = tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]


@dataclass(frozen=True)
class Range:
    """From `low` to `high`: `n` values at even distances; None for a Latin hypercube, which takes any between."""

    low: float
    high: float
    n: int | None

    @property
    def whole(self) -> bool:
        """Whether both ends are written as whole numbers, so that all values are."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def values(self, where: str) -> list[Any]:
        """The n values."""
        if self.n is None:
            raise InputError("the range has no number of values", where=where, allowed=FORMS)
        steps = self.n - 1
        if not self.whole:
            return [self.low + (self.high - self.low) * step / max(steps, 1) for step in range(self.n)]
        span = int(self.high) - int(self.low)
        if steps and span % steps:
            raise InputError(
                f"{self.n} even steps from {self.low} to {self.high} are not whole numbers",
                where=where,
                allowed=f"another number of values, or {self.low}.0:{self.high}.0:{self.n}",
            )
        return [int(self.low) + (span // steps * step if steps else 0) for step in range(self.n)]

    def at(self, share: float) -> Any:
        """The value that lies at a share of the way, 0 <= share < 1; whole numbers are equally likely."""
        if self.whole:
            return int(self.low) + math.floor(share * (int(self.high) - int(self.low) + 1))
        return self.low + share * (self.high - self.low)


def grid(vary: Iterable[str]) -> Points:
    """All combinations of the values of every key, the last key varying fastest."""
    parsed = [_parsed(text) for text in vary]
    keys = _distinct(key for key, _ in parsed)
    _check_number(math.prod(_count(given) for _, given in parsed), len(parsed))
    values = [given.values(f"‹vary={key}›") if isinstance(given, Range) else given for key, given in parsed]
    for key, given in parsed:
        if isinstance(given, list):
            _check_different([(value,) for value in given], f"‹vary={key}›")
    return keys, tuple(itertools.product(*values))


def listed(path: str | PathLike[str]) -> Points:
    """The rows of a CSV file whose header names the keys."""
    columns = {key: [_cell(value) for value in values] for key, values in read_columns(path).values.items()}
    keys, points = _distinct(columns), tuple(zip(*columns.values(), strict=True))
    _check_different(points, "‹points›")
    return keys, points


def latin_hypercube(vary: Iterable[str], n: int, seed: int) -> Points:
    """`n` points such that each key's range, cut into n equal parts, has one point in every part.

    A key with listed values takes each of them equally often, as far as n allows. McKay, Beckman and Conover,
    Technometrics 1979;21:239.
    """
    import numpy as np
    from scipy.stats import qmc

    parsed = [_parsed(text) for text in vary]
    keys = _distinct(key for key, _ in parsed)
    if n < 1:
        raise InputError("the number of points is out of range", where="‹latin›", allowed="1 or more", got=n)
    _check_number(n, len(parsed))
    for key, given in parsed:
        if isinstance(given, Range) and given.n is not None:
            raise InputError("a Latin hypercube needs ends alone", where=f"‹vary={key}›", allowed="KEY=LOW:HIGH")
    shares = qmc.LatinHypercube(d=len(keys), rng=np.random.default_rng(seed)).random(n)
    rows = [
        tuple(
            given.at(share) if isinstance(given, Range) else given[int(share * len(given))]
            for share, (_, given) in zip(row, parsed, strict=True)
        )
        for row in shares.tolist()
    ]
    return keys, tuple(rows)


def baseline_of(design: SweepDesign, chosen: Sequence[str]) -> int | None:
    """Number of the one point with the values given as KEY=VALUE, or with the number in point=N; None when nothing is
    chosen."""
    left = list(range(len(design.points)))
    for text in chosen:
        key, equals, given = (part.strip() for part in text.partition("="))
        if not equals or key not in ("point", *design.keys):
            allowed = ("point", *design.keys)
            raise InputError("this names no varied key", where="‹baseline›", allowed=allowed, got=key)
        value = value_of(given)
        here = [number if key == "point" else design.values(number)[key] for number in left]
        left = [number for number, found in zip(left, here, strict=True) if _same(found, value)]
        if not left:
            several = tuple(dict.fromkeys(str(found) for found in here))
            shown = f"{several[0]} to {several[-1]}" if key == "point" else several
            raise InputError(f"no point has this {key}", where="‹baseline›", allowed=shown, got=given)
    if chosen and len(left) > 1:
        raise InputError(
            f"{len(left)} points have these values",
            where="‹baseline›",
            allowed="a KEY=VALUE for each varied key, or point=N",
            got=", ".join(chosen),
        )
    return left[0] if chosen else None


def _check_different(points: Sequence[tuple[Any, ...]], where: str) -> None:
    """InputError where two points are equal, which would be counted as two."""
    seen: set[str] = set()
    for point in points:
        written = repr([float(value) if _is_number(value) else value for value in point])
        if written in seen:
            raise InputError("two points are equal", where=where, allowed="each value once", got=list(point))
        seen.add(written)


def _same(found: Any, value: Any) -> bool:
    """Equal, for numbers to the digits that anyone would type."""
    return found == value or (_is_number(found) and _is_number(value) and math.isclose(found, value))


def _parsed(text: str) -> tuple[str, Range | list[Any]]:
    key, equals, given = text.partition("=")
    key, given = key.strip(), given.strip()
    if not equals or not key or not given:
        raise InputError("this does not say what to vary", where="‹vary›", allowed=FORMS, got=text)
    found = _range(given, f"‹vary={key}›")
    return key, found if found is not None else _values(given)


def _range(text: str, where: str) -> Range | None:
    parts = [value_of(part) for part in text.split(":")]
    if not 2 <= len(parts) <= 3 or not all(_is_number(part) for part in parts[:2]):
        return None
    n = parts[2] if len(parts) == 3 else None
    if len(parts) == 3 and (not isinstance(n, int) or isinstance(n, bool) or n < 1):
        raise InputError(
            "the number of values must be a whole number of 1 or more", where=where, allowed=FORMS, got=text
        )
    low, high = parts[:2]
    if not (low < high or (low == high and n == 1)):
        raise InputError("a range goes upwards", where=where, allowed=FORMS, got=text)
    return Range(low, high, n)


def _values(text: str) -> list[Any]:
    """Values between commas: TOML, so that a list may be a value; words need no quotation marks."""
    found = value_of(f"[{text}]")
    return found if isinstance(found, list) else [value_of(part) for part in text.split(",")]


def _cell(value: str) -> Any:
    if not isinstance(value, str):
        return value.item() if hasattr(value, "item") else value
    if not value.strip():
        raise InputError("a point lacks a value", where="‹points›", allowed="a value in every column of every row")
    return value_of(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _distinct(keys: Iterable[str]) -> tuple[str, ...]:
    found = tuple(keys)
    for key in found:
        if found.count(key) > 1:
            raise InputError("a key is varied twice", where="‹vary›", allowed="each key once", got=key)
    return found


def _count(given: Range | list[Any]) -> int:
    return len(given) if isinstance(given, list) else given.n or 1


def _check_number(n: int, keys: int) -> None:
    if not 1 <= n <= MOST_POINTS:
        raise InputError("too many points", where="‹vary›", allowed=f"1 to {MOST_POINTS:,}", got=n)
    check_memory(_POINT_BYTES * n * (keys + 1), f"{n:,} points", where="‹vary›", instead="fewer points")
