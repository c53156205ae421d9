"""Every trial of a joint calibration predicted from its control arm and from what the other trials tell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from jaksim.calibration.backtest import BacktestPlan
from jaksim.calibration.joint.selection import SelectedTrial
from jaksim.calibration.joint.stage_one import effect_name, stage_one_study
from jaksim.calibration.mechanistic.control_arm import control_only
from jaksim.calibration.mechanistic.effects import predicted_effects
from jaksim.calibration.mechanistic.scores import Summary, by_kind, by_study, missed, scored, summary
from jaksim.calibration.mechanistic.statistical import STATISTICAL, with_statistical
from jaksim.calibration.mechanistic.trial import PredictedStudy, ScoredNumber, predict_study
from jaksim.calibration.posterior import Sampling
from jaksim.errors import InputError
from jaksim.pooling.priors import PooledPriors
from jaksim.pooling.summaries import TrialEffects


@dataclass(frozen=True)
class MechanisticBacktest:
    """Predicted trials in the order of publication, and trials that cannot be predicted, with the reason."""

    studies: tuple[PredictedStudy, ...]
    skipped: Mapping[str, str]

    @property
    def overall(self) -> Summary:
        """All figures of active arms and contrasts."""
        return summary("all", scored(self.studies))

    @property
    def by_study(self) -> tuple[Summary, ...]:
        return by_study(self.studies)

    @property
    def by_kind(self) -> tuple[Summary, ...]:
        return by_kind(self.studies)

    @property
    def against_statistical(self) -> Summary | None:
        """The figures that the statistical hierarchy predicts too; None where there is none."""
        numbers = [number for number in scored(self.studies) if STATISTICAL in number.log_scores]
        return summary("predicted by both", numbers) if numbers else None

    @property
    def missed(self) -> list[ScoredNumber]:
        """Figures outside their 95 % interval, worst first."""
        return missed(self.studies)


def backtest_trials(
    trials: Sequence[SelectedTrial],
    summaries: Sequence[TrialEffects],
    *,
    priors: PooledPriors | None = None,
    plans: Sequence[BacktestPlan] = (),
    only: Collection[str] = (),
    draws: int = 200,
    replicates: int = 10,
    seed: int = 1,
    earlier: bool = False,
    sampling: Sampling | None = None,
    advance: Callable[[int], None] | None = None,
) -> MechanisticBacktest:
    """Predict each trial, or those of `only`: its control arm fitted alone, its effects from the others' summaries.

    With `earlier` only the summaries of trials enter whose results appeared in an earlier month. `plans` are the
    statistical backtests whose predictions of the same figures are scored beside. `advance` is told of each finished
    trial. InputError for a name of `only` that is no trial, and where no trial can be predicted.
    """
    told = {found.study: found for found in summaries}
    names = [trial.study.name for trial in trials]
    for name in only:
        if name not in names:
            raise InputError("no such trial", where="‹study›", allowed=names, got=name)
    studies: list[PredictedStudy] = []
    skipped: dict[str, str] = {}
    for trial in sorted(trials, key=lambda trial: (trial.published, trial.study.name)):
        name = trial.study.name
        if only and name not in only:
            continue
        others = [other for other in summaries if other.study != name]
        if earlier:
            others = [other for other in others if other.published < trial.published]
        reason = _unpredictable(trial, told, others, "earlier" if earlier else "other")
        if reason:
            skipped[name] = reason
        else:
            own = _predicted(trial, told[name], others, priors, draws, replicates, seed, sampling)
            studies.append(with_statistical(own, plans, earlier=earlier))
        if advance is not None:
            advance(1)
    if not studies:
        reasons = [f"{name}: {reason}" for name, reason in skipped.items()]
        raise InputError("no trial can be predicted", where="backtest", details=reasons)
    return MechanisticBacktest(tuple(studies), skipped)


def _unpredictable(trial: SelectedTrial, told: Collection[str], others: Sequence[TrialEffects], which: str) -> str:
    """Why a trial cannot be predicted; nothing where it can."""
    name, own = trial.study.name, trial.drug.treatment_class
    if name not in told:
        return "not among the trials that were pooled"
    if not any(other.treatment_class == own for other in others):
        return f"no {which} trial of the class {own}"
    try:
        control_only(stage_one_study(trial), trial.treatments)
    except InputError as error:
        return error.what
    return ""


def _predicted(
    trial: SelectedTrial,
    own: TrialEffects,
    others: Sequence[TrialEffects],
    priors: PooledPriors | None,
    draws: int,
    replicates: int,
    seed: int,
    sampling: Sampling | None,
) -> PredictedStudy:
    parameters = [effect_name(trial, cell) for cell in own.cells]
    effects = predicted_effects(own, others, parameters, priors=priors, draws=draws, seed=seed)
    study = stage_one_study(trial)
    return predict_study(study, trial.treatments, effects, replicates=replicates, seed=seed, sampling=sampling)
