"""From the options of a kind to its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from jaksim.checks import named, number
from jaksim.errors import InputError
from jaksim.plan.answer import MOST_BESIDE, Plan, PlannedDesign
from jaksim.plan.grid import grid
from jaksim.plan.options import REPLICATES, SEED, PlanOptions, varied_names
from jaksim.plan.question import NoScenario, Question
from jaksim.plan.rule import SUPERIORITY, rule_of
from jaksim.plan.solve import LARGEST, solved_effect, solved_size, whole_size
from jaksim.plan.test import FixedTest, Test
from jaksim.verbs.options.recreate import recreate
from jaksim.version import __version__
from jaksim.whole_file import check_place, explained, whole_file

_EXTREME = 1e100
O = TypeVar("O", bound=PlanOptions)  # noqa: E741


def answer(kind: str, options: O, question_of: Callable[[O], Question]) -> Plan:
    """Solve every combination of the options' lists for what was left out of power, size and effect."""
    _check_asked(options)
    lists, combinations = grid(options)
    asked = list(combinations)
    few = len(asked) <= MOST_BESIDE
    found = []
    for one in asked:
        with _computable(one):
            found.append(_designed(one, question_of(one), beside=few))
    solved, (question, _), _ = found[0]
    questions = [asked[0] for _, asked, _ in found]
    abouts = list(dict.fromkeys(one.about for one in questions))
    formulas = list(dict.fromkeys(one.formula() for one in questions))
    plan = Plan(
        kind=kind,
        about=abouts[0] if len(abouts) == 1 else "tests in this table",
        solved=solved,
        size_name=question.size_name,
        effect_name=question.scale.name,
        lists=lists,
        formula=formulas[0],
        other_formulas=tuple(formulas[1:]),
        designs=tuple(design for *_, design in found),
        provenance={"version": __version__, "command": recreate("plan", (kind,), options)},
    )
    object.__setattr__(plan, "asked", tuple(asked for _, asked, _ in found))
    if options.simulate:
        plan = _simulated(plan, options)
    return plan if options.write is None else _written(plan, options.write)


def _check_asked(options: PlanOptions) -> None:
    for name in ("replicates", "seed"):
        if getattr(options, name) is not None and not options.simulate:
            raise InputError("is of simulated trials alone", where=f"‹{name}›", allowed="with ‹simulate›")
    if options.write is not None:
        named(options.write, "‹write›")
        with explained(Path(options.write)):
            check_place(Path(options.write))


def _simulated(plan: Plan, options: PlanOptions) -> Plan:
    """Each design with its simulated power."""
    from jaksim.plan.simulate import simulated

    replicates = REPLICATES if options.replicates is None else options.replicates
    seed, found = SEED if options.seed is None else options.seed, []
    for design, (question, test) in zip(plan.designs, plan.asked, strict=True):
        with _without_scenario("simulate"):
            size = _whole(design, "simulate")
            beside = simulated(question, test, design.effect, size, replicates, seed)
        found.append(replace(design, simulated=beside))
    return _with(plan, designs=tuple(found))


def _written(plan: Plan, path: str | PathLike[str]) -> Plan:
    """Write the scenario of the first design."""
    target, design, (question, test) = Path(path), plan.designs[0], plan.asked[0]
    with _without_scenario("write"):
        text = test.scenario(question, design.effect, _whole(design, "write"))
    heading = f"# {plan.headline()}. The scenario that says the same as\n# {plan.provenance['command']}\n\n"
    with explained(target), whole_file(target) as file:
        file.write((heading + text).encode("utf-8"))
    return _with(plan, written=str(target))


def _with(plan: Plan, **changes: Any) -> Plan:
    changed = replace(plan, **changes)
    object.__setattr__(changed, "asked", plan.asked)
    return changed


def _whole(design: PlannedDesign, name: str) -> int:
    """The patients of a design whose arms are whole, or its events."""
    if design.active is None:
        return round(design.size)
    if design.active != int(design.active):
        allowed = "a number of patients that the allocation divides"
        raise InputError("arms of whole patients are needed", where=f"‹{name}›", allowed=allowed, got=design.size)
    return int(design.size)


@contextmanager
def _without_scenario(name: str) -> Iterator[None]:
    try:
        yield
    except NoScenario as reason:
        raise InputError(str(reason), where=f"‹{name}›") from None


