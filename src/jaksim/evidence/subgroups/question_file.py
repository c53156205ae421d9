"""From a small data file (TOML) to the question about subgroups it describes, with faults named by key."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from importlib import resources
from operator import sub
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from jaksim import checks
from jaksim.datafile import check_keys, parse_toml, read_toml
from jaksim.errors import InputError, located
from jaksim.evidence.catalogue import load_study
from jaksim.evidence.figures import Ratio
from jaksim.evidence.records import Citation, Study
from jaksim.evidence.subgroups.levels import Characteristic, Level, TrialLevels
from jaksim.evidence.subgroups.question import Finding, Question
from jaksim.evidence.synthesis.inference import Contrast, contrast_of_ratio
from jaksim.evidence.synthesis.priors import HalfNormal
from jaksim.evidence.two_arms import COUNTS, Arms, entries_of, read_arms, record_of
from jaksim.named_file import beside

SCALE = 0.25
REASON = (
    "The odds ratios of two levels differ by less than a factor of 2 with 94% probability: large differences between "
    "subgroups are rare."
)


def question_ids() -> tuple[str, ...]:
    """Names of the questions that ship with jaksim."""
    files = (resources.files("jaksim.evidence") / "subgroup_questions").iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def load_question(name_or_path: str | PathLike[str]) -> Question:
    """A question by name, or one described by a TOML file, by path; InputError names the key at fault."""
    text = fspath(name_or_path)
    if not isinstance(name_or_path, str) or text.endswith(".toml") or Path(text).name != text:
        with located(text):
            table = dict(read_toml(text))
        if isinstance(table.get("study"), str):
            table["study"] = beside(table["study"], Path(text).parent)
        return question_from(table, text)
    if text not in question_ids():
        raise InputError("unknown question", where="subgroups", allowed=(*question_ids(), "FILE.toml"), got=text)
    file = resources.files("jaksim.evidence") / "subgroup_questions" / f"{text}.toml"
    return question_from(parse_toml(file.read_text("utf-8"), where=file.name), text)


def question_from(table: Mapping[str, Any], where: str) -> Question:
    """The question in a parsed TOML table."""
    optional = ("study", "better", "note", "finding", "prior")
    check_keys(table, where=where, required=("title", "event", "overall", "characteristic"), optional=optional)
    study = load_study(checks.text(table["study"], f"{where}, study")) if "study" in table else None
    better = table.get("better", "lower")
    checks.known(better, ("lower", "higher"), "word", f"{where}, better")
    prior = checks.table(table.get("prior", {}), f"{where}, prior")
    check_keys(prior, where=f"{where}, prior", required=(), optional=("scale", "reason"))
    with located(f"{where}, prior"):
        tau = HalfNormal(checks.number(prior.get("scale", SCALE), "scale"))
    cited: dict[str, Citation] = {}
    overall = _level(checks.table(table["overall"], f"{where}, overall"), f"{where}, overall", study, cited, None)
    characteristics = tuple(
        _characteristic(entry, place, study, cited, overall.arms)
        for entry, place in entries_of(table, "characteristic", where)
    )
    checks.distinct([one.name for one in characteristics], f"{where}, characteristic")
    with located(where):
        return Question(
            id=Path(where).stem,
            title=checks.text(table["title"], f"{where}, title"),
            event=checks.text(table["event"], f"{where}, event"),
            lower_is_better=better == "lower",
            note=checks.text(table.get("note", "-"), f"{where}, note"),
            overall=overall.arms,
            published=overall.published,
            characteristics=characteristics,
            findings=tuple(_finding(entry, place) for entry, place in entries_of(table, "finding", where)),
            prior=tau,
            prior_reason=checks.text(prior.get("reason", REASON), f"{where}, prior, reason"),
            citations=cited,
        )


def _characteristic(
    entry: Mapping[str, Any], where: str, study: Study | None, cited: dict[str, Citation], overall: Arms
) -> Characteristic:
    optional = ("predicted", "continuous", "within", "trial")
    check_keys(entry, where=where, required=("name", "level"), optional=optional)
    entries = list(entries_of(entry, "level", where))
    levels = [_level(one, place, study, cited, None) for one, place in entries if not one.get("rest", False)]
    for position, (one, place) in enumerate(entries):
        if one.get("rest", False):
            with located(place):
                left = reduce(sub, (level.arms for level in levels), overall)
            levels.insert(position, _level(one, place, study, cited, left))
    checks.distinct([level.name for level in levels], f"{where}, level")
    continuous = entry.get("continuous", False)
    if not isinstance(continuous, bool):
        raise InputError("true or false", where=f"{where}, continuous", got=continuous)
    trials = tuple(_trial(one, place, cited) for one, place in entries_of(entry, "trial", where))
    if bool(trials) != ("within" in entry):
        raise InputError("`within` names the level that the trials of `trial` divide by", where=where)
    with located(where):
        found = Characteristic(
            name=checks.text(entry["name"], f"{where}, name"),
            levels=tuple(levels),
            predicted=checks.text(entry["predicted"], f"{where}, predicted") if "predicted" in entry else "",
            continuous=continuous,
            within=checks.text(entry["within"], f"{where}, within") if "within" in entry else "",
            trials=trials,
        )
        if found.within:
            found.level(found.within)
    return found


def _level(
    entry: Mapping[str, Any], where: str, study: Study | None, cited: dict[str, Citation], rest: Arms | None
) -> Level:
    named = ("name",) if ", overall" not in where else ()
    check_keys(entry, where=where, required=named, optional=(*COUNTS, "ratio", "rest"))
    records: tuple[str, ...] = ()
    if rest is not None:
        if any(key in entry for key in COUNTS):
            raise InputError("the rest is what other levels leave, without counts of its own", where=where)
        arms = rest
    else:
        arms, records = read_arms(entry, where, study, cited)
    published, record = _ratio(entry["ratio"], f"{where}, ratio", study, cited) if "ratio" in entry else (None, ())
    name = checks.text(entry["name"], f"{where}, name") if named else "everybody"
    return Level(name, arms, published, records + record, rest is not None)


def _ratio(
    value: object, where: str, study: Study | None, cited: dict[str, Citation]
) -> tuple[Contrast, tuple[str, ...]]:
    if isinstance(value, str):
        figure = record_of(study, value, where, cited).figure
        if not isinstance(figure, Ratio) or figure.interval is None or figure.estimate is None:
            raise InputError("a ratio with its interval is needed", where=where, got=value)
        low, high = figure.interval
        return contrast_of_ratio(figure.estimate, low, high, level=figure.level), (value,)
    numbers = [checks.number(one, where) for one in checks.items(value, where)]
    if len(numbers) != 3:
        allowed = "a record, or estimate, lower and upper 95 % limit"
        raise InputError("a ratio with its interval is needed", where=where, allowed=allowed, got=numbers)
    with located(where):
        return contrast_of_ratio(*numbers), ()


def _trial(entry: Mapping[str, Any], where: str, cited: dict[str, Citation]) -> TrialLevels:
    check_keys(entry, where=where, required=("study", "counts"), optional=("everybody", "others"))
    if ("everybody" in entry) == ("others" in entry):
        raise InputError("either `everybody` or the `others`, two records", where=where)
    study = load_study(checks.text(entry["study"], f"{where}, study"))
    inside, _ = read_arms({"counts": entry["counts"]}, where, study, cited)
    beside, _ = read_arms({"counts": entry.get("others", entry.get("everybody"))}, where, study, cited)
    with located(where):
        return TrialLevels(study.id, inside, beside if "others" in entry else beside - inside)


def _finding(entry: Mapping[str, Any], where: str) -> Finding:
    check_keys(entry, where=where, required=("characteristic", "level", "said"), optional=("why",))
    names = ("characteristic", "level", "said", "why")
    return Finding(*(checks.text(entry[key], f"{where}, {key}") if key in entry else "" for key in names))
