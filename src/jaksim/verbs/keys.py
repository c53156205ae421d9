"""The verb `keys`: what the keys of a scenario file mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jaksim.checks import text
from jaksim.errors import InputError, nearest
from jaksim.result import Result
from jaksim.scenario.reference import DescribedKey, described_keys
from jaksim.version import __version__


@dataclass(frozen=True, repr=False)
class KeyList(Result):
    """Keys of scenario files, in the order of a file."""

    keys: tuple[DescribedKey, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def headline(self) -> str:
        """How many keys."""
        return f"{len(self.keys)} keys of scenario files"

    def rows(self) -> list[dict[str, Any]]:
        """One row per key."""
        return [key.as_dict() for key in self.keys]

    def short_rows(self) -> list[dict[str, Any]]:
        """Path and kind of each key."""
        return [{"path": key.path, "holds": key.holds} for key in self.keys]

    def contents(self) -> dict[str, Any]:
        """The keys in order."""
        return {"keys": self.rows(), "provenance": dict(self.provenance)}


def keys(word: str | None = None) -> KeyList:
    """The keys in whose path or description a word begins so, all when left out; InputError where there are none."""
    every = described_keys()
    if word is not None:
        text(word, "word")
    start_of_word = re.compile(rf"(?<![a-z]){re.escape(word or '')}", re.IGNORECASE)
    found = tuple(key for key in every if start_of_word.search(f"{key.path} {key.description}"))
    if not found:
        near = nearest(word or "", {part for key in every for part in key.path.split(".")})
        hint = f"; did you mean {near!r}?" if near else ""
        raise InputError("no key has this word", where="keys", allowed=f"`jaksim keys` lists all{hint}", got=word)
    command = "jaksim keys" if word is None else f"jaksim keys {word}"
    return KeyList(found, {"version": __version__, "command": command})
