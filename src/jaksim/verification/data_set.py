"""Public data sets that worked results are about, as files that ship with the package."""

from __future__ import annotations

import csv
from importlib import resources


def read_data(name: str) -> dict[str, list[str]]:
    """The columns of a CSV file of `verification/data` by name; a line that begins with # tells its origin."""
    text = (resources.files("jaksim.verification") / "data" / name).read_text("utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    return {column: [row[column] for row in rows] for column in rows[0]}
