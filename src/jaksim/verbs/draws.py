"""Trials of a scenario with its uncertain parameters drawn: posterior draws, effects, interactions, a new setting."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.budget import Pace
from jaksim.checks import known
from jaksim.design.between_trials import Heterogeneity, changing_treatments, heterogeneity, shifted
from jaksim.design.leading import Steps, leading_directions
from jaksim.design.parameter_draws import EvenNumbers
from jaksim.errors import InputError
from jaksim.model.disease import DiseaseModel
from jaksim.model.moves import KINDS, kind_of
from jaksim.model.regimen import Treatment
from jaksim.scenario.disease import DiseaseSection
from jaksim.scenario.prediction import POOLED
from jaksim.scenario.scenario import Scenario
from jaksim.scenario.treatments.drawn_phases import DrawnPhases
from jaksim.trial import Trial
from jaksim.trial.between_trials import BetweenTrials, KindSpread
from jaksim.verbs.provenance import digits

MOST_DRAWS: Final = 10_000_000
# Draws within which kernels are compiled.
_WARM_UP: Final = 2

DIFFERENCES: Final = "differences between trials"
HISTORY: Final = "natural history"
INTERACTIONS: Final = "interactions"
PHASES: Final = "phases of the disease"

AskedSpread = float | str | Mapping[str, float] | None
"""How much benefits differ between trials, where it is asked for: one number, one for each kind, or "pooled"."""


def spread_of(scenario: Scenario, asked: AskedSpread) -> Heterogeneity:
    """How much treatments differ between trials, the scenario's unless asked for."""
    assumed = scenario.between_trials if asked is None else _asked(asked, scenario.between_trials)
    if not assumed.pooled:
        return heterogeneity(scenario.trial, assumed)
    return heterogeneity(
        scenario.trial,
        assumed,
        {name: _rms(pooled_taus(scenario, name)) for name in changing_treatments(scenario.trial)},
    )


def _rms(taus: Floats) -> Floats:
    found: Floats = np.sqrt((taus**2).mean(axis=0))
    return found


def spread_words(asked: float | str | Mapping[str, float]) -> str:
    """What is asked for as it is written on the command line."""
    if isinstance(asked, Mapping):
        return ",".join(f"{kind}={digits(sd)}" for kind, sd in asked.items())
    return asked if isinstance(asked, str) else digits(asked)


def spread_value(asked: float | str | Mapping[str, float]) -> str:
    """What is asked for as it is written in a scenario."""
    return f"{{{spread_words(asked)}}}" if isinstance(asked, Mapping) else spread_words(asked)


def _asked(asked: float | str | Mapping[str, float], own: BetweenTrials) -> BetweenTrials:
    source = "given by the user"
    if asked == POOLED:
        return BetweenTrials({}, own.correlation, pooled=True, source=source)
    if isinstance(asked, str):
        raise InputError(
            "must be a number",
            where="‹between_trial_sd›",
            allowed=f"a number, one for each of {', '.join(KINDS)}, or {POOLED}",
            got=asked,
        )
    by_kind = asked if isinstance(asked, Mapping) else dict.fromkeys(KINDS, asked)
    for kind in by_kind:
        known(kind, KINDS, "kind of effect", "‹between_trial_sd›")
    for kind, sd in by_kind.items():
        if isinstance(sd, str):
            raise InputError(
                f"the standard deviation of {kind} must be a number",
                where="‹between_trial_sd›",
                allowed=f"{kind} with a number, or {POOLED} alone for all kinds",
                got=sd,
            )
    try:
        return BetweenTrials({kind: KindSpread(sd) for kind, sd in by_kind.items()}, own.correlation, source=source)
    except InputError as error:
        error.where = "‹between_trial_sd›"
        raise


def effect_of(treatment: str) -> str:
    """The part of the uncertainty that is the effect of a treatment, on average over trials."""
    return f"effect of {treatment}"


