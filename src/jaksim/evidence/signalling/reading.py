"""The graph of signals as the facts of the catalogue say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from jaksim.evidence.facts import Fact, load_topic
from jaksim.evidence.signalling.graph import CYTOKINE, DRUG, KINASE, STAT, Node, Signalling, folded
from jaksim.evidence.signalling.links import ACTIVATES, Link, links_of_cytokine, links_of_drug

TOPICS: Final = ("drug-targets", "cytokines", "ruxolitinib-rationale")
Facts = Mapping[str, Fact]
"""Facts by topic and id, such as `cytokines/il_6`."""


@cache
def signalling() -> Signalling:
    """The graph of the facts that ship."""
    topics = [load_topic(name) for name in TOPICS]
    facts = {f"{topic.id}/{fact.id}": fact for topic in topics for fact in topic}
    citations = {name: cited for topic in topics for name, cited in topic.citations.items()}
    links = tuple(_links(facts, facts["cytokines/jak_family"].values["members"]))
    nodes = _nodes(facts, links)
    return Signalling(nodes, links, facts, citations, dict(_spellings(facts, nodes)))


def _links(facts: Facts, kinases: Sequence[str]) -> Iterator[Link]:
    """Links of all facts; where several say the same, one link with the sources of all."""
    found: dict[tuple[str, str, str], Link] = {}
    for name, fact in facts.items():
        said = [
            *(links_of_drug(name, fact, kinases) if _is_of_drug(fact) else ()),
            *(links_of_cytokine(name, fact, kinases) if "cytokine" in fact.values else ()),
        ]
        for link in said:
            key = (link.source, link.relation, link.target)
            found[key] = found[key].with_(link) if key in found else link
    yield from found.values()


def _is_of_drug(fact: Fact) -> bool:
    return {"drug", "targets"} <= set(fact.values)


def _nodes(facts: Facts, links: Sequence[Link]) -> dict[str, Node]:
    """Nodes by name: drugs, kinases, cytokines of the table and those only named as raised, STAT proteins."""
    kinases = facts["cytokines/jak_family"].values["members"]
    nodes: dict[str, Node] = {}
    for name, fact in facts.items():
        if _is_of_drug(fact):
            targets = [f"target: {target}" for target in fact.values["targets"] if target not in kinases]
            besides = [f"off target: {target}" for target in fact.values.get("off_targets", ())]
            _add(nodes, fact.values["drug"], DRUG, name, *targets, *besides)
    for kinase in kinases:
        _add(nodes, kinase, KINASE, "cytokines/jak_family")
    for name, fact in facts.items():
        if "cytokine" in fact.values:
            family = f"{fact.values['family']}, type {fact.values['receptor_type']} receptor"
            _add(nodes, fact.values["cytokine"], CYTOKINE, name, family)
    for name, fact in facts.items():
        for cytokine in fact.values["cytokines"] if "in_words" in fact.values else ():
            _add(nodes, cytokine, CYTOKINE, name, fact.values["in_words"])
    for stat in sorted({link.target for link in links if link.relation == ACTIVATES}):
        _add(nodes, stat, STAT, "cytokines/jak_family")
    return nodes


def _add(nodes: dict[str, Node], name: str, kind: str, fact: str, *remarks: str) -> None:
    known = nodes.get(name, Node(name, kind))
    nodes[name] = Node(name, kind, known.remarks + remarks, tuple(dict.fromkeys((*known.facts, fact))))


def _spellings(facts: Facts, nodes: Mapping[str, Node]) -> Iterator[tuple[str, str]]:
    """Folded spellings of each name: itself, a brand, and each part of one such as IFN-alpha/beta."""
    for name, node in nodes.items():
        yield folded(name), name
        if node.kind == CYTOKINE and "/" in name:
            first, *others = name.split("/")
            yield folded(first), name
            yield from ((folded(f"{first.rpartition('-')[0]}{other}"), name) for other in others)
    for fact in facts.values():
        if _is_of_drug(fact) and "brand" in fact.values:
            yield folded(fact.values["brand"]), fact.values["drug"]
