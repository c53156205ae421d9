"""Characters that command a terminal, shown instead of obeyed."""

from __future__ import annotations

import re
from typing import Final

# C0 and C1 controls, marks that turn the direction of writing, separators of lines and paragraphs.
_COMMANDS: Final = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
_BUT_LINE_ENDS: Final = re.compile(f"[{_COMMANDS}\t]")
_ALL: Final = re.compile(f"[{_COMMANDS}\t\n]")
_LINE_ENDS: Final = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def printable(text: str) -> str:
    """The text with every control character but line ends written as its escape, such as \\x1b."""
    return _BUT_LINE_ENDS.sub(_escape, text)


def one_line(text: str) -> str:
    """The text with every control character, line ends too, written as its escape."""
    return _ALL.sub(_escape, text)


def without_line_ends(text: str) -> str:
    """The text with every line end written as its escape, other control characters as they are."""
    return _LINE_ENDS.sub(_escape, text)


def json_escaped(document: str) -> str:
    """A JSON document with the control characters inside its strings written as JSON escapes."""
    return _BUT_LINE_ENDS.sub(lambda found: f"\\u{ord(found[0]):04x}", document)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
