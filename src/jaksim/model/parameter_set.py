"""A calibrated parameter set: natural history, treatment effects, their uncertainty and sources, as one data file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.datafile import check_keys, read_text
from jaksim.errors import InputError
from jaksim.model.natural_history import NaturalHistory
from jaksim.model.regimen import Treatment
from jaksim.model.template import ModelTemplate, template_from_mapping
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


@dataclass(frozen=True)
class FittedParameter:
    """One parameter: estimate and standard error on the log scale, and what it stands for."""

    name: str
    estimate: float
    standard_error: float
    description: str


@dataclass(frozen=True)
class ParameterSet:
    """A calibrated disease model; `draws` has shape (n_draws, parameters) in the order of `parameters`."""

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

    @property
    def scale(self) -> OrdinalScale:
        return self.template.scale

    @cached_property
    def estimate(self) -> NDArray[np.float64]:
        """Estimates on the log scale, shape (parameters,)."""
        return np.array([p.estimate for p in self.parameters])

    @cached_property
    def natural_history(self) -> NaturalHistory:
        return self.template.natural_history(self.estimate)

    @cached_property
    def treatments(self) -> dict[str, Treatment]:
        return self.template.treatments(self.estimate, np.array([p.standard_error for p in self.parameters]))

    def draw(self, index: int) -> tuple[NaturalHistory, dict[str, Treatment]]:
        """Natural history and treatments at one posterior draw."""
        if not 0 <= index < len(self.draws):
            raise InputError(f"draw {index} does not exist", where=self.name, allowed=f"0 to {len(self.draws) - 1}")
        return self.template.natural_history(self.draws[index]), self.template.treatments(self.draws[index])


def shipped_parameter_sets() -> tuple[str, ...]:
    """Names of the parameter sets that come with the package."""
    folder = resources.files("jaksim.model") / "parameter_data"
    return tuple(sorted(f.name.removesuffix(".json") for f in folder.iterdir() if f.name.endswith(".json")))


def load_parameter_set(name_or_path: str) -> ParameterSet:
    """A shipped parameter set by name, or a file written by `jaksim calibrate --out`.

    Errors: InputError for an unknown name, a file that is not a parameter set, or one whose parts do not fit together.
    """
    path = Path(name_or_path)
    if path.suffix == ".json":
        text = read_text(path)
    elif name_or_path in shipped_parameter_sets():
        text = (resources.files("jaksim.model") / "parameter_data" / f"{name_or_path}.json").read_text("utf-8")
    else:
        raise InputError(
            "unknown parameter set", where="parameter set", allowed=shipped_parameter_sets(), got=name_or_path
        )
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"not a parameter set: {error}", where=name_or_path) from None
    if not isinstance(document, dict):
        raise InputError("not a parameter set: a JSON object is needed", where=name_or_path)
    return _from_document(document, name_or_path, hashlib.sha256(text.encode()).hexdigest()[:16])


def _from_document(document: Mapping[str, Any], where: str, fingerprint: str) -> ParameterSet:
    check_keys(document, where=where, required=KEYS)
    if document["format"] != FORMAT:
        raise InputError(
            "parameter set of another format", where=f"{where}, format", allowed=str(FORMAT), got=document["format"]
        )
    template = template_from_mapping(document["model"], where=f"{where}, model")
    parameters = tuple(
        FittedParameter(p["name"], float(p["estimate"]), float(p["standard_error"]), p["description"])
        for p in document["parameters"]
    )
    if tuple(p.name for p in parameters) != template.names:
        raise InputError(
            "parameters do not match the model", where=f"{where}, parameters", allowed=list(template.names)
        )
    covariance = np.array(document["covariance"], dtype=float)
    draws = np.array(document["draws"], dtype=float)
    count = len(parameters)
    if covariance.shape != (count, count) or draws.ndim != 2 or draws.shape[1] != count:
        raise InputError(
            "covariance or draws do not match the parameters", where=where, got=(covariance.shape, draws.shape)
        )
    return ParameterSet(
        name=document["name"],
        study=document["study"],
        title=document["title"],
        horizon=int(document["horizon"]),
        background=tuple(document["background"]),
        natural_history_source=document["natural_history_source"],
        template=template,
        parameters=parameters,
        covariance=covariance,
        draws=draws,
        targets=tuple(document["targets"]),
        diagnostics=document["diagnostics"],
        assumptions=tuple(document["assumptions"]),
        provenance=document["provenance"],
        hash=fingerprint,
    )
