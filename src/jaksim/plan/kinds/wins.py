"""Wins and losses: from stated win odds, win ratio or net benefit, from distributions, or from two times."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from jaksim.checks import known, number
from jaksim.errors import InputError
from jaksim.formulas.two_times import Follow, TwoTimes
from jaksim.formulas.win_law import MEASURES, ordinal_win_law
from jaksim.formulas.win_size import wins_losses_ties
from jaksim.plan.allocation import allocation_of
from jaksim.plan.answer import Plan
from jaksim.plan.ask import answer
from jaksim.plan.distribution import distributions_of
from jaksim.plan.options import PlanOptions, distributions, varied
from jaksim.plan.pairs.ordinal import PERMUTATION, TESTS, WALD, OrdinalWins
from jaksim.plan.pairs.stated import RATIO, StatedWins, scale_of
from jaksim.plan.pairs.times import EXACT, FORMULAS_OF_TIMES, MAO, Slopes, TimesWins
from jaksim.plan.question import Question
from jaksim.plan.rule import SUPERIORITY
from jaksim.plan.statistic import Scale
from jaksim.verbs.options.base import option, takes

_TIMES: Final = (
    "death_rate",
    "death_median",
    "event_rate",
    "event_median",
    "hazard_ratio",
    "death_hazard_ratio",
    "kappa",
    "accrual",
    "follow_up",
    "dropout_hazard",
    "variance",
    "slopes",
    "formula",
)
_OF_ORDERED: Final = ("control", "active", "test")
_OF_STATED: Final = ("ties", "sd")
_WORDS: Final = {"win_odds": "win odds", "win_ratio": "win ratio", "net_benefit": "net benefit"}


@dataclass(frozen=True, kw_only=True)
class WinsOptions(PlanOptions):
    """The win statistic, and one of three ways to say what it rests on."""

    measure: str | None = option(
        None,
        "win_odds, win_ratio or net_benefit: what is tested; the one given, else win_odds, of two times win_ratio.",
    )
    win_odds: float | Sequence[float] | None = varied("Wins and half the ties over the other pairs.")
    win_ratio: float | Sequence[float] | None = varied("Wins over losses.")
    net_benefit: float | Sequence[float] | None = varied("Wins less losses, in parts of all pairs.")
    ties: float | Sequence[float] | None = varied("Share of the pairs that tie; with the win ratio.")
    sd: float | Sequence[float] | None = varied("Standard deviation of the win probability, of a pilot trial.")
    control: Sequence[float] | None = distributions(
        "Probabilities of the categories in the reference arm, the best first."
    )
    active: Sequence[float] | None = distributions(
        "Probabilities in the active arm; by proportional odds from the win statistic when left out."
    )
    worst_first: bool = option(False, "The distributions have the worst category first.", flag="--worst-first")
    test: str | None = option(None, "wald or permutation (without effect, Finkelstein-Schoenfeld); wald when left out.")
    death_rate: float | Sequence[float] | None = varied("Hazard of death in the reference arm.")
    death_median: float | Sequence[float] | None = varied("Median time to death instead.")
    event_rate: float | Sequence[float] | None = varied("Hazard of the second event, by itself.")
    event_median: float | Sequence[float] | None = varied("Median time to the second event instead.")
    hazard_ratio: float | Sequence[float] | None = varied(
        "Hazard ratio of both times, active over reference; solved for when left out."
    )
    death_hazard_ratio: float | Sequence[float] | None = varied("That of death, if it is another.")
    kappa: float | Sequence[float] | None = varied(
        "Parameter of the copula, 1 or more; 1, independent times, when left out."
    )
    accrual: float | Sequence[float] | None = varied("How long patients enter; 0 for all at once.")
    follow_up: float | Sequence[float] | None = varied("How long the last patient is followed.")
    dropout_hazard: float | Sequence[float] | None = varied("Hazard of being lost.")
    formula: str | None = option(None, "u_statistic (law under the effect) or mao (without); for two times.")
    variance: float | None = option(None, "Of Mao's formula, of a pilot trial: that of a patient's wins less losses.")
    slopes: Sequence[float] | None = distributions(
        "Of Mao's formula: derivatives of the net benefit for death and for the event.", metavar="DEATH,EVENT"
    )


def question_of(options: WinsOptions) -> Question:
    """The question that the options of one design ask; InputError for what is contradictory or out of range."""
    if options.measure is not None:
        known(options.measure, MEASURES, "measure", "‹measure›")
    if any(getattr(options, name) is not None for name in _TIMES):
        _none_of(options, (*_OF_ORDERED, *_OF_STATED, *MEASURES), "of two times")
        return _of_times(options)
    if options.control is not None:
        _none_of(options, _OF_STATED, "of distributions")
        return _of_distributions(options)
    _none_of(options, _OF_ORDERED, "without ‹control›")
    if options.worst_first:
        raise InputError("is of distributions", where="‹worst_first›", allowed="with ‹control›")
    return _of_stated(options)


def _of_stated(options: WinsOptions) -> StatedWins:
    given = {name: _measured(options, name) for name in MEASURES if getattr(options, name) is not None}
    ties = None if options.ties is None else _share(options.ties, "‹ties›")
    measure = options.measure
    if set(given) == {"win_odds", "win_ratio"}:
        if ties is not None:
            raise InputError("follow from win odds and win ratio", where="‹ties›", allowed="one of the three left out")
        ties = wins_losses_ties(given["win_odds"], given["win_ratio"], 1.0)[2]
        measure = measure or RATIO
    elif len(given) > 1:
        places = ", ".join(f"‹{name}›" for name in given)
        raise InputError("say the same", where=places, allowed="one of them, or ‹win_odds› and ‹win_ratio›")
    measure = measure or next(iter(given), "win_odds")
    if given and measure not in given:
        raise InputError("is not the statistic that is given", where="‹measure›", allowed=tuple(given), got=measure)
    if measure == RATIO and ties is None:
        raise InputError("its variance needs the share of ties", where="‹ties›", allowed="0 and above, or ‹win_odds›")
    if measure != RATIO and options.ties is not None:
        raise InputError("are of the win ratio; Noether's formula has none", where="‹ties›", allowed="‹win_ratio›")
    if measure == RATIO and options.sd is not None:
        raise InputError("is that of the win probability", where="‹sd›", allowed="‹win_odds› or ‹net_benefit›")
    return StatedWins(
        scale_of(measure),
        allocation_of(options.allocation),
        given.get(measure),
        math.nan if ties is None else ties,
        None if options.sd is None else _positive(options.sd, "‹sd›"),
        about=f"test of the {_WORDS[measure]}",
    )


def _of_distributions(options: WinsOptions) -> OrdinalWins:
    control = distributions_of(options.control or (), "control")
    if len(control) > 1:
        raise InputError("strata are for plan ordinal", where="‹control›", allowed="one distribution")
    active = None if options.active is None else distributions_of(options.active, "active", like=control)
    if options.worst_first:
        control, active = control[:, ::-1], None if active is None else active[:, ::-1]
    given = {name: _measured(options, name) for name in MEASURES if getattr(options, name) is not None}
    if len(given) > 1 or (given and active is not None):
        places = ", ".join(f"‹{name}›" for name in (*given, *(("active",) if active is not None else ())))
        raise InputError("say the effect twice", where=places, allowed="one of them")
    measure = options.measure or next(iter(given), "win_odds")
    if given and measure not in given:
        raise InputError("is not the statistic that is given", where="‹measure›", allowed=tuple(given), got=measure)
    test = options.test or WALD
    known(test, TESTS, "test", "‹test›")
    if test == PERMUTATION and (options.margin is not None or options.hypothesis not in (None, SUPERIORITY)):
        raise InputError("the permutation test has no margin", where="‹test›", allowed=WALD, got=test)
    effect = given.get(measure)
    if active is not None:
        effect = ordinal_win_law(control[0], active[0]).value(measure)
        if not (0.0 < effect < math.inf or (measure == "net_benefit" and abs(effect) < 1.0)):
            raise InputError("one arm wins every pair", where="‹active›", got=effect)
    return OrdinalWins(
        scale_of(measure),
        allocation_of(options.allocation),
        effect,
        control[0],
        None if active is None else active[0],
        test,
        about=f"test of the {_WORDS[measure]} of ordered categories",
    )


def _of_times(options: WinsOptions) -> TimesWins:
    if options.hypothesis not in (None, SUPERIORITY) or options.margin is not None:
        what = "a margin on a win statistic of two times is no hazard ratio"
        raise InputError(what, where="‹margin›, ‹hypothesis›", allowed="superiority")
    slopes = _slopes(options)
    formula = options.formula or (EXACT if slopes is None else MAO)
    known(formula, FORMULAS_OF_TIMES, "formula", "‹formula›")
    arm = follow = None
    if slopes is None:
        death = _hazard(options, "death")
        event = _hazard(options, "event")
        kappa = 1.0 if options.kappa is None else number(options.kappa, "‹kappa›")
        arm = _at("kappa", lambda: TwoTimes(death, event, kappa))
        follow = _follow(options)
    elif formula != MAO:
        raise InputError("are of Mao's formula", where="‹variance›, ‹slopes›", allowed="mao", got=formula)
    measure = options.measure or RATIO
    effect = None if options.hazard_ratio is None else _positive(options.hazard_ratio, "‹hazard_ratio›")
    of_death = None
    if options.death_hazard_ratio is not None:
        of_death = _positive(options.death_hazard_ratio, "‹death_hazard_ratio›")
    return TimesWins(
        Scale("hazard_ratio", ratio=True, better="lower", low=0.0),
        allocation_of(options.allocation),
        effect,
        measure,
        formula,
        of_death,
        arm,
        follow,
        slopes,
        about=f"test of the {_WORDS[measure]} of death before a second event",
    )


def _slopes(options: WinsOptions) -> Slopes | None:
    if options.variance is None and options.slopes is None:
        return None
    if options.variance is None or options.slopes is None:
        raise InputError("are needed both", where="‹variance›, ‹slopes›")
    listed = [number(one, "‹slopes›") for one in options.slopes]
    if len(listed) != 2:
        raise InputError("there are two times", where="‹slopes›", allowed="DEATH,EVENT", got=listed)
    for name in (
        "death_rate",
        "death_median",
        "event_rate",
        "event_median",
        "kappa",
        "accrual",
        "follow_up",
        "dropout_hazard",
    ):
        if getattr(options, name) is not None:
            raise InputError("is in the slopes already", where=f"‹{name}›", allowed="rates, or ‹variance› and ‹slopes›")
    return Slopes(_positive(options.variance, "‹variance›"), listed[0], listed[1])


def _follow(options: WinsOptions) -> Follow:
    accrual = 0.0 if options.accrual is None else number(options.accrual, "‹accrual›")
    if not 0.0 <= accrual < math.inf:
        raise InputError("is no duration", where="‹accrual›", allowed="0 or more", got=accrual)
    follow_up = None if options.follow_up is None else number(options.follow_up, "‹follow_up›")
    if follow_up is None or not 0.0 <= follow_up < math.inf or accrual + follow_up <= 0.0:
        allowed = "how long the last patient is followed, in the unit of the rates"
        raise InputError(
            "is needed, with what accrual adds above 0", where="‹follow_up›", allowed=allowed, got=follow_up
        )
    dropout = 0.0 if options.dropout_hazard is None else number(options.dropout_hazard, "‹dropout_hazard›")
    if not 0.0 <= dropout < math.inf:
        raise InputError("is no hazard", where="‹dropout_hazard›", allowed="0 or more", got=dropout)
    return Follow(accrual, accrual + follow_up, dropout)


def _hazard(options: WinsOptions, name: str) -> float:
    rate, median = getattr(options, f"{name}_rate"), getattr(options, f"{name}_median")
    if (rate is None) == (median is None):
        raise InputError("one of the two is needed", where=f"‹{name}_rate›, ‹{name}_median›")
    if rate is not None:
        return _positive(rate, f"‹{name}_rate›")
    return math.log(2.0) / _positive(median, f"‹{name}_median›")


def _at(name: str, make: Any) -> Any:
    try:
        return make()
    except InputError as fault:
        raise fault.at(f"‹{name}›") from None


def _measured(options: WinsOptions, name: str) -> float:
    value = number(getattr(options, name), f"‹{name}›")
    if name == "net_benefit" and not -1.0 < value < 1.0:
        raise InputError("is no net benefit", where="‹net_benefit›", allowed="between -1 and 1", got=value)
    return value if name == "net_benefit" else _positive(value, f"‹{name}›")


def _positive(value: object, where: str) -> float:
    found = number(value, where)
    if not 0.0 < found < math.inf:
        raise InputError("out of range", where=where, allowed="a number above 0", got=found)
    return found


def _share(value: object, where: str) -> float:
    found = number(value, where)
    if not 0.0 <= found < 1.0:
        raise InputError("out of range", where=where, allowed="0 or more and below 1", got=found)
    return found


def _none_of(options: WinsOptions, names: Sequence[str], why: str) -> None:
    """InputError for options that belong to another way of stating the effect."""
    for name in names:
        if getattr(options, name) is not None:
            raise InputError(f"has no meaning {why}", where=f"‹{name}›", allowed=WAYS)


WAYS: Final = (
    "a win statistic, or ‹control› with ‹active› or a win statistic, or the rates of two times with ‹hazard_ratio›"
)


@takes(WinsOptions)
def wins(options: WinsOptions) -> Plan:
    """Plan a trial that counts wins and losses of all pairs of patients.

    What the wins rest on is said in one of three ways: the win odds, win ratio (with the share of ties) or net benefit
    themselves; the distribution of each arm over ordered categories; or death and a second event, with their rates,
    hazard ratios and copula. Raises InputError for what is contradictory or out of range.
    """
    return answer("wins", options, question_of)


OPTIONS: Final = WinsOptions
