"""The verbs that hold a disease model against published figures: `calibrate` and `reproduce`."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Final, Self, TypeAlias

from jaksim.calibration.fit import Calibration
from jaksim.calibration.fit import calibrate as fit
from jaksim.calibration.parameter_file import parameter_document, parameter_text
from jaksim.calibration.reproduce import Reproduced
from jaksim.calibration.reproduce import reproduce as simulate
from jaksim.calibration.study import CalibrationStudy, calibrated_studies, load_calibration_study
from jaksim.checks import named
from jaksim.design.sums.precision import check_seed
from jaksim.errors import InputError
from jaksim.model.parameter_set import ParameterSet, load_parameter_set
from jaksim.result import Result
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.calibrate import CalibrateOptions, ReproduceOptions
from jaksim.version import __version__
from jaksim.whole_file import explained, write_whole

DRAWS: Final = 200
AskedStudy: TypeAlias = CalibrationStudy | str | PathLike[str]


@dataclass(frozen=True, repr=False, eq=False)
class Fitted(Result):
    """A fit with the parameter set, as a document, that scenarios can use."""

    calibration: Any
    document: Mapping[str, Any]
    elapsed_seconds: float

    @property
    def provenance(self) -> Mapping[str, Any]:  # type: ignore[override]
        """Version, hash of what was fitted, and the command."""
        found: Mapping[str, Any] = self.document["provenance"]
        return found

    def kept_in(self, path: str | PathLike[str]) -> Self:
        """The same with the parameter set named like the file that it is kept in, and that file in its command."""
        command = f"{self.provenance['command']} --out {shlex.quote(fspath(path))}"
        provenance = {**self.provenance, "command": command}
        return replace(self, document={**self.document, "name": Path(path).stem, "provenance": provenance})

    def write(self, path: str | PathLike[str]) -> None:
        """Write the parameter set (JSON) that scenarios can use, as `kept_in`; whole, or not at all."""
        with explained(Path(path)):
            write_whole(Path(path), parameter_text(dict(self.kept_in(path).document)).encode())


@dataclass(frozen=True, repr=False, eq=False)
class CalibratedStudy(Fitted):
    """A study's disease model fitted to its published figures, with the parameter set that scenarios can use."""

    calibration: Calibration

    def headline(self) -> str:
        """The study, and how well it fits."""
        measured = self.calibration.diagnostics
        return (
            f"calibration of {self.document['title']!r}: {measured.n_targets} figures, {measured.n_parameters} "
            f"parameters, mean z squared {measured.mean_z_squared:.2f}, largest |z| {measured.largest_absolute_z:.2f}"
        )

    def rows(self) -> list[dict[str, Any]]:
        """One row per published figure: reported, fitted, z."""
        rows = []
        for target in self.document["targets"]:
            low, high = target["ci"] or (None, None)
            rows.append({**{key: value for key, value in target.items() if key != "ci"}, "low": low, "high": high})
        return rows

    def short_rows(self) -> list[dict[str, Any]]:
        """Figure, reported and fitted."""
        return [{key: row[key] for key in ("id", "reported", "fitted", "z")} for row in self.rows()]

    def contents(self) -> dict[str, Any]:
        """Figures, parameters, diagnostics and assumptions; the draws are in the file that `write` makes."""
        kept = ("study", "title", "targets", "parameters", "diagnostics", "assumptions", "provenance")
        study = self.calibration.study
        return {
            **{key: self.document[key] for key in kept},
            "excluded": [asdict(figure) for figure in study.excluded],
            "unused": list(study.unused),
            "pulls": [asdict(pull) for pull in self.calibration.pulls],
            "elapsed_seconds": round(self.elapsed_seconds, 3),
        }


