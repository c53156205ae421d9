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

from jaksim.calibration.joint.small_study import SMALL_KEYS, small_study
from jaksim.calibration.study import CalibrationStudy, load_calibration_study
from jaksim.calibration.target_entry import known
from jaksim.checks import items, number, table, text, whole
from jaksim.datafile import check_keys, parse_toml, read_text
from jaksim.errors import InputError
from jaksim.evidence.catalogue import load_study
from jaksim.evidence.figures import Proportion
from jaksim.evidence.records import Study
from jaksim.model.effect import Window
from jaksim.model.moves import KINDS, Move, parse_selection
from jaksim.pooling.file import PRIOR_NAMES
from jaksim.pooling.priors import PooledPriors
from jaksim.pooling.summaries import kind_of_cell

_TRIAL_OPTIONAL = (
    "file", "treatments", "treatment_days", "glucocorticoid", "glucocorticoid_missing", "composite",
    "note", *SMALL_KEYS,
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """Effects of a class that are one number: moves, at some scores, while treated or to a fixed day (`until`)."""

    name: str
    moves: tuple[str | Move, ...]
    current_scores: tuple[int, ...] | None
    until: float | None

    def window(self, treatment_days: float) -> Window:
        """The days on which it acts in a trial that treats for so long."""
        return Window(0.0, treatment_days if self.until is None else self.until)


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
        raise InputError(
            "unknown selection", where="‹selection›", allowed=(*joint_selections(), "FILE.toml"), got=asked
        )
    try:
        return _selection(parse_toml(content, where=asked), asked, content)
    except InputError as error:
        raise error.at(asked) from None


def _selection(document: Mapping[str, Any], given: str, content: str) -> JointSelection:
    folder = Path(given).parent
    required = ("title", "priors", "class", "drug", "trial")
    check_keys(document, where="selection", required=required, optional=("interaction", "excluded"))
    cells = {key: _cells(entry, f"class {key}") for key, entry in table(document["class"], "class").items()}
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
    excluded = [table(entry, "excluded") for entry in items(document.get("excluded", ()), "excluded")]
    for entry in excluded:
        check_keys(entry, where="excluded", required=("study", "reason"))
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
        excluded=tuple({key: text(entry[key], f"excluded, {key}") for key in entry} for entry in excluded),
        input_hash=hashlib.sha256("\0".join([content, *(t.study.input_hash for t in trials)]).encode()).hexdigest()[
            :16
        ],
    )


def _priors(given: Mapping[str, Any]) -> PooledPriors:
    check_keys(given, where="priors", required=PRIOR_NAMES)
    entries = {name: table(given[name], f"priors, {name}") for name in PRIOR_NAMES}
    for name, entry in entries.items():
        check_keys(entry, where=f"priors, {name}", required=("value", "reason"))
    values = {name: number(entry["value"], f"priors, {name}, value") for name, entry in entries.items()}
    reasons = {name: text(entry["reason"], f"priors, {name}, reason") for name, entry in entries.items()}
    try:
        return PooledPriors(**values, reasons=reasons)
    except InputError as error:
        raise error.at("priors") from None


def _cells(given: Any, where: str) -> tuple[Cell, ...]:
    check_keys(table(given, where), where=where, required=("cell",))
    found = []
    for name, entry in table(given["cell"], f"{where}, cell").items():
        place = f"{where}, cell {name}"
        check_keys(table(entry, place), where=place, required=("moves",), optional=("current_scores", "until"))
        if kind_of_cell(name) not in KINDS:
            raise InputError("a cell begins with its kind of effect", where=place, allowed=KINDS, got=name)
        scores = entry.get("current_scores")
        found.append(
            Cell(
                name=name,
                moves=tuple(parse_selection(text(move, f"{place}, moves")) for move in items(entry["moves"], place)),
                current_scores=None
                if scores is None
                else tuple(whole(score, f"{place}, current_scores") for score in items(scores, place)),
                until=_days(entry["until"], f"{place}, until") if "until" in entry else None,
            )
        )
    return tuple(found)


def _drug(name: str, given: Any, classes: Mapping[str, tuple[Cell, ...]]) -> Drug:
    where = f"drug {name}"
    check_keys(table(given, where), where=where, required=("class", "treatment_days"))
    days = _days(given["treatment_days"], f"{where}, treatment_days")
    return Drug(name, known(given["class"], classes, "class", where), days)


def _days(given: Any, where: str) -> float:
    days = number(given, where)
    if not days > 0:
        raise InputError("must be some days", where=where, allowed="above 0", got=given)
    return days


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
        evidence = load_study(text(entry["study"], "study"))
        study = _study(entry, drug, evidence, folder)
        share, words = _share(entry, evidence, concerned=drug.treatment_class in interacting)
        composite = _composite(entry["composite"], study, evidence) if "composite" in entry else None
        treatments = tuple(
            known(name, study.template.drug_classes, "treatment", "treatments")
            for name in items(entry.get("treatments", [drug.name]), "treatments")
        )
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
        treatment_days=_days(entry.get("treatment_days", drug.treatment_days), f"{where}, treatment_days"),
        share=share,
        share_words=words,
        composite=composite,
        note=str(entry.get("note", "")),
    )


def _study(entry: Mapping[str, Any], drug: Drug, evidence: Study, folder: Path) -> CalibrationStudy:
    if any(key in entry for key in SMALL_KEYS):
        return small_study(evidence, drug.name, drug.treatment_class, entry)
    asked = text(entry.get("file", entry["study"]), "file")
    return load_calibration_study(str(folder / asked) if asked.endswith(".toml") else asked)


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
        if len(names) > 1 and not figure.n:
            raise InputError("shares of several arms need their numbers of patients", where="glucocorticoid", got=name)
        shares.append(figure.probability)
        sizes.append(float(figure.n or 1))
    return sum(p * n for p, n in zip(shares, sizes, strict=True)) / sum(sizes), ", ".join(names)


def _composite(given: Any, study: CalibrationStudy, evidence: Study) -> Composite:
    entry = table(given, "composite")
    check_keys(entry, where="composite", required=("records", "scores"), optional=("strata", "measure"))
    records = tuple(text(record, "composite, records") for record in items(entry["records"], "composite, records"))
    for record in records:
        evidence[record]
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
