"""What can be asked of a scenario: `power`, `predict` and `simulate_trial`, each a value with its provenance."""

from __future__ import annotations

import json
import math
import shlex
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from os import PathLike
from typing import TYPE_CHECKING, Any

from jaksim.budget import check_memory
from jaksim.design.patients import patient_table
from jaksim.design.patients.conducted_patients import Ending, one_replicate
from jaksim.design.patients.counterfactual import Worlds, simulate_worlds
from jaksim.design.patients.simulated import SimulatedPatients
from jaksim.design.power import trial_power
from jaksim.design.prediction import PredictedConduct, Prediction, predict_trials
from jaksim.design.settings import DEFAULT_REPLICATES, DEFAULT_SEED, Settings
from jaksim.design.shoot_out import DEFAULT_REPLICATES as SHOOT_OUT_REPLICATES
from jaksim.design.shoot_out import ShootOut
from jaksim.design.shoot_out import shoot_out as compare_endpoints
from jaksim.design.sums.precision import check_replicates, check_seed
from jaksim.design.sums.result import PowerResult
from jaksim.errors import InputError
from jaksim.result import Result, plain_values
from jaksim.scenario.scenario import Scenario
from jaksim.trial.assumption import Assumption
from jaksim.verbs.asked import AskedScenario, about, scenario_of
from jaksim.verbs.draws import drawn_trials
from jaksim.version import __version__

if TYPE_CHECKING:
    import pandas as pd

# Of a replicate and analysis: estimate, standard error and z, and what the summary copies of them.
_RESULT_BYTES = 72


