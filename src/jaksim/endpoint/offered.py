"""Death, and what counts with it, as the tables of endpoints name them on a scale."""

from __future__ import annotations

from typing import Any, Final

from jaksim.scale import OrdinalScale

DEAD: Final = "dead"


def death(scale: OrdinalScale) -> dict[str, Any]:
    """The keys that ask for death: by the set of its name where that is all the absorbing scores, else by scores."""
    named = set(scale.sets.get(DEAD, ())) == set(scale.absorbing)
    return {"set": DEAD} if named else {"scores": list(scale.absorbing)}


def death_or(scale: OrdinalScale, name: str) -> dict[str, Any]:
    """The keys that ask for death or a score in a set."""
    dead = death(scale)
    return {**dead, "set": [name, *([DEAD] if "set" in dead else [])]}
