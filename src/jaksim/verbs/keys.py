"""The verb `keys`: what the keys of a file mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jaksim.checks import text
from jaksim.errors import InputError, nearest
from jaksim.key import DescribedKey
from jaksim.result import Result
from jaksim.verbs.describing.files import FILES, keys_of_file
from jaksim.version import __version__


@dataclass(frozen=True, repr=False)
class KeyList(Result):
    """Keys of a kind of file, in the order of such a file."""

    keys: tuple[DescribedKey, ...]
    file: str = FILES[0]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def headline(self) -> str:
        """How many keys."""
        return f"{len(self.keys)} keys of {self.file} files"

    def rows(self) -> list[dict[str, Any]]:
        """One row per key."""
        return [key.as_dict() for key in self.keys]

    def short_rows(self) -> list[dict[str, Any]]:
        """Path and kind of each key."""
        return [{"path": key.path, "holds": key.holds} for key in self.keys]

    def contents(self) -> dict[str, Any]:
        """The keys in order."""
        return {"file": self.file, "keys": self.rows(), "provenance": dict(self.provenance)}

    def schema(self) -> dict[str, Any]:
        """The JSON Schema (draft 7) of files of this kind, for editors; it has every key."""
        from jaksim.verbs.describing.schemas import schema_of_file

        return schema_of_file(self.file)


def keys(word: str | None = None, *, file: str = FILES[0]) -> KeyList:
    """The keys of a "scenario", "scale", "study" or "evidence" file.

    With a `word` only those in whose path or description a word begins so; InputError where there are none.
    """
    every = keys_of_file(_known(file))
    if word is not None:
        text(word, "word")
    start_of_word = re.compile(rf"(?<![a-z]){re.escape(word or '')}", re.IGNORECASE)
    found = tuple(key for key in every if start_of_word.search(f"{key.path} {key.description}"))
    option = [] if file == FILES[0] else [f"--file {file}"]
    if not found:
        near = nearest(word or "", {part for key in every for part in key.path.split(".")})
        hint = f"; did you mean {near!r}?" if near else ""
        allowed = f"`{' '.join(['jaksim keys', *option])}` lists all{hint}"
        raise InputError("no key has this word", where="keys", allowed=allowed, got=word)
    words = ["jaksim keys", *([] if word is None else [word]), *option]
    return KeyList(found, file, {"version": __version__, "command": " ".join(words)})


def _known(file: object) -> str:
    if not isinstance(file, str) or file not in FILES:
        raise InputError("unknown kind of file", where="‹file›", allowed=FILES, got=file)
    return file
