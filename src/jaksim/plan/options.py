"""What every kind of `jaksim plan` takes, and options that may be a list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from os import PathLike
from typing import Any, Final

from jaksim.errors import InputError
from jaksim.verbs.options.base import Flag, Options, option

NUMBERS: Final = "N[,N,...]"
REPLICATES: Final = 20_000
SEED: Final = 1
_PLAIN: Final = re.compile(r"[+-]?[0-9]*\.?[0-9]*", re.ASCII)


@dataclass(frozen=True)
class Varied(Flag):
    """The flag of an option that is one value, or a list of them for a table of every combination."""


def varied(help: str, default: Any = None, *, metavar: str = NUMBERS, flag: str | None = None) -> Any:
    """A field of options that is a number or a list of numbers."""
    made = Varied(help, flag, metavar=metavar, holds=str | None, read=read_numbers, shown=default is not None)
    return field(default=default, metadata={"flag": made})


def varied_words(help: str, default: Any = None, *, metavar: str, flag: str | None = None) -> Any:
    """A field of options that is a word or a list of words."""

    def read(text: str | None) -> str | tuple[str, ...] | None:
        return default if text is None else read_words(text)

    made = Varied(help, flag, metavar=metavar, holds=str | None, read=read)
    return field(default=default, metadata={"flag": made})


def distributions(help: str, *, metavar: str = "P1,P2,...", flag: str | None = None) -> Any:
    """A field of options that is a list of numbers, or several such lists, one for each stratum."""
    return option(None, help, flag=flag, metavar=metavar, holds=list[str] | None, read=read_distributions)


def read_numbers(text: str | None) -> float | tuple[float, ...] | None:
    """One number, or several with commas between them; one that ends in % is in hundredths."""
    if text is None:
        return None
    try:
        found = tuple(_number(part.strip()) for part in text.split(","))
    except ValueError:
        raise InputError("must be a number, or numbers with commas between them", got=text) from None
    return found[0] if len(found) == 1 else found


def _number(part: str) -> float:
    if not part.endswith("%"):
        return float(part)
    share = part.removesuffix("%").strip()
    # As the decimal that one would have written; 100 x 0.07 is not 7.
    return float(f"{share}e-2") if _PLAIN.fullmatch(share) else float(share) / 100.0


def read_words(text: str) -> str | tuple[str, ...]:
    """One word, or several with commas between them."""
    return tuple(part.strip() for part in text.split(",")) if "," in text else text


def read_distributions(texts: list[str] | None) -> tuple[float, ...] | tuple[tuple[float, ...], ...] | None:
    """Lists of numbers, one for each time that the flag was given."""
    if not texts:
        return None
    read = [read_numbers(text) for text in texts]
    lists = tuple((one,) if isinstance(one, float) else one for one in read if one is not None)
    return lists[0] if len(lists) == 1 else lists


@dataclass(frozen=True, kw_only=True)
class PlanOptions(Options):
    """Two of power, size and effect, the test, and what is to be done with the answer.

    A kind derives its own options from these. Values that are `varied` may be lists.
    """

    power: float | Sequence[float] | None = varied("Power wanted; solved for when left out.")
    patients: float | Sequence[float] | None = varied("Patients of both arms together; solved for when left out.")
    hypothesis: str | None = option(
        None, "superiority, non-inferiority or equivalence; superiority when left out, without a margin."
    )
    margin: float | Sequence[float] | None = varied(
        "Margin: an amount above 0 on a scale of differences, on one of ratios the limit itself."
    )
    alpha: float | Sequence[float] | None = varied(
        "Level, of both tails together with two sides; 0.05, and 0.025 with one side."
    )
    sides: int | None = option(None, "1 or 2; 2 for superiority, 1 with a margin.")
    allocation: str | Sequence[str] = varied_words("Active to reference.", "1:1", metavar="A:R[,A:R,...]")
    looks: float | Sequence[float] | None = option(
        None,
        "Analyses: their number, or their shares of the information up to 1, such as .5,.75,1.",
        metavar="N|F1,F2,...",
        holds=str | None,
        read=read_numbers,
    )
    spending: str | None = option(
        None,
        "Bounds of the analyses in the words of `jaksim boundaries`, such as obrien-fleming, pocock, hsd:-4, power:3, "
        "wang-tsiatis:0.25, haybittle-peto:3; obrien-fleming when left out.",
    )
    futility: str | None = option(
        None, "Stopping for futility: a spending function for beta, z:B1,B2,..., cp:LEVEL or cp-trend:LEVEL."
    )
    binding: bool = option(False, "Futility binds: alpha counts on stopping there.", flag="--binding")
    write: str | PathLike[str] | None = option(
        None, "Write the scenario file that says the same, of the first design.", metavar="FILE", holds=str | None
    )
    simulate: bool = option(False, "Simulate each design beside its formula.", flag="--simulate")
    replicates: int | None = option(None, "Simulated trials of each design; 20,000 when left out.", low=100)
    seed: int | None = option(None, "Seed of the random numbers, 0 to 2**64 - 1; 1 when left out.")

    def __post_init__(self) -> None:
        for one in fields(self):
            object.__setattr__(self, one.name, plain_lists(getattr(self, one.name)))
        super().__post_init__()


def plain_lists(value: Any) -> Any:
    """Arrays and lists, also inside each other, as tuples of plain values; anything else as it is."""
    plain = value.tolist() if hasattr(value, "tolist") else value
    return tuple(map(plain_lists, plain)) if isinstance(plain, list | tuple | range) else plain


def varied_names(options: Options) -> tuple[str, ...]:
    """The options that may be lists."""
    return tuple(one.name for one in fields(options) if isinstance(one.metadata.get("flag"), Varied))
