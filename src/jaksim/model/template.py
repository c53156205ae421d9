"""A disease model with named free parameters: what a calibration fits and a parameter set stores.

Every parameter lives on the log scale. A move's intensity is `exp(base + profile multiplier of the time piece)`, an
effect a log hazard ratio. A parameter with `prior_sd = 0` is held at its prior mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jaksim.errors import InputError
from jaksim.model.effect import TreatmentEffect, Window
from jaksim.model.moves import Move
from jaksim.model.natural_history import NaturalHistory
from jaksim.model.regimen import Treatment
from jaksim.piecewise import PiecewiseConstant
from jaksim.ratio import ratio_of
from jaksim.scale import OrdinalScale


@dataclass(frozen=True)
class Parameter:
    """One free log-scale parameter with its normal prior and the reason it exists."""

    name: str
    prior_mean: float
    prior_sd: float
    description: str = ""

    def __post_init__(self) -> None:
        if not math.isfinite(self.prior_mean) or not math.isfinite(self.prior_sd) or self.prior_sd < 0:
            raise InputError(
                "prior must be a finite mean and a non-negative standard deviation", where=f"parameter {self.name}"
            )

    @property
    def fixed(self) -> bool:
        return self.prior_sd == 0.0


@dataclass(frozen=True)
class Profile:
    """Multipliers of a family of intensities after each cut (days); the first piece is the reference."""

    name: str
    cuts: tuple[float, ...]
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class MoveTemplate:
    """A move with the parameters whose sum is its log intensity before any profile."""

    move: Move
    group: str
    parameters: tuple[str, ...]
    profile: str | None


@dataclass(frozen=True)
class EffectTemplate:
    """A treatment effect whose log hazard ratio is a parameter."""

    treatment: str
    moves: tuple[str | Move, ...]
    parameter: str
    current_scores: tuple[int, ...] | None = None
    baseline_scores: tuple[int, ...] | None = None
    window: Window = field(default_factory=Window)
    source: str = ""
    label: str = ""
    covariate: str = ""


@dataclass(frozen=True)
class ModelTemplate:
    """Moves, profiles, effects and the parameters that fill them; `values` arrays follow the order of `parameters`."""

    scale: OrdinalScale
    parameters: tuple[Parameter, ...]
    moves: tuple[MoveTemplate, ...]
    profiles: Mapping[str, Profile]
    effects: tuple[EffectTemplate, ...]
    drug_classes: Mapping[str, str]

    def __post_init__(self) -> None:
        names = [p.name for p in self.parameters]
        for name in names:
            if names.count(name) > 1:
                raise InputError("parameter defined twice", where=f"parameter {name}")
        used: list[str] = [n for m in self.moves for n in m.parameters]
        used += [n for profile in self.profiles.values() for n in profile.parameters]
        used += [e.parameter for e in self.effects]
        for name in used:
            if name not in names:
                raise InputError("unknown parameter", where="model template", allowed=names, got=name)
        for name in names:
            if name not in used:
                raise InputError("parameter is used by no move, profile or effect", where=f"parameter {name}")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(p.name for p in self.parameters)

    @property
    def prior_mean(self) -> NDArray[np.float64]:
        return np.array([p.prior_mean for p in self.parameters])

    @property
    def prior_sd(self) -> NDArray[np.float64]:
        return np.array([p.prior_sd for p in self.parameters])

    def natural_history(self, values: NDArray[np.float64]) -> NaturalHistory:
        """Intensities per day at the given parameter values."""
        value = dict(zip(self.names, values, strict=True))
        intensities: dict[Move, PiecewiseConstant] = {}
        groups: dict[Move, str] = {}
        for template in self.moves:
            base = ratio_of(sum(value[n] for n in template.parameters))
            profile = self.profiles[template.profile] if template.profile is not None else None
            cuts = profile.cuts if profile else ()
            later = tuple(base * ratio_of(value[n]) for n in profile.parameters) if profile else ()
            intensities[template.move] = PiecewiseConstant(cuts, (base, *later))
            groups[template.move] = template.group
        return NaturalHistory(self.scale, intensities, groups)

    def treatments(
        self, values: NDArray[np.float64], standard_errors: NDArray[np.float64] | None = None
    ) -> dict[str, Treatment]:
        """Treatments with their effects at the given parameter values."""
        value = dict(zip(self.names, values, strict=True))
        spread = dict(zip(self.names, standard_errors, strict=True)) if standard_errors is not None else {}
        effects: dict[str, list[TreatmentEffect]] = {name: [] for name in self.drug_classes}
        for e in self.effects:
            effects[e.treatment].append(
                TreatmentEffect(
                    moves=e.moves,
                    log_hazard_ratio=float(value[e.parameter]),
                    standard_error=float(spread[e.parameter]) if spread else None,
                    current_scores=e.current_scores,
                    baseline_scores=e.baseline_scores,
                    window=e.window,
                    source=e.source,
                    label=e.label or e.parameter,
                    covariate=e.covariate,
                )
            )
        return {
            name: Treatment(name=name, drug_class=self.drug_classes[name], effects=tuple(found), source="")
            for name, found in effects.items()
        }
