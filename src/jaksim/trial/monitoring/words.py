"""Spending functions, boundaries and futility rules as a user types them, such as `hsd:-4` or `haybittle-peto:3`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from jaksim.checks import number
from jaksim.errors import InputError, nearest
from jaksim.trial.monitoring.boundary_families import Family, HaybittlePeto, WangTsiatis
from jaksim.trial.monitoring.futility import ByFinalBound, ConditionalPowerFutility, FutilityBounds, PampallonaTsiatis
from jaksim.trial.monitoring.spending import (
    HwangShihDeCani,
    ObrienFleming,
    Pocock,
    Power,
    SpendingFunction,
    user_spending,
)

SPENDING = ("obrien-fleming", "pocock", "hsd:GAMMA", "power:RHO", "user:CUMULATIVE,...")
FAMILIES = ("classical-obrien-fleming", "classical-pocock", "wang-tsiatis:DELTA", "haybittle-peto:Z")
RULES = ("z:BOUND,...", "cp:LEVEL", "cp-trend:LEVEL", "pampallona-tsiatis:DELTA")
_ALIASES = {"of": "obrien-fleming", "kim-demets": "power", "hwang-shih-decani": "hsd", "lan-demets": "obrien-fleming"}
_WITHOUT: dict[str, Callable[[], SpendingFunction | Family]] = {
    "obrien-fleming": ObrienFleming,
    "pocock": Pocock,
    "classical-obrien-fleming": lambda: WangTsiatis(0.0),
    "classical-pocock": lambda: WangTsiatis(0.5),
    "haybittle-peto": HaybittlePeto,
}
_WITH_NUMBER: dict[str, Callable[[float], SpendingFunction | Family]] = {
    "hsd": HwangShihDeCani,
    "power": Power,
    "wang-tsiatis": WangTsiatis,
    "haybittle-peto": HaybittlePeto,
}

Efficacy = SpendingFunction | Family
Futility = SpendingFunction | FutilityBounds | ByFinalBound


def efficacy_of(word: str, fractions: NDArray[np.float64], alpha: float, where: str = "spending") -> Efficacy:
    """The spending function or boundary of a word; a table of cumulative alpha ends at `alpha`, both sides together."""
    return _rule(word, fractions, alpha, where, (*SPENDING, *FAMILIES))


def spending_of(word: str, fractions: NDArray[np.float64], error: float, where: str) -> SpendingFunction:
    """The spending function of a word."""
    found = _rule(word, fractions, error, where, SPENDING)
    if isinstance(found, WangTsiatis | HaybittlePeto):
        raise InputError("this is a boundary, not a spending function", where=where, allowed=SPENDING, got=word)
    return found


def futility_of(word: str, fractions: NDArray[np.float64], beta: float, where: str = "futility") -> Futility:
    """The futility rule of a word: a spending function for beta, bounds on the z scale, or a rule."""
    name, _, text = word.partition(":")
    try:
        if name == "z":
            return _bounds(_numbers(text, word, where), len(fractions), where)
        if name in ("cp", "cp-trend"):
            return ConditionalPowerFutility(_one_number(text, word, where), trend=name == "cp-trend")
        if name == "pampallona-tsiatis":
            return PampallonaTsiatis(_one_number(text, word, where))
    except InputError as error:
        raise error if error.where == where else error.at(where) from None
    if name not in (*_names(SPENDING), *_ALIASES):
        raise _unknown(word, where, (*SPENDING, *RULES))
    return spending_of(word, fractions, beta, where)


def _rule(word: str, fractions: NDArray[np.float64], error: float, where: str, allowed: Sequence[str]) -> Efficacy:
    written, _, text = word.partition(":")
    name = _ALIASES.get(written, written)
    if name == "user":
        return user_spending(fractions, _numbers(text, word, where), error, where)
    if name not in _WITHOUT and name not in _WITH_NUMBER:
        raise _unknown(word, where, allowed)
    if not text and name in _WITHOUT:
        return _WITHOUT[name]()
    if name not in _WITH_NUMBER:
        raise InputError("takes no number", where=where, allowed=name, got=word)
    value = _one_number(text, word, where)
    try:
        return _WITH_NUMBER[name](value)
    except InputError as fault:
        raise fault.at(where) from None


def _bounds(values: list[float], looks: int, where: str) -> FutilityBounds:
    if looks == 1:
        raise InputError("a trial with one analysis has no interim bounds", where=where, allowed="two or more looks")
    if len(values) not in (1, looks - 1):
        allowed = f"one number, or one for each of the {looks - 1} interim analyses"
        raise InputError("wrong number of futility bounds", where=where, allowed=allowed, got=len(values))
    return FutilityBounds(tuple(values * (looks - 1) if len(values) == 1 else values))


def _unknown(word: str, where: str, allowed: Sequence[str]) -> InputError:
    name = word.partition(":")[0]
    close = nearest(name, _names(allowed))
    hint = f"; did you mean {close!r}?" if close else ""
    return InputError("unknown rule", where=where, allowed=", ".join(allowed) + hint, got=word)


def _names(words: Sequence[str]) -> list[str]:
    return [word.partition(":")[0] for word in words]


def _one_number(text: str, word: str, where: str) -> float:
    values = _numbers(text, word, where)
    if len(values) != 1:
        raise InputError("takes one number", where=where, allowed=f"{word.partition(':')[0]}:NUMBER", got=word)
    return values[0]


def _numbers(text: str, word: str, where: str) -> list[float]:
    if not text.strip():
        name = word.partition(":")[0]
        raise InputError("needs a number", where=where, allowed=f"{name}:NUMBER", got=word)
    return [number(part.strip(), where) for part in text.split(",")]
