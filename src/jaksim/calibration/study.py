"""A study to calibrate: its model template, arms, strata and the published figures to meet, read from one TOML file."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import resources
from os.path import exists
from pathlib import Path
from typing import Any

from jaksim.calibration.accounting import Excluded, excluded_figures, unused_figures
from jaksim.calibration.base import with_base
from jaksim.calibration.keys import LEVELS, STUDY_KEYS
from jaksim.calibration.levels import with_levels
from jaksim.calibration.log_intensities import LogIntensities
from jaksim.calibration.statistic import Statistic
from jaksim.calibration.target import Target
from jaksim.calibration.target_entry import TargetReader, known
from jaksim.checks import is_whole, items, not_negative, number, table, text, whole
from jaksim.datafile import check_table, parse_toml, read_text, read_toml
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.registry import build_endpoint
from jaksim.errors import InputError, located
from jaksim.evidence.catalogue import load_study
from jaksim.model.disease import PatientType
from jaksim.model.template import ModelTemplate
from jaksim.model.template_file import template_from_mapping
from jaksim.named_file import beside, is_file


@dataclass(frozen=True)
class StudyArm:
    """An arm of the published trial: its treatments and how many patients of each stratum it had."""

    name: str
    regimen: tuple[str, ...]
    patients: Mapping[str, float]


@dataclass(frozen=True)
class StudyStratum:
    """A published subgroup as a mixture of patients, as pairs of weight and patient; weights sum to one."""

    name: str
    patients: tuple[tuple[float, PatientType], ...]


@dataclass(frozen=True)
class CalibrationStudy:
    """Everything a fit needs; `targets` and `statistics` run in parallel.

    Figures of the evidence that are no target are `excluded`, with reasons, or `unused`.
    """

    name: str
    title: str
    horizon: int
    background: tuple[str, ...]
    natural_history_source: str
    template: ModelTemplate
    model_document: Mapping[str, Any]
    arms: Mapping[str, StudyArm]
    strata: Mapping[str, StudyStratum]
    endpoints: Mapping[str, Endpoint]
    targets: tuple[Target, ...]
    statistics: tuple[Statistic, ...]
    assumptions: tuple[Mapping[str, Any], ...]
    input_hash: str
    excluded: tuple[Excluded, ...] = ()
    unused: tuple[str, ...] = ()

    @cached_property
    def log_intensities(self) -> LogIntensities:
        """The models of all arms as a linear map from the parameters."""
        return LogIntensities(self.template, {name: a.regimen for name, a in self.arms.items()}, self.background)

    @property
    def fitted_endpoints(self) -> tuple[str, ...]:
        """Endpoints of the figures that are fitted, in the order of the study."""
        pairs = zip(self.targets, self.statistics, strict=True)
        used = {statistic.endpoint for target, statistic in pairs if target.role == "fit"}
        return tuple(name for name in self.endpoints if name in used)

    def fitted_only(self) -> CalibrationStudy:
        """The study without its checks and the endpoints that they alone need."""
        pairs = [(t, s) for t, s in zip(self.targets, self.statistics, strict=True) if t.role == "fit"]
        return replace(
            self,
            endpoints={name: self.endpoints[name] for name in self.fitted_endpoints},
            targets=tuple(target for target, _ in pairs),
            statistics=tuple(statistic for _, statistic in pairs),
        )


def calibrated_studies() -> tuple[str, ...]:
    """Names of the studies whose calibration files ship with the package."""
    folder = resources.files("jaksim.calibration") / "studies"
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def load_calibration_study(name_or_path: str) -> CalibrationStudy:
    """A shipped calibration study by name, or a user's own file by path.

    Errors: InputError naming the key at fault.
    """
    path = Path(name_or_path)
    if name_or_path in calibrated_studies():
        content = (resources.files("jaksim.calibration") / "studies" / f"{name_or_path}.toml").read_text("utf-8")
    elif path.suffix == ".toml" or exists(path):
        content = read_text(path)
    else:
        raise InputError("unknown study", where="study", allowed=calibrated_studies(), got=name_or_path)
    document = parse_toml(content, where=name_or_path)
    name = path.name.removesuffix(".toml")
    try:
        return _study_from(document, name, content, path.parent)
    except InputError as error:
        raise error.at(name_or_path) from None


def study_from(document: Mapping[str, Any], name: str) -> CalibrationStudy:
    """A study from the table of a file that is not there; InputError naming the key at fault."""
    return _study_from(document, name, repr(document), Path())


def _study_from(document: Mapping[str, Any], name: str, content: str, folder: Path) -> CalibrationStudy:
    _check_sort(document)
    check_table(document, STUDY_KEYS[""], where="study")
    with located("evidence"):
        evidence = load_study(beside(text(document["evidence"], "evidence"), folder))
    model = with_base(_with_scale(table(document["model"], "model"), folder), "model", folder)
    template = template_from_mapping(model, where="model")
    horizon = whole(document["horizon"], "horizon")
    if horizon < 1:
        raise InputError("must be at least one day", where="horizon", got=horizon)
    first_day = whole(document.get("day_of_randomisation", 0), "day_of_randomisation")
    endpoints = {
        key: _endpoint(key, spec, template, (first_day, horizon)) for key, spec in _tables(document, "endpoint")
    }
    strata = {
        key: StudyStratum(key, _mixture(spec, template, f"stratum {key}")) for key, spec in _tables(document, "stratum")
    }
    arms = {key: _arm(key, spec, strata, template) for key, spec in _tables(document, "arm")}
    reader = TargetReader(evidence, endpoints, {key: arm.patients for key, arm in arms.items()}, tuple(strata))
    entries = [table(entry, "target") for entry in items(document["target"], "target")]
    read = [
        reader.read(entry, f"target {position} ({entry.get('record', 'no record')})")
        for position, entry in enumerate(entries, start=1)
    ]
    if not any(target.role == "fit" for target, _ in read):
        raise InputError("at least one figure to fit is needed", where="target")
    targets = tuple(target for target, _ in read)
    records, used = tuple(evidence.records), {target.id for target in targets}
    excluded = excluded_figures(items(document.get("excluded", ()), "excluded"), records, used)
    return CalibrationStudy(
        name=name,
        title=text(document.get("title", evidence.title), "title"),
        horizon=horizon,
        background=_treatments(document.get("background", ()), template, "background"),
        natural_history_source=text(document.get("natural_history_source", evidence.title), "natural_history_source"),
        template=template,
        model_document=model,
        arms=arms,
        strata=strata,
        endpoints=endpoints,
        targets=targets,
        statistics=tuple(statistic for _, statistic in read),
        assumptions=tuple(_assumption(entry) for entry in items(document.get("assumption", ()), "assumption")),
        input_hash=_hash(content + repr(model), list(targets)),
        excluded=excluded,
        unused=unused_figures(records, used, excluded),
    )


def _check_sort(document: Mapping[str, Any]) -> None:
    """InputError for a file of another sort: what was published, which trials are pooled, a trial to be run."""
    if "target" in document or "evidence" in document:
        return
    if "records" in document:
        named = document.get("id", "FILE")
        allowed = f'a study file that names it, evidence = "{named}", with arms, endpoints, a model and targets'
        raise InputError("this is a file of evidence: what was published, not what is fitted to it", allowed=allowed)
    if "trial" in document and "drug" in document:
        raise InputError("this is a selection of trials that are pooled", allowed="calibrate --joint FILE.toml")
    if "disease" in document and "population" in document:
        allowed = "power, size, predict and others take it; calibrate takes a study file"
        raise InputError("this is a scenario: a trial to be run", allowed=allowed)


def _with_scale(model: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    """The model with a scale from a file written out, so that its parameter set does without the file."""
    scale = model.get("scale")
    if not isinstance(scale, str) or not is_file(scale):
        return model
    with located("model, scale"):
        return {**model, "scale": read_toml(beside(scale, folder))}


def _tables(document: Mapping[str, Any], key: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [(name, table(entry, f"{key} {name}")) for name, entry in table(document[key], key).items()]


def _endpoint(name: str, spec: Mapping[str, Any], template: ModelTemplate, days: tuple[int, int]) -> Endpoint:
    """The endpoint of an entry; `days` are the study day of randomisation and the horizon."""
    first_day, horizon = days
    given = {key: value for key, value in spec.items() if key != LEVELS.name}
    endpoint = build_endpoint(_on_elapsed_days({"name": name, **given}, first_day), template.scale, horizon)
    return with_levels(endpoint, spec["levels"], f"endpoint {name}, levels") if "levels" in spec else endpoint


def _on_elapsed_days(spec: dict[str, Any], first_day: int) -> dict[str, Any]:
    """Study days (day of randomisation = `first_day`) to days since randomisation."""
    return {key: value - first_day if key == "day" and is_whole(value) else value for key, value in spec.items()}


def _mixture(spec: Mapping[str, Any], template: ModelTemplate, where: str) -> tuple[tuple[float, PatientType], ...]:
    check_table(spec, STUDY_KEYS["stratum.NAME"], where=where)
    given = table(spec.get("covariates", {}), f"{where}, covariates")
    covariates = {name: number(value, f"{where}, covariates, {name}") for name, value in given.items()}
    for effect in template.effects:
        if effect.covariate and effect.covariate not in covariates:
            needed = f"the effect '{effect.label}' needs a value of '{effect.covariate}'"
            raise InputError(needed, where=f"{where}, covariates", allowed="such as { age = 60 }")
    weights = {}
    for score, weight in table(spec["scores"], f"{where}, scores").items():
        known(score, [str(s) for s in template.scale.scores], "score", where)
        weights[int(score)] = not_negative(weight, f"{where}, scores, {score}")
    if not math.isclose(sum(weights.values()), 1.0, abs_tol=1e-9):
        raise InputError("weights must sum to one", where=where, got=weights)
    return tuple((weight, PatientType(score, covariates)) for score, weight in weights.items())


def _arm(name: str, spec: Mapping[str, Any], strata: Mapping[str, Any], template: ModelTemplate) -> StudyArm:
    where = f"arm {name}"
    check_table(spec, STUDY_KEYS["arm.NAME"], where=where)
    patients = {
        known(s, strata, "stratum", where): not_negative(n, f"{where}, patients, {s}")
        for s, n in table(spec["patients"], f"{where}, patients").items()
    }
    regimen = _treatments(spec["regimen"], template, f"{where}, regimen")
    return StudyArm(name, regimen, {s: patients.get(s, 0.0) for s in strata})


def _treatments(names: Any, template: ModelTemplate, where: str) -> tuple[str, ...]:
    return tuple(known(name, template.drug_classes, "treatment", where) for name in items(names, where))


def _assumption(entry: Any) -> Mapping[str, Any]:
    check_table(table(entry, "assumption"), STUDY_KEYS["assumption"], where="assumption")
    for key in ("name", "why", "source"):
        text(entry[key], f"assumption, {key}")
    return dict(entry)


def _hash(content: str, targets: list[Target]) -> str:
    return hashlib.sha256((content + repr(targets)).encode()).hexdigest()[:16]
