"""What commands write: one JSON object or tables on standard output, notes on standard error."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import typer

from jaksim.errors import InputError
from jaksim.escapes import json_escaped, printable
from jaksim.result import plain

if TYPE_CHECKING:
    from jaksim.report.blocks import Block

_FULL_OR_GONE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})

_PLAIN: Final = str.maketrans({"─": "-", "\u00a0": " ", "±": "+-", "×": "x", "–": "-", "—": "-", "’": "'"})


def write_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object on standard output; numbers that are not finite become null.

    Letters that the encoding of the output may lack are written as escapes of JSON.
    """
    unicode = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"
    _write(json_escaped(json.dumps(plain(value), indent=2, ensure_ascii=not unicode, allow_nan=False)))


def write_text(text: str) -> None:
    """Print text on standard output, control characters in names as escapes."""
    _write(printable(text))


def note(text: str) -> None:
    """Print progress or a remark on standard error, where there is one to print on."""
    if sys.stderr is not None:  # print would take standard output instead
        with suppress(OSError):
            print(printable(text), file=sys.stderr, flush=True)  # noqa: T201


def write_document(document: str | bytes) -> None:
    """Print a document in another format than text on standard output: as UTF-8, in which it says that it is written.

    A terminal gets it in its own encoding.
    """
    if sys.stdout is None:
        raise InputError("is closed", where="standard output")
    if isinstance(document, str) and (sys.stdout.isatty() or not hasattr(sys.stdout, "buffer")):
        _write(document.removesuffix("\n"))
        return
    with output_faults():
        sys.stdout.flush()
        sys.stdout.buffer.write(document.encode("utf-8") if isinstance(document, str) else document)
        sys.stdout.buffer.flush()


def print_report(parts: Iterable[Block]) -> None:
    """Print a report; a terminal gets bold headings and its own width, up to 120 characters."""
    from jaksim.report.formats.text import as_text, print_on_terminal

    if sys.stdout is not None and sys.stdout.isatty():
        with output_faults():
            print_on_terminal(parts)
    else:
        _write(as_text(parts))


@contextmanager
def output_faults() -> Iterator[None]:
    """What happens when standard output cannot take what is written to it.

    A reader that has closed it, such as `head`, ends the command in peace; a full disk is an InputError.
    """
    try:
        yield
    except BrokenPipeError:
        turn_away()
        raise typer.Exit from None
    except OSError as error:
        if error.filename is not None or error.errno not in _FULL_OR_GONE:
            raise
        turn_away()
        raise InputError(f"cannot be written: {error.strerror}", where="standard output") from None


def _write(text: str) -> None:
    if sys.stdout is None:
        raise InputError("is closed", where="standard output")
    with output_faults():
        print(_in_letters_of(sys.stdout.encoding, text), flush=True)  # noqa: T201


def _in_letters_of(encoding: str | None, text: str) -> str:
    """The text with lines, blanks and signs of tables as an encoding without them has them."""
    try:
        text.encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return text.translate(_PLAIN)
    return text


def turn_away() -> None:
    """Let what is still to be written go nowhere, for Python tries again when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
