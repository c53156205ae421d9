"""What a trial design takes for granted, as lines of a table for the reader of a report."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jaksim.model.effect import CovariateEffect, TreatmentEffect, Window
from jaksim.model.moves import Move
from jaksim.model.regimen import Interaction, Treatment
from jaksim.ratio import ratio_of

_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Assumption:
    """One value or statement that the result rests on.

    `ratio` and `interval` (95 %) are set for hazard ratios. `published` is False when no source stands behind the
    value, and `note` then says why it is taken. `stated` is what a hazard ratio was solved from, if it was.
    """

    about: str
    statement: str
    source: str = ""
    ratio: float | None = None
    interval: tuple[float, float] | None = None
    published: bool = True
    note: str = ""
    stated: Mapping[str, Any] | None = None


def treatment_assumptions(treatment: Treatment) -> list[Assumption]:
    """One line for each effect of a treatment."""
    if not treatment.effects:
        return [Assumption(treatment.name, "no effect", treatment.source, published=bool(treatment.source))]
    effects = treatment.effects
    return [
        _effect(treatment, effect, further=any(_overlap(effect, other) for other in effects[:number]))
        for number, effect in enumerate(effects)
    ]


def _effect(treatment: Treatment, effect: TreatmentEffect, further: bool) -> Assumption:
    source = effect.source or treatment.source
    statement = _acts_on(effect.moves, effect.current_scores, effect.baseline_scores, effect.window)
    if effect.by_dose:
        statement = f"{statement}, by dose"
    elif effect.covariate:
        statement = f"{statement}, {_by_covariate(effect)}"
    if effect.course is not None:
        statement = f"{statement}, in step with the phase {effect.course.phase}"
    return Assumption(
        about=treatment.name,
        statement=f"{statement}, times the ratio above" if further else statement,
        source=source,
        ratio=ratio_of(effect.log_hazard_ratio) if effect.by_dose else _ratio(effect),
        interval=_interval(effect.log_hazard_ratio, effect.standard_error),
        published=bool(source),
    )


def _ratio(effect: TreatmentEffect | CovariateEffect) -> float | None:
    """The hazard ratio of a unit; None for a shape that has ratios of its own."""
    return ratio_of(effect.log_hazard_ratio) if effect.shape.kind == "linear" else None


def _by_covariate(effect: TreatmentEffect | CovariateEffect) -> str:
    """What the ratio is of: a unit of the covariate, from where; or the ratios of a shape."""
    name, shape = effect.covariate, effect.shape
    if shape.kind == "linear":
        words = f"per unit of {name}" if shape.per == 1.0 else f"per {shape.per:g} of {name}"
        return words if shape.centre == 0.0 else f"{words} from {shape.centre:g}"
    ratios = [f"{ratio_of(effect.log_hazard_ratio * value):.2f}" for value in shape.values]
    if shape.kind == "spline":
        knots = ", ".join(f"{ratio} at {cut:g}" for cut, ratio in zip(shape.cuts, ratios, strict=True))
        return f"hazard ratio along a spline of {name}: {knots}"
    if not shape.cuts:
        return f"hazard ratio {ratios[0]} for every {name}"
    edges = [f"below {shape.cuts[0]:g}", *(f"from {cut:g}" for cut in shape.cuts)]
    return f"hazard ratio by {name}: " + ", ".join(f"{r} {edge}" for edge, r in zip(edges, ratios, strict=True))


def _overlap(one: TreatmentEffect, other: TreatmentEffect) -> bool:
    return bool(set(one.moves) & set(other.moves)) and all(
        mine is None or theirs is None or set(mine) & set(theirs)
        for mine, theirs in (
            (one.current_scores, other.current_scores),
            (one.baseline_scores, other.baseline_scores),
        )
    )


def interaction_assumption(interaction: Interaction, note: str) -> Assumption:
    """The line for an interaction; its interval is that of its prior."""
    return Assumption(
        about=" x ".join(interaction.pair),
        statement="beyond the sum of both: "
        + _acts_on(interaction.moves, interaction.current_scores, None, interaction.window),
        source=interaction.source,
        ratio=ratio_of(interaction.log_hazard_ratio),
        interval=_interval(interaction.log_hazard_ratio, interaction.prior_sd or None),
        published=bool(interaction.source) and not note,
        note=note,
    )


def covariate_assumption(effect: CovariateEffect) -> Assumption:
    """The line for what a covariate of the patients changes."""
    return Assumption(
        about=f"covariate {effect.covariate}",
        statement=f"{_acts_on(effect.moves, effect.current_scores, None, Window())}, {_by_covariate(effect)}",
        source=effect.source,
        ratio=_ratio(effect),
        interval=_interval(effect.log_hazard_ratio, effect.standard_error),
        published=bool(effect.source),
    )


def _interval(log_ratio: float, standard_error: float | None) -> tuple[float, float] | None:
    if standard_error is None:
        return None
    return ratio_of(log_ratio - _Z * standard_error), ratio_of(log_ratio + _Z * standard_error)


def _acts_on(
    moves: Iterable[str | Move], current: Iterable[int] | None, baseline: Iterable[int] | None, window: Window
) -> str:
    text = ", ".join(str(move) for move in moves)
    if current is not None:
        text += f" from score {_scores(current)}"
    if baseline is not None:
        text += f", baseline score {_scores(baseline)}"
    if window.end < math.inf or window.start > 0.0:
        end = f"{window.end:g}" if window.end < math.inf else "on"
        text += f", days {window.start:g}-{end}"
        if window.clock == "onset":
            text += " from onset"
    return text


def _scores(scores: Iterable[int]) -> str:
    return ", ".join(str(score) for score in scores)
