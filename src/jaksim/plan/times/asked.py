"""From the options of `plan survival` to its question."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from jaksim.checks import known, number
from jaksim.errors import InputError
from jaksim.formulas.hazards import Hazard, WeibullHazard
from jaksim.formulas.survival_test import SurvivalTest, average_hazard_ratio
from jaksim.piecewise import PiecewiseConstant
from jaksim.plan.allocation import allocation_of
from jaksim.plan.statistic import BETTER, Scale
from jaksim.plan.times.calendar import CONSTANT, Calendar
from jaksim.plan.times.events_question import EventsQuestion
from jaksim.plan.times.hazards import (
    ActiveHazard,
    described,
    from_median,
    from_survival,
    only_one,
    positive,
    share,
    steps,
    survival_at,
)
from jaksim.plan.times.question import BY_EVENTS, SurvivalQuestion
from jaksim.plan.times.tests import FORMULAS, test_of, words_of
from jaksim.plan.times.trials import EventsTrial, SurvivalTrial

UNITS: Final = ("days", "weeks", "months", "years")
LOG_RANK_FORMULAS: Final = tuple(name for name in FORMULAS if name not in ("curves", "largest"))
LONGEST: Final = 1e4
EFFECTS: Final = ("hazard_ratio", "active_median", "active_survival", "active_hazard")
NOTHING: Final = PiecewiseConstant.constant(0.0)


O = TypeVar("O", bound=Any)  # noqa: E741


def question_of(options: Any) -> SurvivalQuestion:
    """The question; InputError for what is missing, contradictory or out of range."""
    known(options.unit, UNITS, "unit of time", "‹unit›")
    known(options.better, BETTER, "direction", "‹better›")
    test = test_of(options.test)
    if test.name == "max_combo" and options.hypothesis == "equivalence":
        raise InputError("the largest of several tests shows no equivalence", where="‹test›", got=options.test)
    if test.name == "max_combo" and options.looks is not None:
        what = "the largest of several tests has one analysis here"
        raise InputError(what, where="‹looks›", allowed="another ‹test›, or without ‹looks›", got=options.looks)
    control = _control(options)
    calendar, entering = _calendar(options), _entering(options)
    strata = _strata(options, test)
    by_events = options.events is not None or calendar.follow_up is None
    # Before the effect is known, the question of a proportional effect stands for the one with a given active hazard.
    active = ActiveHazard(control, _delay(options))
    effect = _effect(options, control)
    given = _given(options, control)
    method = _method(options, test, proportional=active.proportional and given is None, strata=strata)
    common: dict[str, Any] = {
        "scale": Scale("hazard_ratio", ratio=True, better=options.better, low=0.0),
        "allocation": allocation_of(options.allocation),
        "about": f"{words_of(test, options.unit)}; control {described(control, options.unit)}",
        "calendar": calendar,
        "test": test,
        "method": method,
        "strata": strata,
        "time_unit": options.unit,
    }
    if by_events:
        _check_events(options, calendar, entering, method)
        common["entering"] = entering
    make: type[SurvivalQuestion] = EventsTrial if by_events else SurvivalTrial
    question = make(effect=effect, active=active, **common)
    return question if given is None else _with_given(question, control, given, options)


def _with_given(
    question: SurvivalQuestion, control: Hazard, given: PiecewiseConstant, options: Any
) -> SurvivalQuestion:
    """The question whose effect is the average hazard ratio of the active arm's own hazards."""
    assert isinstance(control, PiecewiseConstant)
    starts = (0.0, *sorted({*control.cuts, *given.cuts}))
    ratios = [given(start) / control(start) for start in starts if control(start) > 0.0]
    if any(given(start) > 0.0 for start in starts if control(start) == 0.0):
        raise InputError("the active arm has a hazard where the control has none", where="‹active_hazard›")
    if max(ratios) == min(ratios):
        same = replace(question, active=ActiveHazard(control), effect=ratios[0])
        return replace(same, method=_method(options, question.test, proportional=True, strata=question.strata))
    first = replace(question, active=ActiveHazard(control, given=given, average=0.5))
    average = _average(first, options)
    return replace(question, active=ActiveHazard(control, given=given, average=average), effect=average)


