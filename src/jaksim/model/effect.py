"""Effects of treatments and of patient characteristics on the intensities of moves."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from jaksim.checks import is_text, is_whole, number
from jaksim.errors import InputError
from jaksim.model.covariate_shape import LINEAR, Shape
from jaksim.model.moves import Move, parse_selection
from jaksim.model.phase import Course
from jaksim.ratio import check_log, check_log_sd

CLOCKS = ("randomisation", "onset")


@dataclass(frozen=True)
class Window:
    """The days during which an effect acts: from `start` up to, not including, `end`, counted by `clock`.

    The clock counts days since randomisation or since the onset of symptoms.
    """

    start: float = 0.0
    end: float = math.inf
    clock: str = "randomisation"

    def __post_init__(self) -> None:
        start = number(self.start, "window, start")
        end = number(self.end, "window, end", infinite=True)
        if start < 0:
            raise InputError("a window cannot start before day 0", where="window, start", got=start)
        if end <= start:
            raise InputError(f"a window must end after its start, day {start:g}", where="window, end", got=end)
        if self.clock not in CLOCKS:
            raise InputError("unknown clock", where="window, clock", allowed=CLOCKS, got=self.clock)
        object.__setattr__(self, "start", start)
        object.__setattr__(self, "end", end)

    def since_randomisation(self, days_since_onset: float | None) -> tuple[float, float] | None:
        """Start and end in days since randomisation for one patient, or None when it has passed by then.

        `days_since_onset` is the time from onset to randomisation; InputError when the onset clock needs it and it is
        not known.
        """
        if self.clock == "randomisation":
            return self.start, self.end
        if days_since_onset is None:
            raise InputError("an effect counts days since onset, so patients need days_since_onset", where="window")
        end = self.end - days_since_onset
        return (max(self.start - days_since_onset, 0.0), end) if end > 0 else None


@dataclass(frozen=True)
class TreatmentEffect:
    """A log hazard ratio of one treatment on chosen moves.

    `moves` are groups of moves and single moves; `current_scores` restricts the effect to moves out of these scores,
    `baseline_scores` to patients who had these scores at randomisation. With a `covariate` the log hazard ratio is per
    unit of that covariate of the patient, or multiplies its `shape`. `standard_error` is on the log scale. With a
    `course` it goes with a phase of the disease, and `log_hazard_ratio` is its average in the trial that it is from.
    An effect `by_dose` is one of the treatment itself, of which the covariate decides the dose.
    """

    moves: tuple[str | Move, ...]
    log_hazard_ratio: float
    standard_error: float | None = None
    current_scores: tuple[int, ...] | None = None
    baseline_scores: tuple[int, ...] | None = None
    window: Window = field(default_factory=Window)
    source: str = ""
    label: str = ""
    covariate: str = ""
    course: Course | None = None
    shape: Shape = LINEAR
    by_dose: bool = False

    def __post_init__(self) -> None:
        where = f"effect '{self.label}'" if self.label else "effect"
        if not isinstance(self.covariate, str):
            raise InputError("must be the name of a covariate", where=f"{where}, covariate", got=self.covariate)
        settle_selection(self, where)
        object.__setattr__(self, "baseline_scores", _scores(self.baseline_scores, f"{where}, baseline_scores"))
        object.__setattr__(self, "log_hazard_ratio", check_log(self.log_hazard_ratio, f"{where}, log_hazard_ratio"))
        if self.standard_error is not None:
            object.__setattr__(self, "standard_error", check_log_sd(self.standard_error, f"{where}, standard_error"))

    @property
    def of_patients(self) -> bool:
        """Whether it says how patients differ rather than what the treatment does."""
        return bool(self.covariate) and not self.by_dose


@dataclass(frozen=True)
class CovariateEffect:
    """A log hazard ratio per unit of a patient's covariate on chosen moves, or one that multiplies its `shape`."""

    covariate: str
    moves: tuple[str | Move, ...]
    log_hazard_ratio: float
    standard_error: float | None = None
    current_scores: tuple[int, ...] | None = None
    source: str = ""
    label: str = ""
    shape: Shape = LINEAR

    def __post_init__(self) -> None:
        where = f"effect of covariate '{self.covariate}'"
        if not is_text(self.covariate):
            raise InputError("a covariate needs a name", where="covariate effect", got=self.covariate)
        settle_selection(self, where)
        object.__setattr__(self, "log_hazard_ratio", check_log(self.log_hazard_ratio, f"{where}, log_hazard_ratio"))
        if self.standard_error is not None:
            object.__setattr__(self, "standard_error", check_log_sd(self.standard_error, f"{where}, standard_error"))


class SelectsMoves(Protocol):
    """Whatever acts on selected moves from selected scores."""

    @property
    def moves(self) -> tuple[str | Move, ...]: ...
    @property
    def current_scores(self) -> tuple[int, ...] | None: ...


def settle_selection(effect: SelectsMoves, where: str) -> None:
    """Check and normalise the fields `moves` and `current_scores` of a frozen effect under construction."""
    try:
        moves = _selection(effect.moves)
    except InputError as error:
        raise error.at(where) from None
    scores = _scores(effect.current_scores, f"{where}, current_scores")
    for move in moves:
        if isinstance(move, Move) and scores is not None and move.origin not in scores:
            raise InputError(f"move {move} does not start at a current score", where=where, allowed=scores)
    object.__setattr__(effect, "moves", moves)
    object.__setattr__(effect, "current_scores", scores)


def _selection(moves: Any) -> tuple[str | Move, ...]:
    if isinstance(moves, str | Move) or not isinstance(moves, Iterable):
        moves = (moves,)
    selection = tuple(move if isinstance(move, Move) else parse_selection(move) for move in moves)
    if not selection:
        raise InputError("at least one group or move is needed", where="moves")
    return selection


def _scores(scores: object, where: str) -> tuple[int, ...] | None:
    if scores is None:
        return None
    found = tuple(scores) if isinstance(scores, Iterable) and not isinstance(scores, str) else (scores,)
    for score in found:
        if not is_whole(score):
            raise InputError("must be scores", where=where, got=score)
    if not found:
        raise InputError("at least one score is needed; leave it out to mean every score", where=where)
    return tuple(sorted({int(score) for score in found}))
