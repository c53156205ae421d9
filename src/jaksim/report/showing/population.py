"""The report of `show population`: exclusions, laws before and after, and correlations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jaksim.report.parts.layout import columns, heading, paragraph, recreated, title
from jaksim.verbs.showing.population_result import ShownLaw, ShownPopulation

if TYPE_CHECKING:
    from jaksim.report.blocks import Block


def population_report(shown: ShownPopulation) -> Iterator[Block]:
    """Who is let in, and what patients bring along."""
    yield title(f"{shown.title}: what its patients bring along")
    yield ""
    if shown.criteria:
        yield heading("Who is let in")
        yield columns(
            ["Criterion", "Let in", "Excluded alone, %", "In turn, %", "Left, %"],
            [
                (one.name, one.words, _percent(one.alone), _percent(one.in_turn), _percent(one.left))
                for one in shown.criteria
            ],
            right=(2, 3, 4),
        )
        for one in shown.criteria:
            if one.fact:
                yield paragraph(f"{one.name} follows {one.fact}: {one.statement}")
        yield paragraph(
            f"Shares of those screened, of whom {shown.patients / shown.let_in:,.0f} are expected for "
            f"{shown.patients:,} let in; standard error {_percent(shown.error, 3)} % points or less."
        )
        yield ""
        yield heading("Strata")
        yield columns(
            ["Stratum", "Of those let in, %", "Of those screened, %", "Let in, %"],
            [
                (one.name, _percent(one.of_let_in), _percent(one.of_screened), _percent(one.let_in))
                for one in shown.strata
            ],
            right=(1, 2, 3),
        )
        yield ""
    yield heading("Characteristics")
    yield columns(
        ["Characteristic", "Stratum", "Of those", "Mean", "SD", "Median (quartiles)", "Shares"],
        [
            (
                f"{one.characteristic}{f', {one.unit}' if one.unit else ''}",
                one.stratum,
                one.of,
                f"{one.mean:.4g}",
                f"{one.sd:.4g}",
                f"{one.median:.4g} ({one.low:.4g} to {one.high:.4g})",
                _shares(one),
            )
            for one in shown.laws
        ],
        right=(3, 4),
    )
    yield ""
    if shown.correlations:
        yield heading("Rank correlations in the whole population")
        yield columns(
            ["Characteristics", "Screened", "Let in"],
            [
                (" and ".join(one.pair), _correlation(one.screened), _correlation(one.let_in))
                for one in shown.correlations
            ],
            right=(1, 2),
        )
        yield ""
    if shown.nodes is not None and shown.quadrature_error is not None:
        yield paragraph(
            f"Exact laws take {shown.nodes:,} kinds of patients for all of them, which changes no probability of an "
            f"endpoint by more than {shown.quadrature_error:.1g}."
        )
    origin = shown.provenance
    yield paragraph(f"Nothing is simulated; jaksim {origin['version']}, scenario {origin['scenario_hash'][:12]}.")
    yield recreated(origin["command"])


def _percent(share: float, digits: int = 1) -> str:
    return f"{100.0 * share:.{digits}f}"


def _shares(one: ShownLaw) -> str:
    if [value for value, _ in one.shares] == [0.0, 1.0]:
        return f"{_percent(one.shares[1][1])} %"
    return ", ".join(f"{value:g} {_percent(share)} %" for value, share in one.shares)


def _correlation(value: float) -> str:
    return f"{round(value, 3) + 0.0:.3f}"