def _average(question: SurvivalQuestion, options: Any) -> float:
    size = options.events if isinstance(question, EventsQuestion) else options.patients
    try:
        course = question.course(0.5, float(size or 1000.0))
    except InputError:
        if not isinstance(question, EventsQuestion) or question.entering is None:
            raise
        # More events than are expected: the whole curves.
        strata = question.pairs(0.5, question.entering)
        return average_hazard_ratio(strata, LONGEST)
    return average_hazard_ratio(course.strata, course.time)


def _control(options: Any) -> Hazard:
    names = ("control_median", "control_survival", "control_hazard")
    way = only_one({name: getattr(options, name) for name in names}, needed=True)
    shape = 1.0 if options.shape is None else positive(options.shape, "shape", most=20.0)
    if way == "control_hazard":
        if shape != 1.0:
            raise InputError("belongs to a median or to survival at a time", where="‹shape›", got=shape)
        return _hazard(options, "control_hazard")
    if options.cuts is not None and options.active_hazard is None:
        raise InputError("belong to hazards", where="‹cuts›", allowed="with ‹control_hazard› or ‹active_hazard›")
    if way == "control_median":
        return from_median(positive(options.control_median, "control_median"), shape)
    return from_survival(share(options.control_survival, "control_survival"), _at(options), shape)


def _hazard(options: Any, name: str) -> PiecewiseConstant:
    return steps(getattr(options, name), options.cuts or (), (name, "cuts"))


def _at(options: Any) -> float:
    if options.at is None:
        raise InputError("survival belongs to a time", where="‹at›", allowed="the time since entry, such as 12")
    return positive(options.at, "at")


def _delay(options: Any) -> float:
    if options.delay is None:
        return 0.0
    delay = number(options.delay, "‹delay›")
    if not 0.0 <= delay <= LONGEST:
        raise InputError("out of range", where="‹delay›", allowed=f"0 to {LONGEST:g}", got=delay)
    if delay > 0.0 and options.active_hazard is not None:
        raise InputError("the active arm has hazards of its own", where="‹delay›", allowed="with ‹hazard_ratio›")
    return delay


def _effect(options: Any, control: Hazard) -> float | None:
    way = only_one({name: getattr(options, name) for name in EFFECTS}, needed=False)
    if way in (None, "active_hazard"):
        if way is None and options.at is not None and options.control_survival is None:
            raise InputError("belongs to survival at a time", where="‹at›", allowed="with ‹control_survival›")
        return None
    if way == "hazard_ratio":
        return positive(options.hazard_ratio, "hazard_ratio", most=1e6)
    delay = _delay(options)
    if way == "active_median":
        at, left = positive(options.active_median, "active_median"), 0.5
    else:
        at, left = _at(options), share(options.active_survival, "active_survival")
    if at <= delay:
        raise InputError("lies before the effect begins", where=f"‹{way}›", allowed=f"after {delay:g}", got=at)
    return _ratio(control, at, left, delay, way)


def _ratio(control: Hazard, at: float, left: float, delay: float, way: str) -> float:
    """The hazard ratio from `delay` on that leaves so many free of the event at a time."""
    before, whole = survival_at(control, delay), survival_at(control, at)
    if not left < before or whole >= before:
        allowed = f"below the {before:.4g} that are left when the effect begins"
        raise InputError("no hazard ratio gives this", where=f"‹{way}›", allowed=allowed, got=left)
    return math.log(left / before) / math.log(whole / before)


def _given(options: Any, control: Hazard) -> PiecewiseConstant | None:
    if options.active_hazard is None:
        return None
    if isinstance(control, WeibullHazard):
        raise InputError("goes with a control without a shape", where="‹active_hazard›", allowed="without ‹shape›")
    return _hazard(options, "active_hazard")


