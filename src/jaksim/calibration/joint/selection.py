"""Which trials are calibrated together, of which drugs and classes, in which cells and under which priors."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from os import PathLike, fspath
from os.path import exists
from pathlib import Path
from typing import Any, Literal, cast

from jaksim.calibration.joint.arms import check_arms, check_contrast
from jaksim.calibration.joint.cell import Cell, cells_of, check_cells, days_of
from jaksim.calibration.joint.published_ratio import ratio_records
from jaksim.calibration.joint.small_study import SMALL_KEYS, small_study
from jaksim.calibration.joint.within import WithinContrast, within_contrasts
from jaksim.calibration.study import CalibrationStudy, load_calibration_study
from jaksim.calibration.target_entry import known
from jaksim.checks import items, number, table, text, whole
from jaksim.datafile import check_keys, parse_toml, read_text
from jaksim.errors import InputError
from jaksim.evidence.catalogue import load_study, study_ids
from jaksim.evidence.figures import Proportion
from jaksim.evidence.records import Study
from jaksim.named_file import beside
from jaksim.pooling.file import PRIOR_NAMES
from jaksim.pooling.priors import PooledPriors

_PRIORS_NEEDED = tuple(name for name in PRIOR_NAMES if name != "interaction_shared")
_TRIAL_OPTIONAL = (
    "file", "treatments", "treatment_days", "glucocorticoid", "glucocorticoid_missing", "composite",
    "within", "note", *SMALL_KEYS,
)  # fmt: skip


@dataclass(frozen=True)
class Drug:
    """A drug, its class and how long it is given."""

    name: str
    treatment_class: str
    treatment_days: float


@dataclass(frozen=True)
class Composite:
    """A trial's published ratio, or two counts, of an event by the horizon, to be held against the pooled effects."""

    records: tuple[str, ...]
    scores: tuple[int, ...]
    strata: tuple[str, ...]
    measure: Literal["odds_ratio", "risk_ratio"] | None


@dataclass(frozen=True)
class SelectedTrial:
    """One trial: its calibration study, which of its treatments are the drug, and its share on glucocorticoids."""

    study: CalibrationStudy
    evidence: Study
    published: str
    drug: Drug
    treatments: tuple[str, ...]
    cells: tuple[Cell, ...]
    treatment_days: float
    share: float | None
    share_words: str
    composite: Composite | None
    within: tuple[WithinContrast, ...]
    note: str


@dataclass(frozen=True)
class JointSelection:
    """Everything that a joint calibration needs; `given` is how it was asked for."""

    name: str
    given: str
    title: str
    priors: PooledPriors
    cells: Mapping[str, tuple[Cell, ...]]
    drugs: Mapping[str, Drug]
    interacting: tuple[str, ...]
    interacts_with: str
    trials: tuple[SelectedTrial, ...]
    excluded: tuple[Mapping[str, str], ...]
    input_hash: str


def joint_selections() -> tuple[str, ...]:
    """Names of the selections that come with the package."""
    folder = resources.files("jaksim.calibration") / "selections"
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def load_joint_selection(name_or_path: str | PathLike[str] = "pooled") -> JointSelection:
    """A selection by name, or an own file by path; InputError names the key at fault."""
    asked = fspath(name_or_path)
    path = Path(asked)
    if asked in joint_selections():
        content = (resources.files("jaksim.calibration") / "selections" / f"{asked}.toml").read_text("utf-8")
    elif path.suffix == ".toml" or exists(path):
        content = read_text(path)
    else:
        raise InputError("unknown selection", where="calibrate", allowed=(*joint_selections(), "FILE.toml"), got=asked)
    try:
        return _selection(parse_toml(content, where=asked), asked, content)
    except InputError as error:
        raise error.at(asked) from None


def _selection(document: Mapping[str, Any], given: str, content: str) -> JointSelection:
    folder = Path(given).parent
    _check_sort(document)
    required = ("title", "priors", "class", "drug", "trial")
    check_keys(document, where="selection", required=required, optional=("interaction", "excluded"))
    cells = {key: cells_of(entry, f"class {key}") for key, entry in table(document["class"], "class").items()}
    drugs = {key: _drug(key, entry, cells) for key, entry in table(document["drug"], "drug").items()}
    between = table(document.get("interaction", {"classes": [], "with": "none"}), "interaction")
    check_keys(between, where="interaction", required=("classes", "with"))
    interacting = tuple(known(c, cells, "class", "interaction, classes") for c in items(between["classes"], "classes"))
    entries = [table(entry, "trial") for entry in items(document["trial"], "trial")]
    trials = tuple(
        _trial(entry, f"trial {number} ({entry.get('study', 'no study')})", drugs, cells, interacting, folder)
        for number, entry in enumerate(entries, start=1)
    )
    names = [trial.study.name for trial in trials]
    for study in names:
        if names.count(study) > 1:
            raise InputError("each study once", where="trial", got=study)
    _check_together(trials, cells)
    excluded = _excluded(document.get("excluded", ()), trials)
    return JointSelection(
        name=Path(given).name.removesuffix(".toml"),
        given=given,
        title=text(document["title"], "title"),
        priors=_priors(table(document["priors"], "priors")),
        cells=cells,
        drugs=drugs,
        interacting=interacting,
        interacts_with=text(between["with"], "interaction, with"),
        trials=trials,
        excluded=excluded,
        input_hash=hashlib.sha256("\0".join([content, *(t.study.input_hash for t in trials)]).encode()).hexdigest()[
            :16
        ],
    )


