"""Subgroups as text: each level as reported and shrunken, and each finding against chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jaksim.evidence.subgroups.answers import SubgroupQuestions, Subgroups
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import columns, definitions, heading, paragraph, title

Plain = Mapping[str, Any]
MEANING = (
    "p: exact, of the level against the others of its characteristic, given the margins of all tables; it needs no "
    "value of the effect. Shrunken: posterior median and 95 % interval of the odds ratio, the levels of a "
    "characteristic scattered about a mean effect; first from the counts, exactly, then from the published odds ratios."
)
NOISE = (
    "Noise: the chance that some reported subgroup lies beyond the others of its characteristic by so large a ratio, "
    "in the same direction, while the treatment does the same in everybody. Exact given the events in each subgroup, "
    "with characteristics independent of each other; whatever their dependence, between the bounds. Simulated: the "
    "same with numbers of events that vary."
)
CREDIBILITY = (
    "Credibility: those questions of ICEMAN (Schandelmaier 2020, CMAJ 192:E901) that the figures answer, and the most "
    "that its rules allow."
)


def questions_report(found: SubgroupQuestions) -> Iterator[Block]:
    """The questions that ship."""
    yield title("Questions about subgroups")
    yield ""
    rows = [
        (row["question"], row["title"], str(row["characteristics"]), str(row["subgroups"]), str(row["findings"]))
        for row in found.rows()
    ]
    yield columns(["Question", "About", "Characteristics", "Subgroups", "Findings"], rows, right=(2, 3, 4))


def subgroups_report(found: Subgroups) -> Iterator[Block]:
    """Levels by characteristic, then the findings, then sources."""
    answers = found.as_dict()
    yield title(answers["title"])
    if answers["note"] != "-":
        yield paragraph(answers["note"])
    yield ""
    overall = answers["overall"]
    yield definitions(
        [
            ("Event", answers["event"]),
            (
                "Everybody",
                f"{_counts(overall)}: odds ratio {overall['odds_ratio']:.2f}"
                + (f"; published {_ratio(overall['published'])}" if overall["published"] else ""),
            ),
            (
                "Between levels",
                f"standard deviation of log odds ratios half-normal with scale {answers['prior']['scale']:g}. "
                f"{answers['prior']['reason']}",
            ),
        ]
    )
    for one in answers["characteristics"]:
        yield ""
        yield from _characteristic(one)
    yield ""
    yield paragraph(MEANING)
    for finding in answers["findings"]:
        yield ""
        yield from _finding(finding, answers)
    if answers["findings"]:
        yield ""
        yield paragraph(NOISE)
        yield paragraph(CREDIBILITY)
    if answers["citations"]:
        yield ""
        yield heading("Sources")
        yield definitions([(name, citation["text"]) for name, citation in answers["citations"].items()])


def _characteristic(one: Plain) -> Iterator[Block]:
    yield heading(one["name"][:1].upper() + one["name"][1:])
    rows = [
        (
            level["level"],
            _counts(level),
            "-" if level["odds_ratio"] is None else f"{level['odds_ratio']:.2f}",
            _p(level["p_value"]),
            _ratio(level["shrunken"]),
            _ratio(level["published"]),
            _ratio(level["published_shrunken"]),
        )
        for level in one["levels"]
    ]
    headers = ["Level", "Treated, control", "Odds ratio", "p", "Shrunken", "Published", "Shrunken"]
    yield columns(headers, rows, right=(2, 3))
    yield paragraph(
        f"Any level so different by chance: {_p(one['p_value'])}. {_support(one['bayes_factor_common'])}"
        + (f" Expected: {one['predicted']}." if one["predicted"] else "")
    )


def _finding(finding: Plain, answers: Plain) -> Iterator[Block]:
    yield heading(f"Finding: {finding['level']}")
    noise = finding["noise"]
    low, high = noise["bounds"]
    within = finding["p_within_trials"]
    interaction = finding["published_interaction"]
    ratio = finding["ratio_to_others"]
    ratio_text = "infinite or zero" if ratio is None else f"{ratio:.2f}"
    rows = [
        ("Said", finding["said"]),
        ("Why", finding["why"] or "no reason is given"),
        ("Ratio", f"the odds ratio is {ratio_text} times that of the others"),
        (
            "Interaction",
            f"exact p = {_p(finding['p_value'])}, one-sided {_p(finding['p_one_sided'])}"
            + (f"; trial by trial {_p(within)}" if within is not None else "")
            + (
                f"; published ratios {_ratio(interaction)}, p = {_p(interaction['p_value'])}"
                if interaction is not None
                else ""
            ),
        ),
        (
            "Noise",
            f"{noise['in_any']:.0%} among {answers['subgroups_reported']} subgroups of "
            f"{len(answers['characteristics'])} characteristics ({low:.0%} to {high:.0%} whatever their dependence; "
            f"simulated {noise['simulated']:.1%}, Monte Carlo SE {noise['simulated_mc_se']:.1%}); "
            f"{noise['in_this_characteristic']:.0%} in this characteristic alone",
        ),
        ("Credibility", finding["credibility"]),
    ]
    yield definitions(rows)
    yield columns(
        ["Question", "Answer", "Because"], [(c["question"], c["answer"], c["because"]) for c in finding["criteria"]]
    )


def _counts(arms: Plain) -> str:
    (a, n1), (c, n0) = arms["treated"], arms["control"]
    return f"{a}/{n1}, {c}/{n0}"


def _ratio(value: Plain | None) -> str:
    if value is None:
        return "-"
    low, high = value["interval"]
    return f"{value['odds_ratio']:.2f} ({low:.2f} to {high:.2f})"


def _p(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def _support(factor: float) -> str:
    """What the data say of one effect against effects that differ."""
    if 1.0 / 1.05 < factor < 1.05:
        return "The data do not tell one effect in all from different ones."
    if factor > 1.0:
        return f"One effect in all is {factor:.1f} times as well supported by the data as different ones."
    return f"Different effects are {1.0 / factor:.1f} times as well supported by the data as one in all."
