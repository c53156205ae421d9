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
from jaksim.model.moves import KINDS
from jaksim.model.regimen import Treatment
from jaksim.trial import Arm, Trial
from jaksim.trial.between_trials import BetweenTrials, KindSpread

_STEP: Final = 0.05
_TOLERANCE: Final = 1e-6


@dataclass(frozen=True)
class InducedSpread:
    """How much an endpoint of a treatment differs between trials: standard deviation `sd` of its `measure`.

    `cited` is the value that the assumption cites for this endpoint, and so the same, `published` one that it is to be
    compared with, None without any. `arm` is the arm with this treatment whose patients it is about.
    """

    treatment: str
    arm: str
    endpoint: str
    measure: str
    sd: float
    cited: float | None = None
    published: float | None = None
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
    source = assumed.source
    if assumed.pooled:
        source = "; ".join(filter(None, (source, "root mean squares over the draws of the parameter set")))
    return Heterogeneity(sds, correlation, tuple(induced), assumed.pooled, source)


def changing_treatments(trial: Trial) -> list[str]:
    """The treatments that patients may receive and whose effects are not inside the natural history."""
    model = trial.disease
    given = trial.treatments_given
    return [
        name
        for name, treatment in model.treatments.items()
        if name in given
        and name not in model.background
        and any(not effect.of_patients for effect in treatment.effects)
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
            KINDS[kind]
            for effect in trial.disease.treatments[treatment].effects
            if not effect.of_patients
            for kind in history.kinds[history.selected(effect.moves, effect.current_scores)]
        }
        self.kinds = [kind in acting for kind in KINDS]
        steps = np.concatenate([np.zeros((1, len(KINDS))), *([_STEP * side] for side in _sides())])
        self._laws = _Laws(trial, self.arm, [shifted(trial.disease.treatments[treatment], one) for one in steps])

    def slopes(self, outcome: _Outcome) -> Floats:
        """Derivatives (kinds,) of the measure of an outcome in the benefits, NaN where it has no value."""
        found = self._laws.measures(outcome)
        return (found[1::2] - found[2::2]) / (2.0 * _STEP)

    def outcome(self, endpoint: Endpoint, measure: str, left_out: frozenset[int]) -> _Outcome:
        """An outcome of the patients of this treatment; no patients are left out where it makes no difference."""
        return _Outcome(endpoint, measure, left_out & self._laws.scores)


@dataclass(frozen=True)
class _Outcome:
    """An endpoint and the measure of it that differs between trials; patients with some scores are not counted."""

    endpoint: Endpoint
    measure: str
    left_out: frozenset[int] = frozenset()

    @property
    def key(self) -> tuple[str, str, frozenset[int]]:
        return self.endpoint.definition, self.measure, self.left_out

    @property
    def words(self) -> str:
        """Name, and who is left out."""
        return f"{self.endpoint.name}, not so at randomisation" if self.left_out else self.endpoint.name


def _sides() -> list[Floats]:
    unit = np.eye(len(KINDS))
    return [sign * unit[kind] for kind in range(len(KINDS)) for sign in (1.0, -1.0)]


class _Laws:
    """The exact laws of endpoints in one arm, of all its patients together, under versions of one treatment."""

    def __init__(self, trial: Trial, arm: Arm, versions: Sequence[Treatment]) -> None:
        self._shares, self._starts, self._scores, tables = [], [], [], []
        for version in versions:
            treatments = {**trial.disease.treatments, version.name: version}
            disease = replace(trial.disease, treatments=treatments)
            for stratum, share in zip(trial.population.strata, trial.stratum_shares, strict=True):
                trial.prepare(arm, [patient for _, patient in stratum.patients], disease=disease)
                for weight, patient in stratum.patients:
                    intensities = trial.intensities(arm, patient, disease=disease)
                    for part, start in trial.states.starts(arm.name, trial.scale.index(patient.baseline_score)):
                        tables.append(intensities)
                        self._shares.append(share * weight * part)
                        self._starts.append(start)
                        self._scores.append(patient.baseline_score)
        self._versions = len(versions)
        self._matrices = stacked_transition_matrices(tables, trial.horizon)

    @property
    def scores(self) -> frozenset[int]:
        """Scores of the patients at randomisation."""
        return frozenset(self._scores)

    def of(self, endpoint: Endpoint, left_out: frozenset[int]) -> Floats:
        """Law (versions, K) of an endpoint in the patients who are not left out, NaN without any."""
        starts = np.array(self._starts)
        shares = np.where(np.isin(self._scores, list(left_out)), 0.0, self._shares)
        laws = np.empty((len(starts), endpoint.n_categories))
        for start in np.unique(starts):
            laws[starts == start] = endpoint.law(self._matrices[starts == start], int(start))
        found: Floats = (shares[:, None] * laws).reshape(self._versions, -1, endpoint.n_categories).sum(axis=1)
        of_counted: Floats = found / found.sum(axis=1, keepdims=True)
        return of_counted

    def measures(self, outcome: _Outcome) -> Floats:
        """The measure (versions,) of an outcome, up to a constant; NaN where it has no value."""
        with np.errstate(all="ignore"):
            laws = self.of(outcome.endpoint, outcome.left_out)
            if np.isnan(laws).any():
                return np.full(self._versions, np.nan)
            return _MEASURES[outcome.endpoint.kind, outcome.measure][1](outcome.endpoint, laws)