def _check_sort(document: Mapping[str, Any]) -> None:
    """InputError for a file of another sort: one study to be fitted, or what was published."""
    if "trial" in document:
        return
    if "target" in document and "evidence" in document:
        raise InputError("this is a study file: one trial by itself", allowed="calibrate FILE.toml, without --joint")
    if "records" in document:
        allowed = f'a selection with [[trial]] study = "{document.get("id", "FILE")}"'
        raise InputError("this is a file of evidence: what was published, not which trials are pooled", allowed=allowed)


def _check_together(trials: tuple[SelectedTrial, ...], cells: Mapping[str, tuple[Cell, ...]]) -> None:
    """InputError unless there is a trial, all are on one scale, and the cells are sound on it."""
    if not trials:
        raise InputError("at least one trial is needed", where="trial")
    scale = trials[0].study.template.scale
    for trial in trials:
        if trial.study.template.scale != scale:
            raise InputError("all trials must be on one scale", where="trial", got=trial.study.name)
    check_cells(cells, scale, max(trial.study.horizon for trial in trials))


def _excluded(given: Any, trials: tuple[SelectedTrial, ...]) -> tuple[Mapping[str, str], ...]:
    """Studies of the catalogue that are left out, each once, none of them a trial of the selection."""
    taken = {trial.evidence.id for trial in trials}
    found: list[Mapping[str, str]] = []
    for position, entry in enumerate(items(given, "excluded"), start=1):
        where = f"excluded {position}"
        check_keys(table(entry, where), where=where, required=("study", "reason"))
        study = known(entry["study"], study_ids(), "study", f"{where}, study")
        if study in taken:
            raise InputError("the study is a trial of the selection too", where=f"{where}, study", got=study)
        if study in [other["study"] for other in found]:
            raise InputError("each study once", where=f"{where}, study", got=study)
        found.append({"study": study, "reason": text(entry["reason"], f"{where}, reason")})
    return tuple(found)


def _priors(given: Mapping[str, Any]) -> PooledPriors:
    check_keys(given, where="priors", required=_PRIORS_NEEDED, optional=PRIOR_NAMES)
    entries = {name: table(given[name], f"priors, {name}") for name in PRIOR_NAMES if name in given}
    for name, entry in entries.items():
        check_keys(entry, where=f"priors, {name}", required=("value", "reason"))
    values = {name: number(entry["value"], f"priors, {name}, value") for name, entry in entries.items()}
    if values["class_sd"] == 0.0:
        raise InputError(
            "no class could have any effect, whatever the trials find",
            where="priors, class_sd",
            allowed="above 0",
            got=0,
        )
    reasons = {name: text(entry["reason"], f"priors, {name}, reason") for name, entry in entries.items()}
    try:
        return PooledPriors(**values, reasons=reasons)
    except InputError as error:
        raise error.at("priors") from None


def _drug(name: str, given: Any, classes: Mapping[str, tuple[Cell, ...]]) -> Drug:
    where = f"drug {name}"
    check_keys(table(given, where), where=where, required=("class", "treatment_days"))
    days = days_of(given["treatment_days"], f"{where}, treatment_days")
    return Drug(name, known(given["class"], classes, "class", where), days)