def _drawn(part: str, only: Collection[str] | None) -> bool:
    return only is None or part in only


@dataclass(frozen=True)
class ParameterDraw:
    """One draw of all that is uncertain of a scenario.

    `rows` are the posterior draws of its parameter sets; `effects` what is added to the log hazard ratios that the
    scenario gives itself, by treatment; `benefits` (kinds,) how much more each treatment does in this trial than on
    average; `interactions` what is added to those; `phases` the standard normal numbers that move the uncertain days of
    phases.
    """

    rows: Mapping[str, int]
    effects: Mapping[str, tuple[float, ...]]
    benefits: Mapping[str, Floats]
    interactions: tuple[float, ...]
    phases: tuple[float, ...] = ()


@dataclass(frozen=True)
class Uncertain:
    """What is uncertain of a scenario: how it is drawn, and the disease model of a draw."""

    scenario: Scenario
    heterogeneity: Heterogeneity

    @property
    def section(self) -> DiseaseSection:
        """The disease of the scenario."""
        return self.scenario.disease

    def draws(self, number: int, seed: int) -> Iterator[ParameterDraw]:
        """So many draws, by numbers that are spread evenly over them.

        Parts of the same parameter set share its draw, parts of different sets have independent ones. Effects written
        in the scenario and interactions are drawn from their standard errors and prior standard deviations.
        """
        if not 2 <= number <= MOST_DRAWS:
            raise InputError(
                "the number of draws is out of range", where="‹draws›", allowed=f"2 to {MOST_DRAWS:,}", got=number
            )
        section, written = self.section, self._written
        sets = {name: (found.draws, self._steps_of_set(name)) for name, found in sorted(section.parameter_sets.items())}
        leading = leading_directions(self.scenario.trial, self._steps(), sets)
        ranked = {name: np.argsort(scores, kind="stable") for name, scores in leading.scores.items()}
        numbers = EvenNumbers(len(ranked) + len(leading.normals), seed)
        root, taus = _root(self.heterogeneity.correlation), self._taus()
        for _ in range(number):
            point = numbers.draw()
            rows = {
                name: int(order[int(one * len(order))])
                for (name, order), one in zip(ranked.items(), point, strict=False)
            }
            chances = iter(leading.rotated(point[len(ranked) :]).tolist())
            effects = {name: tuple(next(chances) * sd for sd in self._own_errors(name)) for name in written}
            benefits = {}
            for name, sds in self.heterogeneity.sds.items():
                own = taus[name][rows[section.set_of[name]]] if taus else sds
                benefits[name] = own * (root @ [next(chances) for _ in KINDS])
            interactions = tuple(
                self._interaction(position, rows, next(chances)) for position in range(len(section.model.interactions))
            )
            phases = tuple(next(chances) for _ in range(self._phases.count))
            yield ParameterDraw(rows, effects, benefits, interactions, phases)

    @cached_property
    def _phases(self) -> DrawnPhases:
        return DrawnPhases(self.section.model, self.section.through)

    @property
    def _written(self) -> dict[str, Treatment]:
        """The treatments with effects that the scenario gives itself, all or some."""
        section = self.section
        return {
            name: one
            for name, one in section.model.treatments.items()
            if name not in section.set_of or (name in section.changes and section.changes[name].own)
        }

    def _own_errors(self, treatment: str) -> tuple[float, ...]:
        """Standard errors of the effects of a treatment, 0 for those that are drawn from a parameter set."""
        effects = self.section.model.treatments[treatment].effects
        return tuple(
            0.0 if self.section.of_set(treatment, number) else effect.standard_error or 0.0
            for number, effect in enumerate(effects)
        )

    def _steps(self) -> list[Steps]:
        """For each of the independent normal numbers that a draw takes, the disease models one standard deviation to
        either side of the estimates."""
        model, sds, root = self.section.model, self.heterogeneity.sds, _root(self.heterogeneity.correlation)
        found = []
        for name, treatment in self._written.items():
            for position in range(len(treatment.effects)):
                added = np.zeros(len(treatment.effects))
                added[position] = self._own_errors(name)[position]
                found.append(self._either_side(name, _moved(treatment, added), _moved(treatment, -added)))
        for name, own in sds.items():
            treatment = model.treatments[name]
            changes = [own * column for column in root.T]
            found += [self._either_side(name, shifted(treatment, one), shifted(treatment, -one)) for one in changes]
        for position, interaction in enumerate(model.interactions):
            sd = 0.0 if self.section.interaction_sets[position] else interaction.prior_sd or 0.0
            found.append((self._with_interaction(position, sd), self._with_interaction(position, -sd)))
        for unit in np.eye(self._phases.count):
            sides = (self._phases.drawn(model.treatments, one.tolist()) for one in (unit, -unit))
            up, down = (replace(model, treatments=one) for one in sides)
            found.append((up, down))
        return found

    def _steps_of_set(self, name: str) -> dict[int, Steps]:
        """The same for each column of the draws of a parameter set that the trial uses."""
        found, model = self.section.parameter_sets[name], self.section.model
        template, steps = found.template, {}
        for treatment in ("", *self.heterogeneity.sds):
            of_set, columns = self._columns(effect_of(treatment) if treatment else HISTORY)
            for column in columns if of_set == name else ():
                change = np.zeros(len(found.estimate))
                change[column] = found.draws[:, column].std()
                up, down = found.estimate + change, found.estimate - change
                if treatment:
                    drawn = (template.treatments(one)[treatment] for one in (up, down))
                    sides = (self.section.from_set(treatment, one) for one in drawn)
                    steps[column] = self._either_side(treatment, *sides)
                else:
                    histories = map(template.natural_history, (up, down))
                    first, second = (replace(model, natural_history=one) for one in histories)
                    steps[column] = (first, second)
        return steps

    def _either_side(self, name: str, up: Treatment, down: Treatment) -> Steps:
        return self._with(name, up), self._with(name, down)

    def _with(self, name: str, treatment: Treatment) -> DiseaseModel:
        model = self.section.model
        return replace(model, treatments={**model.treatments, name: treatment})

    def _with_interaction(self, position: int, added: float) -> DiseaseModel:
        model = self.section.model
        changed = list(model.interactions)
        changed[position] = replace(changed[position], log_hazard_ratio=changed[position].log_hazard_ratio + added)
        return replace(model, interactions=tuple(changed))

    @property
    def parts(self) -> tuple[str, ...]:
        """What is drawn, by name, and not exactly known: effects of treatments, differences between trials, natural
        history, interactions."""
        section, trial, exact = self.section, self.scenario.trial, self.scenario.exactly_known
        active = {one for given in trial.regimens_given for one in section.model.active_interactions(given)}
        uncertain = {HISTORY: HISTORY not in exact, DIFFERENCES: self.heterogeneity.differ}
        effects = [effect_of(name) for name in changing_treatments(trial)]
        uncertain |= {name: name not in exact for name in effects}
        uncertain[INTERACTIONS] = any(one.prior_sd for one in active)
        uncertain[PHASES] = self._phases.count > 0
        order = (*effects, DIFFERENCES, HISTORY, INTERACTIONS, PHASES)
        return tuple(name for name in order if uncertain[name])

    def numbers(self, part: str, draw: ParameterDraw) -> Floats:
        """The numbers (N,) that are drawn of a part: log hazard ratios, and parameters of the natural history."""
        section = self.section
        if part == DIFFERENCES:
            return np.concatenate(list(draw.benefits.values()))
        if part == INTERACTIONS:
            return np.array(draw.interactions)
        if part == PHASES:
            return np.array(draw.phases)
        name, columns = self._columns(part)
        own = np.array(draw.effects.get(part.removeprefix(effect_of("")), ()))
        if not name:
            return own
        return np.concatenate([section.parameter_sets[name].draws[draw.rows[name], columns], own])

    def covariance(self, one: str, other: str) -> Floats:
        """The covariance (N, M) of the numbers of two parts, as they are drawn; 0 where they are independent."""
        section = self.section
        (name, mine), (theirs_of, theirs) = self._columns(one), self._columns(other)
        found = np.zeros((self._count(one), self._count(other)))
        if name and name == theirs_of:
            draws = section.parameter_sets[name].draws
            n, m = len(mine), len(theirs)
            found[:n, :m] = np.cov(np.hstack([draws[:, mine], draws[:, theirs]]).T)[:n, n:]
        if one != other:
            return found
        if one == DIFFERENCES:
            return self._covariance_of_benefits()
        if one == INTERACTIONS:
            return np.diag([interaction.prior_sd**2 for interaction in section.model.interactions])
        if one == PHASES:
            return np.eye(self._phases.count)
        own = self._own_numbers(one)
        for position, sd in enumerate(own, start=len(found) - len(own)):
            found[position, position] = sd**2
        return found

    def _own_numbers(self, part: str) -> tuple[float, ...]:
        """Standard errors of the numbers of a part that are drawn from the scenario's own."""
        name = part.removeprefix(effect_of(""))
        return self._own_errors(name) if name in self._written else ()

    def _count(self, part: str) -> int:
        if part == DIFFERENCES:
            return len(KINDS) * len(self.heterogeneity.sds)
        if part == INTERACTIONS:
            return len(self.section.model.interactions)
        if part == PHASES:
            return self._phases.count
        return len(self._columns(part)[1]) + len(self._own_numbers(part))

    def _columns(self, part: str) -> tuple[str, list[int]]:
        """The parameter set that a part is drawn from, empty without one, and its columns."""
        section = self.section
        of = "" if part == HISTORY else part.removeprefix(effect_of(""))
        if part in (DIFFERENCES, INTERACTIONS, PHASES) or of not in section.set_of:
            return "", []
        template = section.parameter_sets[section.set_of[of]].template
        of_treatment = [effect.parameter for effect in template.effects if effect.treatment == of]
        used = {parameter for number, parameter in enumerate(of_treatment) if section.of_set(of, number)}
        if not of:
            used = {name for move in template.moves for name in move.parameters}
            used |= {name for profile in template.profiles.values() for name in profile.parameters}
        return section.set_of[of], [position for position, name in enumerate(template.names) if name in used]

    def _covariance_of_benefits(self) -> Floats:
        taus, sds = self._taus(), self.heterogeneity.sds
        found = np.zeros((len(KINDS) * len(sds),) * 2)
        for position, name in enumerate(sds):
            place = slice(len(KINDS) * position, len(KINDS) * (position + 1))
            squares = taus[name].T @ taus[name] / len(taus[name]) if taus else np.outer(sds[name], sds[name])
            found[place, place] = self.heterogeneity.correlation * squares
        return found

    def model(self, draw: ParameterDraw, only: Collection[str] | None = None) -> DiseaseModel:
        """The disease model of a draw or, where `only` some parts are drawn, with the others at their estimates."""
        section, model = self.section, self.section.model
        history, treatments, interactions = model.natural_history, dict(model.treatments), model.interactions
        if "" in section.set_of and _drawn(HISTORY, only):
            of_history = section.set_of[""]
            history = section.parameter_sets[of_history].drawn_history(draw.rows[of_history])
        for name in treatments:
            if _drawn(effect_of(name), only):
                treatments[name] = self._mean(name, draw)
            if name in draw.benefits and _drawn(DIFFERENCES, only):
                treatments[name] = shifted(treatments[name], draw.benefits[name])
        if section.through:
            phases = draw.phases if _drawn(PHASES, only) else (0.0,) * len(draw.phases)
            treatments = self._phases.drawn(treatments, phases)
        if _drawn(INTERACTIONS, only):
            interactions = tuple(
                replace(one, log_hazard_ratio=one.log_hazard_ratio + added)
                for one, added in zip(model.interactions, draw.interactions, strict=True)
            )
        return replace(model, natural_history=history, treatments=treatments, interactions=interactions)

    def _mean(self, treatment: str, draw: ParameterDraw) -> Treatment:
        """The treatment as it is on average over trials, in a draw."""
        section = self.section
        if treatment not in section.set_of:
            return _moved(section.model.treatments[treatment], draw.effects[treatment])
        name = section.set_of[treatment]
        drawn = section.from_set(treatment, section.parameter_sets[name].drawn_treatments(draw.rows[name])[treatment])
        return _moved(drawn, draw.effects[treatment]) if treatment in draw.effects else drawn

    def _interaction(self, position: int, rows: Mapping[str, int], normal: float) -> float:
        """What is added to an interaction: by its prior standard deviation or, where it is that of a parameter set, in
        the draw of that set."""
        section = self.section
        interaction, name = section.model.interactions[position], section.interaction_sets[position]
        if not name:
            return normal * (interaction.prior_sd or 0.0)
        pooling = section.parameter_sets[name].pooling
        assert pooling is not None
        kind = kind_of(interaction.moves[0], section.model.scale)
        drawn = float(pooling.interaction_of(interaction.pair).draws[rows[name], pooling.kinds.index(kind)])
        return drawn - interaction.log_hazard_ratio

    def _taus(self) -> dict[str, Floats]:
        """Of each treatment the standard deviations (rows, kinds) of the draws of its pooled parameter set, if there
        are such."""
        if not self.heterogeneity.pooled:
            return {}
        return {name: pooled_taus(self.scenario, name) for name in self.heterogeneity.sds}

    def trial(self, draw: ParameterDraw) -> Trial:
        """The trial of a draw."""
        return replace(self.scenario.trial, disease=self.model(draw))


