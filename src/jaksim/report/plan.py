"""The report of a plan: the answer, the test, what it rests on, the formula with its limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from jaksim.plan.answer import MOST_BESIDE, Plan, PlannedDesign
from jaksim.plan.question import Beside, Formula, Table
from jaksim.plan.rule import EQUIVALENCE
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import NO_BREAK, columns, definitions, heading, paragraph, recreated, title
from jaksim.report.parts.plan_numbers import aligned, percent, shown

_WIDEST: Final = 96
"""Characters of the widest table of designs."""


def plan_answer(found: Plan) -> Iterator[Block]:
    """The report of the answer of `plan`."""
    yield title(_title(found))
    yield ""
    if len(found.designs) == 1:
        yield from _one(found, found.designs[0])
    else:
        yield from _many(found)
    yield ""
    yield heading("Formulas" if found.other_formulas else "Formula")
    yield definitions([line for one in (found.formula, *found.other_formulas) for line in _formula(one)])
    yield ""
    if found.written is not None:
        yield paragraph(f"The scenario of the first design is in {found.written}: jaksim power {found.written}")
    yield recreated(found.provenance["command"], f"jaksim {found.provenance['version']}.")


def _title(found: Plan) -> str:
    detectable = "detectable " if found.solved == found.effect_name else ""
    return f"{_words(detectable + found.solved)} of the {found.about}"


def _one(found: Plan, design: PlannedDesign) -> Iterator[Block]:
    yield heading("Answer")
    yield definitions(_answer(found, design))
    yield ""
    yield heading("Test")
    yield definitions(_test(found, design))
    for table in design.tables:
        yield ""
        yield heading(table.title)
        yield _table(table)
        if table.note:
            yield paragraph(table.note)


def _answer(found: Plan, design: PlannedDesign) -> Iterator[tuple[str, str]]:
    rows = {
        found.size_name: (found.size_name.capitalize(), _size(design)),
        "power": ("Power", percent(design.power, 2)),
        found.effect_name: (_words(found.effect_name), shown(design.effect)),
    }
    for name in (found.solved, *(one for one in rows if one != found.solved)):
        yield rows[name]
        if name == found.size_name and (nearest := _not_divided(design)):
            yield "", nearest
    for name, value in design.facts.items():
        yield _words(name), value if isinstance(value, str) else shown(value)
    for one in (*design.beside, *(() if design.simulated is None else (design.simulated,))):
        yield "Beside it", _beside(one)


def _size(design: PlannedDesign) -> str:
    text = shown(design.size)
    if design.active is not None and design.reference is not None:
        text += f": {shown(design.active)} active, {shown(design.reference)} reference"
    return text if design.exact_size is None else f"{text} ({shown(design.exact_size)} by the formula)"


def _not_divided(design: PlannedDesign) -> str:
    """What is to be said of arms that are not whole patients; nothing of others."""
    if design.active is None or float(design.active).is_integer():
        return ""
    multiple = sum(map(int, design.allocation.split(":")))
    below, above = (int(step * multiple) for step in (design.size // multiple, design.size // multiple + 1))
    sizes = f"{shown(below)} or {shown(above)}" if below else shown(above)
    return f"{shown(design.size)} patients cannot be allocated {design.allocation}, {sizes} can."


def _beside(one: Beside) -> str:
    error = "" if one.mc_se is None else f" ± {100.0 * one.mc_se:.2f}"
    return f"{100.0 * one.power:.2f}{error}{NO_BREAK}%: {one.how}. {one.why[0].upper()}{one.why[1:]}."


def _test(found: Plan, design: PlannedDesign) -> Iterator[tuple[str, str]]:
    """The test of a design; what differs between designs is in their table."""
    rule = design.rule
    margin = "" if rule.margin is None else f", margin {_each(found, 'margin', f'{rule.margin:g}')}"
    yield "Hypothesis", f"{rule.hypothesis}{margin}"
    level = _each(found, "alpha", f"{rule.alpha:g}")
    if rule.hypothesis == EQUIVALENCE:
        yield "Level", f"{level} for each of two one-sided tests"
    elif rule.sides == 2:
        yield "Level", f"{level}, two-sided; power in the direction of the effect only"
    else:
        yield "Level", f"{level}, one-sided"
    yield "Allocation", f"{_each(found, 'allocation', design.allocation)} (active to reference)"


def _each(found: Plan, name: str, value: str) -> str:
    return "as in the table" if name in found.lists else value


def _many(found: Plan) -> Iterator[Block]:
    yield heading("Answer")
    rows = found.rows()
    first = [*found.lists, found.effect_name, found.size_name, *_arms(found), "power"]
    if any(design.simulated for design in found.designs):
        first.append("simulated")
    first += dict.fromkeys(one.name for design in found.designs for one in design.beside)
    names = list(dict.fromkeys(first))
    alike = [name for name in found.designs[0].facts if all(row.get(name) == rows[0][name] for row in rows)]
    series = {name: _column(name, rows, found.designs) for name in names}
    left_out = [_words(table.title) for table in found.designs[0].tables]
    for name in found.designs[0].facts:
        column = _column(name, rows, found.designs)
        if name not in alike and sum(map(_width, (*series.values(), column))) <= _WIDEST:
            series[name] = column
        elif name not in alike:
            left_out.append(_words(name))
    body = list(zip(*(column[1:] for column in series.values()), strict=True))
    yield columns([column[0] for column in series.values()], body, right=range(len(series)))
    for remark in dict.fromkeys(filter(None, map(_not_divided, found.designs))):
        yield paragraph(remark)
    if left_out:
        yield paragraph(f"In the plan of one design, and of each in JSON: {'; '.join(dict.fromkeys(left_out))}.")
    yield ""
    yield heading("Test")
    yield definitions([*_test(found, found.designs[0]), *((_words(name), _text(rows[0][name])) for name in alike)])
    notes = {one.name: one.how for design in found.designs for one in design.beside}
    if notes:
        yield ""
        yield paragraph("; ".join(f"{_words(name)}: {how}" for name, how in notes.items()) + ".")
    elif len(found.designs) > MOST_BESIDE:
        yield ""
        yield paragraph(f"Powers by other means stand beside the formula's in tables of up to {MOST_BESIDE} designs.")


def _arms(found: Plan) -> tuple[str, ...]:
    return ("active", "reference") if found.designs[0].active is not None else ()


def _column(name: str, rows: Sequence[Mapping[str, Any]], designs: Sequence[PlannedDesign]) -> list[str]:
    """Header and cells, the numbers with one number of decimals."""
    values = [_cell(name, row, one) for row, one in zip(rows, designs, strict=True)]
    return [_words(name), *aligned(values)]


def _width(column: Sequence[str]) -> int:
    return max(map(len, column)) + 2


def _text(value: Any) -> str:
    return value if isinstance(value, str) else shown(value)


def _cell(name: str, row: Mapping[str, Any], design: PlannedDesign) -> Any:
    if name == "power":
        return percent(design.power, 2)
    others = {one.name: one for one in design.beside}
    if name in others:
        return percent(others[name].power, 2)
    if name == "simulated":
        one = design.simulated
        return "-" if one is None else f"{100.0 * one.power:.2f} ± {100.0 * (one.mc_se or 0.0):.2f}{NO_BREAK}%"
    return row.get(name)


def _table(table: Table) -> Block:
    series = [aligned([row[k] for row in table.rows]) for k in range(len(table.headers))]
    right = [k for k in range(len(table.headers)) if any(not isinstance(row[k], str) for row in table.rows)]
    return columns(table.headers, list(zip(*series, strict=True)), right=right)


def _formula(formula: Formula) -> Iterator[tuple[str, str]]:
    yield "Name", formula.name
    yield "Source", formula.source
    for number, limit in enumerate(formula.limits):
        yield "Limits" if number == 0 else "", limit


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
