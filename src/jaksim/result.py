"""What every answer of a verb can do: be shown, written, tabulated, traced."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, overload

from jaksim.escapes import printable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SHOWN = 4
"""So many rows stand in the short form of an answer."""


class Result:
    """The answer of a verb: a short `repr`, `report()`, `to_pandas()`, `as_dict()` and its `provenance`.

    A dataclass that derives from it names its rows by `rows()` and itself by `headline()`; `asked` is what the verb was
    asked about, such as the scenario, which a report quotes and `as_dict` leaves out.
    """

    provenance: Mapping[str, Any]
    asked: Any = None

    def headline(self) -> str:
        """What this is an answer to, in one line."""
        return type(self).__name__

    def rows(self) -> Sequence[Mapping[str, Any]]:
        """The answer as rows of a table, plain values by column."""
        raise NotImplementedError

    def short_rows(self) -> Sequence[Mapping[str, Any]]:
        """What of each row stands in the `repr`."""
        return self.rows()

    def contents(self) -> Mapping[str, Any]:
        """Everything by name, numbers as they were computed: infinite and NaN where a value does not exist."""
        return asdict(self)  # type: ignore[call-overload, no-any-return]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON: numbers, text, lists and objects, None where a value does not exist."""
        return {str(key): plain(value) for key, value in self.contents().items()}

    def to_pandas(self) -> pd.DataFrame:
        """One row for each part of the answer; `DataFrame.attrs` carries the provenance."""
        import pandas as pd

        frame = pd.DataFrame([dict(row) for row in self.rows()])
        frame.attrs["provenance"] = dict(self.provenance)
        return frame

    @overload
    def report(self, format: Literal["text", "json", "markdown", "html", "csv", "latex"] = "text") -> str: ...

    @overload
    def report(self, format: Literal["docx"]) -> bytes: ...

    @overload
    def report(self, format: Literal["csv"], *, table: str | None) -> str: ...

    def report(self, format: str = "text", *, table: str | None = None) -> str | bytes:
        """The whole answer as the command of the same name prints it with `--format`: text, or bytes of a DOCX.

        HTML and DOCX have the figure of an answer that has one. `table` is one of the tables by its heading, for csv.
        """
        # A report stands above what it reports, so it is looked up when it is asked for.
        written: str | bytes = import_module("jaksim.report.of").report_of(self, format, table)
        return written

    def plot(self, path: str | os.PathLike[str] | None = None) -> Figure:
        """A figure of the answer (matplotlib), also written to `path`, a PNG, SVG or PDF file, where one is given.

        InputError, which names the answers that have a plot, for any other.
        """
        figure: Figure = import_module("jaksim.report.plots.of").plot_of(self, path)
        return figure

    def _repr_html_(self) -> str:
        html: str = import_module("jaksim.report.of").html_of(self)
        return html

    def __repr__(self) -> str:
        rows = self.short_rows()
        lines = [_short(row) for row in rows[:SHOWN]]
        more = [f"... {len(rows) - SHOWN} more"] if len(rows) > SHOWN else []
        return printable("\n  ".join([f"<{self.headline()}>", *lines, *more]))


def plain_values(result: Any) -> dict[str, Any]:
    """A dataclass as plain values: numbers, text, lists and objects, None where a value does not exist."""
    return {key: plain(value) for key, value in asdict(result).items()}


def plain(value: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    return value if isinstance(value, str | bool | int | float) or value is None else str(value)


def _short(row: Mapping[str, Any]) -> str:
    return ", ".join(_cells(row))


def _cells(row: Mapping[str, Any]) -> Iterator[str]:
    for key, value in row.items():
        if value is None or value == "":
            continue
        yield f"{key} {_number(value)}" if isinstance(value, float) else f"{key} {value}"


def _number(value: float) -> str:
    """A number in few digits, infinity in words as in a report, - where there is none."""
    if math.isnan(value):
        return "-"
    return f"{value:.4g}" if math.isfinite(value) else "infinity" if value > 0 else "-infinity"
