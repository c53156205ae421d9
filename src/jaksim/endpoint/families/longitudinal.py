"""All daily scores of a patient, for models of how one day's score follows the day before's."""

from __future__ import annotations

import numpy as np

from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.family import Family
from jaksim.endpoint.options import ScoreChoice, last_days, target_scores
from jaksim.endpoint.transition_counts import TransitionCounts, blank_automaton
from jaksim.key import Key
from jaksim.scale import OrdinalScale


def longitudinal(
    scale: OrdinalScale,
    horizon: int,
    *,
    name: str,
    day: int | None = None,
    days_in: ScoreChoice | None = None,
    follow_up: int | None = None,
) -> Endpoint:
    """The scores of every day up to one, reduced to counts of transitions from each day to the next.

    Raises InputError for values that `FAMILY` does not allow.
    """
    _, last = last_days(day, follow_up, horizon)
    target = None if days_in is None else target_scores(scale, days_in)
    absorbing = scale.indices(scale.absorbing)
    marks = np.zeros(scale.n_states, dtype=bool)
    marks[list(absorbing)] = True
    counts = TransitionCounts(
        horizon=horizon,
        last_day=last,
        rank=np.asarray(scale.rank, dtype=np.int64),
        absorbing=marks,
        value=np.array(scale.scores, dtype=np.float64),
        counted=np.isin(scale.scores, [] if target is None else list(target.scores)),
    )
    days, before, after = (axis.ravel() for axis in np.indices((horizon, scale.n_states, scale.n_states)))
    used = days < last
    scores = scale.scores
    words = "" if target is None else f"; days with {target.words} are added up"
    return Endpoint(
        name=name,
        kind="longitudinal",
        scale=scale,
        automaton=blank_automaton(horizon, scale.n_states, tuple(absorbing)),
        labels=tuple(
            f"score {scores[r]} to {scores[s]} on day {d + 1}" for d, r, s in zip(days, before, after, strict=True)
        ),
        time=days + 1.0,
        status=np.full(len(days), -1, dtype=np.int64),
        rank=np.where(used, counts.rank[after], -1),
        value=np.where(used, counts.value[after], np.nan),
        event="score of the day",
        better="lower rank",
        definition=f"Scores of days 1 to {last} on the {scale.name}, death included, each given the day before{words}.",
        unit="score",
        transitions=counts,
    )


FAMILY = Family(
    name="longitudinal",
    kind="longitudinal",
    build=longitudinal,
    description="All daily scores, each given the day before.",
    options=(
        Key("day", "whole number", "Last day whose score is used, days since randomisation; the horizon if not given."),
        Key(
            "days_in",
            "text, whole number or list",
            "Set of the scale, score, or list of either, in which days are added up; none if not given.",
        ),
        Key("follow_up", "whole number", "Last day observed in an interim data cut; later days are not used."),
    ),
)
