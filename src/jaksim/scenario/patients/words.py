"""What is assumed of the patients, in words."""

from __future__ import annotations

from collections.abc import Sequence

from jaksim.trial.assumption import Assumption
from jaksim.trial.characteristics import Characteristic, laws


def line(about: str, statement: str, source: str, note: str) -> Assumption:
    """An assumption about patients, published where it has a source and no reason why it is assumed."""
    return Assumption(f"patients: {about}", statement, source, published=bool(source) and not note, note=note)


def of_law(item: Characteristic, strata: Sequence[str]) -> str:
    """A law in words: its quartiles, or its categories with their shares."""
    unit = f" {item.unit}" if item.unit else ""
    found = [f"{laws.in_words(marginal)}{unit}" for marginal in item.marginals]
    if len(found) == 1:
        return found[0]
    return "; ".join(f"{name}: {words}" for name, words in zip(strata, found, strict=True))