@takes(CalibrateOptions)
def calibrate(study: AskedStudy, options: CalibrateOptions) -> CalibratedStudy:
    """Fit a disease model to a study's published figures, each matched by the same statistic of the model.

    `study` is one that comes with jaksim by name, an own file by path, or a study that has been read. Raises
    `InputError` for what cannot be read or is out of range.
    """
    started = time.perf_counter()
    check_seed(options.seed)
    asked, draws = study_of(study), options.draws or DRAWS
    fitted = fit(asked, draws=draws, seed=options.seed)
    command = f"jaksim calibrate {_named(study, asked.name)} --draws {draws} --seed {options.seed}"
    return CalibratedStudy(fitted, parameter_document(fitted, command), time.perf_counter() - started)


@dataclass(frozen=True, repr=False)
class ReproducedStudy(Result):
    """Each published figure of a study among those of simulated trials of the same size."""

    study: str
    title: str
    parameter_set: Mapping[str, str]
    replicates: int
    seed: int
    figures: tuple[Reproduced, ...]
    elapsed_seconds: float
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def headline(self) -> str:
        """The study and the replicates."""
        return f"figures of {self.title!r} among {self.replicates} simulated trials"

    def rows(self) -> list[dict[str, Any]]:
        """One row per published figure."""
        rows = []
        for figure in self.figures:
            row = asdict(figure)
            row["low"], row["high"] = row.pop("interval")
            rows.append(row)
        return rows

    def short_rows(self) -> list[dict[str, Any]]:
        """Figure, reported and percentile."""
        return [
            {"id": figure.id, "reported": figure.reported, "percentile": figure.percentile} for figure in self.figures
        ]


@takes(ReproduceOptions)
def reproduce(study: AskedStudy, options: ReproduceOptions) -> ReproducedStudy:
    """Simulate a published trial and place each of its figures on the distribution of the same statistic.

    `parameters` are a parameter set by name, path or value. Raises `InputError` for a set of another model and for
    what is out of range.
    """
    started = time.perf_counter()
    check_seed(options.seed)
    loaded = study_of(study)
    replicates, seed = options.replicates, options.seed
    fitted = _parameters(options.parameters, loaded)
    placed = simulate(loaded, fitted.estimate, replicates=replicates, seed=seed)
    given, chosen = _named(study, loaded.name), _named(options.parameters, fitted.name)
    recreate = f"jaksim reproduce {given} --parameters {chosen} --replicates {replicates} --seed {seed}"
    return ReproducedStudy(
        study=loaded.name,
        title=loaded.title,
        parameter_set={"name": fitted.name, "hash": fitted.hash},
        replicates=replicates,
        seed=seed,
        figures=tuple(placed),
        elapsed_seconds=round(time.perf_counter() - started, 3),
        provenance={"version": __version__, "input_hash": loaded.input_hash, "command": recreate},
    )


def _read(asked: object) -> ParameterSet:
    try:
        return load_parameter_set(named(asked, "parameters"))
    except InputError as error:
        if error.where == "parameter set":
            error.where = "‹parameters›"
        raise


def _named(asked: object, name: str) -> str:
    """How a command asks for it: as it was asked for, or by its name."""
    return shlex.quote(fspath(asked) if isinstance(asked, str | PathLike) else name)


def _parameters(asked: str | PathLike[str] | ParameterSet | None, study: CalibrationStudy) -> ParameterSet:
    """The parameter set itself, or that of the name or in the file; InputError where it is of another model."""
    found = asked if isinstance(asked, ParameterSet) else _read(asked or study.name)
    if found.template.names != study.template.names:
        pooled = found.pooling is not None
        what = "holds effects without a natural history" if pooled else "the parameter set belongs to another model"
        own = f"{study.name}, or " if study.name in calibrated_studies() else ""
        allowed = f"{own}a file that `jaksim calibrate` writes of this study"
        raise InputError(what, where="‹parameters›", allowed=allowed, got=found.name)
    return found


def study_of(asked: AskedStudy) -> CalibrationStudy:
    """The study itself, or the one of the name or in the file."""
    return asked if isinstance(asked, CalibrationStudy) else load_calibration_study(named(asked, "study"))