def _trial(
    entry: Mapping[str, Any],
    where: str,
    drugs: Mapping[str, Drug],
    cells: Mapping[str, tuple[Cell, ...]],
    interacting: tuple[str, ...],
    folder: Path,
) -> SelectedTrial:
    check_keys(entry, where=where, required=("study", "drug"), optional=_TRIAL_OPTIONAL)
    drug = drugs[known(entry["drug"], drugs, "drug", where)]
    try:
        evidence = load_study(beside(text(entry["study"], "study"), folder))
        study = _study(entry, drug, evidence, folder)
        concerned = drug.treatment_class in interacting
        share, words = _share(entry, evidence, concerned=concerned)
        within = within_contrasts(entry.get("within", ()), evidence, drug.name, concerned=concerned)
        composite = _composite(entry["composite"], study, evidence, drug.name) if "composite" in entry else None
        treatments = tuple(
            known(name, study.template.drug_classes, "treatment", "treatments")
            for name in items(entry.get("treatments", [drug.name]), "treatments")
        )
        _check_drug(entry, study, evidence, drug, treatments)
        if not evidence.published:
            raise InputError("the catalogue does not say when it was published", where="study", got=evidence.id)
    except InputError as error:
        raise error.at(where) from None
    return SelectedTrial(
        study=study,
        evidence=evidence,
        published=evidence.published,
        drug=drug,
        treatments=treatments,
        cells=cells[drug.treatment_class],
        treatment_days=days_of(entry.get("treatment_days", drug.treatment_days), f"{where}, treatment_days"),
        share=share,
        share_words=words,
        composite=composite,
        within=within,
        note=str(entry.get("note", "")),
    )


def _check_drug(
    entry: Mapping[str, Any], study: CalibrationStudy, evidence: Study, drug: Drug, treatments: tuple[str, ...]
) -> None:
    """InputError where the catalogue contradicts which arms had the drug, or a study file is of another trial."""
    if any(key in entry for key in SMALL_KEYS):
        active, control = (str(arm) for arm in entry["arms"])
        check_contrast(evidence, active, control, drug.name)
        return
    given = {name: bool(set(arm.regimen) & set(treatments)) for name, arm in study.arms.items()}
    check_arms(evidence, given, drug.name)
    for target in study.targets:
        if target.id not in evidence.records:
            raise InputError(
                f"the study file fits a figure that {evidence.id} does not have", where="file", got=target.id
            )


def _study(entry: Mapping[str, Any], drug: Drug, evidence: Study, folder: Path) -> CalibrationStudy:
    if any(key in entry for key in SMALL_KEYS):
        return small_study(evidence, drug.name, drug.treatment_class, entry)
    asked = text(entry.get("file", entry["study"]), "file")
    return load_calibration_study(beside(asked, folder))


def _share(entry: Mapping[str, Any], evidence: Study, *, concerned: bool) -> tuple[float | None, str]:
    """Share of all patients on glucocorticoids; None for a drug of a class that does not interact."""
    if not concerned:
        return None, ""
    if ("glucocorticoid" in entry) == ("glucocorticoid_missing" in entry):
        allowed = "records of one proportion, or one for each arm; or `glucocorticoid_missing = { share, why }`"
        raise InputError("`glucocorticoid` is not clear", allowed=allowed)
    if "glucocorticoid_missing" in entry:
        given = table(entry["glucocorticoid_missing"], "glucocorticoid_missing")
        check_keys(given, where="glucocorticoid_missing", required=("share", "why"))
        share = number(given["share"], "glucocorticoid_missing, share")
        if not 0.0 <= share <= 1.0:
            raise InputError("a share of patients", where="glucocorticoid_missing, share", allowed="0 to 1", got=share)
        return share, text(given["why"], "glucocorticoid_missing, why")
    names = [text(name, "glucocorticoid") for name in items(entry["glucocorticoid"], "glucocorticoid")]
    if not names:
        raise InputError("at least one record is needed", where="glucocorticoid")
    shares, sizes = [], []
    for name in names:
        figure = evidence[name].figure
        if not isinstance(figure, Proportion):
            raise InputError("a proportion is needed", where="glucocorticoid", got=name)
        if "cortico" not in evidence[name].event:
            what = f"no share on glucocorticoids ({evidence.events[evidence[name].event].definition})"
            raise InputError(what, where="glucocorticoid", got=name)
        if len(names) > 1 and not figure.n:
            raise InputError("shares of several arms need their numbers of patients", where="glucocorticoid", got=name)
        shares.append(figure.probability)
        sizes.append(float(figure.n or 1))
    return sum(p * n for p, n in zip(shares, sizes, strict=True)) / sum(sizes), ", ".join(names)


def _composite(given: Any, study: CalibrationStudy, evidence: Study, drug: str) -> Composite:
    entry = table(given, "composite")
    check_keys(entry, where="composite", required=("records", "scores"), optional=("strata", "measure"))
    records = ratio_records(entry["records"], evidence, drug, "composite, records", entry.get("measure"))
    return Composite(
        records=records,
        scores=tuple(whole(score, "composite, scores") for score in items(entry["scores"], "composite, scores")),
        strata=tuple(
            known(s, study.strata, "stratum", "composite, strata")
            for s in items(entry.get("strata", tuple(study.strata)), "composite, strata")
        ),
        measure=cast(
            'Literal["odds_ratio", "risk_ratio"] | None',
            known(entry["measure"], ("odds_ratio", "risk_ratio"), "measure", "composite")
            if "measure" in entry
            else None,
        ),
    )
