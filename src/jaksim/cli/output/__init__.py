"""The answers of one command: printed as text at once, or gathered for a document that is written when it ends."""

from __future__ import annotations

import json as json_file
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import typer

from jaksim.cli.output.destination import TEXT, Destination
from jaksim.cli.output.writing import (
    note,
    output_faults,
    print_report,
    turn_away,
    write_document,
    write_json,
    write_text,
)
from jaksim.escapes import json_escaped
from jaksim.report.formats.formats import JSON, document
from jaksim.result import Result, plain
from jaksim.whole_file import explained, write_whole

if TYPE_CHECKING:
    from jaksim.report.blocks import Block

__all__ = [
    "answering",
    "answering_as_text",
    "note",
    "output_faults",
    "print_answer",
    "print_report",
    "turn_away",
    "write_json",
    "write_text",
]

Record = Callable[[], Mapping[str, Any]]


class Answers:
    """What a command has answered so far, and where it goes."""

    def __init__(self, destination: Destination) -> None:
        self.destination = destination
        self.blocks: list[Block] = []
        self.figures: list[Block] = []
        self.record: dict[str, Any] = {}

    def add(self, answer: Result, parts: Iterable[Block], record: Record, among: str | None) -> None:
        """Take an answer, its report and its JSON; `among` names the list in which several answers stand."""
        formats = self.destination.formats
        if JSON in formats:
            if among is None:
                self.record.update(record())
            else:
                self.record.setdefault(among, []).append(record())
        if any(name != JSON for name in formats):
            blocks = list(parts)
            if self.destination.screen == TEXT:
                print_report(blocks)
            self.blocks += [*([""] if self.blocks else []), *blocks]
        if self.destination.shows_figures():
            from jaksim.report.plots.of import figures_of

            self.figures += figures_of(answer)

    def finish(self) -> None:
        """Write what was gathered."""
        screen, file = self.destination.screen, self.destination.file
        if screen == JSON:
            write_json(self.record)
        elif screen != TEXT:
            write_document(self._written(screen))
        if file is not None:
            written = self._written(self.destination.formats[1])
            with explained(file):
                write_whole(file, written if isinstance(written, bytes) else written.encode("utf-8"))
            note(f"wrote {file}")

    def _written(self, format: str) -> str | bytes:
        if format == JSON:
            text = json_file.dumps(plain(self.record), indent=2, ensure_ascii=False, allow_nan=False)
            return f"{json_escaped(text)}\n"
        return document(chain(self.blocks, self.figures), format, self.destination.table if format == "csv" else None)


_ANSWERS: Final[ContextVar[Answers | None]] = ContextVar("answers", default=None)


@contextmanager
def answering(destination: Destination) -> Iterator[None]:
    """Gather the answers printed inside the block, and write them when it ends, also by an exit code of its own."""
    answers = Answers(destination)
    token = _ANSWERS.set(answers)
    try:
        yield
    except typer.Exit:
        answers.finish()
        raise
    finally:
        _ANSWERS.reset(token)
    answers.finish()


def answering_as_text() -> bool:
    """Whether the command's answers go to standard output as text and nowhere else."""
    answers = _ANSWERS.get()
    return answers is None or answers.destination == Destination(TEXT)


def print_answer(
    answer: Result,
    json: bool = False,
    *,
    parts: Iterable[Block] | None = None,
    record: Record | None = None,
    among: str | None = None,
) -> None:
    """Give the answer of a verb to where the command's answers go: its report, or one JSON object.

    `parts` are those of the report, and `record` gives the JSON, where they are not the answer's own; `among` names the
    list in JSON where a command has several answers.
    """
    from jaksim.report.of import parts_of

    answers = _ANSWERS.get()
    taken = answers or Answers(Destination(JSON if json else TEXT))
    taken.add(answer, parts_of(answer) if parts is None else parts, record or answer.as_dict, among)
    if answers is None:
        taken.finish()