def _calendar(options: Any) -> Calendar:
    length = None if options.accrual is None else number(options.accrual, "‹accrual›")
    if length is not None and not 0.0 <= length <= LONGEST:
        raise InputError("out of range", where="‹accrual›", allowed=f"0 to {LONGEST:g} {options.unit}", got=length)
    follow_up = None if options.follow_up is None else number(options.follow_up, "‹follow_up›")
    if follow_up is not None and not 0.0 <= follow_up <= LONGEST:
        raise InputError("out of range", where="‹follow_up›", allowed=f"0 to {LONGEST:g} {options.unit}", got=follow_up)
    if length is None and options.accrual_rates is None and follow_up is not None:
        raise InputError("how long patients enter is left out", where="‹accrual›", allowed="such as 24, or 0")
    if length == 0.0 and follow_up == 0.0:
        raise InputError("nobody is followed", where="‹follow_up›", allowed="above 0 when all enter at once")
    if options.accrual_cuts is not None and options.accrual_rates is None:
        raise InputError("belong to rates of accrual", where="‹accrual_cuts›", allowed="with ‹accrual_rates›")
    rates = CONSTANT
    if options.accrual_rates is not None:
        rates = steps(options.accrual_rates, options.accrual_cuts or (), ("accrual_rates", "accrual_cuts"))
        if length is None and rates.values[-1] == 0.0:
            what = "the last rate goes on until all have entered"
            raise InputError(
                what, where="‹accrual_rates›", allowed="a last rate above 0, or ‹accrual›", got=rates.values
            )
        if length is not None and rates.cuts and rates.cuts[-1] >= length:
            raise InputError(
                "the rate changes after accrual has ended", where="‹accrual_cuts›", allowed=f"below {length:g}"
            )
    return Calendar(length, rates, follow_up, _dropout(options))


def _dropout(options: Any) -> PiecewiseConstant:
    way = only_one({name: getattr(options, name) for name in ("dropout", "dropout_hazard")}, needed=False)
    if options.dropout_cuts is not None and way != "dropout_hazard":
        raise InputError("belong to hazards of being lost", where="‹dropout_cuts›", allowed="with ‹dropout_hazard›")
    if options.dropout_by is not None and way != "dropout":
        raise InputError("belongs to a share of patients lost", where="‹dropout_by›", allowed="with ‹dropout›")
    if way is None:
        return NOTHING
    if way == "dropout_hazard":
        return steps(options.dropout_hazard, options.dropout_cuts or (), ("dropout_hazard", "dropout_cuts"))
    lost = number(options.dropout, "‹dropout›")
    if not 0.0 <= lost < 1.0:
        raise InputError("out of range", where="‹dropout›", allowed="a share from 0 to below 1, such as 0.05", got=lost)
    if options.dropout_by is None:
        raise InputError("the share lost belongs to a time", where="‹dropout_by›", allowed="the time since entry")
    return PiecewiseConstant.constant(-math.log1p(-lost) / positive(options.dropout_by, "dropout_by"))


def _entering(options: Any) -> float | None:
    """Patients that are known to enter, where they are not the size."""
    if options.patients is not None:
        return positive(options.patients, "patients")
    if options.accrual_rates is None or options.accrual is None:
        return None
    rates = steps(options.accrual_rates, options.accrual_cuts or (), ("accrual_rates", "accrual_cuts"))
    return rates.integral(0.0, float(options.accrual))


def with_entering(options: O) -> O:
    """The options with the patients that the rates of accrual bring, where these are the size and power is sought.

    Where the patients are sought instead, the rates are the shape of accrual only.
    """
    known_calendar = options.accrual_rates is not None and options.accrual is not None and options.follow_up is not None
    if not known_calendar or options.patients is not None or options.events is not None:
        return options
    if options.power is not None and any(getattr(options, name) is not None for name in EFFECTS):
        return options
    if not isinstance(options.accrual, int | float):
        what = "each length of accrual brings other patients at these rates"
        raise InputError(what, where="‹accrual›", allowed="one length, or ‹patients›", got=options.accrual)
    entering = _entering(options)
    assert entering is not None
    if abs(entering - round(entering)) > 1e-6:
        what = f"{entering:.6g} patients enter at these rates, which is no whole number"
        raise InputError(what, where="‹accrual_rates›", allowed="other rates, or ‹patients›")
    return replace(options, patients=float(round(entering)))


