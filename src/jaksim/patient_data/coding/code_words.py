"""Words that say by themselves whether a patient had an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from jaksim.errors import InputError

WORDS: Final[Mapping[int, tuple[str, ...]]] = {
    0: ("no", "n", "false", "f", "censored", "censor", "cens", "alive", "living", "survived", "no event", "none"),
    1: ("yes", "y", "true", "t", "event", "dead", "died", "deceased", "death", "failed", "failure"),
    2: ("competing", "competing event", "competing risk"),
}
"""Words in lower case by the code that they are read as: 0 censored or no event, 1 event, 2 competing event."""
OF_TRUTH: Final = frozenset({"no", "n", "false", "f", "yes", "y", "true", "t"})
_CODES: Final = {word: code for code, words in WORDS.items() for word in words}


def code_of(word: str) -> float:
    """The code that a word stands for, NaN for any other word."""
    return float(_CODES.get(word.casefold(), np.nan))


def coded_words(words: NDArray[Any]) -> NDArray[np.float64]:
    """The code of each word, NaN where it has none."""
    levels, which = np.unique(words, return_inverse=True)
    return np.array([code_of(str(level)) for level in levels])[which]


def check_one_event(words: NDArray[Any], where: str) -> None:
    """InputError where two different words, such as event and died, may be two events of which one competes."""
    found = sorted({str(word).casefold() for word in np.unique(words) if code_of(str(word)) == 1})
    if len(found) > 1:
        raise InputError(
            f"{' and '.join(found)}: one event, or do they compete?",
            where=where,
            allowed=f"‹codes=event={found[0]},event={found[1]},censored=CODE›, or competing in place of one event",
        )


def words_said(words: NDArray[Any], name: str) -> str | None:
    """How words other than yes and no were read, in one sentence; None where there are none."""
    found = [str(word) for word in np.unique(words) if not np.isnan(code_of(str(word)))]
    if not found or all(word.casefold() in OF_TRUTH for word in found):
        return None
    meaning = {0: "censored or no event", 1: "the event", 2: "a competing event"}
    parts = ", ".join(f"{word} as {meaning[int(code_of(word))]}" for word in found)
    return f"Read in '{name}': {parts}."


def listed(codes: Mapping[int, str]) -> str:
    """The words for each of the codes that are asked for, for a message."""
    return "; ".join(f"{code} {meaning} (or {', '.join(WORDS[code])})" for code, meaning in codes.items())
