"""What an analysis method is: one record that says everything of it, the statistic on tables of counts included."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from jaksim.analysis.counts import ESTIMATE, STANDARD_ERROR, CategoryMeanings, Options, Tables, Z, block
from jaksim.analysis.nuisance import Nuisance
from jaksim.analysis.patients import Patients
from jaksim.analysis.result import UNBOUNDED, AnalysisResult
from jaksim.analysis.student import normal_values
from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.key import Key

if TYPE_CHECKING:
    from jaksim.analysis.newton import Fit

EstimateScale = Literal["log_ratio", "difference", "probability"]
Evaluate = Callable[[Tables, CategoryMeanings, Options, Floats], None]
Freedom = Callable[[Tables, CategoryMeanings, Options], Floats]
EvaluateAtMargin = Callable[[Tables, CategoryMeanings, Options, float, Floats], None]


def quiet() -> np.errstate:
    """A table that does not allow an estimate gives NaN or an infinite one: an answer, and no cause for a warning."""
    return np.errstate(divide="ignore", invalid="ignore", over="ignore")


def never(options: Options) -> bool:
    """Under no options."""
    return False


def always(options: Options) -> bool:
    """Under all options."""
    return True


class Interval(Protocol):
    """A confidence interval of one table (2, S, K) that is not Wald's; None where Wald's is asked for."""

    def __call__(
        self, table: Tables, endpoint: CategoryMeanings, options: Options, level: float
    ) -> tuple[float, float] | None: ...


class Details(Protocol):
    """The result of one table (2, S, K) with what the method tells beside its estimate."""

    def __call__(
        self, result: AnalysisResult, table: Tables, endpoint: CategoryMeanings, options: Options, level: float
    ) -> AnalysisResult: ...


class Adjusted(Protocol):
    """The fit to patients with covariates, its first coefficient that of the active arm; a result where it has none."""

    def __call__(self, patients: Patients, options: Options, level: float, *, robust: bool) -> Fit | AnalysisResult: ...


@dataclass(frozen=True)
class Landmark:
    """That a method compares curves at a day, given by `option`; `competing` as cumulative incidences.

    `curves` is False where it compares areas under them up to that day.
    """

    option: str
    competing: bool = False
    curves: bool = True


@dataclass(frozen=True)
class Follows:
    """The smooth test behind an exact one, as `fill` of it, and how far the exact z falls `short` of its z.

    The unit is what z changes when one event moves from one arm to the other: half of it where all of the probability
    of the table seen counts as extreme, none of it where half does.
    """

    fill: Evaluate
    short: float


@dataclass(frozen=True)
class Iterated:
    """What an estimate of one step of Newton's method is the first step to: who gives it, and the estimates (B,)."""

    by: str
    estimate: Callable[[Tables, CategoryMeanings, Options], Floats]


