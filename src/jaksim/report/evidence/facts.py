"""Facts as text: one line per topic, one page per topic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap

from jaksim.evidence import Fact, Topic
from jaksim.evidence.answers import FactPages
from jaksim.evidence.registry import LINKS
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import AsPrinted

WIDTH = 110


def facts_report(found: FactPages) -> Iterator[Block]:
    """The topics in a list, or the facts of one."""
    yield AsPrinted(topic_listing(found.topics) if found.complete else topic_page(found.topics[0]))


def topic_listing(topics: Iterable[Topic]) -> str:
    """One line per topic: id, number of facts, title."""
    return "\n".join(f"{topic.id:<22} {len(topic):>3} facts   {topic.title}" for topic in topics)


def topic_page(topic: Topic) -> str:
    """Every fact of a topic with its sources, and what is disputed."""
    return "\n".join(_topic_lines(topic))


def _topic_lines(topic: Topic) -> Iterator[str]:
    yield f"{topic.title} [{topic.id}]"
    yield from wrap(topic.summary, WIDTH)
    for fact in topic:
        yield ""
        yield from _fact_lines(fact)
    yield "\nSources"
    for citation in topic.citations.values():
        where = f" doi:{citation.doi}" if citation.doi else f" {citation.url}" if citation.url else ""
        yield f"  {citation.id}: {citation.text}{where}"


def _fact_lines(fact: Fact) -> Iterator[str]:
    yield from _indented(f"{fact.id}: {fact.statement} [{', '.join(fact.citations)}]", 2)
    if fact.note:
        yield from _indented(fact.note, 4)
    if links := fact.values.get(LINKS):
        studies = ", ".join(f"{number} is {study}" for number, study in links.items())
        yield from _indented(f"In the catalogue: {studies}", 4)
    if fact.disputed:
        yield from _indented(f"Disputed: {fact.disputed}", 4)
        for version in fact.versions:
            yield from _indented(f"- {version}", 6)
        yield from _indented(f"Followed here: {fact.followed}", 6)


def _indented(text: str, depth: int) -> list[str]:
    return wrap(
        text,
        WIDTH,
        initial_indent=" " * depth,
        subsequent_indent=" " * (depth + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
