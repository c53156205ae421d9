"""Cited facts that are not figures of a study: scale, targets, doses, thresholds, stages and open questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from jaksim.datafile import check_keys, parse_toml
from jaksim.errors import InputError
from jaksim.evidence.records import Citation
from jaksim.scale import load_scale

CITATIONS = "citations"
SCORE_VALUES = ("score", "scores", "scores_helped", "scores_helped_most", "scores_helped_least", "scores_not_helped")
"""Keys of `values` that hold scores of the NIAID scale."""


@dataclass(frozen=True)
class Fact:
    """One statement with its sources; `values` repeats what it says as data.

    A disputed fact keeps every version and says in `followed` which is used and why.
    """

    id: str
    statement: str
    citations: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    disputed: str = ""
    versions: tuple[str, ...] = ()
    followed: str = ""

    def __post_init__(self) -> None:
        if not self.statement.strip() or not self.citations:
            raise InputError("a fact needs a statement and at least one citation")
        if bool(self.disputed) != (len(self.versions) > 1 and bool(self.followed)):
            raise InputError("a disputed fact needs `disputed`, at least two `versions` and `followed`")


@dataclass(frozen=True)
class Topic:
    """The facts about one thing, by id, with the sources they cite."""

    id: str
    title: str
    summary: str
    facts: Mapping[str, Fact]
    citations: Mapping[str, Citation]

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.facts.values())

    def __len__(self) -> int:
        return len(self.facts)


def topic_ids() -> tuple[str, ...]:
    """Ids of the topics, sorted."""
    names = {file.name for file in (resources.files("jaksim.evidence") / "facts").iterdir()} - {f"{CITATIONS}.toml"}
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def load_topic(topic: str) -> Topic:
    """The facts of one topic; InputError for an unknown topic, citation or score, naming the fact."""
    if topic not in topic_ids():
        raise InputError("unknown topic", where="evidence facts", allowed=topic_ids(), got=topic)
    return topic_from(topic, _table(topic), _citations())


def topic_from(topic: str, table: dict[str, Any], citations: Mapping[str, Citation]) -> Topic:
    """The topic in a parsed TOML table; InputError names the fact and key at fault."""
    where = f"{topic}.toml"
    check_keys(table, where=where, required=("title", "summary", "facts"))
    facts: dict[str, Fact] = {}
    for entry in table["facts"]:
        place = f"{where}, fact {entry.get('id', len(facts) + 1)}"
        fact = _fact(entry, place, citations)
        if fact.id in facts:
            raise InputError("this fact id stands twice", where=place)
        facts[fact.id] = fact
    cited = {name: citations[name] for fact in facts.values() for name in fact.citations}
    return Topic(topic, table["title"], table["summary"], facts, cited)


def _fact(entry: dict[str, Any], where: str, citations: Mapping[str, Citation]) -> Fact:
    optional = ("values", "note", "disputed", "versions", "followed")
    check_keys(entry, where=where, required=("id", "statement", "citations"), optional=optional)
    for name in entry["citations"]:
        if name not in citations:
            raise InputError("unknown citation", where=f"{where}, key citations", allowed=tuple(citations), got=name)
    scale = load_scale("niaid-8")
    for key in SCORE_VALUES:
        value = entry.get("values", {}).get(key, [])
        for score in value if isinstance(value, list) else [value]:
            if score not in scale.scores:
                raise InputError("no such score", where=f"{where}, key values.{key}", allowed=scale.scores, got=score)
    listed = {key: tuple(entry.get(key, ())) for key in ("citations", "versions")}
    try:
        return Fact(**{**entry, **listed})
    except InputError as error:
        raise error.at(where) from None


@cache
def _citations() -> Mapping[str, Citation]:
    return {name: Citation(name, **entry) for name, entry in _table(CITATIONS).items()}


def _table(name: str) -> dict[str, Any]:
    file = resources.files("jaksim.evidence") / "facts" / f"{name}.toml"
    return parse_toml(file.read_text("utf-8"), where=file.name)
