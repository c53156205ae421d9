"""What an analysis method is: a named function from tables of counts to an estimate, its standard error and z."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.student import normal_values
from jaksim.errors import InputError

ESTIMATE, STANDARD_ERROR, Z = 0, 1, 2
REFERENCE_ARM, ACTIVE_ARM = 0, 1

Tables = NDArray[np.float64]
EstimateScale = Literal["log_ratio", "difference", "probability"]


class CategoryMeanings(Protocol):
    """What a method reads of an endpoint: its kind, and arrays (K,) that give each category its meaning."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def better(self) -> str: ...
    @property
    def time(self) -> NDArray[np.float64]: ...
    @property
    def status(self) -> NDArray[np.int64]: ...
    @property
    def rank(self) -> NDArray[np.int64]: ...


Freedom = Callable[[Tables, CategoryMeanings, Mapping[str, Any]], NDArray[np.float64]]
Evaluate = Callable[[Tables, CategoryMeanings, Mapping[str, Any], NDArray[np.float64]], None]
EvaluateAgainst = Callable[[Tables, CategoryMeanings, Mapping[str, Any], float, NDArray[np.float64]], None]


@dataclass(frozen=True)
class Follows:
    """The smooth test behind an exact one, as `evaluate` of it, and how far the exact z falls `short` of its z.

    The unit is what z changes when one event moves from one arm to the other: half of it where all of the probability
    of the table seen counts as extreme, none of it where half does.
    """

    evaluate: Evaluate
    short: float


@dataclass(frozen=True)
class Iterated:
    """What an estimate of one step of Newton's method is the first step to: who gives it, and the estimates (B,)."""

    by: str
    estimate: Callable[[Tables, CategoryMeanings, Mapping[str, Any]], NDArray[np.float64]]


