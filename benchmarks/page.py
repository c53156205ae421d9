"""Writes the tables and figures of docs/performance.md from a run: `python -m benchmarks.page out/benchmarks.json`.

A table stands between `<!-- table NAME -->` and `<!-- end -->`. What the run has left out stays as it is.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from benchmarks.figures import FIGURES, write_figure
from benchmarks.results import Missing, Results, read_results
from benchmarks.tables import TABLES

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
PICTURES = PAGE.with_name("figures")
PLACE = re.compile(r"(<!-- table (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def with_tables(text: str, results: Results) -> str:
    """The page with every table of the run written anew."""

    def written(place: re.Match[str]) -> str:
        begin, name, end = place.groups()
        try:
            lines = TABLES[name](results)
        except Missing as left_out:
            print(f"table {name} stays as it is: the run has no {left_out}")
            return place.group()
        return begin + "\n" + "\n".join(lines) + "\n\n" + end

    return PLACE.sub(written, text)


def main(file: str) -> None:
    results = read_results(Path(file))
    PAGE.write_text(with_tables(PAGE.read_text(), results))
    PICTURES.mkdir(exist_ok=True)
    for name, draw in FIGURES.items():
        try:
            write_figure(draw, results, PICTURES / f"performance-{name}.svg")
        except Missing as left_out:
            print(f"figure {name} stays as it is: the run has no {left_out}")


if __name__ == "__main__":
    main(*sys.argv[1:])
