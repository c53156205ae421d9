"""Links between drugs, kinases, cytokines and STAT proteins, each with the fact that says it and how sure it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from jaksim.errors import InputError
from jaksim.evidence.facts import Fact

INHIBITS, BLOCKS, CARRIES, ACTIVATES = "inhibits", "blocks the receptor of", "carries", "activates"
AGREED, FOLLOWED, NOT_FOLLOWED = "agreed", "disputed, followed", "disputed, not followed"
STANDINGS: Final = (AGREED, FOLLOWED, NOT_FOLLOWED)
"""What sources say of a link: all of them, the version that is followed, only a version that is not followed."""


@dataclass(frozen=True)
class Link:
    """One arrow: a drug inhibits a kinase or blocks a receptor, a kinase carries a cytokine, a cytokine a STAT."""

    source: str
    relation: str
    target: str
    facts: tuple[str, ...]
    citations: tuple[str, ...]
    standing: str = AGREED

    def with_(self, other: Link) -> Link:
        """This link as said by the facts of both."""
        facts = tuple(dict.fromkeys(self.facts + other.facts))
        citations = tuple(dict.fromkeys(self.citations + other.citations))
        return replace(self, facts=facts, citations=citations, standing=worst((self.standing, other.standing)))


def worst(standings: Iterable[str]) -> str:
    """A path is as sure as its weakest link."""
    return max(standings, key=STANDINGS.index)


def best(standings: Iterable[str]) -> str:
    """Several paths are as sure as the strongest of them."""
    return min(standings, key=STANDINGS.index)


def links_of_drug(name: str, fact: Fact, kinases: Sequence[str]) -> Iterator[Link]:
    """Kinases that a drug inhibits and cytokines whose receptor it blocks, as the fact of this name says.

    Its other targets are no links.
    """
    drug = fact.values["drug"]
    for target, standing in _disputed(fact, "targets"):
        if target in kinases:
            yield Link(drug, INHIBITS, target, (name,), fact.citations, standing)
    for cytokine in fact.values.get("receptor_of", ()):
        yield Link(drug, BLOCKS, cytokine, (name,), fact.citations)


def links_of_cytokine(name: str, fact: Fact, kinases: Sequence[str]) -> Iterator[Link]:
    """Kinases that carry the signal of a cytokine, and STAT proteins that it activates: one row of the table."""
    cytokine = fact.values["cytokine"]
    for kinase, standing in _disputed(fact, "jak"):
        if kinase not in kinases:
            raise InputError("no such Janus kinase", where=f"fact {name}, key jak", allowed=kinases, got=kinase)
        yield Link(kinase, CARRIES, cytokine, (name,), fact.citations, standing)
    for stat, standing in _disputed(fact, "stat"):
        yield Link(cytokine, ACTIVATES, stat, (name,), fact.citations, standing)


def _disputed(fact: Fact, key: str) -> Iterator[tuple[str, str]]:
    """Names under a key with their standing; `<key>_by_version` has those of each version of a disputed fact."""
    followed: Sequence[str] = fact.values.get(key, ())
    versions: Sequence[Any] = fact.values.get(f"{key}_by_version", ())
    if versions and len(versions) != len(fact.versions):
        what, allowed = "one list for each version of the fact", f"{len(fact.versions)} lists"
        raise InputError(what, where=f"fact {fact.id}, key {key}_by_version", allowed=allowed, got=len(versions))
    for one in followed:
        yield one, AGREED if all(one in version for version in versions) else FOLLOWED
    for one in dict.fromkeys(one for version in versions for one in version if one not in followed):
        yield one, NOT_FOLLOWED
