"""Treatments, the regimens they combine into, and interactions between two of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jaksim.checks import is_text, known
from jaksim.errors import InputError
from jaksim.model.effect import TreatmentEffect, Window, settle_selection
from jaksim.model.moves import KINDS, Move
from jaksim.ratio import check_log, check_log_sd


@dataclass(frozen=True)
class Treatment:
    """A drug (or other treatment) with its class and its effects.

    `shift` is how much more or less it does in one trial than in others: a log hazard ratio by kind of effect, which
    acts once on every move that its effects act on, for as long as any of them does. Effects per unit of a covariate
    say how patients differ, and so do not count.
    """

    name: str
    drug_class: str = ""
    effects: tuple[TreatmentEffect, ...] = ()
    source: str = ""
    shift: Mapping[str, float] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if not is_text(self.name):
            raise InputError("a treatment needs a name", where="treatment", got=self.name)
        object.__setattr__(self, "effects", tuple(self.effects))
        for kind, value in self.shift.items():
            known(kind, KINDS, "kind of effect", f"treatment '{self.name}', shift")
            check_log(value, f"treatment '{self.name}', shift, {kind}")


@dataclass(frozen=True)
class Regimen:
    """The treatments a patient receives together; their order means nothing, an empty one is no treatment.

    Those that are `lasting` began later than randomisation: windows that count days from there do not hold for them,
    and their effects act for as long as they are given.
    """

    treatments: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.treatments, str):
            raise InputError("must be a list of treatments", where="regimen", got=self.treatments)
        object.__setattr__(self, "treatments", tuple(self.treatments))
        for name in self.treatments:
            if self.treatments.count(name) > 1:
                raise InputError(f"treatment '{name}' appears twice", where="regimen")
        object.__setattr__(self, "lasting", tuple(self.lasting))
        for name in self.lasting:
            known(name, self.treatments, "treatment of the regimen", "regimen, lasting")

    def window_of(self, treatment: str, window: Window) -> Window:
        """The window of an effect of one of the treatments."""
        return Window() if treatment in self.lasting and window.clock == "randomisation" else window

    def __str__(self) -> str:
        return " + ".join(self.treatments) or "no treatment"


@dataclass(frozen=True)
class Interaction:
    """What two treatments do together beyond the sum of their own log hazard ratios.

    `pair` names two treatments or drug classes. The default is 0, with `prior_sd` (log scale) saying how uncertain
    that is.
    """

    pair: tuple[str, str]
    moves: tuple[str | Move, ...]
    log_hazard_ratio: float = 0.0
    prior_sd: float = 0.0
    window: Window = field(default_factory=Window)
    current_scores: tuple[int, ...] | None = None
    source: str = ""
    label: str = ""

    def __post_init__(self) -> None:
        pair = tuple(self.pair)
        if is_text(self.pair) or len(pair) != 2 or not all(is_text(member) for member in pair):
            raise InputError(
                "an interaction needs a pair of treatments or drug classes", where="interaction", got=self.pair
            )
        where = f"interaction {pair[0]} x {pair[1]}"
        settle_selection(self, where)
        object.__setattr__(self, "pair", pair)
        object.__setattr__(self, "log_hazard_ratio", check_log(self.log_hazard_ratio, f"{where}, log_hazard_ratio"))
        object.__setattr__(self, "prior_sd", check_log_sd(self.prior_sd, f"{where}, prior_sd"))
