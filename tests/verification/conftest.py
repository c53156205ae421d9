"""Measured numbers are written as Markdown tables, for docs/verification."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Row = tuple[object, ...]


@pytest.fixture(scope="session")
def measured() -> Iterator[Callable[[str, Row, Row], None]]:
    """Add a row to the table of a name; at the end each goes to out/verification/NAME.md, headers first."""
    tables: dict[str, dict[Row, list[Row]]] = {}

    def add(name: str, headers: Row, row: Row) -> None:
        tables.setdefault(name, {}).setdefault(headers, []).append(row)

    yield add
    folder = ROOT / "out" / "verification"
    folder.mkdir(parents=True, exist_ok=True)
    for name, parts in tables.items():
        text = "\n".join(_markdown(headers, rows) for headers, rows in parts.items())
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


def _markdown(headers: Row, rows: list[Row]) -> str:
    lines = [headers, tuple("---" for _ in headers), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)
