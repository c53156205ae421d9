"""A synthesis as text, ready to paste into a protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from rich.console import RenderableType

from jaksim.evidence.answers import SynthesisResult
from jaksim.report.parts.layout import AsPrinted

WIDTH = 110
Plain = Mapping[str, Any]


def synthesis_report(found: SynthesisResult) -> Iterator[RenderableType]:
    """The page of a synthesis."""
    yield AsPrinted(synthesis_page(found.as_dict()))


def synthesis_page(answers: Plain) -> str:
    """Trials used and left out, then classes, class against agent, agents and interaction."""
    lines = [answers["title"], *_paragraph(answers["note"]), "", *_trials(answers), *_excluded(answers)]
    for pooled in answers["classes"].values():
        lines += ["", *_class(pooled)]
    lines += ["", *_class_effect(answers), "", *_agents(answers)]
    if answers["interaction"]:
        lines += ["", *_interaction(answers["interaction"], answers["trials"])]
    return "\n".join([*lines, "", *_priors(answers)])


def _ratio(value: Plain) -> str:
    low, high = value["ratio_interval"]
    return f"{value['ratio']:.2f} ({low:.2f} to {high:.2f})"


def _p_value(value: Plain) -> str:
    p = value["p_value"]
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def _sentence(label: str) -> str:
    return label[:1].upper() + label[1:]


def _trials(answers: Plain) -> Iterator[str]:
    yield "Trials used"
    for trial in answers["trials"]:
        records = ", ".join(trial["records"])
        yield f"  {trial['study']:<24} {trial['agent']:<14} ratio {trial['ratio']:.2f}, {trial['how']}"
        yield from _paragraph(f"records: {records}", 6)
        yield from _paragraph("; ".join(trial["citations"]), 6)
        if trial["note"]:
            yield from _paragraph(trial["note"], 6)


def _excluded(answers: Plain) -> Iterator[str]:
    yield "Studies left out"
    for entry in answers["excluded"]:
        yield from _paragraph(f"{entry['study']}: {entry['reason']}", 2)
    for name in answers["not_considered"]:
        yield f"  {name}: not considered by this synthesis"


def _class(pooled: Plain) -> Iterator[str]:
    several = len(pooled["trials"]) > 1
    yield f"{_sentence(pooled['label'])} against control, {len(pooled['trials'])} trial{'s' if several else ''}"
    for label, value in pooled["pooled"].items():
        prediction = value["prediction_ratio_interval"]
        next_trial = "" if prediction is None else "; next trial {:.2f} to {:.2f}".format(*prediction)
        yield f"  {label:<30} {_ratio(value)}, {_p_value(value)}{next_trial}"
    bayes = pooled["bayes"]
    chance = f"benefit with probability {bayes['mean']['probability_of_benefit']:.3f}"
    next_trial = "{:.2f} to {:.2f}".format(*bayes["new_study"]["ratio_interval"])
    yield f"  {'Bayesian':<30} {_ratio(bayes['mean'])}, {chance}; next trial {next_trial}"
    if several:
        some = next(iter(pooled["pooled"].values()))
        reml = pooled["pooled"]["REML"]
        low, high = (limit**0.5 for limit in reml["tau2_interval"])
        q = f"Q = {some['q']:.1f} on {some['q_df']} df, p = {some['q_p_value']:.2f}, I2 = {100 * some['i2']:.0f}%"
        yield f"  Between trials: {q}; tau = {reml['tau']:.2f} (REML; Q-profile {low:.2f} to {high:.2f})"


def _class_effect(answers: Plain) -> Iterator[str]:
    found = answers["class_against_agent"]
    label = answers["classes"][found["class"]]["label"]
    yield f"Is there a class effect? {_sentence(label)}: studies within agents within the class"
    yield _row("class mean", found["class_mean"])
    yield _row("a new agent of the class", found["new_agent"])
    for name, value in found["agents"].items():
        yield _row(name, value)
    between = found["between_agents"]
    spread = "{:.2f} ({:.2f} to {:.2f})".format(between["median"], *between["interval"])
    yield f"  standard deviation of the log ratio between agents: median {spread}"
    yield f"  probability that two effects differ by a factor of more than {found['differ_by']:g}:"
    for pair, probability in found["probability_that_pairs_differ"].items():
        yield f"    {pair:<30} {probability:.2f}"
    yield f"    {'any two of them':<30} {found['probability_that_any_pair_differs']:.2f}"
    yield f"    {'two new agents of the class':<30} {found['probability_that_new_agents_differ']:.2f}"
    yield f"  Bayes factor for one common effect over agents that differ: {found['bayes_factor_one_effect']:.2f}"


def _row(name: str, value: Plain) -> str:
    return f"  {name:<30} {_ratio(value)}, benefit with probability {value['probability_of_benefit']:.3f}"


def _agents(answers: Plain) -> Iterator[str]:
    found = answers["agents"]
    yield "Agents against each other, indirectly through the control their trials share (ratio, first / second)"
    names = [name for name in found["p_scores"] if name != "control"]
    for position, first in enumerate(names):
        for second in names[position + 1 :]:
            value = found["league"][f"{first} / {second}"]
            yield f"  {first + ' / ' + second:<30} {_ratio(value)}, {_p_value(value)}"
    order = sorted(found["p_scores"].items(), key=lambda item: -item[1])
    scores = ", ".join(f"{name} {score:.2f}" for name, score in order)
    yield from _paragraph(f"P-scores, the mean certainty of being better than another: {scores}", 2)


def _interaction(found: Plain, trials: Sequence[Plain]) -> Iterator[str]:
    yield f"Interaction {found['name']}"
    yield from _paragraph(
        f"log ratio {found['estimate']:+.2f}, standard deviation {found['sd']:.2f}, {found['unit']}", 2
    )
    yield f"  ratio of the effects {_ratio(found)}; below 1: glucocorticoids strengthen the effect"
    prior = found["prior"]
    yield from _paragraph(f"prior: mean {prior['mean']:g}, standard deviation {prior['sd']:g}. {prior['reason']}", 2)
    for name, value in found["by_class"].items():
        yield f"  {name} alone: {value['estimate']:+.2f}, standard deviation {value['sd']:.2f}"
    for share, key in (("nobody", "effect_without_modifier"), ("everybody", "effect_with_modifier")):
        effects = "; ".join(f"{name} {_ratio(value)}" for name, value in found[key].items())
        yield f"  effect with {share} on them: {effects}"
    for within in found["within_trials"]:
        yield f"  inside the trials of {within['study']}: ratio of effects {_ratio(within)}, {_p_value(within)}"
        yield from _paragraph(f"records: {within['present']} against {within['absent']}", 4)
        yield from _paragraph(within["note"], 4)
    for trial in trials:
        if trial["modifier"] is not None:
            shares = f"{100 * trial['modifier']:.0f}%"
            if trial["imbalance"]:
                shares += f" against {100 * (trial['modifier'] - trial['imbalance']):.0f}% in the control arm"
            yield from _paragraph(f"{trial['study']}: {shares} ({', '.join(trial['modifier_records'])})", 2)
        elif trial["treatment_class"] in found["by_class"]:
            yield from _paragraph(f"{trial['study']} left out: {trial['modifier_missing']}", 2)
    yield from _paragraph(found["modifier_effect"], 2)


def _priors(answers: Plain) -> Iterator[str]:
    yield "Priors"
    for name in ("effect", "between_studies", "between_agents"):
        reason = answers["priors"]["reasons"][name]
        yield from _paragraph(f"{name.replace('_', ' ')}: {answers['priors'][name]}. {reason}", 2)


def _paragraph(text: str, indent: int = 0) -> list[str]:
    space = " " * indent
    return wrap(text, WIDTH, initial_indent=space, subsequent_indent=space + "  " * bool(indent))
