"""What it does to the endpoints of a trial that treatments do more in one trial than in another.

A cited standard deviation is that of an endpoint, such as the log odds of death by day 28; a trial is simulated by its
moves. The exact law of each endpoint tells how its log odds change with the log hazard ratios of each kind of effect
(delta method), and so which standard deviation of these gives the cited one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from jaksim.analysis import get_method
from jaksim.arrays import Floats
from jaksim.endpoint.endpoint import Endpoint
from jaksim.errors import InputError
from jaksim.exact.transition import stacked_transition_matrices
from jaksim.model.moves import KINDS, kind_of
from jaksim.model.regimen import Treatment
from jaksim.trial import Arm, Trial
from jaksim.trial.between_trials import BetweenTrials

_STEP: Final = 0.05
_TOLERANCE: Final = 1e-6


@dataclass(frozen=True)
class InducedSpread:
    """How much an endpoint of a treatment differs between trials: standard deviation `sd` of its `measure`.

    `cited` is the value that the assumption cites for this endpoint, None without any. `arm` is the arm with this
    treatment whose patients it is about.
    """

    treatment: str
    arm: str
    endpoint: str
    measure: str
    sd: float
    cited: float | None = None
    source: str = ""


@dataclass(frozen=True)
class Heterogeneity:
    """How much treatments differ between trials, ready to be drawn.

    `sds` are the standard deviations of the log hazard ratios, by treatment and in the order of `KINDS`, and
    `correlation` (3, 3) that of the benefits of the kinds. In a `pooled` one each draw of the treatment's parameter set
    has standard deviations of its own, of which these are the root mean squares.
    """

    sds: Mapping[str, Floats]
    correlation: Floats
    induced: tuple[InducedSpread, ...]
    pooled: bool = False
    source: str = ""

    @property
    def differ(self) -> bool:
        """Whether trials differ at all."""
        return any((sds > 0.0).any() for sds in self.sds.values())

    @property
    def kind_correlation(self) -> float:
        """Correlation of the benefits of two kinds."""
        return float(self.correlation[0, 1])

    @property
    def by_kind(self) -> dict[str, dict[str, float]]:
        """The standard deviations of the log hazard ratios by treatment and kind."""
        return {name: dict(zip(KINDS, sds.tolist(), strict=True)) for name, sds in self.sds.items()}


def heterogeneity(trial: Trial, assumed: BetweenTrials, pooled: Mapping[str, Floats] | None = None) -> Heterogeneity:
    """The standard deviations of the log hazard ratios that an assumption means in a trial, and what they induce.

    `pooled` are those of the treatments where they are not in the assumption. `InputError` where no standard deviation
    of one kind of effect gives the cited one, since the others make the endpoint differ more than that already.
    """
    correlation = np.full((len(KINDS), len(KINDS)), assumed.correlation)
    np.fill_diagonal(correlation, 1.0)
    sds, induced = {}, []
    for name in changing_treatments(trial):
        response = _Response(trial, name)
        sds[name] = pooled[name] if pooled is not None else _solved(response, assumed, correlation)
        if assumed.differ:
            induced += _induced(response, assumed, sds[name], correlation)
    return Heterogeneity(sds, correlation, tuple(induced), assumed.pooled, assumed.source)


def changing_treatments(trial: Trial) -> list[str]:
    """The treatments that an arm gives and whose effects are not inside the natural history."""
    model = trial.disease
    given = {name for arm in trial.arms for name in arm.regimen.treatments}
    return [
        name
        for name, treatment in model.treatments.items()
        if name in given and name not in model.background and any(not effect.covariate for effect in treatment.effects)
    ]


def shifted(treatment: Treatment, benefits: Sequence[float] | Floats) -> Treatment:
    """The treatment with so much more benefit (log scale) of each of `KINDS`."""
    signs = (1.0 if kind == "improvement" else -1.0 for kind in KINDS)
    shift = {kind: sign * float(value) for kind, sign, value in zip(KINDS, signs, benefits, strict=True) if value}
    return replace(treatment, shift=shift)


class _Response:
    """How endpoints of the patients of one treatment change with its benefit of each kind."""

    def __init__(self, trial: Trial, treatment: str) -> None:
        self.trial, self.treatment = trial, treatment
        self.arm = _arm_with(trial, treatment)
        history = trial.disease.natural_history
        acting = {
            kind_of(history.groups[move], trial.scale)
            for effect in trial.disease.treatments[treatment].effects
            if not effect.covariate
            for move in trial.disease.moves_of(effect)
        }
        self.kinds = [kind in acting for kind in KINDS]
        steps = np.concatenate([np.zeros((1, len(KINDS))), *([_STEP * side] for side in _sides())])
        self._laws = _Laws(trial, self.arm, [shifted(trial.disease.treatments[treatment], one) for one in steps])

    def slopes(self, endpoint: Endpoint) -> Floats | None:
        """Derivatives (kinds,) of the measure of an endpoint in the benefits; None for an endpoint without one."""
        found = self._laws.measures(endpoint)
        return None if found is None else (found[1::2] - found[2::2]) / (2.0 * _STEP)


def _sides() -> list[Floats]:
    unit = np.eye(len(KINDS))
    return [sign * unit[kind] for kind in range(len(KINDS)) for sign in (1.0, -1.0)]


class _Laws:
    """The exact laws of endpoints in one arm, of all its patients together, under versions of one treatment."""

    def __init__(self, trial: Trial, arm: Arm, versions: Sequence[Treatment]) -> None:
        self._shares, self._starts, tables = [], [], []
        for version in versions:
            treatments = {**trial.disease.treatments, version.name: version}
            changed = replace(trial, disease=replace(trial.disease, treatments=treatments))
            for stratum, share in zip(trial.population.strata, trial.stratum_shares, strict=True):
                for weight, patient in stratum.patients:
                    intensities = changed.intensities(arm, patient)
                    for part, start in trial.states.starts(arm.name, trial.scale.index(patient.baseline_score)):
                        tables.append(intensities)
                        self._shares.append(share * weight * part)
                        self._starts.append(start)
        self._versions = len(versions)
        self._matrices = stacked_transition_matrices(tables, trial.horizon)

    def of(self, endpoint: Endpoint) -> Floats:
        """Law (versions, K) of an endpoint."""
        starts, shares = np.array(self._starts), np.array(self._shares)
        laws = np.empty((len(starts), endpoint.n_categories))
        for start in np.unique(starts):
            laws[starts == start] = endpoint.law(self._matrices[starts == start], int(start))
        found: Floats = (shares[:, None] * laws).reshape(self._versions, -1, endpoint.n_categories).sum(axis=1)
        return found

    def measures(self, endpoint: Endpoint) -> Floats | None:
        """The measure (versions,) of an endpoint, up to a constant; None for an endpoint without one."""
        if endpoint.kind not in _MEASURES:
            return None
        with np.errstate(all="ignore"):
            return _MEASURES[endpoint.kind][1](endpoint, self.of(endpoint))


def _arm_with(trial: Trial, treatment: str) -> Arm:
    """The arm with this treatment and the fewest others."""
    given = [arm for arm in trial.arms if treatment in arm.regimen.treatments]
    return min(given, key=lambda arm: len(arm.regimen.treatments))


def _log_odds(endpoint: Endpoint, laws: Floats) -> Floats:
    events, others = (laws[:, endpoint.status == kind].sum(axis=1) for kind in (1, 0))
    found: Floats = np.log(events) - np.log(others)
    return found


def _against_first(method: str) -> Callable[[Endpoint, Floats], Floats]:
    """The estimate of a method with the law of each version against that of the first."""

    def estimates(endpoint: Endpoint, laws: Floats) -> Floats:
        found, out = get_method(method), np.empty((len(laws), 3))
        tables = np.stack([np.repeat(laws[:1], len(laws), axis=0), laws], axis=1)[:, :, None]
        found.evaluate(np.ascontiguousarray(_PATIENTS * tables), endpoint, found.settings(), out)
        return out[:, 0]

    return estimates


_PATIENTS: Final = 1e4


def _mean(endpoint: Endpoint, laws: Floats) -> Floats:
    known = ~np.isnan(endpoint.value)
    found: Floats = laws[:, known] @ endpoint.value[known] / laws[:, known].sum(axis=1)
    return found


_MEASURES: Final[dict[str, tuple[str, Callable[[Endpoint, Floats], Floats]]]] = {
    "binary": ("log odds", _log_odds),
    "ordinal": ("log common odds ratio", _against_first("proportional_odds")),
    "time_to_event": ("log hazard ratio", _against_first("cox")),
    "day_count": ("mean", _mean),
}
"""By kind of endpoint, in words and in numbers what is said to differ between trials."""


def _solved(response: _Response, assumed: BetweenTrials, correlation: Floats) -> Floats:
    """Standard deviations (kinds,) of the log hazard ratios of one treatment.

    Those that the assumption gives as such are taken; the others are such that each cited endpoint has its cited
    standard deviation. A kind of effect that the treatment does not have differs in nothing.
    """
    sds = np.zeros(len(KINDS))
    cited = []
    for position, kind in enumerate(KINDS):
        spread = assumed.kinds.get(kind)
        if spread is None or not response.kinds[position]:
            continue
        if spread.endpoint is None:
            sds[position] = spread.sd
        else:
            cited.append((position, spread.sd, response.slopes(spread.endpoint), spread.endpoint.name))
    if not cited:
        return sds
    unknown = [position for position, *_ in cited]
    wanted = np.array([sd for _, sd, *_ in cited])
    slopes = np.array([found for *_, found, _ in cited])

    def induced(free: Floats) -> Floats:
        tried = sds.copy()
        tried[unknown] = free
        scaled = slopes * tried
        differing: Floats = np.sqrt(np.einsum("ik,kl,il->i", scaled, correlation, scaled))
        return differing

    from scipy.optimize import least_squares

    own = np.abs(slopes[np.arange(len(unknown)), unknown])
    start = wanted / np.where(own > 0.0, own, 1.0) / math.sqrt(len(unknown))
    close: dict[str, Any] = dict.fromkeys(("xtol", "ftol", "gtol"), 1e-14)
    found = least_squares(lambda free: induced(free) - wanted, start, bounds=(0.0, np.inf), **close)
    reached = induced(found.x)
    if (np.abs(reached - wanted) > _TOLERANCE + 1e-4 * wanted).any():
        worst = int(np.argmax(np.abs(reached - wanted)))
        raise InputError(
            f"no standard deviation of the effects of {response.treatment} makes {cited[worst][3]!r} differ so "
            "little: other kinds of effect make it differ more",
            where=f"prediction.between_trial_sd.{KINDS[unknown[worst]]}",
            allowed=f"about {reached[worst]:.3g} or more, or less for the other kinds",
            got=float(wanted[worst]),
        )
    sds[unknown] = found.x
    return sds


def _induced(response: _Response, assumed: BetweenTrials, sds: Floats, correlation: Floats) -> list[InducedSpread]:
    """The rows of one treatment: the endpoints of the trial, and those cited that are none of them."""
    cited = {
        spread.endpoint.definition: spread
        for kind, spread in assumed.kinds.items()
        if spread.endpoint is not None and response.kinds[KINDS.index(kind)]
    }
    rows = []
    endpoints = {endpoint.definition: endpoint for endpoint in response.trial.endpoints}
    for definition, spread in cited.items():
        assert spread.endpoint is not None
        endpoints.setdefault(definition, spread.endpoint)
    for definition, endpoint in endpoints.items():
        slopes = response.slopes(endpoint)
        if slopes is None:
            continue
        scaled = slopes * sds
        sd = math.sqrt(max(float(scaled @ correlation @ scaled), 0.0))
        one = cited.get(definition)
        rows.append(
            InducedSpread(
                treatment=response.treatment,
                arm=response.arm.name,
                endpoint=endpoint.name,
                measure=_MEASURES[endpoint.kind][0],
                sd=sd,
                cited=None if one is None else one.sd,
                source="" if one is None else one.source or one.assumption,
            )
        )
    return rows
