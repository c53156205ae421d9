"""How a text file of patients is written, as far as the file itself does not tell."""

from __future__ import annotations

import codecs
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from jaksim.datafile import text_of
from jaksim.errors import InputError
from jaksim.patient_data.reading.columns import MISSING_WORDS, number_of

DECIMALS: Final = ("point", "comma")
_OF_MARK: Final = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_COMMON: Final = ("utf-8", "cp1252", "latin-1", "utf-16", "cp1250", "shift_jis", "gb18030")
_NOT_TEXT: Final = {
    b"PK\x03\x04": ("a spreadsheet or an archive", "the sheet saved as CSV"),
    b"\xd0\xcf\x11\xe0": ("an old spreadsheet", "the sheet saved as CSV"),
    b"\x1f\x8b": ("compressed (gzip)", "the file unpacked; in a shell <(zcat FILE)"),
    b"BZh": ("compressed (bzip2)", "the file unpacked; in a shell <(bzcat FILE)"),
    b"\xfd7zXZ": ("compressed (xz)", "the file unpacked; in a shell <(xzcat FILE)"),
    b"RDX": ("data saved by R", "write.csv(DATA, FILE) in R"),
    b"RDA": ("data saved by R", "write.csv(DATA, FILE) in R"),
    b"%PDF": ("a PDF document", "the table as text"),
    b"SQLite format": ("a database", "the table saved as CSV"),
    b"$FL2": ("data saved by SPSS", "the data saved as CSV"),
    b"$FL3": ("data saved by SPSS", "the data saved as CSV"),
}
"""What is no text, by how it begins, and what to give instead."""


@dataclass(frozen=True)
class TextForm:
    """The `encoding` of a text file, its `decimal` mark, and whether the line below the header holds `labels`."""

    encoding: str | None = None
    decimal: str | None = None
    labels: bool = False

    def __post_init__(self) -> None:
        if self.decimal is not None and self.decimal not in DECIMALS:
            raise InputError("unknown mark of decimals", where="‹decimal›", allowed=DECIMALS, got=self.decimal)
        if self.encoding is not None:
            try:
                b"a".decode(self.encoding, "replace")
            except (LookupError, ValueError):  # other codecs, such as hex, are no encodings of text
                raise InputError("unknown encoding", where="‹encoding›", allowed=_COMMON, got=self.encoding) from None

    def text(self, content: bytes, where: str) -> str:
        """The text of a file; InputError for what is none, with what to give instead."""
        for mark, (what, instead) in _NOT_TEXT.items():
            if content.startswith(mark):
                raise InputError(f"the file is {what}", where=where, allowed=instead)
        encoding = self.encoding or next((name for mark, name in _OF_MARK.items() if content.startswith(mark)), None)
        if encoding is not None:
            try:
                return text_of(content.decode(encoding).encode("utf-8"), where=where)
            except UnicodeError:
                raise InputError(
                    f"the file is not text in {encoding}", where=where, allowed="another ‹encoding›"
                ) from None
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as fault:
            if b"\0" not in content:
                line = content.count(b"\n", 0, fault.start) + 1
                raise InputError(
                    f"line {line} is not text in UTF-8",
                    where=where,
                    allowed="‹encoding=cp1252›, that of Windows in western Europe, latin-1, or as it was written",
                ) from None
        return text_of(content, where=where)


def without_labels(columns: Mapping[str, tuple[str, ...]], where: str) -> dict[str, tuple[str, ...]]:
    """The columns without their first row; InputError unless it has words where all other rows have numbers."""
    if not labelled(columns):
        raise InputError(
            "the line below the header reads like the others", where=f"‹labels›, {where}", allowed="a line of labels"
        )
    return {name: values[1:] for name, values in columns.items()}


def check_labels(columns: Mapping[str, tuple[str, ...]], where: str) -> None:
    """InputError where the first row has words in several columns of numbers, as a line of labels has."""
    found = labelled(columns)
    if len(found) > 1:
        raise InputError(
            "the line below the header reads like labels",
            where=where,
            allowed="‹labels› leaves it out",
            got=", ".join(columns[name][0] for name in found),
        )


def labelled(columns: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Columns with a word in the first row and numbers in all others."""
    return [
        name
        for name, values in columns.items()
        if values[0].strip()[:1].isalpha()
        and len(values) > 1
        and not _known(values[0])
        and all(_known(value) for value in values[1:])
        and any(value.strip()[-1:].isdigit() for value in values[1:])
    ]


def _known(value: str) -> bool:
    word = value.strip().replace(",", ".", 1)
    return word.casefold() in MISSING_WORDS or not math.isnan(number_of(word))


AS_IT_STANDS: Final = TextForm()
