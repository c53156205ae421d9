"""What was written, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from jaksim.report.blocks import Block
from jaksim.report.parts.layout import AsPrinted, columns, heading, paragraph
from jaksim.verbs.new.new import NewTrial

WHAT: Final = {
    "scale.toml": "the categories and what they mean",
    "evidence.toml": "what is known of control patients, with its source",
    "study.toml": "the disease without the drug, and which figures it has to meet",
    "trial.toml": "the trial: patients, arms, effect, endpoints, analyses",
}


def new_report(found: NewTrial) -> Iterator[Block]:
    """The files with what each is for, and the commands that use them."""
    yield heading("Written")
    yield columns(["File", "What it is"], [(name, _what(name)) for name in found.files])
    yield paragraph(f"In the directory {found.directory}.")
    yield heading("Next")
    yield AsPrinted("\n".join(f"  {command}" for command in found.next))


def _what(name: str) -> str:
    return WHAT.get(name, "a parameter set" if name.endswith(".json") else "the scenario, to be edited")