def _check_events(options: Any, calendar: Calendar, entering: float | None, method: str) -> None:
    if calendar.follow_up is not None and entering is not None:
        what = "events come when they come: with a number of patients the follow-up is what is solved for"
        raise InputError(what, where="‹follow_up›", allowed="without it, or without ‹patients› or ‹events›")
    enters = calendar.length is not None or options.accrual_rates is not None
    if options.patients is not None and not enters:
        if calendar.follow_up is None and options.events is None:
            what = "a number of patients needs a calendar"
            raise InputError(what, where="‹accrual›", allowed="‹accrual› and ‹follow_up›, or ‹accrual› for the events")
        raise InputError("how long patients enter is left out", where="‹accrual›", allowed="such as 24, or 0")
    known_calendar = entering is not None or calendar.follow_up is not None
    if method not in BY_EVENTS and not known_calendar:
        what = "without a calendar it is not known who is at risk"
        allowed = (
            "‹accrual› and ‹follow_up›, or ‹accrual› and ‹patients›; the formulas schoenfeld and freedman need none"
        )
        raise InputError(what, where="‹accrual›", allowed=allowed)
    if not known_calendar and (enters or options.dropout is not None or options.dropout_hazard is not None):
        what = "part of a calendar gives no calendar"
        raise InputError(what, where="‹follow_up›", allowed="with ‹accrual› also ‹follow_up› or ‹patients›")


def _strata(options: Any, test: SurvivalTest) -> tuple[tuple[float, float], ...]:
    if options.strata is None:
        if options.strata_hazards is not None:
            raise InputError("belong to strata", where="‹strata_hazards›", allowed="with ‹strata›")
        return ((1.0, 1.0),)
    shares = tuple(share(value, "strata") for value in options.strata)
    if len(shares) < 2 or abs(sum(shares) - 1.0) > 1e-6:
        raise InputError("the shares of two or more strata sum to 1", where="‹strata›", got=list(shares))
    if test.of_curves:
        raise InputError("curves are compared without strata", where="‹strata›", allowed="with log-rank tests")
    given: Sequence[float] = options.strata_hazards or [1.0] * len(shares)
    factors = tuple(positive(value, "strata_hazards", most=1e3) for value in given)
    if len(factors) != len(shares):
        what = f"{len(shares)} strata have {len(shares)} hazards"
        raise InputError(what, where="‹strata_hazards›", got=list(factors))
    return tuple(zip(shares, factors, strict=True))


def _method(options: Any, test: SurvivalTest, *, proportional: bool, strata: tuple[tuple[float, float], ...]) -> str:
    if test.name != "log_rank":
        own = "curves" if test.of_curves else "largest" if test.name == "max_combo" else "lakatos"
        if options.formula not in (None, own):
            raise InputError("belongs to the log-rank test", where="‹formula›", allowed="left out", got=options.formula)
        return own
    if options.formula is None:
        return "schoenfeld" if proportional else "lakatos"
    known(options.formula, LOG_RANK_FORMULAS, "formula", "‹formula›")
    if options.formula != "lakatos" and not proportional:
        what = "this formula is for a hazard ratio that never changes"
        raise InputError(what, where="‹formula›", allowed="lakatos", got=options.formula)
    if options.formula in ("freedman", "hsieh_freedman") and options.margin is not None:
        what = "this formula is for no effect under the null hypothesis"
        raise InputError(what, where="‹formula›", allowed="schoenfeld, lachin_foulkes or lakatos", got=options.formula)
    if options.formula == "lachin_foulkes" and len(strata) > 1:
        what = "this formula is for one stratum"
        raise InputError(what, where="‹formula›", allowed="schoenfeld or lakatos", got=options.formula)
    return str(options.formula)
