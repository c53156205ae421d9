"""Checks of what a user may ask of an endpoint, shared by its families."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from jaksim.errors import InputError
from jaksim.key import Key
from jaksim.scale import OrdinalScale

ScoreChoice = str | int | Sequence[str | int]

SCORE_KEYS = (
    Key(
        "set",
        "text, whole number or list",
        "Named set of the scale, or a list of such names, that holds the scores meant.",
    ),
    Key("scores", "text, whole number or list", "Scores meant, as a list; may stand beside 'set', which it extends."),
)


@dataclass(frozen=True)
class Target:
    """Scores that an endpoint watches, with the words that describe them."""

    scores: frozenset[int]
    words: str


def target_scores(scale: OrdinalScale, which: ScoreChoice) -> Target:
    """The scores meant by a set name, a score, or a list of either; InputError where the scale has no such."""
    chosen = [which] if isinstance(which, str | int | np.integer) else list(which)
    if not chosen:
        raise InputError("no scores named", where="set", allowed=scale.sets)
    scores: set[int] = set()
    for one in chosen:
        scores.update(scale.members(one))
    if len(scores) == scale.n_states:
        raise InputError("the set holds every score of the scale", where="set", got=which)
    listed = ", ".join(str(score) for score in sorted(scores))
    names = [member for member in chosen if isinstance(member, str)]
    words = f"{' or '.join(names)} (score {listed})" if names else f"score {listed}"
    return Target(frozenset(scores), words)


def whole_day(day: object, horizon: int, *, where: str, first: int = 1) -> int:
    """A day between `first` and the horizon, days since randomisation; InputError otherwise."""
    if isinstance(day, bool) or not isinstance(day, int | np.integer):
        raise InputError("must be a whole number of days", where=where, got=day)
    if not first <= day <= horizon:
        raise InputError("day outside the horizon", where=where, allowed=f"{first} to {horizon}", got=int(day))
    return int(day)


def last_days(day: int | None, follow_up: int | None, horizon: int) -> tuple[int, int]:
    """Last day that the endpoint counts, and last day observed (not after it); both default to the horizon."""
    last = horizon if day is None else whole_day(day, horizon, where="day")
    observed = last if follow_up is None else min(whole_day(follow_up, horizon, where="follow_up", first=0), last)
    return last, observed


def one_of(value: object, allowed: Iterable[object], *, where: str) -> None:
    """InputError unless `value` is one of the `allowed`."""
    choices = tuple(allowed)
    if isinstance(value, bool) or value not in choices:
        raise InputError("unknown value", where=where, allowed=choices, got=value)


def favourable(scale: OrdinalScale, scores: frozenset[int]) -> bool:
    """Whether the scores are on average a better status than the other scores of the scale."""
    inside = np.isin(scale.scores, list(scores))
    return bool(scale.rank[inside].mean() < scale.rank[~inside].mean())


def fixed_day(day: int | None, follow_up: int | None, horizon: int) -> tuple[int, bool]:
    """Day at which a fixed-day endpoint is read, and whether the follow-up reaches it.

    Where it does not, nobody's category is known, not even of patients whose event came early: a patient then enters
    the analysis or not by the data cut alone, never by the outcome.
    """
    last, observed = last_days(day, follow_up, horizon)
    return last, observed >= last


DEATH_STRATEGIES = ("composite", "worst case", "while alive", "hypothetical")

_NOT_POSSIBLE = {
    ("death", "treatment policy"): "no score follows death, so there is nothing to take as it is observed",
    ("death", "hypothetical"): (
        "scores without death are not on a patient's path; censoring a time to event is the hypothetical strategy here"
    ),
    ("readmission", "while alive"): "a patient who returns is alive; the strategy is for death",
    ("readmission", "hypothetical"): "scores without the return are not on a patient's path",
}


def strategy(value: object, allowed: Iterable[object], *, where: str) -> None:
    """InputError unless `value` is one of the `allowed`; says why where it names a strategy that cannot work there."""
    choices = tuple(allowed)
    if isinstance(value, str) and value not in choices and (where, value) in _NOT_POSSIBLE:
        raise InputError(_NOT_POSSIBLE[where, value], where=where, allowed=choices, got=value)
    one_of(value, choices, where=where)


def true_or_false(value: object, *, where: str) -> None:
    """InputError unless `value` is true or false."""
    if not isinstance(value, bool):
        raise InputError("must be true or false", where=where, got=value)


def whole_number(value: object, most: int, *, where: str) -> int:
    """A whole number between 1 and `most`; InputError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 1 <= value <= most:
        raise InputError("must be a whole number", where=where, allowed=f"1 to {most}", got=value)
    return int(value)