def _arm_with(trial: Trial, treatment: str) -> Arm:
    """The arm with this treatment and the fewest others; without any, one whose patients may receive it later."""
    given = [arm for arm in trial.arms if treatment in arm.regimen.treatments]
    given = given or [
        arm for arm in trial.arms if any(treatment in regimen.treatments for regimen in trial.regimens_of(arm))
    ]
    return min(given, key=lambda arm: len(arm.regimen.treatments))


def _log_odds(endpoint: Endpoint, laws: Floats) -> Floats:
    events, others = (laws[:, endpoint.status == kind].sum(axis=1) for kind in (1, 0))
    found: Floats = np.log(events) - np.log(others)
    return found


def _log_risk(endpoint: Endpoint, laws: Floats) -> Floats:
    events, others = (laws[:, endpoint.status == kind].sum(axis=1) for kind in (1, 0))
    found: Floats = np.log(events) - np.log(events + others)
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


_MEASURES: Final[dict[tuple[str, str], tuple[str, Callable[[Endpoint, Floats], Floats]]]] = {
    ("binary", "odds_ratio"): ("log odds", _log_odds),
    ("binary", "risk_ratio"): ("log risk", _log_risk),
    ("ordinal", "odds_ratio"): ("log common odds ratio", _against_first("proportional_odds")),
    ("time_to_event", "hazard_ratio"): ("log hazard ratio", _against_first("cox")),
    ("day_count", "mean"): ("mean", _mean),
}
"""By kind of endpoint and measure, in words and in numbers what differs between trials; the usual of a kind first."""
_USUAL: Final = dict(reversed(_MEASURES))


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
            outcome = response.outcome(spread.endpoint, spread.measure, spread.left_out)
            slopes = response.slopes(outcome)
            if not np.isfinite(slopes).all():
                raise InputError(
                    f"no patient with {response.treatment} is known to differ in {outcome.words!r}",
                    where=f"prediction.between_trial_sd.{kind}",
                    allowed="an outcome that some patients have by then, and some have not",
                )
            cited.append((position, spread.sd, slopes, outcome.words))
    if not cited:
        return sds
    unknown = [position for position, *_ in cited]
    wanted = np.array([sd for _, sd, *_ in cited])
    of_cited = np.array([found for *_, found, _ in cited])

    def induced(free: Floats) -> Floats:
        tried = sds.copy()
        tried[unknown] = free
        scaled = of_cited * tried
        differing: Floats = np.sqrt(np.einsum("ik,kl,il->i", scaled, correlation, scaled))
        return differing

    from scipy.optimize import least_squares

    own = np.abs(of_cited[np.arange(len(unknown)), unknown])
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
    """The rows of one treatment: the endpoints of the trial, and those cited or published that are none of them."""

    def outcome(spread: KindSpread) -> _Outcome:
        assert spread.endpoint is not None
        return response.outcome(spread.endpoint, spread.measure, spread.left_out)

    cited = {
        outcome(spread): spread
        for kind, spread in assumed.kinds.items()
        if spread.endpoint is not None and response.kinds[KINDS.index(kind)]
    }
    published = {outcome(spread): spread for spread in assumed.published}
    own = (_Outcome(one, _USUAL[one.kind]) for one in response.trial.endpoints if one.kind in _USUAL)
    outcomes: dict[tuple[str, str, frozenset[int]], _Outcome] = {}
    for one in (*own, *cited, *published):
        outcomes.setdefault(one.key, one)
    met, known = ({one.key: spread for one, spread in found.items()} for found in (cited, published))
    return [
        InducedSpread(
            treatment=response.treatment,
            arm=response.arm.name,
            endpoint=one.words,
            measure=_MEASURES[one.endpoint.kind, one.measure][0],
            sd=_norm(response.slopes(one) * sds, correlation),
            cited=met[key].sd if key in met else None,
            published=known[key].sd if key in known else None,
            source="; ".join(found[key].source or found[key].assumption for found in (met, known) if key in found),
        )
        for key, one in outcomes.items()
    ]


def _norm(scaled: Floats, correlation: Floats) -> float:
    square = float(scaled @ correlation @ scaled)
    return math.nan if math.isnan(square) else math.sqrt(max(square, 0.0))
