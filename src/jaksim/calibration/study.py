"""A study to calibrate: its model template, arms, strata and the published figures to meet, read from one TOML file."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, cast

from jaksim.calibration.log_intensities import LogIntensities
from jaksim.calibration.target import CountTarget, MedianTarget, RatioTarget, Role, TableTarget, Target
from jaksim.datafile import check_keys, parse_toml, read_text
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.registry import build_endpoint
from jaksim.errors import InputError
from jaksim.evidence.catalogue import load_study
from jaksim.evidence.figures import Median, Proportion, Ratio, ScoreCounts
from jaksim.evidence.records import Study
from jaksim.model.template import ModelTemplate, template_from_mapping

STUDY_KEYS = (
    "evidence",
    "title",
    "horizon",
    "day_of_randomisation",
    "background",
    "natural_history_source",
    "notes",
    "arm",
    "stratum",
    "endpoint",
    "model",
    "target",
    "assumption",
)
TARGET_KEYS = (
    "record",
    "statistic",
    "endpoint",
    "arm",
    "reference",
    "strata",
    "stratified",
    "role",
    "weight",
    "note",
    "options",
)
STATISTIC_KINDS = ("score_table", "proportion", "median", "cox", "proportional_odds", "risk_ratio")


@dataclass(frozen=True)
class StudyArm:
    """An arm of the published trial: its treatments and how many patients of each stratum it had."""

    name: str
    regimen: tuple[str, ...]
    patients: Mapping[str, float]


@dataclass(frozen=True)
class StudyStratum:
    """A published subgroup as a mixture of baseline scores; weights sum to one."""

    name: str
    scores: Mapping[int, float]


@dataclass(frozen=True)
class Statistic:
    """Which statistic of the model answers a target.

    `arm` is a ratio's numerator and `reference` its denominator; `time` is the middle of the day of a reported median.
    """

    kind: str
    endpoint: str
    arm: str
    reference: str
    strata: tuple[str, ...]
    stratified: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)
    time: float = math.inf


@dataclass(frozen=True)
class CalibrationStudy:
    """Everything a fit needs; `targets` and `statistics` run in parallel."""

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

    @cached_property
    def log_intensities(self) -> LogIntensities:
        """The models of all arms as a linear map from the parameters."""
        return LogIntensities(self.template, {name: a.regimen for name, a in self.arms.items()}, self.background)


def calibrated_studies() -> tuple[str, ...]:
    """Names of the studies whose calibration files ship with the package."""
    folder = resources.files("jaksim.calibration") / "studies"
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def load_calibration_study(name_or_path: str) -> CalibrationStudy:
    """A shipped calibration study by name, or a user's own file by path.

    Errors: InputError naming the key at fault.
    """
    path = Path(name_or_path)
    if path.suffix == ".toml" or path.exists():
        text, name = read_text(path), path.stem
    elif name_or_path in calibrated_studies():
        text = (resources.files("jaksim.calibration") / "studies" / f"{name_or_path}.toml").read_text("utf-8")
        name = name_or_path
    else:
        raise InputError("unknown study", where="calibrate", allowed=calibrated_studies(), got=name_or_path)
    return _study_from(parse_toml(text, where=name_or_path), name, text, path.parent)


def _study_from(document: Mapping[str, Any], name: str, text: str, folder: Path) -> CalibrationStudy:
    check_keys(
        document,
        where=name,
        required=("evidence", "horizon", "arm", "stratum", "endpoint", "model", "target"),
        optional=STUDY_KEYS,
    )
    evidence = load_study(_evidence_reference(str(document["evidence"]), folder))
    template = template_from_mapping(document["model"], where=f"{name}, model")
    horizon = int(document["horizon"])
    first_day = int(document.get("day_of_randomisation", 0))
    endpoints = {
        key: build_endpoint(_on_elapsed_days({"name": key, **spec}, first_day), template.scale, horizon)
        for key, spec in document["endpoint"].items()
    }
    strata = {
        key: StudyStratum(key, _mixture(spec, f"{name}, stratum {key}")) for key, spec in document["stratum"].items()
    }
    arms = {key: _arm(key, spec, strata, f"{name}, arm {key}") for key, spec in document["arm"].items()}
    targets, statistics = [], []
    for position, entry in enumerate(document["target"], start=1):
        where = f"{name}, target {position} ({entry.get('record', 'no record')})"
        statistic = _statistic(entry, endpoints, arms, strata, where)
        target = _target(entry, statistic, evidence, arms, where)
        targets.append(target)
        if isinstance(target, MedianTarget):
            statistic = replace(statistic, time=target.median - 0.5)
        statistics.append(statistic)
    return CalibrationStudy(
        name=name,
        title=str(document.get("title", evidence.title)),
        horizon=horizon,
        background=tuple(document.get("background", ())),
        natural_history_source=str(document.get("natural_history_source", evidence.title)),
        template=template,
        model_document=document["model"],
        arms=arms,
        strata=strata,
        endpoints=endpoints,
        targets=tuple(targets),
        statistics=tuple(statistics),
        assumptions=tuple(document.get("assumption", ())),
        input_hash=_hash(text, targets),
    )


def _evidence_reference(reference: str, folder: Path) -> str:
    own = folder / reference
    return str(own) if reference.endswith(".toml") and own.exists() else reference


def _on_elapsed_days(spec: dict[str, Any], first_day: int) -> dict[str, Any]:
    """Study days (day of randomisation = `first_day`) to days since randomisation."""
    return {key: value - first_day if key == "day" else value for key, value in spec.items()}


def _mixture(spec: Mapping[str, Any], where: str) -> dict[int, float]:
    weights = {int(score): float(weight) for score, weight in spec["scores"].items()}
    if any(w < 0 for w in weights.values()) or not math.isclose(sum(weights.values()), 1.0, abs_tol=1e-9):
        raise InputError("weights must be non-negative and sum to one", where=where, got=weights)
    return weights


def _arm(name: str, spec: Mapping[str, Any], strata: Mapping[str, Any], where: str) -> StudyArm:
    for stratum in spec["patients"]:
        _known(stratum, strata, "stratum", where)
    return StudyArm(name, tuple(spec["regimen"]), {s: float(spec["patients"].get(s, 0)) for s in strata})


def _statistic(
    entry: Mapping[str, Any],
    endpoints: Mapping[str, Any],
    arms: Mapping[str, Any],
    strata: Mapping[str, Any],
    where: str,
) -> Statistic:
    check_keys(entry, where=where, required=("record", "statistic", "endpoint", "arm"), optional=TARGET_KEYS)
    kind = _known(entry["statistic"], STATISTIC_KINDS, "statistic", where)
    ratio = kind in ("cox", "proportional_odds", "risk_ratio")
    if ratio and "reference" not in entry:
        raise InputError("a ratio needs `reference`, the arm of its denominator", where=where, allowed=list(arms))
    return Statistic(
        kind=kind,
        endpoint=_known(entry["endpoint"], endpoints, "endpoint", where),
        arm=_known(entry["arm"], arms, "arm", where),
        reference=_known(entry["reference"], arms, "arm", where) if ratio else "",
        strata=tuple(_known(s, strata, "stratum", where) for s in entry.get("strata", list(strata))),
        stratified=bool(entry.get("stratified", True)),
        options=entry.get("options", {}),
    )


def _known(name: Any, allowed: Any, what: str, where: str) -> str:
    if name not in allowed:
        raise InputError(f"unknown {what}", where=where, allowed=list(allowed), got=name)
    return str(name)


def _target(
    entry: Mapping[str, Any], statistic: Statistic, evidence: Study, arms: Mapping[str, StudyArm], where: str
) -> Target:
    figure = evidence[str(entry["record"])].figure
    role = _known(entry.get("role", "fit"), ("fit", "check"), "role", where)
    patients = sum(arms[statistic.arm].patients[s] for s in statistic.strata)
    common: dict[str, Any] = {
        "id": str(entry["record"]),
        "statistic": f"{statistic.kind} of {statistic.endpoint}",
        "role": cast("Role", role),
        "weight": float(entry.get("weight", 1.0)),
    }
    match figure:
        case Ratio() if statistic.kind in ("cox", "proportional_odds", "risk_ratio") and figure.interval is not None:
            spread = figure.log_standard_error
            assert spread is not None
            return RatioTarget(**common, ratio=figure.estimate, interval=figure.interval, log_standard_error=spread)
        case Proportion() if statistic.kind == "proportion":
            n = float(figure.n) if figure.n is not None else patients
            return CountTarget(**common, events=figure.probability * n, patients=n)
        case ScoreCounts() if statistic.kind == "score_table":
            return TableTarget(**common, scores=figure.scores, counts=figure.counts)
        case Median() if statistic.kind == "median":
            return MedianTarget(**common, median=figure.estimate, interval=figure.interval, patients=patients)
    raise InputError(
        f"a {statistic.kind} cannot be compared with this record ({type(figure).__name__}; a ratio needs its interval)",
        where=where,
    )


def _hash(text: str, targets: list[Target]) -> str:
    return hashlib.sha256((text + repr(targets)).encode()).hexdigest()[:16]
