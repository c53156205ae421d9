"""Distributions over categories and shares of strata, as a user gives them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.checks import number
from jaksim.errors import InputError

CLOSE: Final = 1e-5


def distributions_of(given: Sequence[Any], name: str, *, like: Floats | None = None) -> Floats:
    """Distributions (strata, categories) from one list of probabilities or several; InputError where they are none.

    `like` are those of the other arm, with as many strata and categories.
    """
    where = f"‹{name}›"
    listed = [given] if all(not _is_list(one) for one in given) else list(given)
    found = [
        _distribution(one, where if len(listed) == 1 else f"{where}, stratum {s + 1}") for s, one in enumerate(listed)
    ]
    if not found:
        raise InputError("is empty", where=where, allowed="probabilities with commas between them")
    if len({len(one) for one in found}) > 1:
        lengths = ", ".join(str(len(one)) for one in found)
        raise InputError("strata have different numbers of categories", where=where, got=lengths)
    if like is not None and len(found) == 1 < len(like):
        raise InputError("must be given once for each stratum", where=where, allowed=f"{len(like)} times")
    if like is not None and np.shape(found) != like.shape:
        expected = f"{like.shape[1]} probabilities" + (f", {like.shape[0]} times" if len(like) > 1 else "")
        what = "does not have the categories and strata of the reference arm"
        raise InputError(what, where=where, allowed=expected, got=", ".join(str(len(one)) for one in found))
    return np.array(found)


def shares_of(given: Sequence[float] | None, strata: int) -> Floats:
    """Shares (strata,) of the patients, equal where none are given."""
    if given is None:
        return np.full(strata, 1.0 / strata)
    found = _distribution(given, "‹shares›", least=1)
    if len(found) != strata:
        raise InputError("there is one share for each stratum", where="‹shares›", allowed=str(strata), got=len(found))
    if min(found) <= 0.0:
        raise InputError("a stratum without patients", where="‹shares›", allowed="shares above 0", got=min(found))
    return np.array(found)


def strata_words(shares: Floats) -> dict[str, str]:
    """The fact that a test is of several strata, with their shares; none of one."""
    listed = ", ".join(f"{share:.4g}" for share in shares)
    return {"strata": f"{len(shares)}, with shares {listed}"} if len(shares) > 1 else {}


def _distribution(given: Any, where: str, least: int = 2) -> list[float]:
    if not _is_list(given):
        raise InputError("must be a list of probabilities", where=where, got=given)
    found = [number(one, where) for one in given]
    if len(found) < least:
        raise InputError("there must be two categories or more", where=where, got=len(found))
    for one in found:
        if not 0.0 <= one <= 1.0:
            raise InputError("is no probability", where=where, allowed="between 0 and 1, or such as 30%", got=one)
    total = math.fsum(found)
    if abs(total - 1.0) > CLOSE:
        raise InputError(
            "the probabilities do not add up to 1", where=where, allowed="a sum of 1", got=round(total, 10)
        )
    if max(found) >= 1.0 and least > 1:
        raise InputError("all patients are in one category", where=where, got=max(found))
    return [one / total for one in found]


def _is_list(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes)
