"""What a kind of endpoints is: one record that says everything that all of its endpoints have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from numpy.typing import NDArray

from jaksim.arrays import Floats, Integers

Unit = Literal["days", "score", "rank"]
Strategies = Mapping[str, Mapping[str, int]]

IGNORE, CENSOR, FAILURE, WORST, COMPETING, CARRY, UNKNOWN, END = range(8)
"""What an intercurrent event can do to an endpoint that is not known yet."""


class CategoryMeanings(Protocol):
    """What is read of an endpoint: its kind, and arrays (K,) that give each category its meaning."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def better(self) -> str: ...
    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def time(self) -> Floats: ...
    @property
    def status(self) -> Integers: ...
    @property
    def rank(self) -> Integers: ...
    @property
    def value(self) -> Floats: ...


class Measured(CategoryMeanings, Protocol):
    """An endpoint that tells what its values count."""

    @property
    def unit(self) -> str: ...


@dataclass(frozen=True, eq=False)
class Kind:
    """The endpoints whose categories mean the same sort of thing, and which the same methods analyse.

    In pictures and reports a kind has a `colour` and `words`. `unit` is what a value counts unless an endpoint says
    otherwise, `column` the ending of the column of a data set that holds it, None where no single column does, and
    `better` what a user may call good for the patient there, the default first, with what the endpoint then says.

    `timed` tells that patients have a time at which the event came or they were last seen, `has_event` that there is
    an event to count. `strategies` are those for intercurrent events, the default first, and what each does; where an
    event ends the days that count, `ends_days` tells so. `told_by` is the array that tells of categories given by hand
    that they are of this kind, and `usual` what is good for the patient there.

    Functions of an endpoint: `summary` of a law (K,) or of counts is what `Endpoint.summary` gives; `measure` names the
    mean by which arms are compared and `scores` gives its value for each category; `arm_value` is that mean under a
    law (K,) in a number and in words, with its summary at hand; `tally` tells in plain numbers what became of the
    patients of a data set, from counts (K,); `columns` are those of a table of patients, by their endings, from the
    category (n,) of each.
    """

    name: str
    colour: str
    unit: Unit
    summary: Callable[[CategoryMeanings, Floats], dict[str, Any]]
    measure: Callable[[Measured], str]
    scores: Callable[[CategoryMeanings], Floats]
    arm_value: Callable[[Measured, Floats, Mapping[str, Any]], tuple[float | None, str]]
    tally: Callable[[CategoryMeanings, Floats], dict[str, Any]]
    columns: Callable[[Measured, Any], dict[str, NDArray[Any]]]
    strategies: Strategies
    told_by: str
    usual: str
    column: str | None = None
    better: Mapping[str, str] | None = None
    timed: bool = False
    has_event: bool = False
    ends_days: bool = False
    words: str = ""

    def __post_init__(self) -> None:
        if not self.words:
            object.__setattr__(self, "words", self.name.replace("_", " "))