def power(
    scenario: AskedScenario,
    *,
    replicates: int = DEFAULT_REPLICATES,
    seed: int = DEFAULT_SEED,
    engine: str = "auto",
    until_se: float | None = None,
    null: bool = False,
    variance_reduction: str = "none",
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> PowerResult:
    """Power of every planned analysis of a scenario (its path, its name or itself), with its large-sample twin.

    `engine` is "law", "path" or "auto"; `until_se` runs until every power has that Monte Carlo standard error,
    instead of a number of replicates; `null` gives every arm the regimen of the reference, so that the shares are
    type I errors. `variance_reduction` "control-variates" gives the same powers with smaller Monte Carlo errors.
    `workers` threads do the work and do not change the result; `progress` is told how many replicates have been
    finished since it was last called. Raises `InputError` for values out of range.
    """
    scenario = scenario_of(scenario)
    settings = Settings(
        replicates=replicates,
        seed=seed,
        engine=engine,
        until_se=until_se,
        workers=workers,
        variance_reduction=variance_reduction,
    )
    result = trial_power(scenario.trial, settings, null=null, advance=progress)
    options = [f"--until-se {until_se:g}" if until_se is not None else f"--replicates {replicates}"]
    options += [f"--seed {seed}", f"--engine {result.engine}", *(["--null"] if null else [])]
    options += [f"--variance-reduction {variance_reduction}"] if variance_reduction != "none" else []
    provenance = provenance_of(scenario, command("power", scenario, options))
    answer = replace(result, scenario=scenario.path, assumptions=scenario.assumptions, provenance=provenance)
    return about(answer, scenario)


def shoot_out(
    scenario: AskedScenario,
    *,
    replicates: int = SHOOT_OUT_REPLICATES,
    seed: int = DEFAULT_SEED,
    engine: str = "auto",
    methods: str = "main",
    null: bool = False,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> ShootOut:
    """Every endpoint of a scenario and the standard ones of its scale, with the analyses that fit, by power.

    All on the same simulated patients, between the arms and at the level of the scenario's first analysis; `methods`
    is "main", or "all" for every analysis, the other arguments are those of `power`.
    """
    scenario = scenario_of(scenario)
    settings = Settings(replicates=replicates, seed=seed, engine=engine, workers=workers)
    result = compare_endpoints(scenario.trial, settings, methods=methods, null=null, advance=progress)
    options = ["--endpoints all", f"--methods {methods}", f"--replicates {replicates}", f"--seed {seed}"]
    options += [f"--engine {result.engine}", *(["--null"] if null else [])]
    recreate = command("power", scenario, options)
    answer = replace(result, scenario=scenario.path, assumptions=scenario.assumptions)
    return about(replace(answer, provenance=provenance_of(scenario, recreate)), scenario)


@dataclass(frozen=True, repr=False)
class SimulatedTrial(Result):
    """The patients of one replicate with their provenance; `worlds` has them under the regimen of every arm too.

    `ending` says what ended a trial that was conducted in calendar time, and what it decided.
    """

    patients: SimulatedPatients
    replicate: int
    seed: int
    provenance: dict[str, Any]
    worlds: Worlds | None = None
    ending: Ending | None = None

    def headline(self) -> str:
        """Patients and replicate."""
        return f"patients of replicate {self.replicate}, seed {self.seed}: {len(self.patients)}"

    def rows(self) -> list[dict[str, Any]]:
        """One row per patient, or per regimen and patient."""
        columns = self.columns()
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]

    def short_rows(self) -> list[dict[str, Any]]:
        """How the trial ended, where it was conducted."""
        return [] if self.ending is None else [{"ended": json.dumps(plain_values(self.ending), default=str)[:200]}]

    def as_dict(self) -> dict[str, Any]:
        """What there is to know besides the patients, whose table is `columns`."""
        average = {} if self.worlds is None else {"average_effects": [plain_values(e) for e in self.worlds.effects()]}
        return {
            "n_patients": len(self.patients),
            "replicate": self.replicate,
            "seed": self.seed,
            **average,
            **({} if self.ending is None else {"ending": plain_values(self.ending)}),
            "provenance": self.provenance,
        }

    def columns(self) -> dict[str, Any]:
        """The columns of the table: one row per patient, or per regimen and patient."""
        return patient_table.patient_columns(self.patients) if self.worlds is None else self.worlds.columns()

    def to_pandas(self) -> pd.DataFrame:
        """The table as a data frame; `DataFrame.attrs` carries the provenance."""
        frame = patient_table.to_pandas(self.columns())
        frame.attrs["provenance"] = self.provenance
        return frame

    def write(self, path: str | PathLike[str]) -> None:
        """Write a CSV or Parquet file, by the ending of its name."""
        metadata = {"jaksim": json.dumps(self.provenance)}
        if self.ending is not None:
            metadata["ending"] = json.dumps(plain_values(self.ending))
        patient_table.write_table(self.columns(), path, metadata)


def simulate_trial(
    scenario: AskedScenario,
    *,
    replicate: int = 0,
    seed: int = DEFAULT_SEED,
    counterfactual: bool = False,
    as_known: bool = False,
) -> SimulatedTrial:
    """The patients of one replicate of a scenario: those behind the same replicate of the path engine.

    A trial with interim or adaptive analyses is conducted, and has the patients enrolled until it ended, followed up to
    their last day or, `as_known`, until the day of the analysis that ended it.
    With `counterfactual` all patients also under the regimen of every arm, with the same random numbers; a trial with
    interim or adaptive analyses then has its planned patients, who are not those of a replicate of its power.
    Raises `InputError` for a seed or replicate out of range, and for `as_known` of a trial that is not conducted.
    """
    scenario = scenario_of(scenario)
    check_seed(seed)
    if as_known and counterfactual:
        raise InputError(
            "no analysis ends a trial that is followed under every regimen",
            where="as_known",
            allowed="without counterfactual",
        )
    if not 0 <= replicate < 2**32:
        raise InputError("the replicate is out of range", where="replicate", allowed="0 to 2**32 - 1", got=replicate)
    trial = scenario.trial.at_complete_data() if counterfactual else scenario.trial
    patients, ending = one_replicate(trial, seed=seed, replicate=replicate, as_known=as_known)
    worlds = simulate_worlds(trial, seed=seed, replicate=replicate) if counterfactual else None
    options = ["--out FILE", f"--replicate {replicate}", f"--seed {seed}"]
    options += [*(["--counterfactual"] if counterfactual else []), *(["--as-known"] if as_known else [])]
    recreate = command("simulate", scenario, options)
    found = SimulatedTrial(patients, replicate, seed, provenance_of(scenario, recreate), worlds, ending)
    return about(found, scenario)


@dataclass(frozen=True, repr=False)
class PredictedTrial(Result):
    """Predictions of every planned analysis, with the assumption about trials differing and the provenance.

    `conduct` tells how a trial in calendar time will go and is None for one analysed once.
    `exactly_known` names the parts of the disease model that have no uncertainty, so that no draw changes them;
    `certain` says that there are no others.
    """

    scenario: str
    title: str
    predictions: tuple[Prediction, ...]
    conduct: PredictedConduct | None
    draws: int
    replicates: int
    seed: int
    between_trial_sd: float
    between_trial_source: str
    elapsed_seconds: float
    provenance: dict[str, Any]
    assumptions: tuple[Assumption, ...] = ()
    exactly_known: tuple[str, ...] = ()
    certain: bool = False

    def headline(self) -> str:
        """Trial, draws and replicates."""
        return f"prediction of {self.title!r}: {self.draws} draws of the parameters, {self.replicates} trials each"

    def rows(self) -> list[dict[str, Any]]:
        """One row per analysis, a column for each limit."""
        flat = []
        for one in self.predictions:
            row = {key: value for key, value in asdict(one).items() if not isinstance(value, dict | list | tuple)}
            for level, (low, high) in one.intervals.items():
                row[f"low_{level}"], row[f"high_{level}"] = low, high
            flat.append(row)
        return flat

    def short_rows(self) -> list[dict[str, Any]]:
        """Name and probability of success of each analysis."""
        return [
            {"analysis": one.name, "probability of success": one.probability_of_success} for one in self.predictions
        ]


def predict(
    scenario: AskedScenario,
    *,
    draws: int = 200,
    replicates: int = 200,
    between_trial_sd: float | None = None,
    seed: int = DEFAULT_SEED,
    progress: Callable[[int], None] | None = None,
) -> PredictedTrial:
    """Predictive distribution of the estimates of a trial and its probability of success (assurance).

    Parameters are drawn `draws` times as `scenario.draws` says, and `replicates` trials simulated for each draw, with
    their interim analyses and adaptation.
    `between_trial_sd` is the SD, on the log hazard ratio, of a treatment's benefit between trials, the scenario's when
    left out. Raises `InputError` for values out of range.
    """
    started = time.perf_counter()
    scenario = scenario_of(scenario)
    source = scenario.between_trial_source if between_trial_sd is None else "given by the user"
    if between_trial_sd is None:
        between_trial_sd = scenario.between_trial_sd
    check_seed(seed)
    if draws < 2 or replicates < 2 or not 0 <= between_trial_sd < math.inf:
        raise InputError("draws and replicates must be 2 or more, between_trial_sd 0 or more", where="predict")
    check_replicates(draws * replicates)
    check_memory(
        _RESULT_BYTES * draws * replicates * len(scenario.trial.analyses),
        f"the results of {draws:,} times {replicates:,} replicates",
        where="predict",
        instead="fewer draws or replicates",
    )
    trials = drawn_trials(scenario, draws=draws, seed=seed, between_trial_sd=between_trial_sd)
    predictions, conduct = predict_trials(scenario.trial, trials, replicates=replicates, seed=seed, advance=progress)
    options = [f"--draws {draws}", f"--replicates {replicates}", f"--between-trial-sd {between_trial_sd:g}"]
    recreate = command("predict", scenario, [*options, f"--seed {seed}"])
    found = PredictedTrial(
        scenario=scenario.path,
        title=scenario.title,
        predictions=predictions,
        conduct=conduct,
        draws=draws,
        replicates=replicates,
        seed=seed,
        between_trial_sd=between_trial_sd,
        between_trial_source=source,
        elapsed_seconds=round(time.perf_counter() - started, 3),
        provenance=provenance_of(scenario, recreate),
        assumptions=scenario.assumptions,
        exactly_known=scenario.exactly_known,
        certain=scenario.is_certain and between_trial_sd == 0.0,
    )
    return about(found, scenario)


def command(verb: str, scenario: Scenario, options: list[str]) -> str:
    """The command line that makes a result again."""
    changes = [f"--set {shlex.quote(change)}" for change in scenario.changes]
    return " ".join(["jaksim", verb, shlex.quote(scenario.path), *options, *changes])


def provenance_of(scenario: Scenario, recreate: str) -> dict[str, Any]:
    """Version, hashes and command that a result is traced by."""
    return {
        "version": __version__,
        "scenario_hash": scenario.hash,
        "parameter_sets": dict(scenario.parameter_sets),
        "changes": list(scenario.changes),
        "command": recreate,
        **({"registered": dict(scenario.registered)} if scenario.registered else {}),
    }
