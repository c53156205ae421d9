"""A synthesis as text, ready to paste into a protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from textwrap import wrap
from typing import Any

from jaksim.evidence.answers import SynthesisList, SynthesisResult
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import AsPrinted, columns, paragraph, title

WIDTH = 110
Plain = Mapping[str, Any]


def synthesis_report(found: SynthesisResult) -> Iterator[Block]:
    """The page of a synthesis."""
    yield AsPrinted(synthesis_page(found.as_dict()))


def outcomes_report(found: SynthesisList) -> Iterator[Block]:
    """The outcomes, with how far trials differ in each."""
    yield title("Outcomes that can be synthesised")
    yield ""
    rows = []
    for outcome in found.as_dict()["outcomes"]:
        parts = [(part["label"], part["between_trials"]) for part in outcome["classes"].values()]
        parts += [("all classes", outcome["between_trials"])] if len(parts) > 1 else []
        for position, (label, spread) in enumerate(parts):
            limits = spread["tau2_interval"]
            rows.append(
                (
                    outcome["outcome"] if position == 0 else "",
                    label,
                    str(spread["trials"]),
                    "{:.2f} ({:.2f} to {:.2f})".format(spread["tau"]["median"], *spread["tau"]["interval"]),
                    "" if limits is None else "{:.3f} ({:.3f} to {:.3f})".format(spread["tau2"], *limits),
                )
            )
    yield columns(["Outcome", "Trials of", "Trials", "Tau", "Tau squared"], rows, right=(2, 3, 4))
    yield paragraph(
        "Tau: standard deviation of the log ratio between trials, posterior median and 95 % interval. Tau squared: "
        "REML estimate and 95 % Q-profile interval. Among all classes each has a mean of its own. One trial alone says "
        "nothing of either: tau is its prior's."
    )


def synthesis_page(answers: Plain) -> str:
    """Trials used and left out, then classes, class against agent, agents and interaction."""
    lines = [answers["title"], *_paragraph(answers["note"]), "", *_trials(answers), *_excluded(answers)]
    for pooled in answers["classes"].values():
        lines += ["", *_class(pooled)]
    if len(answers["classes"]) > 1:
        lines += ["", "All classes, each with a mean of its own", _spread(answers["between_trials"])]
    lines += ["", *_class_effect(answers), "", *_agents(answers)]
    if answers["interaction"]:
        lines += ["", *_interaction(answers["interaction"], answers)]
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
    widest = max(len(trial["agent"]) for trial in answers["trials"])
    for trial in answers["trials"]:
        records = ", ".join(trial["records"])
        yield f"  {trial['study']:<24} {trial['agent']:<{widest}} ratio {trial['ratio']:.2f}, {trial['how']}"
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
    if pooled["definition"]:
        yield from _paragraph(f"outcome: {pooled['definition']}", 2)
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
        yield f"  Q = {some['q']:.1f} on {some['q_df']} df, p = {some['q_p_value']:.2f}, I2 = {100 * some['i2']:.0f}%"
        yield _spread(pooled["between_trials"])


def _spread(found: Plain) -> str:
    """The standard deviation between trials with its own uncertainty."""
    tau, low_high = found["tau"], found["tau"]["interval"]
    words = "tau {:.2f} (95% {:.2f} to {:.2f})".format(tau["median"], *low_high)
    if found["tau2_interval"] is None:
        return f"  Between trials: {words}, the prior's, for no class has two trials"
    variance = "REML tau squared {:.3f}, Q-profile {:.3f} to {:.3f}".format(found["tau2"], *found["tau2_interval"])
    return f"  Between trials: {words}, posterior; {variance}"


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
    pairs = [f"{first} / {second}" for first, second in combinations(names, 2)]
    widest = max(30, *map(len, pairs))
    for pair in pairs:
        value = found["league"][pair]
        yield f"  {pair:<{widest}} {_ratio(value)}, {_p_value(value)}"
    for name in found["not_compared"]:
        label = answers["classes"][name]["label"]
        yield from _paragraph(f"{label} are not compared: their trials count another outcome", 2)
    order = sorted(found["p_scores"].items(), key=lambda item: -item[1])
    scores = ", ".join(f"{name} {score:.2f}" for name, score in order)
    yield from _paragraph(f"P-scores, the mean certainty of being better than another: {scores}", 2)


def _interaction(found: Plain, answers: Plain) -> Iterator[str]:
    trials, stronger = answers["trials"], "below" if answers["better"] == "lower" else "above"
    yield f"Interaction {found['name']}"
    yield from _paragraph(
        f"log ratio {found['estimate']:+.2f}, standard deviation {found['sd']:.2f}, {found['unit']}", 2
    )
    yield f"  ratio of the effects {_ratio(found)}; {stronger} 1: glucocorticoids strengthen the effect"
    prior = found["prior"]
    yield from _paragraph(f"prior: mean {prior['mean']:g}, standard deviation {prior['sd']:g}. {prior['reason']}", 2)
    for name, value in found["by_class"].items():
        yield f"  {name} alone: {value['estimate']:+.2f}, standard deviation {value['sd']:.2f}"
    for share, key in (("nobody", "effect_without_modifier"), ("everybody", "effect_with_modifier")):
        effects = "; ".join(f"{name} {_ratio(value)}" for name, value in found[key].items())
        yield f"  effect with {share} on them: {effects}"
    yield from _inside(found)
    for trial in trials:
        if trial["modifier"] is not None:
            shares = f"{100 * trial['modifier']:.0f}%"
            if trial["imbalance"]:
                shares += f" against {100 * (trial['modifier'] - trial['imbalance']):.0f}% in the control arm"
            yield from _paragraph(f"{trial['study']}: {shares} ({', '.join(trial['modifier_records'])})", 2)
        elif trial["treatment_class"] in found["by_class"]:
            yield from _paragraph(f"{trial['study']} left out: {trial['modifier_missing']}", 2)
    if found["modifier_effect"]:
        modifier = found["modifier_effect"]
        yield from _paragraph(f"{modifier['reason']} ({modifier['study']}, {modifier['record']})", 2)


def _inside(found: Plain) -> Iterator[str]:
    """Subgroups inside trials, pooled, and together with what trials compared say."""
    for within in found["within_trials"]:
        yield f"  inside {within['study']}: ratio of effects {_ratio(within)}, {_p_value(within)}"
        sides = " against ".join(" and ".join(within[key]) for key in ("present", "absent"))
        yield from _paragraph(f"records: {sides}", 4)
        if within["note"]:
            yield from _paragraph(within["note"], 4)
    for name, value in found["within_pooled"].items():
        if value["trials"] > 1:
            words = f"ratio of effects {_ratio(value)}, {_p_value(value)}"
            yield f"  inside {value['trials']} trials ({_named(name)}): {words}"
    for name, value in found["combined"].items():
        yield from _paragraph(
            f"trials compared and subgroups together ({_named(name)}): {value['estimate']:+.2f}, standard deviation "
            f"{value['sd']:.2f}",
            2,
        )


def _named(name: str) -> str:
    return "all classes, one slope" if name == "all" else name


def _priors(answers: Plain) -> Iterator[str]:
    yield "Priors"
    for name in ("effect", "between_studies", "between_agents"):
        reason = answers["priors"]["reasons"][name]
        yield from _paragraph(f"{name.replace('_', ' ')}: {answers['priors'][name]}. {reason}", 2)


def _paragraph(text: str, indent: int = 0) -> list[str]:
    space = " " * indent
    return wrap(text, WIDTH, initial_indent=space, subsequent_indent=space + "  " * bool(indent))
