"""The verb `simulate_trial`: the patients of one simulated trial."""

from __future__ import annotations

import json
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

from jaksim.design.patients import patient_table
from jaksim.design.patients.conducted_patients import Ending, one_replicate
from jaksim.design.patients.counterfactual import Worlds, simulate_worlds
from jaksim.design.patients.simulated import SimulatedPatients
from jaksim.design.sums.precision import check_seed
from jaksim.errors import InputError
from jaksim.operations.doors import EVENTS, FAST, left_out_words
from jaksim.result import Result, plain_values
from jaksim.scenario.scenario import Scenario
from jaksim.verbs.asked import AskedScenario, about, scenario_of
from jaksim.verbs.door import chosen_door, door_words
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.simulate import SimulateOptions, SimulateReplicatesOptions
from jaksim.verbs.provenance import command, provenance_of

if TYPE_CHECKING:
    import pandas as pd


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
    scenario: str = ""
    door: str = FAST

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

    def contents(self) -> dict[str, Any]:
        """What there is to know besides the patients, whose table is `columns`."""
        average: dict[str, Any] = {}
        if self.worlds is not None:
            average["average_effects"] = [plain_values(effect) for effect in self.worlds.effects()]
            strata = [plain_values(stratum) for stratum in self.worlds.principal_strata()]
            average |= {"principal_strata": strata} if strata else {}
        return {
            "scenario": self.scenario,
            "n_patients": len(self.patients),
            "replicate": self.replicate,
            "seed": self.seed,
            **average,
            **({"left_out": self.left_out} if self.left_out else {}),
            **({} if self.ending is None else {"ending": plain_values(self.ending)}),
            "provenance": self.provenance,
        }

    @property
    def left_out(self) -> str:
        """Which parts of the operations of the trial the patients know nothing of, nothing where they know all."""
        return "" if self.door == EVENTS else left_out_words(self.patients.trial.operations)

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


@takes(SimulateOptions)
def simulate_trial(scenario: AskedScenario, options: SimulateOptions) -> SimulatedTrial:
    """The patients of one replicate of a scenario: those behind the same replicate of the path engine.

    A trial with interim or adaptive analyses is conducted, and has the patients enrolled until it ended, followed up to
    their last day or, `as_known`, until the day of the analysis that ended it.
    With `counterfactual` all patients also under the regimen of every arm, with the same random numbers; a trial with
    interim or adaptive analyses then has its planned patients, who are not those of a replicate of its power.
    Raises `InputError` for a seed or replicate out of range, and for `as_known` of a trial that is not conducted.
    """
    asked = scenario_of(scenario, options.changes)
    seed, replicate = options.seed, options.replicate
    check_seed(seed)
    check_followed(options)
    if not 0 <= replicate < 2**32:
        raise InputError("the replicate is out of range", where="‹replicate›", allowed="0 to 2**32 - 1", got=replicate)
    trial = asked.trial.at_complete_data() if options.counterfactual else asked.trial
    door = door_of(options, asked)
    patients, ending = one_replicate(trial, seed=seed, replicate=replicate, as_known=options.as_known, door=door)
    worlds = simulate_worlds(trial, seed=seed, replicate=replicate) if options.counterfactual else None
    words = ["--out FILE", f"--replicate {replicate}", f"--seed {seed}"]
    words += ["--counterfactual"] if options.counterfactual else []
    words += ["--as-known"] if options.as_known else []
    words += door_words(door, [asked])
    provenance = provenance_of(asked, command("simulate", asked, words))
    return about(SimulatedTrial(patients, replicate, seed, provenance, worlds, ending, asked.path, door), asked)


def check_followed(options: SimulateOptions | SimulateReplicatesOptions) -> None:
    """InputError where patients are to be followed under every regimen and as an analysis knows them."""
    if options.as_known and options.counterfactual:
        raise InputError(
            "no analysis ends a trial that is followed under every regimen",
            where="‹as_known›",
            allowed="without ‹counterfactual›",
        )


def door_of(options: SimulateOptions | SimulateReplicatesOptions, asked: Scenario) -> str:
    """The door of a trial; a trial that is followed under every regimen has no shared stock and no wards."""
    if not options.counterfactual:
        return chosen_door(options.door, asked)
    if options.door == EVENTS:
        raise InputError(
            "events follow patients under one regimen", where="‹door›", allowed="fast, or without ‹counterfactual›"
        )
    return FAST
