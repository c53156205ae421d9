"""Ordinal disease scales as data: scores, their meaning, and named sets of scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from itertools import pairwise
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from jaksim.checks import is_text, is_whole
from jaksim.datafile import check_table, parse_toml, read_toml
from jaksim.errors import InputError, located
from jaksim.key import REQUIRED, Key

SCALE_KEYS: Final[Mapping[str, tuple[Key, ...]]] = {
    "": (
        Key("name", "text", "Name of the scale, as reports print it.", REQUIRED),
        Key("higher_is_worse", "true or false", "Whether a higher score is worse for the patient.", REQUIRED),
        Key("status", "list of tables", "The scores, one [[status]] each, the lowest number first.", REQUIRED),
        Key("description", "text", "What the scale measures, in a sentence.", ""),
        Key("source", "text", "Publication that the scale is taken from.", ""),
        Key("absorbing", "list of whole numbers", "Scores that are never left, such as death.", ()),
        Key(
            "sets",
            "table",
            "Sets of scores by name, each a list of scores; endpoints may speak of them by `set`. The set dead is "
            "that of the absorbing scores when left out.",
            {},
        ),
    ),
    "status": (
        Key("score", "whole number", "The number of the score.", REQUIRED),
        Key("label", "text", "What it means.", REQUIRED),
    ),
}
"""By table of a scale file, the keys that it may hold."""


@dataclass(frozen=True)
class OrdinalScale:
    """An ordinal scale whose scores are the states of the disease model.

    `scores` are strictly increasing integers and `labels` their meaning, one each. `absorbing` are the scores that are
    never left (death). `sets` name groups of scores that endpoints and analyses speak of ("recovered", "dead" ...); a
    scale with absorbing scores and no set "dead" is given one. The state index of a score is its position in `scores`.
    """

    name: str
    scores: tuple[int, ...]
    labels: tuple[str, ...]
    higher_is_worse: bool
    absorbing: tuple[int, ...] = ()
    sets: Mapping[str, tuple[int, ...]] = field(default_factory=dict, hash=False)
    source: str = ""

    def __post_init__(self) -> None:
        if not is_text(self.name):
            raise InputError("a scale needs a name", got=self.name)
        where = f"scale '{self.name}'"
        scores = _whole_numbers(self.scores, f"{where}, scores")
        if len(scores) < 2:
            raise InputError("a scale needs at least two scores", where=where, got=scores)
        for before, after in pairwise(scores):
            if after == before:
                raise InputError(f"score {after} appears twice", where=f"{where}, scores")
            if after < before:
                raise InputError(f"scores must increase, {after} follows {before}", where=f"{where}, scores")
        labels = tuple(self.labels)
        if len(labels) != len(scores):
            raise InputError(f"{len(scores)} scores need {len(scores)} labels", where=where, got=len(labels))
        for score, label in zip(scores, labels, strict=True):
            if not is_text(label):
                raise InputError(f"score {score} needs a label in words", where=where, got=label)
        if not isinstance(self.higher_is_worse, bool):
            raise InputError("must be true or false", where=f"{where}, higher_is_worse", got=self.higher_is_worse)
        absorbing = _members(self.absorbing, scores, f"{where}, absorbing")
        if len(absorbing) == len(scores):
            raise InputError("at least one score must not be absorbing", where=f"{where}, absorbing")
        sets = {str(key): _members(members, scores, f"{where}, set '{key}'") for key, members in self.sets.items()}
        for key, members in sets.items():
            if not members:
                raise InputError("a named set needs at least one score", where=f"{where}, set '{key}'")
        if absorbing:
            sets.setdefault("dead", absorbing)
        for attribute, value in (("scores", scores), ("labels", labels), ("absorbing", absorbing), ("sets", sets)):
            object.__setattr__(self, attribute, value)

    @property
    def n_states(self) -> int:
        """Number of scores."""
        return len(self.scores)

    @cached_property
    def rank(self) -> NDArray[np.int64]:
        """Rank of each state (n_states,), 0 for the best status and growing as it gets worse."""
        order = np.arange(self.n_states)
        ranks = order if self.higher_is_worse else order[::-1].copy()
        ranks.flags.writeable = False
        return ranks

    def index(self, score: int) -> int:
        """State index of a score; InputError when the scale does not have it."""
        try:
            return self.scores.index(score)
        except ValueError:
            raise InputError("unknown score", where=f"scale '{self.name}'", allowed=self.scores, got=score) from None

    def label(self, score: int) -> str:
        """Meaning of a score in words."""
        return self.labels[self.index(score)]

    def members(self, which: str | int | Iterable[int]) -> tuple[int, ...]:
        """Scores, increasing, of a named set, of one score or of several; InputError for an unknown name or score."""
        if isinstance(which, str):
            if which not in self.sets:
                raise InputError("unknown set of scores", where=f"scale '{self.name}'", allowed=self.sets, got=which)
            return self.sets[which]
        scores = tuple(which) if isinstance(which, Iterable) else (which,)
        return tuple(self.scores[position] for position in sorted({self.index(score) for score in scores}))

    def indices(self, which: str | int | Iterable[int]) -> tuple[int, ...]:
        """State indices, increasing, of a named set, of one score, or of several scores."""
        return tuple(self.index(score) for score in self.members(which))


def builtin_scales() -> tuple[str, ...]:
    """Names of the scales that ship with jaksim."""
    files = (resources.files("jaksim") / "scale_data").iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def load_scale(name_or_path: str | PathLike[str]) -> OrdinalScale:
    """A scale that ships with jaksim, by name, or one described by a TOML file, by path.

    Text that ends in `.toml` or holds a path separator is taken as a path. InputError for an unknown name and for a
    file that cannot be read or does not describe a scale.
    """
    text = fspath(name_or_path)
    if isinstance(name_or_path, str) and not text.endswith(".toml") and Path(text).name == text:
        return _builtin(text)
    return scale_of_table(read_toml(text), where=text)


def scale_in(given: object, *, where: str) -> OrdinalScale:
    """The scale that a value in a file stands for: the text that `load_scale` takes, or its table itself."""
    if isinstance(given, Mapping):
        return scale_of_table(given, where=where)
    if not isinstance(given, str) or not given.strip():
        raise InputError("must be the name or file of a scale, or its table", where=where, got=given)
    with located(where):
        return load_scale(given)


def niaid_8() -> OrdinalScale:
    """The NIAID 8-point ordinal scale (1 = at home without limitations, 8 = died)."""
    return load_scale("niaid-8")


@cache
def _builtin(name: str) -> OrdinalScale:
    if name not in builtin_scales():
        raise InputError("unknown scale", where="scale", allowed=(*builtin_scales(), "FILE.toml"), got=name)
    file = resources.files("jaksim") / "scale_data" / f"{name}.toml"
    return scale_of_table(parse_toml(file.read_text("utf-8"), where=file.name), where=file.name)


def scale_of_table(table: Mapping[str, Any], *, where: str) -> OrdinalScale:
    """The scale that a table describes; `where` names its origin in the error message."""
    check_table(table, SCALE_KEYS[""], where=where)
    statuses = table["status"]
    if not isinstance(statuses, list) or not all(isinstance(status, dict) for status in statuses):
        raise InputError("each score needs one [[status]] table", where=f"{where}, status")
    for number, status in enumerate(statuses, start=1):
        check_table(status, SCALE_KEYS["status"], where=f"{where}, status {number}")
    sets = table.get("sets", {})
    if not isinstance(sets, dict):
        raise InputError("must be a table of lists of scores", where=f"{where}, sets", got=sets)
    for key in ("description", "source"):
        if not isinstance(table.get(key, ""), str):
            raise InputError("must be text", where=f"{where}, {key}", got=table[key])
    try:
        return OrdinalScale(
            name=table["name"],
            scores=tuple(status["score"] for status in statuses),
            labels=tuple(status["label"] for status in statuses),
            higher_is_worse=table["higher_is_worse"],
            absorbing=table.get("absorbing", ()),
            sets=sets,
            source=table.get("source", ""),
        )
    except InputError as error:
        raise error.at(where) from None


def _whole_numbers(values: object, where: str) -> tuple[int, ...]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise InputError("must be a list of whole numbers", where=where, got=values)
    numbers = tuple(values)
    for number in numbers:
        if not is_whole(number):
            raise InputError("must be a whole number", where=where, got=number)
    return tuple(int(number) for number in numbers)


def _members(values: object, scores: tuple[int, ...], where: str) -> tuple[int, ...]:
    members = _whole_numbers(values, where)
    for member in members:
        if member not in scores:
            raise InputError("unknown score", where=where, allowed=scores, got=member)
        if members.count(member) > 1:
            raise InputError(f"score {member} appears twice", where=where)
    return tuple(sorted(members))
