"""The verb `predict`: the estimates of a trial that has not been run, and its probability of success."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

from jaksim.budget import check_memory
from jaksim.design.between_trials import InducedSpread
from jaksim.design.prediction import PredictedConduct, Prediction, predict_trials
from jaksim.design.sums.precision import check_replicates, check_seed
from jaksim.result import Result
from jaksim.trial.assumption import Assumption
from jaksim.verbs.asked import AskedScenario, about, scenario_of
from jaksim.verbs.door import assumptions_by, chosen_door, door_words
from jaksim.verbs.draws import Uncertain, spread_of, spread_words, trials_of
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.predict import PredictOptions
from jaksim.verbs.pooled.beside import beside
from jaksim.verbs.pooled.indirect import IndirectComparison
from jaksim.verbs.pooled.until import EvidenceUsed, with_evidence
from jaksim.verbs.pooled.value import OneMoreTrial
from jaksim.verbs.provenance import command, provenance_of
from jaksim.verbs.variance import variance_parts, weights_of_priors

# Of a replicate and analysis: estimate, standard error and z, and what the summary copies of them.
_RESULT_BYTES = 72


@dataclass(frozen=True, repr=False)
class PredictedTrial(Result):
    """Predictions of every planned analysis, with the assumption about trials differing and the provenance.

    `between_trial_sd` are the standard deviations of the log hazard ratios by treatment and kind of effect, and
    `between_trial_induced` what they do to each endpoint. `conduct` tells how a trial in calendar time will go and is
    None for one analysed once. `exactly_known` names the parts of the disease model that have no uncertainty, so that
    no draw changes them; `certain` says that there are no others. `evidence` are the trials that pooled effects rest
    on, `indirect` the comparison of two drugs by their controls, `value_of_information` what one more trial would do.
    """

    scenario: str
    title: str
    predictions: tuple[Prediction, ...]
    conduct: PredictedConduct | None
    draws: int
    replicates: int
    seed: int
    between_trial_sd: dict[str, dict[str, float]]
    between_trial_source: str
    between_trial_correlation: float
    between_trial_induced: tuple[InducedSpread, ...]
    elapsed_seconds: float
    provenance: dict[str, Any]
    assumptions: tuple[Assumption, ...] = ()
    exactly_known: tuple[str, ...] = ()
    certain: bool = False
    evidence: EvidenceUsed | None = None
    indirect: tuple[IndirectComparison, ...] = ()
    value_of_information: tuple[OneMoreTrial, ...] = ()

    def headline(self) -> str:
        """Trial, draws and replicates."""
        return f"prediction of {self.title!r}: {self.draws} draws of the parameters, {self.replicates} trials each"

    def rows(self) -> list[dict[str, Any]]:
        """One row per analysis, a column for each limit."""
        flat = []
        for prediction in self.predictions:
            row = {
                key: value for key, value in asdict(prediction).items() if not isinstance(value, dict | list | tuple)
            }
            for level, (low, high) in prediction.intervals.items():
                row[f"low_{level}"], row[f"high_{level}"] = low, high
            flat.append(row)
        return flat

    def short_rows(self) -> list[dict[str, Any]]:
        """Name and probability of success of each analysis."""
        return [
            {"analysis": prediction.name, "probability of success": prediction.probability_of_success}
            for prediction in self.predictions
        ]


@takes(PredictOptions)
def predict(scenario: AskedScenario, options: PredictOptions) -> PredictedTrial:
    """Predictive distribution of the estimates of a trial and its probability of success (assurance).

    Parameters are drawn `draws` times as `scenario.draws` says, and `replicates` trials simulated for each draw, with
    their interim analyses and adaptation. Raises `InputError` for values out of range.
    """
    started = time.perf_counter()
    loaded = scenario_of(scenario, options.changes)
    asked, evidence = with_evidence(loaded, options.evidence_until, tuple(options.without))
    draws, replicates, seed = options.draws, options.replicates, options.seed
    spread = spread_of(asked, options.between_trial_sd)
    check_seed(seed)
    check_replicates(draws * replicates)
    check_memory(
        _RESULT_BYTES * draws * replicates * len(asked.trial.analyses),
        f"the results of {draws:,} times {replicates:,} replicates",
        where="predict",
        instead="fewer draws or replicates",
    )
    door = chosen_door(options.door, asked)
    uncertain = Uncertain(asked, spread)
    drawn = list(uncertain.draws(draws, seed))
    predictions, conduct = predict_trials(
        asked.trial,
        trials_of(uncertain, drawn, draws),
        replicates=replicates,
        seed=seed,
        door=door,
        weights=weights_of_priors(uncertain, drawn),
        advance=options.progress,
    )
    parts = variance_parts(uncertain, drawn)
    predictions = tuple(one.split(of_one) for one, of_one in zip(predictions, parts, strict=True))
    words = [f"--draws {draws}", f"--replicates {replicates}"]
    if options.between_trial_sd is not None:
        words.append(f"--between-trial-sd {spread_words(options.between_trial_sd)}")
    if options.evidence_until is not None:
        words.append(f"--evidence-until {options.evidence_until}")
    words += [f"--without {study}" for study in options.without]
    words += [f"--seed {seed}", *door_words(door, [asked])]
    found = PredictedTrial(
        scenario=asked.path,
        title=asked.title,
        predictions=predictions,
        conduct=conduct,
        draws=draws,
        replicates=replicates,
        seed=seed,
        between_trial_sd=spread.by_kind,
        between_trial_source=spread.source,
        between_trial_correlation=spread.kind_correlation,
        between_trial_induced=spread.induced,
        elapsed_seconds=round(time.perf_counter() - started, 3),
        provenance=provenance_of(asked, command("predict", asked, words)),
        assumptions=assumptions_by(door, asked),
        exactly_known=asked.exactly_known,
        certain=asked.is_certain and not spread.differ,
        evidence=evidence,
        **beside(asked, evidence, predictions),
    )
    return about(found, asked)
