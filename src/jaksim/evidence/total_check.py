"""Parts add up to totals, and nothing counts more patients than were randomised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jaksim.evidence.figures import EventCount, Figure, Proportion, ScoreCounts
from jaksim.evidence.records import Record, Study


def total_faults(study: Study, record: Record) -> Iterator[str]:
    """What does not add up in one record."""
    figure = record.figure
    if record.sum_of:
        yield from _added(figure, [study[name].figure for name in record.sum_of])
    counted = _counted(figure)
    randomised = study.arms[record.arms[0]].n if len(record.arms) == 1 else study.n_randomised
    if counted is None or randomised is None:
        return
    part = record.subgroup or record.baseline_scores
    everyone = not part or record.id.split(".")[1:2] == ["all"]
    complete = isinstance(figure, ScoreCounts) and len(record.arms) == 1 and everyone
    if counted > randomised or (complete and counted != randomised):
        holder = "arm has" if len(record.arms) == 1 else "study has"
        verb = "the counts add up to" if isinstance(figure, ScoreCounts) else "the figure is out of"
        yield f"{verb} {counted}, the {holder} {randomised} patients"


def _counted(figure: Figure) -> int | None:
    if isinstance(figure, ScoreCounts):
        return figure.n + figure.missing
    return figure.n if isinstance(figure, Proportion | EventCount) else None


def _added(total: Figure, parts: Sequence[Figure]) -> Iterator[str]:
    if isinstance(total, ScoreCounts):
        tables = [part for part in parts if isinstance(part, ScoreCounts) and part.scores == total.scores]
        added = tuple(map(sum, zip(*(table.counts for table in tables), strict=True)))
        if len(tables) != len(parts) or added != total.counts:
            yield f"the parts add up to {list(added)}, the total is {list(total.counts)}"
    if isinstance(total, Proportion):
        counts = [part.count for part in parts if isinstance(part, Proportion) and part.count is not None]
        if len(counts) != len(parts) or sum(counts) != total.count:
            yield f"the parts add up to {sum(counts)}, the total is {total.count}"