@contextmanager
def _computable(options: PlanOptions) -> Iterator[None]:
    """Refuse numbers whose squares and products leave those of the machine; what fails without them is a fault."""
    try:
        yield
    except ArithmeticError:
        given = [(f"‹{one.name}›", value) for one in fields(options) for value in _numbers(getattr(options, one.name))]
        beyond = [pair for pair in given if pair[1] and not 1.0 / _EXTREME < abs(pair[1]) < _EXTREME]
        if not beyond:
            raise
        raise InputError(
            "too large or too small to compute with",
            where=beyond[0][0],
            allowed=f"{1.0 / _EXTREME:g} to {_EXTREME:g} in size; a smaller or larger unit says the same",
            got=beyond[0][1],
        ) from None


def _numbers(value: object) -> Iterator[float]:
    """The numbers that an option holds, also in lists."""
    if isinstance(value, tuple):
        for one in value:
            yield from _numbers(one)
    elif isinstance(value, float | int):
        yield value


def test_of(options: PlanOptions) -> Test:
    """The test that the options ask for."""
    rule = rule_of(options.hypothesis, options.alpha, options.sides, options.margin)  # type: ignore[arg-type]
    if options.looks is None:
        for name in ("spending", "futility"):
            if getattr(options, name) is not None:
                raise InputError("is of interim analyses", where=f"‹{name}›", allowed="with ‹looks›")
        if options.binding:
            raise InputError("is of interim analyses", where="‹binding›", allowed="with ‹looks› and ‹futility›")
        return FixedTest(rule)
    # Bounds take as long to import as all the rest of a plan.
    from jaksim.plan.asked_looks import sequential_test

    return sequential_test(
        rule,
        looks=options.looks,
        spending=options.spending,
        futility=options.futility,
        binding=options.binding,
        power=_share(options.power),
    )


def _designed(
    options: PlanOptions, question: Question, *, beside: bool
) -> tuple[str, tuple[Question, Test], PlannedDesign]:
    test = test_of(options)
    power, size, effect = _asked(options, question, test)
    test.rule.nulls(question.scale)
    exact, solved = None, "power"
    if size is None and power is not None and effect is not None:
        solved, exact = question.size_name, solved_size(question, test, effect, power)
        size = whole_size(question, test, effect, power, exact)
        power = None
    elif effect is None and size is not None and power is not None:
        solved, effect = question.scale.name, solved_effect(question, test, size, power)
        power = None
    assert size is not None
    assert effect is not None
    reached = test.power(question, effect, size)
    arms = question.allocation.counts(size) if question.size_name == "patients" else (None, None)
    design = PlannedDesign(
        given={name: getattr(options, name) for name in varied_names(options)},
        power=reached,
        size=size,
        exact_size=exact,
        active=arms[0],
        reference=arms[1],
        effect=effect,
        rule=test.rule,
        allocation=question.allocation.words,
        facts=_facts(question, test, effect, size),
        beside=tuple(test.beside(question, effect, size)) if beside else (),
        tables=(*question.tables(effect, size, test.rule), *test.tables(question, effect, size)),
        exact_facts={} if exact is None else _facts(question, test, effect, exact),
    )
    return solved, (question, test), design


def _facts(question: Question, test: Test, effect: float, size: float) -> dict[str, Any]:
    return {**question.facts(effect, size, test.rule), **test.facts(question, effect, size)}


def _asked(options: PlanOptions, question: Question, test: Test) -> tuple[float | None, float | None, float | None]:
    """Power, size and effect, one of them None; with a margin an effect that is left out too is none."""
    name, size_name = question.scale.name, question.size_name
    power, effect = _share(options.power), question.effect
    size = _size(getattr(options, size_name), size_name)
    if effect is None and (power is None or size is None) and test.rule.hypothesis != SUPERIORITY:
        effect = question.scale.neutral
    left_out = [word for word, value in ((("power"), power), (size_name, size), (name, effect)) if value is None]
    if len(left_out) == 1:
        return power, size, effect
    places = f"‹power›, ‹{size_name}›, ‹{name}›"
    if not left_out:
        raise InputError("nothing is left to be solved for", where=places, allowed="two of the three")
    missing = " and ".join(f"‹{word}›" for word in left_out)
    raise InputError(f"two of the three are needed, {missing} are left out", where=places)


def _share(power: object) -> float | None:
    if power is None:
        return None
    found = number(power, "‹power›")
    if not 0.0 < found < 1.0:
        raise InputError("out of range", where="‹power›", allowed="between 0 and 1, such as 0.9", got=found)
    return found


def _size(size: object, name: str) -> float | None:
    if size is None:
        return None
    found = number(size, f"‹{name}›")
    if not 2.0 <= found <= LARGEST or (name == "patients" and found != int(found)):
        allowed = f"{'a whole number' if name == 'patients' else 'a number'} from 2 to {LARGEST:,.0f}"
        raise InputError("is no size of a trial", where=f"‹{name}›", allowed=allowed, got=found)
    return found
