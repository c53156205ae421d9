"""The verb `calibrate_jointly`: the effects of drugs from all their trials at once."""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass
from os import PathLike
from typing import Any, Final, TypeAlias

from jaksim.calibration.joint.document import joint_document
from jaksim.calibration.joint.joint import JointCalibration
from jaksim.calibration.joint.joint import calibrate_jointly as fit
from jaksim.calibration.joint.selection import JointSelection, load_joint_selection
from jaksim.checks import named
from jaksim.design.sums.precision import check_seed
from jaksim.verbs.calibrate import Fitted
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.calibrate import JointOptions

DRAWS: Final = 1000
AskedSelection: TypeAlias = JointSelection | str | PathLike[str]


@dataclass(frozen=True, repr=False, eq=False)
class JointlyCalibrated(Fitted):
    """Trials fitted one by one and pooled, with the parameter set that scenarios can use."""

    calibration: JointCalibration

    def headline(self) -> str:
        """The selection and its size."""
        drugs = {stage.effects.drug for stage in self.calibration.stages}
        return f"{self.document['title']}: {len(self.calibration.stages)} trials of {len(drugs)} drugs"

    def rows(self) -> list[dict[str, Any]]:
        """One row per drug and cell: estimate, standard error, prior and what was learned."""
        return [dict(entry) for entry in self.document["parameters"]]

    def short_rows(self) -> list[dict[str, Any]]:
        """Effect, estimate and standard error."""
        return [{key: row[key] for key in ("name", "estimate", "standard_error")} for row in self.rows()]

    def contents(self) -> dict[str, Any]:
        """Effects, trials with every figure, influence, agreement, spread between trials; draws are in the file."""
        kept = ("study", "title", "parameters", "diagnostics", "provenance")
        pooling = {key: value for key, value in self.document["pooling"].items() if not key.endswith("_draws")}
        excluded = [dict(entry) for entry in self.calibration.selection.excluded]
        return {
            **{key: self.document[key] for key in kept},
            "pooling": pooling,
            "excluded": excluded,
            "elapsed_seconds": round(self.elapsed_seconds, 3),
        }


@takes(JointOptions)
def calibrate_jointly(selection: AskedSelection, options: JointOptions) -> JointlyCalibrated:
    """Fit every trial of a selection with its own natural history, and pool the effects of the drugs.

    `selection` is one that comes with jaksim by name (`pooled`), an own file by path, or one that has been read.
    Raises `InputError` for what cannot be read or is out of range.
    """
    started = time.perf_counter()
    check_seed(options.seed)
    chosen = selection if isinstance(selection, JointSelection) else load_joint_selection(named(selection, "selection"))
    draws = options.draws or DRAWS
    found = fit(chosen, draws=draws, seed=options.seed, advance=options.progress)
    command = f"jaksim calibrate --joint {shlex.quote(chosen.given)} --draws {draws} --seed {options.seed}"
    return JointlyCalibrated(found, joint_document(found, command), time.perf_counter() - started)
