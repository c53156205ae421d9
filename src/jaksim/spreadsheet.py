"""Names in CSV files that a spreadsheet would take for formulas and run."""

from __future__ import annotations

import re
from typing import Final

# With an apostrophe in front a spreadsheet takes what follows for text.
_MARK: Final = "'"
_FORMULA: Final = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_NUMBER: Final = re.compile(
    r"\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?(\s*%)?(\s+(points|days))?\s*", re.IGNORECASE | re.ASCII
)


def disarmed(name: str) -> str:
    """The name, with an apostrophe in front where it begins like a formula and is no number."""
    return f"{_MARK}{name}" if _FORMULA.match(name) and not _NUMBER.fullmatch(name) else name


def rearmed(name: str) -> str:
    """The name that `disarmed` was given."""
    return name[1:] if name.startswith(_MARK) and disarmed(name[1:]) == name else name
