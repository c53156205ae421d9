"""The graph of signals: drugs, Janus kinases, cytokines and STAT proteins, found by name and followed both ways."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from jaksim.errors import InputError
from jaksim.evidence.facts import Fact
from jaksim.evidence.records import Citation
from jaksim.evidence.signalling.links import (
    ACTIVATES,
    BLOCKS,
    CARRIES,
    INHIBITS,
    Link,
    best,
    worst,
)

DRUG, KINASE, CYTOKINE, STAT = "drug", "kinase", "cytokine", "STAT protein"
_WORDS: Final = (("interleukin", "il"), ("interferon", "ifn"), ("α", "alpha"), ("β", "beta"), ("γ", "gamma"))


@dataclass(frozen=True)
class Node:
    """A drug, kinase, cytokine or STAT protein; `remarks` are what its `facts` say of it beside its links."""

    name: str
    kind: str
    remarks: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Path:
    """How a drug reaches a cytokine: through these kinases, out of those that carry it, or by its receptor.

    `standing` is that of the best way there; `through` has the kinases of all ways that are at least as sure.
    """

    drug: str
    cytokine: str
    through: tuple[str, ...]
    carried_by: tuple[str, ...]
    stats: tuple[str, ...]
    standing: str

    @property
    def by_receptor(self) -> bool:
        """Whether the drug blocks the receptor rather than a kinase."""
        return not self.through


@dataclass(frozen=True)
class Signalling:
    """All nodes and links, with the facts they come from by topic and id; `spellings` are folded names."""

    nodes: Mapping[str, Node]
    links: tuple[Link, ...]
    facts: Mapping[str, Fact]
    citations: Mapping[str, Citation]
    spellings: Mapping[str, str]

    def names(self, kind: str) -> tuple[str, ...]:
        """Names of one kind, in the order of the facts."""
        return tuple(node.name for node in self.nodes.values() if node.kind == kind)

    def node(self, name: str) -> Node:
        """The node of a name, however its hyphens, letters and brand are written; InputError for an unknown one."""
        found = self.spellings.get(folded(name))
        if found is None:
            what = "unknown drug, cytokine, kinase or STAT protein"
            raise InputError(what, where="evidence pathway", allowed=tuple(self.nodes), got=name)
        return self.nodes[found]

    def links_from(self, source: str, relation: str) -> tuple[Link, ...]:
        """Links of a kind that start at a node."""
        return tuple(link for link in self.links if (link.source, link.relation) == (source, relation))

    def links_to(self, target: str, relation: str) -> tuple[Link, ...]:
        """Links of a kind that end at a node."""
        return tuple(link for link in self.links if (link.target, link.relation) == (target, relation))

    def path(self, drug: str, cytokine: str) -> Path | None:
        """How a drug reaches a cytokine, None where it does not."""
        carried = {link.target: link.standing for link in self.links_from(drug, INHIBITS)}
        carriers = self.links_to(cytokine, CARRIES)
        ways = {
            link.source: worst((carried[link.source], link.standing)) for link in carriers if link.source in carried
        }
        blocked = [link.standing for link in self.links_from(drug, BLOCKS) if link.target == cytokine]
        if not ways and not blocked:
            return None
        standing = best([*blocked, *ways.values()])
        return Path(
            drug,
            cytokine,
            () if blocked else tuple(name for name, sure in ways.items() if sure == standing),
            tuple(link.source for link in carriers),
            self.stats(cytokine),
            standing,
        )

    def paths(self, drug: str | None = None, cytokine: str | None = None) -> tuple[Path, ...]:
        """Every way from a drug to a cytokine, of all or of one of either."""
        drugs = self.names(DRUG) if drug is None else (drug,)
        cytokines = self.names(CYTOKINE) if cytokine is None else (cytokine,)
        found = (self.path(one, other) for one in drugs for other in cytokines)
        return tuple(path for path in found if path is not None)

    def stats(self, cytokine: str) -> tuple[str, ...]:
        """STAT proteins that a cytokine activates."""
        return tuple(link.target for link in self.links_from(cytokine, ACTIVATES))


def folded(name: str) -> str:
    """A name without case, hyphens and blanks, with short forms for interleukin and interferon."""
    found = name.casefold()
    for long, short in _WORDS:
        found = found.replace(long, short)
    return re.sub(r"[^a-z0-9]", "", found)