def drawn_trials(scenario: Scenario, *, draws: int, seed: int, spread: Heterogeneity) -> Iterator[Trial]:
    """`draws` trials that differ in their disease model, as `Uncertain` draws it."""
    uncertain = Uncertain(scenario, spread)
    return trials_of(uncertain, uncertain.draws(draws, seed), draws)


def trials_of(uncertain: Uncertain, drawn: Iterable[ParameterDraw], draws: int) -> Iterator[Trial]:
    """The trials of so many draws, one after the other; `InputError` where they would take too long."""
    pace = Pace(draws, f"{draws:,} parameter draws", warm_up=_WARM_UP, where="‹draws›", instead="fewer draws")
    for draw in drawn:
        yield uncertain.trial(draw)
        pace.advance(1)


def pooled_taus(scenario: Scenario, treatment: str) -> Floats:
    """Standard deviations between trials (rows, kinds) in the draws of the parameter set of a treatment.

    `InputError` where its parameter set was fitted to a single trial, which cannot tell them.
    """
    section = scenario.disease
    found = section.parameter_sets.get(section.set_of.get(treatment, ""))
    if found is None or found.pooling is None:
        raise InputError(
            f"the effects of {treatment} are not those of a pooled parameter set, so that it does not tell how much "
            "they differ between trials",
            where="prediction.between_trial_sd",
            allowed=f'numbers, or disease.treatments.{treatment} = "pooled"',
            got=POOLED,
        )
    return found.pooling.tau_draws[:, [found.pooling.kinds.index(kind) for kind in KINDS]]


def _root(correlation: Floats) -> Floats:
    """The symmetric root of a correlation matrix, which may be singular."""
    values, vectors = np.linalg.eigh(correlation)
    found: Floats = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return found


def _moved(treatment: Treatment, added: Sequence[float] | Floats) -> Treatment:
    effects = tuple(
        replace(effect, log_hazard_ratio=effect.log_hazard_ratio + float(one))
        for effect, one in zip(treatment.effects, added, strict=True)
    )
    return replace(treatment, effects=effects)
