"""The tests of survival curves and the formulas for the log-rank test, by the words that a user gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from jaksim.errors import InputError
from jaksim.formulas.nph_size import LogRankWeight
from jaksim.formulas.survival_test import SurvivalTest
from jaksim.plan.question import Formula

TESTS: Final = (
    "log_rank",
    "gehan",
    "fleming_harrington:RHO:GAMMA",
    "modestly_weighted:TIME",
    "max_combo",
    "max_combo:RHO:GAMMA+RHO:GAMMA",
    "rmst:TIME",
    "rmst_ratio:TIME",
    "milestone:TIME",
)
COMBINED: Final = (LogRankWeight(), LogRankWeight(gamma=1.0))
MOST_POWER: Final = 10.0
MOST_COMBINED: Final = 6
FORMULAS: Final[dict[str, Formula]] = {
    "schoenfeld": Formula(
        "Schoenfeld: events",
        "Schoenfeld 1981, Biometrika 68:316",
        (
            "The hazard ratio never changes, and is near 1.",
            "The arms keep their allocation among those at risk; with unequal arms and a large effect they do not.",
        ),
    ),
    "freedman": Formula(
        "Freedman: events",
        "Freedman 1982, Statistics in Medicine 1:121",
        (
            "The hazard ratio never changes.",
            "The arms keep their allocation among those at risk throughout.",
        ),
    ),
    "hsieh_freedman": Formula(
        "Hsieh's form of Freedman's: events",
        "Hsieh 1992, Statistics in Medicine 11:433",
        (
            "The hazard ratio never changes.",
            "The arms keep their allocation among those at risk throughout.",
        ),
    ),
    "lachin_foulkes": Formula(
        "Lachin and Foulkes, log hazard ratio",
        "Lachin and Foulkes 1986, Biometrics 42:507, as in gsDesign's nSurv",
        (
            "The hazard ratio never changes.",
            "The test is of the log hazard ratio, with its variance at the hazards that have no effect.",
        ),
    ),
    "lakatos": Formula(
        "Lakatos: expected score over those at risk",
        "Lakatos 1988, Biometrics 44:229; Yung and Liu 2020, Biometrics 76:939",
        (
            "Large samples: with few events z is not normal.",
            "The variance of z is taken as 1 under the effect too.",
        ),
    ),
    "curves": Formula(
        "Difference of the curves over its standard error",
        "Yung and Liu 2020, Biometrics 76:939",
        (
            "Large samples: Greenwood's variance at the expected numbers at risk.",
            "Little is known of the end of a curve that few patients reach by the analysis.",
        ),
    ),
    "largest": Formula(
        "Largest of correlated log-rank tests",
        "Karrison 2016, Stata Journal 16:678; Yung and Liu 2020, Biometrics 76:939",
        (
            "Large samples: jointly normal z, their correlations those of the expected scores.",
            "A two-sided level is halved, and the half spent on the side of benefit.",
        ),
    ),
}


def test_of(words: str) -> SurvivalTest:
    """The test with this name; InputError for another, with what its numbers may be."""
    name, *numbers = words.strip().split(":")
    if name == "max_combo":
        return SurvivalTest(name, _combined(words.split(":", 1)[1]) if numbers else COMBINED)
    allowed = next((one for one in TESTS if one.split(":")[0] == name), None)
    if allowed is None:
        raise InputError("unknown test", where="‹test›", allowed=TESTS, got=words)
    wanted = allowed.count(":")
    if name == "fleming_harrington":
        rho, gamma = _powers(numbers, words)
        return SurvivalTest(name, (LogRankWeight(rho, gamma),))
    values = _numbers(numbers, words)
    if len(values) != wanted or any(value <= 0.0 for value in values):
        says = f"{allowed}, a time above 0 since entry" if wanted else allowed
        raise InputError("the test has other numbers", where="‹test›", allowed=says, got=words)
    if name == "modestly_weighted":
        return SurvivalTest(name, (LogRankWeight(modest=values[0]),))
    if name == "gehan":
        return SurvivalTest(name, (LogRankWeight(gehan=True),))
    return SurvivalTest(name, at=values[0]) if wanted else SurvivalTest(name)


def words_of(test: SurvivalTest, unit: str) -> str:
    """The test in words."""
    at = f"{test.at:g} {unit}" if test.at is not None else ""
    (weight, *_) = test.weights
    return {
        "log_rank": "log-rank test",
        "gehan": "Gehan's log-rank test",
        "fleming_harrington": f"log-rank test with weights of Fleming and Harrington, {_pair(weight)}",
        "modestly_weighted": f"modestly weighted log-rank test, weights growing for {weight.modest} {unit}",
        "max_combo": "largest of the log-rank tests with weights " + ", ".join(map(_pair, test.weights)),
        "rmst": f"difference of restricted mean times up to {at}",
        "rmst_ratio": f"ratio of restricted mean times up to {at}",
        "milestone": f"difference of Kaplan-Meier estimates at {at}",
    }[test.name]


def _pair(weight: LogRankWeight) -> str:
    return f"({weight.rho:g}, {weight.gamma:g})"


def _combined(text: str) -> tuple[LogRankWeight, ...]:
    found = tuple(LogRankWeight(*_powers(part.split(":"), text)) for part in text.split("+"))
    if len(set(found)) != len(found) or not 2 <= len(found) <= MOST_COMBINED:
        allowed = f"2 to {MOST_COMBINED} different weights, such as max_combo:0:0+0:1"
        raise InputError("the largest is of several tests", where="‹test›", allowed=allowed, got=text)
    return found


def _powers(numbers: Sequence[str], words: str) -> tuple[float, float]:
    values = _numbers(numbers, words)
    if len(values) != 2 or not all(0.0 <= value <= MOST_POWER for value in values):
        allowed = f"RHO:GAMMA, each 0 to {MOST_POWER:g}, such as fleming_harrington:0:1"
        raise InputError("weights are two powers", where="‹test›", allowed=allowed, got=words)
    return values[0], values[1]


def _numbers(numbers: Sequence[str], words: str) -> list[float]:
    try:
        return [float(number) for number in numbers]
    except ValueError:
        raise InputError("holds what is no number", where="‹test›", allowed=TESTS, got=words) from None