@dataclass(frozen=True)
class Method:
    """An analysis that compares the active with the reference arm on tables of counts (arm, stratum, category).

    `evaluate(tables, endpoint, options, out)` takes tables (B, 2, S, K), reference arm first, and fills out (B, 3):
    estimate (on `scale`; log for ratios), its standard error, and z for the test of `null`. A replicate that does not
    allow the estimate gives NaN. Counts need not be whole numbers. `options` maps an option's name to its default
    and a description; `choices` lists the allowed values of those that are words. `orientation` tells what a larger
    estimate means: "event" (more or faster events), "no event" (fewer or slower), "benefit" (better for the patient) or
    "value" (a higher value of the endpoint). `requirement` raises
    InputError for an endpoint of the right kind that still cannot be analysed. `evaluate_against` is `evaluate` with z
    for the test of a given value of the estimate, for a method whose variance depends on it. `smooth` is False where z
    is no smooth function of the counts, and so has no normal law in large trials. `follows` gives, for an exact test,
    whose z jumps from table to table, the smooth one that it follows under these options. `free_cuts` tells that every
    cut point between categories has an estimate of its own, so that there must be patients on both sides of each.
    `bounds` are those of the estimate on `scale`, which an interval does not pass. `freedom` gives the degrees of
    freedom (B,) of a standard error that is estimated from the spread between patients: distances in it have Student's
    t, which intervals and tests of a given value use; z is then the normal value with the same p. `iterated` tells of
    an estimate of one step from no effect what further steps lead to; the two part far from no effect. `null_only`
    names, by option, the words for a test of no difference alone, which is refused at a margin; `one_sided` what takes
    the place of words for a test that is two-sided by nature where a test is one-sided.
    """

    name: str
    kinds: tuple[str, ...]
    estimand: str
    scale: EstimateScale
    evaluate: Evaluate
    orientation: Literal["event", "no event", "benefit", "value"]
    ratio_name: str | None = None
    null: float = 0.0
    options: Mapping[str, tuple[Any, str]] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    requirement: Callable[[CategoryMeanings], object] | None = None
    evaluate_against: EvaluateAgainst | None = None
    smooth: bool = True
    follows: Callable[[Mapping[str, Any]], Follows] | None = None
    free_cuts: bool = False
    bounds: tuple[float, float] = (-math.inf, math.inf)
    freedom: Freedom | None = None
    iterated: Iterated | None = None
    null_only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    one_sided: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def settings(self, given: Mapping[str, Any] | None = None, *, sides: int = 2) -> dict[str, Any]:
        """All options with the defaults filled in, those of a one-sided test if that is asked; InputError for an
        unknown option or value."""
        given = given or {}
        for option, value in given.items():
            if option not in self.options:
                raise InputError("unknown option", where=f"method {self.name}", allowed=self.options, got=option)
            if option in self.choices and value not in self.choices[option]:
                raise InputError(
                    "unknown value",
                    where=f"method {self.name}, option {option}",
                    allowed=self.choices[option],
                    got=value,
                )
        found = {option: given.get(option, default) for option, (default, _) in self.options.items()}
        for option, words in self.one_sided.items() if sides == 1 else ():
            found[option] = words.get(found[option], found[option])
        return found

    def check(self, endpoint: CategoryMeanings) -> None:
        """Raise InputError when this method does not apply to the endpoint."""
        if endpoint.kind not in self.kinds:
            raise InputError(
                f"endpoint '{endpoint.name}' is of kind '{endpoint.kind}'",
                where=f"method {self.name}",
                allowed="endpoints of kind " + ", ".join(self.kinds),
            )
        if self.requirement is not None:
            self.requirement(endpoint)

    def test_against(
        self,
        tables: Tables,
        endpoint: CategoryMeanings,
        options: Mapping[str, Any],
        value: float,
        out: NDArray[np.float64],
    ) -> None:
        """Fill out (B, 3) as `evaluate`, but with z for the test of `value` (on `scale`) in place of the null.

        z is the distance of the estimate from the value in standard errors, or the normal value with the p of Student's
        t for it where these have degrees of freedom, unless the method knows better. Raises
        InputError for the permutation distribution, which holds where the arms do not differ.
        """
        if options.get("distribution", "normal") != "normal":
            raise InputError(
                "randomisation tells the distribution of no difference only, not that at a margin",
                where=f"method {self.name}, option distribution",
                allowed="normal",
                got=options["distribution"],
            )
        for option, words in self.null_only.items():
            if options.get(option) in words:
                raise InputError(
                    "this test is of no difference, not of one at a margin",
                    where=f"method {self.name}, option {option}",
                    allowed=[word for word in self.choices[option] if word not in words],
                    got=options[option],
                )
        options = self.settings(options, sides=1)
        if self.evaluate_against is not None:
            self.evaluate_against(tables, endpoint, options, value, out)
            return
        self.evaluate(tables, endpoint, options, out)
        error = out[:, STANDARD_ERROR]
        out[:, Z] = np.divide(out[:, ESTIMATE] - value, error, out=np.full(len(out), np.nan), where=error > 0.0)
        if self.freedom is not None:
            out[:, Z] = normal_values(out[:, Z], self.freedom(tables, endpoint, options))

    def benefit_sign(self, endpoint: CategoryMeanings) -> int:
        """+1 when an estimate above the null favours the active arm, -1 when one below it does."""
        opposite = (("event", "no event"), ("no event", "event"), ("value", "lower value"))
        return -1 if (self.orientation, endpoint.better) in opposite else 1


def block(tables: Tables, out: NDArray[np.float64], n_categories: int) -> Tables:
    """The tables as C-contiguous float64 after their shape is checked against `out` and the endpoint."""
    tables = np.require(tables, np.float64, ["C", "W"])
    if tables.ndim != 4 or tables.shape[1] != 2 or tables.shape[3] != n_categories:
        raise InputError("tables have the wrong shape", allowed=f"(B, 2, S, {n_categories})", got=tables.shape)
    if out.shape != (tables.shape[0], 3):
        raise InputError("out has the wrong shape", allowed=f"({tables.shape[0]}, 3)", got=out.shape)
    return tables
