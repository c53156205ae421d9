"""What is asked of the graph of signals: what runs through one drug, cytokine, kinase or STAT protein, or all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from jaksim.checks import text
from jaksim.evidence.facts import Fact
from jaksim.evidence.records import Citation
from jaksim.evidence.signalling.graph import CYTOKINE, DRUG, KINASE, STAT, Node, Path, Signalling
from jaksim.evidence.signalling.links import ACTIVATES, AGREED, CARRIES, INHIBITS, Link, worst
from jaksim.evidence.signalling.reading import signalling
from jaksim.result import Result, plain
from jaksim.version import __version__


@dataclass(frozen=True, repr=False)
class Pathway(Result):
    """The part of the graph that runs through a node, or the whole graph where `node` is None.

    `paths` lead from a drug to a cytokine, `links` are the arrows of this part, `not_reached` the drugs or cytokines
    that are asked about and have no path, `facts` say the links.
    """

    node: Node | None
    paths: tuple[Path, ...]
    links: tuple[Link, ...]
    nodes: tuple[Node, ...]
    not_reached: tuple[str, ...]
    facts: Mapping[str, Fact]
    citations: Mapping[str, Citation]
    provenance: Mapping[str, Any] = field(default_factory=lambda: {"version": __version__})

    @property
    def disputes(self) -> dict[str, Fact]:
        """Facts of this part on which sources disagree."""
        doubted = {fact for link in self.links if link.standing != AGREED for fact in link.facts}
        return {name: fact for name, fact in self.facts.items() if fact.disputed and name in doubted}

    def names(self, kind: str) -> tuple[str, ...]:
        """Nodes of a kind in this part, in the order of the facts."""
        return tuple(node.name for node in self.nodes if node.kind == kind)

    def headline(self) -> str:
        """The node, and how many paths run through it."""
        of = "all signals" if self.node is None else f"{self.node.kind} {self.node.name}"
        return f"{of}: {len(self.paths)} paths from a drug to a cytokine"

    def rows(self) -> list[dict[str, Any]]:
        """One row per path."""
        return [plain({**asdict(path), "by_receptor": path.by_receptor}) for path in self.paths]

    def short_rows(self) -> list[dict[str, Any]]:
        """Drug, cytokine and the kinases between."""
        return [
            {"drug": path.drug, "cytokine": path.cytokine, "through": ", ".join(path.through) or "receptor"}
            for path in self.paths
        ]

    def contents(self) -> dict[str, Any]:
        """Everything by name."""
        return {
            "node": None if self.node is None else asdict(self.node),
            "paths": self.rows(),
            "not_reached": list(self.not_reached),
            "nodes": [asdict(node) for node in self.nodes],
            "links": [asdict(link) for link in self.links],
            "facts": {name: asdict(fact) for name, fact in self.facts.items()},
            "citations": {name: asdict(citation) for name, citation in self.citations.items()},
            "provenance": dict(self.provenance),
        }


def pathway(name: str | None = None) -> Pathway:
    """What runs through a drug, cytokine, Janus kinase or STAT protein; without a name the whole graph.

    Names are found whatever their case and hyphens, also as a brand. InputError for an unknown name.
    """
    graph = signalling()
    node = None if name is None else graph.node(text(name, "name"))
    paths = tuple(_paths(graph, node))
    links = tuple(_links(graph, node, paths))
    ends = {end for link in links for end in (link.source, link.target)} | ({node.name} if node else set())
    nodes = tuple(one for one in graph.nodes.values() if node is None or one.name in ends)
    said = {fact for link in links for fact in link.facts} | {fact for one in nodes for fact in one.facts}
    facts = {name: fact for name, fact in graph.facts.items() if name in said}
    cited = {name: graph.citations[name] for fact in facts.values() for name in fact.citations}
    return Pathway(node, paths, links, nodes, _not_reached(graph, node, paths), facts, cited)


def _paths(graph: Signalling, node: Node | None) -> Iterator[Path]:
    if node is None:
        yield from graph.paths()
    elif node.kind == DRUG:
        yield from graph.paths(drug=node.name)
    elif node.kind == CYTOKINE:
        yield from graph.paths(cytokine=node.name)
    elif node.kind == STAT:
        yield from (path for path in graph.paths() if node.name in path.stats)
    else:
        yield from _paths_through(graph, node.name)


def _paths_through(graph: Signalling, kinase: str) -> Iterator[Path]:
    """Paths by way of one kinase, as sure as its own two links."""
    for inhibits in graph.links_to(kinase, INHIBITS):
        for carries in graph.links_from(kinase, CARRIES):
            cytokine = carries.target
            carried_by = tuple(link.source for link in graph.links_to(cytokine, CARRIES))
            standing = worst((inhibits.standing, carries.standing))
            yield Path(inhibits.source, cytokine, (kinase,), carried_by, graph.stats(cytokine), standing)


def _links(graph: Signalling, node: Node | None, paths: Sequence[Path]) -> Iterator[Link]:
    """Links of the paths, and those of the node itself where no drug comes this way."""
    if node is None:
        yield from graph.links
        return
    cytokines = {path.cytokine for path in paths} | {node.name}
    if node.kind == KINASE:
        cytokines |= {link.target for link in graph.links_from(node.name, CARRIES)}
    if node.kind == STAT:
        cytokines |= {link.source for link in graph.links_to(node.name, ACTIVATES)}
    drugs = {path.drug for path in paths} | {node.name}
    carriers = {link.source for link in graph.links if link.relation == CARRIES and link.target in cytokines}
    if node.kind == KINASE:
        carriers = {node.name}
    if node.kind == DRUG:
        carriers = {link.target for link in graph.links_from(node.name, INHIBITS)}
    for link in graph.links:
        if link.relation == ACTIVATES:
            if link.source in cytokines and (node.kind != STAT or link.target == node.name):
                yield link
        elif link.relation == CARRIES:
            if link.source in carriers and link.target in cytokines:
                yield link
        elif link.source in drugs and (link.target in carriers or link.target in cytokines):
            yield link


def _not_reached(graph: Signalling, node: Node | None, paths: Sequence[Path]) -> tuple[str, ...]:
    """Cytokines that a drug does not reach, or drugs that do not reach the cytokine."""
    if node is None or node.kind not in (DRUG, CYTOKINE):
        return ()
    if node.kind == DRUG:
        return tuple(name for name in graph.names(CYTOKINE) if name not in {path.cytokine for path in paths})
    return tuple(name for name in graph.names(DRUG) if name not in {path.drug for path in paths})
