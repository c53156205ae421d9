"""Benefit and risk as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jaksim.evidence.balance.answers import Balance, BalanceQuestions
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import columns, definitions, heading, paragraph, title

Plain = Mapping[str, Any]
NEEDED = (
    "Number needed: patients to be treated for one of them to have the benefit or the harm, 1 over the difference, "
    "with its 95 % interval. An interval that holds no difference goes through infinity: so many or more for a "
    "benefit, or so many or more for a harm (Altman 1998)."
)
SUM = (
    "Net benefit: weights times differences, added up. Weights are judgements and not data. The first interval takes "
    "the outcomes as independent, the second is the widest that their dependence can make; patients' data, or an "
    "endpoint of kind weighted_outcomes in a scenario, have the right one."
)


def balance_questions_report(found: BalanceQuestions) -> Iterator[Block]:
    """The questions that ship."""
    yield title("Questions about benefit and risk")
    yield ""
    rows = [(row["question"], row["title"], str(row["outcomes"])) for row in found.rows()]
    yield columns(["Question", "About", "Outcomes"], rows, right=(2,))


def balance_report(found: Balance) -> Iterator[Block]:
    """Outcomes, their weights, the net benefit, and sources."""
    answers = found.as_dict()
    yield title(answers["title"])
    if answers["note"] != "-":
        yield paragraph(answers["note"])
    yield ""
    yield heading(f"{answers['treated']} against {answers['control']}")
    rows = [
        (row["outcome"], _risk(row["treated_risk"]), _risk(row["control_risk"]), _difference(row), _needed(row))
        for row in answers["outcomes"]
    ]
    headers = ["Outcome", "Treated", "Control", "Difference, % points", "Number needed"]
    yield columns(headers, rows, right=(1, 2))
    yield paragraph(NEEDED)
    yield ""
    yield heading("Weights")
    weighed = [
        (
            row["outcome"],
            f"{row['weight']:g}",
            "fixed" if row["weights"][0] == row["weights"][1] else "{:g} to {:g}".format(*row["weights"]),
            f"{100 * row['contribution']:+.2f}",
            "none" if row["break_even_weight"] is None else f"{row['break_even_weight']:.2f}",
            row["why"] or "-",
        )
        for row in answers["outcomes"]
    ]
    headers = ["Outcome", "Weight", "Range", "Per 100", "Turns at", "Why"]
    yield columns(headers, weighed, right=(1, 3, 4))
    yield paragraph("Turns at: the weight at which the net benefit is 0, the others as stated.")
    yield ""
    yield heading("Net benefit, per 100 patients")
    yield definitions(_net(answers["net_benefit"]))
    yield paragraph(SUM)
    if answers["citations"]:
        yield ""
        yield heading("Sources")
        yield definitions([(name, citation["text"]) for name, citation in answers["citations"].items()])


def _net(net: Plain) -> list[tuple[str, str]]:
    low, high = (100 * value for value in net["interval"])
    widest = tuple(100 * value for value in net["widest_interval"])
    over = tuple(100 * value for value in net["over_weights"])
    return [
        (
            "Stated weights",
            f"{100 * net['estimate']:.2f} ({low:.2f} to {high:.2f}; {widest[0]:.2f} to {widest[1]:.2f})",
        ),
        ("Range of weights", f"{over[0]:.2f} to {over[1]:.2f}"),
        (
            "Probability of a benefit",
            f"{_probability(net['probability'])} at the stated weights, {_probability(net['averaged'])} on average "
            f"over their ranges, at least {_probability(net['least_probability'])} within them",
        ),
    ]


def _probability(value: float) -> str:
    return "above 0.999" if value > 0.999 else "below 0.001" if value < 0.001 else f"{value:.3f}"


def _risk(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


def _difference(row: Plain) -> str:
    low, high = (100 * value for value in row["interval"])
    return f"{100 * row['difference']:+.1f} ({low:+.1f} to {high:+.1f})"


def _needed(row: Plain) -> str:
    if row["number_needed"] is None:
        return "no difference"
    text = f"{row['number_needed']:.0f} for a {row['number_needed_for']}"
    if row["number_needed_interval"] is not None:
        return text + " ({:.0f} to {:.0f})".format(*row["number_needed_interval"])
    sides = {"benefit": row["number_needed_to_benefit_from"], "harm": row["number_needed_to_harm_from"]}
    ends = [f"{value:.0f} or more for a {side}" for side, value in sides.items() if value is not None]
    return f"{text} ({', '.join(ends)})"
