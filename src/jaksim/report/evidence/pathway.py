"""The graph of signals as text: what a drug reaches, what carries a cytokine, and where sources disagree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from jaksim.evidence.signalling.answers import Pathway
from jaksim.evidence.signalling.graph import CYTOKINE, DRUG, KINASE, STAT, Path
from jaksim.evidence.signalling.links import ACTIVATES, AGREED, CARRIES, INHIBITS, NOT_FOLLOWED, Link
from jaksim.evidence.signalling.reading import signalling
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import columns, definitions, heading, paragraph, title

MARKS = {AGREED: "", NOT_FOLLOWED: " ??"}
"""Behind a name: what sources say of the link. A disputed version that is followed has one question mark."""
LEGEND = "? sources disagree and this version is followed; ?? sources disagree and this version is not followed."
MEANING = (
    "Through: the kinases of the drug among those that carry the cytokine. The table says which kinases carry a "
    "signal, not how much of it is lost when one of them is inhibited, nor at which dose."
)


def pathway_report(found: Pathway) -> Iterator[Block]:
    """What runs through one node, or all paths as a table of cytokines by drugs."""
    if found.node is None:
        yield from _whole(found)
    else:
        yield from _node(found, found.node.kind, found.node.name)
    if found.paths:
        yield paragraph(MEANING)
    if found.disputes:
        yield paragraph(LEGEND)
        yield ""
        yield heading("Disputed")
        for name, fact in found.disputes.items():
            lines = [fact.disputed, *(f"- {version}" for version in fact.versions), f"Followed here: {fact.followed}"]
            yield definitions([(name if place == 0 else "", line) for place, line in enumerate(lines)])
    yield ""
    yield heading("Sources")
    yield definitions([(citation.id, citation.text) for citation in found.citations.values()])


def _whole(found: Pathway) -> Iterator[Block]:
    yield title("Which drug reaches which cytokine, and through which kinase")
    yield ""
    drugs = [name for name in found.names(DRUG) if any(path.drug == name for path in found.paths)]
    paths = {(path.drug, path.cytokine): path for path in found.paths}
    carried = [name for name in found.names(CYTOKINE) if _to(found, name, CARRIES)]
    rows = [
        [
            name,
            _listed(_to(found, name, CARRIES), "source"),
            _listed(_from(found, name, ACTIVATES), "target"),
            *(_through(paths.get((drug, name))) for drug in drugs),
        ]
        for name in carried
    ]
    yield columns(["Cytokine", "Kinases", "STAT proteins", *drugs], rows)
    others = [name for name in found.names(DRUG) if name not in drugs]
    yield paragraph(f"Act elsewhere: {', '.join(others)}.")
    without = [name for name in found.names(CYTOKINE) if name not in carried]
    yield paragraph(f"Raised in Covid-19 and without a row in the table: {', '.join(without)}.")


def _node(found: Pathway, kind: str, name: str) -> Iterator[Block]:
    yield title(f"{name}, {kind}")
    yield ""
    said = [(fact, found.facts[fact].statement) for fact in found.node.facts] if found.node is not None else []
    yield definitions([(fact, f"{text} [{', '.join(found.facts[fact].citations)}]") for fact, text in said])
    yield ""
    if kind == DRUG:
        yield from _drug(found, name)
    elif kind == CYTOKINE:
        yield from _cytokine(found, name)
    elif kind == KINASE:
        yield heading("Inhibited by")
        yield paragraph(_listed(_to(found, name, INHIBITS), "source") or "none of the drugs")
        yield from _carried(found, [link.target for link in _from(found, name, CARRIES)])
    elif kind == STAT:
        yield from _carried(found, [link.source for link in _to(found, name, ACTIVATES)])


def _drug(found: Pathway, name: str) -> Iterator[Block]:
    inhibited = _listed(_from(found, name, INHIBITS), "target")
    yield heading("Cytokines that it reaches")
    if inhibited:
        yield paragraph(f"It inhibits {inhibited}.")
    rows = [
        (
            path.cytokine,
            _through(path),
            _remaining(path),
            _listed(_from(found, path.cytokine, ACTIVATES), "target"),
            _remark(found, path.cytokine),
        )
        for path in found.paths
    ]
    if rows:
        yield columns(["Cytokine", "Through", "Also carried by", "STAT proteins", "In Covid-19"], rows)
    else:
        yield paragraph("None of the table: it acts elsewhere.")
    if found.not_reached:
        yield paragraph(f"Not reached: {', '.join(found.not_reached)}.")


def _cytokine(found: Pathway, name: str) -> Iterator[Block]:
    yield heading("Kinases and STAT proteins")
    kinases, stats = _listed(_to(found, name, CARRIES), "source"), _listed(_from(found, name, ACTIVATES), "target")
    yield paragraph(
        f"{kinases} carry it to {stats}."
        if kinases
        else "The table has no row for it: no Janus kinase is said to carry it."
    )
    yield ""
    yield heading("Drugs that reach it")
    rows = [(path.drug, _through(path), _remaining(path)) for path in found.paths]
    if rows:
        yield columns(["Drug", "Through", "Also carried by"], rows)
    if found.not_reached:
        yield paragraph(f"Do not reach it: {', '.join(found.not_reached)}.")


def _carried(found: Pathway, cytokines: Iterable[str]) -> Iterator[Block]:
    yield ""
    yield heading("Cytokines")
    rows = []
    for name in cytokines:
        drugs = [f"{path.drug}{_mark(path.standing)}" for path in found.paths if path.cytokine == name]
        stats = ", ".join(signalling().stats(name))
        rows.append((name, _listed(_carriers(name), "source"), stats, ", ".join(drugs) or "-", _remark(found, name)))
    yield columns(["Cytokine", "Kinases", "STAT proteins", "Drugs", "In Covid-19"], rows)


def _from(found: Pathway, name: str, relation: str) -> list[Link]:
    return [link for link in found.links if (link.source, link.relation) == (name, relation)]


def _to(found: Pathway, name: str, relation: str) -> list[Link]:
    return [link for link in found.links if (link.target, link.relation) == (name, relation)]


def _listed(links: Sequence[Link], end: str) -> str:
    return ", ".join(f"{getattr(link, end)}{_mark(link.standing)}" for link in links)


def _mark(standing: str) -> str:
    return MARKS.get(standing, " ?")


def _through(path: Path | None) -> str:
    if path is None:
        return "-"
    return f"{', '.join(path.through) or 'its receptor'}{_mark(path.standing)}"


def _remaining(path: Path) -> str:
    if path.by_receptor:
        return "-"
    return _listed([link for link in _carriers(path.cytokine) if link.source not in path.through], "source") or "-"


def _carriers(cytokine: str) -> Sequence[Link]:
    """Links from all kinases that carry a cytokine, also those that are no part of the answer."""
    return signalling().links_to(cytokine, CARRIES)


def _remark(found: Pathway, cytokine: str) -> str:
    """What is said of the cytokine in Covid-19, behind its family."""
    node = next(node for node in found.nodes if node.name == cytokine)
    return "; ".join(remark for remark in node.remarks if "receptor" not in remark)
