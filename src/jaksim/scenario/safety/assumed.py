"""What a scenario assumes of its safety events, in lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jaksim.model.safety.events import SafetyRisk
from jaksim.scenario.intercurrent.words import assumed, window_words
from jaksim.scenario.safety.reading import laboratory_value
from jaksim.scenario.section import elements, read_section
from jaksim.trial import Trial
from jaksim.trial.assumption import Assumption


def safety_assumptions(tables: Sequence[Mapping[str, Any]], trial: Trial) -> tuple[Assumption, ...]:
    """A line for each table, with the intensities that follow from shares and laboratory values."""
    left = {event.name: list(event.risks) for event in trial.states.events.safety}
    lines = []
    for place, entry in elements(tables, "safety"):
        values = read_section(entry, "safety", place)
        arms = [arm.name for arm in trial.arms if not values["arms"] or arm.name in values["arms"]]
        each = trial.horizon if values["laboratory"] is not None else 1
        mine = [left[values["name"]].pop(0) for _ in range(each * len(arms))]
        if values["laboratory"] is not None:
            statement = _laboratory_words(values["laboratory"], arms, trial)
        else:
            statement = ", ".join(_risk_words(risk) for risk in mine)
        lines.append(assumed(values["name"], f"{statement}{_who(values, mine[0])}{_counted(values)}", values))
    return tuple(lines)


def _risk_words(risk: SafetyRisk) -> str:
    (arm,) = risk.arms
    if risk.share is None:
        return f"{arm} {risk.per_day:.4g} per day"
    return f"{arm} {100.0 * risk.share:.4g} % of patients by day {risk.share_day}, which is {risk.per_day:.4g} per day"


def _laboratory_words(table: Mapping[str, Any], arms: Sequence[str], trial: Trial) -> str:
    known = {arm.name: arm for arm in trial.arms}
    words = []
    for arm in arms:
        value = laboratory_value(table, arm, known)
        share = float(value.crossed(np.array([float(trial.horizon)]))[0])
        words.append(f"{arm} {100.0 * share:.3g} %")
    first = laboratory_value(table, arms[0], known)
    word = "below" if first.below else "above"
    return (
        f"value {word} {first.threshold:g} by day {trial.horizon} in those who stay alive: {', '.join(words)}; "
        f"{100.0 * first.excluded:.3g} % are {word} it at randomisation and not enrolled"
    )


def _who(values: Mapping[str, Any], risk: SafetyRisk) -> str:
    scores = "" if risk.current_scores is None else f", score {', '.join(map(str, risk.current_scores))}"
    factors = ", ".join(f"{factor:g} times at score {score}" for score, factor in risk.factors)
    window = "" if values["laboratory"] is not None else window_words(risk.start, risk.end)
    exposure = "" if risk.exposure == "always" else f", {risk.exposure}"
    return f"{window}{scores}{f', {factors}' if factors else ''}{exposure}"


def _counted(values: Mapping[str, Any]) -> str:
    most = f"; up to {values['most']} are counted" if values["most"] > 1 else ""
    return f"{most}; death counts" if values["death_counts"] else most
