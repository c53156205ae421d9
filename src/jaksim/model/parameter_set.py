"""A calibrated parameter set: natural history, treatment effects, their uncertainty and sources, as one data file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from os.path import exists
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.checks import items, table, text, whole
from jaksim.datafile import check_keys, parse_json, read_text
from jaksim.errors import InputError
from jaksim.model.natural_history import NaturalHistory
from jaksim.model.regimen import Treatment
from jaksim.model.template import ModelTemplate
from jaksim.model.template_file import template_from_mapping
from jaksim.pooling.file import Pooling, pooling_from
from jaksim.ratio import LARGEST_LOG, LARGEST_LOG_SD, check_log, check_log_sd
from jaksim.scale import OrdinalScale

FORMAT = 1
KEYS = (
    "format",
    "name",
    "study",
    "title",
    "horizon",
    "background",
    "natural_history_source",
    "model",
    "parameters",
    "covariance",
    "draws",
    "targets",
    "diagnostics",
    "assumptions",
    "provenance",
)
TEXT_KEYS = ("name", "study", "title", "natural_history_source")


@dataclass(frozen=True)
class FittedParameter:
    """One parameter: estimate and standard error on the log scale, and what it stands for."""

    name: str
    estimate: float
    standard_error: float
    description: str


@dataclass(frozen=True)
class ParameterSet:
    """A calibrated disease model; `draws` has shape (n_draws, parameters) in the order of `parameters`.

    One that pools the effects of many trials has `pooling`, and no natural history of its own.
    """

    name: str
    study: str
    title: str
    horizon: int
    background: tuple[str, ...]
    natural_history_source: str
    template: ModelTemplate
    parameters: tuple[FittedParameter, ...]
    covariance: NDArray[np.float64]
    draws: NDArray[np.float64]
    targets: tuple[Mapping[str, Any], ...]
    diagnostics: Mapping[str, Any]
    assumptions: tuple[Mapping[str, Any], ...]
    provenance: Mapping[str, Any]
    hash: str
    pooling: Pooling | None = None

    @property
    def scale(self) -> OrdinalScale:
        return self.template.scale

    @cached_property
    def estimate(self) -> NDArray[np.float64]:
        """Estimates on the log scale, shape (parameters,)."""
        return np.array([p.estimate for p in self.parameters])

    @cached_property
    def natural_history(self) -> NaturalHistory:
        """Intensities at the estimate; InputError for a set of effects only."""
        self._check_history()
        return self.template.natural_history(self.estimate)

    @cached_property
    def treatments(self) -> dict[str, Treatment]:
        return self.template.treatments(self.estimate, np.array([p.standard_error for p in self.parameters]))

    def draw(self, index: int) -> tuple[NaturalHistory, dict[str, Treatment]]:
        """Natural history and treatments at one posterior draw."""
        return self.drawn_history(index), self.drawn_treatments(index)

    def drawn_history(self, index: int) -> NaturalHistory:
        """Natural history at one posterior draw; InputError for a set of effects only."""
        self._check_history()
        return self.template.natural_history(self._row(index))

    def drawn_treatments(self, index: int) -> dict[str, Treatment]:
        """Treatments at one posterior draw."""
        return self.template.treatments(self._row(index))

    def _row(self, index: int) -> NDArray[np.float64]:
        if not 0 <= index < len(self.draws):
            raise InputError(f"draw {index} does not exist", where=self.name, allowed=f"0 to {len(self.draws) - 1}")
        return np.asarray(self.draws[index])

    def _check_history(self) -> None:
        if not self.template.moves:
            raise InputError(
                "the parameter set has effects of treatments and no natural history",
                where=self.name,
                allowed="sets calibrated to one study, such as actt-2",
            )


def shipped_parameter_sets() -> tuple[str, ...]:
    """Names of the parameter sets that come with the package."""
    folder = resources.files("jaksim.model") / "parameter_data"
    return tuple(sorted(f.name.removesuffix(".json") for f in folder.iterdir() if f.name.endswith(".json")))


def load_parameter_set(name_or_path: str) -> ParameterSet:
    """A shipped parameter set by name, or a file written by `jaksim calibrate --out`.

    Errors: InputError for an unknown name, a file that is not a parameter set, or one whose parts do not fit together.
    """
    if name_or_path in shipped_parameter_sets():
        content = (resources.files("jaksim.model") / "parameter_data" / f"{name_or_path}.json").read_text("utf-8")
    elif Path(name_or_path).suffix == ".json" and not exists(name_or_path):
        raise InputError("no such file", where=name_or_path, allowed="what `jaksim calibrate` writes of a study")
    elif exists(name_or_path):
        content = read_text(name_or_path)
    else:
        raise InputError(
            "unknown parameter set", where="parameter set", allowed=shipped_parameter_sets(), got=name_or_path
        )
    document = parse_json(content, where=name_or_path, what="a parameter set")
    return _from_document(document, name_or_path, hashlib.sha256(content.encode()).hexdigest()[:16])


def _from_document(document: Mapping[str, Any], where: str, fingerprint: str) -> ParameterSet:
    check_keys(document, where=where, required=KEYS, optional=("pooling",))
    if document["format"] != FORMAT:
        raise InputError(
            "parameter set of another format", where=f"{where}, format", allowed=str(FORMAT), got=document["format"]
        )
    pooled = "pooling" in document
    template = template_from_mapping(document["model"], where=f"{where}, model", effects_only=pooled)
    parameters = tuple(
        _parameter(entry, f"{where}, parameter {position}")
        for position, entry in enumerate(items(document["parameters"], f"{where}, parameters"), start=1)
    )
    if tuple(p.name for p in parameters) != template.names:
        raise InputError(
            "parameters do not match the model", where=f"{where}, parameters", allowed=list(template.names)
        )
    count = len(parameters)
    covariance = _matrix(document["covariance"], count, f"{where}, covariance", LARGEST_LOG_SD**2)
    if len(covariance) != count:
        raise InputError(f"needs {count} rows, one for each parameter", where=f"{where}, covariance")
    draws = _matrix(document["draws"], count, f"{where}, draws", LARGEST_LOG)
    return ParameterSet(
        **{key: text(document[key], f"{where}, {key}") for key in TEXT_KEYS},
        horizon=whole(document["horizon"], f"{where}, horizon"),
        background=tuple(
            text(n, f"{where}, background") for n in items(document["background"], f"{where}, background")
        ),
        template=template,
        parameters=parameters,
        covariance=covariance,
        draws=draws,
        targets=_tables(document["targets"], f"{where}, targets"),
        diagnostics=table(document["diagnostics"], f"{where}, diagnostics"),
        assumptions=_tables(document["assumptions"], f"{where}, assumptions"),
        provenance=table(document["provenance"], f"{where}, provenance"),
        hash=fingerprint,
        pooling=pooling_from(document["pooling"], len(draws), f"{where}, pooling") if pooled else None,
    )


def _parameter(entry: Any, where: str) -> FittedParameter:
    check_keys(
        table(entry, where),
        where=where,
        required=("name", "estimate", "standard_error", "description"),
        optional=("prior_mean", "prior_sd", "learned"),
    )
    return FittedParameter(
        name=text(entry["name"], f"{where}, name"),
        estimate=check_log(entry["estimate"], f"{where}, estimate"),
        standard_error=check_log_sd(entry["standard_error"], f"{where}, standard_error"),
        description=str(entry["description"]),
    )


def _matrix(rows: Any, columns: int, where: str, largest: float) -> NDArray[np.float64]:
    try:
        matrix = np.array(rows, dtype=float)
    except (TypeError, ValueError):
        raise InputError("must be rows of numbers, all of the same length", where=where) from None
    if matrix.ndim != 2 or matrix.shape[1] != columns:
        raise InputError(f"needs {columns} columns, one for each parameter", where=where, got=matrix.shape)
    if not (np.abs(matrix) <= largest).all():
        raise InputError("a number is out of range", where=where, allowed=f"-{largest:g} to {largest:g}")
    return matrix


def _tables(rows: Any, where: str) -> tuple[Mapping[str, Any], ...]:
    return tuple(table(row, where) for row in items(rows, where))