@dataclass(frozen=True, eq=False)
class Method:
    """An analysis that compares the active with the reference arm on tables of counts (arm, stratum, category).

    `fill(tables, endpoint, options, out)` takes tables (B, 2, S, K), reference arm first, with every option, and fills
    out (B, 3): estimate (on `scale`; log for ratios), its standard error, and z for the test of `null`. A replicate
    that does not allow the estimate gives NaN. Counts need not be whole numbers. `fill_at_margin` does the same with z
    for the test of a given value of the estimate, for a method whose variance depends on it.

    What it is: `about` says it in full, `words` in a report, `estimand` in a table of results, `of_one_stratum` the
    same where there is one stratum, if that is something else. `unit` is what a
    difference is counted in: None for percentage points, "" for the unit of the endpoint. `kinds` are the kinds of
    endpoints that it takes, `main` those for which a shoot-out has it among its main methods. `reads` are what it
    wants of an endpoint, an array with a value for each category or "labels" or "better". `orientation` tells what a
    larger estimate means: "event" (more or faster events), "no event" (fewer or slower), "benefit" (better for the
    patient) or "value" (a higher value of the endpoint). `requirement` raises InputError for an endpoint of the right
    kind that still cannot be analysed. `smooth` is False where z is no smooth function of the counts, and so has no
    normal law in large trials. `follows` gives, for an exact test, whose z jumps from table to table, the smooth one
    that it follows under these options. `free_cuts` tells that every cut point between categories has an estimate of
    its own, so that there must be patients on both sides of each; `factor_seconds`, where strata are a factor with a
    parameter each, the seconds of a core per cubed number of strata. `bounds` are those of the estimate on `scale`,
    which an interval does not pass. `freedom` gives the degrees of freedom (B,) of a standard error that is estimated
    from the spread between patients: distances in it have Student's t, which intervals and tests of a given value use;
    z is then the normal value with the same p. `variance_as_known` tells under which options z takes an estimated
    variance for a known one, and so is too large in small trials; `events_in_each` under which it divides by the events
    of each arm of each stratum. `iterated` tells of an estimate of one step from no effect what further steps lead to;
    the two part far from no effect. `null_only` names, by option, the words for a
    test of no difference alone, which is refused at a margin; `one_sided` what takes the place of words for a test
    that is two-sided by nature where a test is one-sided. `within_strata` tells of which options the method sees
    nothing of a value but its order among those of the same stratum, `without_strata` of which it sees no strata;
    `competing` that it is asked for because events compete.

    What it can do besides: an `interval` of its own, `details` beside the estimate, an `adjusted` analysis of patients
    with covariates, `robust` standard errors of patients, patients who are `weighted`,
    patients of a `late_entry` (in the counts, or in the
    adjusted analysis), the `landmark` of a comparison of curves, the `nuisance` parameter that pooled patients show,
    by kind of endpoint, whether it is a `mean_model` (a difference of means, which a linear model of patients
    estimates too), and whether its options hold a prior (`own_prior`).
    """

    name: str
    kinds: tuple[str, ...]
    reads: tuple[str, ...]
    estimand: str
    scale: EstimateScale
    orientation: Literal["event", "no event", "benefit", "value"]
    fill: Evaluate
    fill_at_margin: EvaluateAtMargin | None = None
    about: str | None = None
    words: str = ""
    ratio_name: str | None = None
    unit: str | None = None
    null: float = 0.0
    options: tuple[Key, ...] = ()
    requirement: Callable[[CategoryMeanings], object] | None = None
    smooth: bool = True
    follows: Callable[[Options], Follows] | None = None
    free_cuts: bool = False
    factor_seconds: float | None = None
    bounds: tuple[float, float] = UNBOUNDED
    freedom: Freedom | None = None
    iterated: Iterated | None = None
    null_only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    one_sided: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    variance_as_known: Callable[[Options], bool] = never
    events_in_each: Callable[[Options], bool] = never
    within_strata: Callable[[Options], bool] = never
    without_strata: Callable[[Options], bool] = never
    competing: bool = False
    main: tuple[str, ...] = ()
    interval: Interval | None = None
    details: Details | None = None
    adjusted: Adjusted | None = None
    robust: bool = False
    late_entry: tuple[Literal["counts", "adjusted"], ...] = ()
    weighted: bool = False
    landmark: Landmark | None = None
    nuisance: Mapping[str, Nuisance] = field(default_factory=dict)
    mean_model: bool = False
    own_prior: bool = False
    of_one_stratum: str = ""

    def __post_init__(self) -> None:
        if not self.words:
            object.__setattr__(self, "words", self.name.replace("_", " "))

    def estimand_of(self, strata: int) -> str:
        """The estimand in words where so many strata are analysed."""
        return self.of_one_stratum if strata < 2 and self.of_one_stratum else self.estimand

    @cached_property
    def keys(self) -> Mapping[str, Key]:
        """The options by name."""
        return {key.name: key for key in self.options}

    @cached_property
    def defaults(self) -> Options:
        """The default of every option."""
        return {key.name: key.default for key in self.options}

    def settings(self, given: Options | None = None, *, sides: int = 2) -> dict[str, Any]:
        """All options with the defaults filled in, those of a one-sided test if that is asked.

        InputError for an unknown option or value.
        """
        given = given or {}
        for option, value in given.items():
            if option not in self.keys:
                raise InputError("unknown option", where=f"method {self.name}", allowed=self.keys, got=option)
            key = self.keys[option]
            if value is not None or key.default is not None:
                key.check(value, f"method {self.name}, option {option}")
        return self._complete(given, sides)

    def _complete(self, given: Options, sides: int = 2) -> dict[str, Any]:
        found = {**self.defaults, **given}
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

    def evaluate(self, tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
        """Fill out (B, 3) from tables (B, 2, S, K): estimate, standard error and z for the test of the null."""
        with quiet():
            self.fill(block(tables, out, endpoint), endpoint, {**self.defaults, **options}, out)

    def test_at_margin(
        self, tables: Tables, endpoint: CategoryMeanings, options: Options, value: float, out: Floats
    ) -> None:
        """Fill out (B, 3) as `evaluate`, but with z for the test of `value` (on `scale`) in place of the null.

        z is the distance of the estimate from the value in standard errors, or the normal value with the p of Student's
        t for it where these have degrees of freedom, unless the method knows better. Raises
        InputError for the permutation distribution, which holds where the arms do not differ.
        """
        if options.get("distribution", "normal") != "normal":
            raise InputError(
                "the permutation distribution holds under no difference, not at a margin",
                where=f"method {self.name}, option distribution",
                allowed="normal",
                got=options["distribution"],
            )
        for option, words in self.null_only.items():
            if options.get(option) in words:
                raise InputError(
                    "this test is of no difference, not of one at a margin",
                    where=f"method {self.name}, option {option}",
                    allowed=[word for word in self.keys[option].allowed if word not in words],
                    got=options[option],
                )
        options = self._complete(options, sides=1)
        if self.fill_at_margin is not None:
            with quiet():
                self.fill_at_margin(block(tables, out, endpoint), endpoint, options, value, out)
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
