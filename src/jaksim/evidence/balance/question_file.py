"""From a small data file (TOML) to the outcomes and weights it describes, with faults named by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from jaksim import checks
from jaksim.datafile import check_keys, parse_toml, read_toml
from jaksim.errors import InputError, located
from jaksim.evidence.balance.outcomes import Difference, Outcome, of_counts, of_interval
from jaksim.evidence.catalogue import load_study
from jaksim.evidence.figures import Difference as PublishedDifference
from jaksim.evidence.figures import Proportion
from jaksim.evidence.records import Citation, Study
from jaksim.evidence.two_arms import COUNTS, entries_of, read_arms, record_of
from jaksim.named_file import beside

MOST_OUTCOMES = 10


@dataclass(frozen=True)
class BalanceQuestion:
    """The outcomes of a treatment against a control, with their weights, and where figures and weights come from."""

    id: str
    title: str
    treated: str
    control: str
    note: str
    outcomes: tuple[Outcome, ...]
    citations: Mapping[str, Citation]


def balance_ids() -> tuple[str, ...]:
    """Names of the questions that ship with jaksim."""
    files = (resources.files("jaksim.evidence") / "balance_questions").iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def load_balance(name_or_path: str | PathLike[str]) -> BalanceQuestion:
    """A question by name, or one described by a TOML file, by path; InputError names the key at fault."""
    text = fspath(name_or_path)
    if not isinstance(name_or_path, str) or text.endswith(".toml") or Path(text).name != text:
        with located(text):
            table = dict(read_toml(text))
        if isinstance(table.get("study"), str):
            table["study"] = beside(table["study"], Path(text).parent)
        return balance_from(table, text)
    if text not in balance_ids():
        raise InputError("unknown question", where="balance", allowed=(*balance_ids(), "FILE.toml"), got=text)
    file = resources.files("jaksim.evidence") / "balance_questions" / f"{text}.toml"
    return balance_from(parse_toml(file.read_text("utf-8"), where=file.name), text)


def balance_from(table: Mapping[str, Any], where: str) -> BalanceQuestion:
    """The question in a parsed TOML table."""
    check_keys(table, where=where, required=("title", "treated", "control", "outcome"), optional=("study", "note"))
    study = load_study(checks.text(table["study"], f"{where}, study")) if "study" in table else None
    cited: dict[str, Citation] = {}
    outcomes = tuple(_outcome(entry, place, study, cited) for entry, place in entries_of(table, "outcome", where))
    if not 1 <= len(outcomes) <= MOST_OUTCOMES:
        raise InputError(
            "so many outcomes", where=f"{where}, outcome", allowed=f"1 to {MOST_OUTCOMES}", got=len(outcomes)
        )
    checks.distinct([one.name for one in outcomes], f"{where}, outcome")
    return BalanceQuestion(
        id=Path(where).stem,
        title=checks.text(table["title"], f"{where}, title"),
        treated=checks.text(table["treated"], f"{where}, treated"),
        control=checks.text(table["control"], f"{where}, control"),
        note=checks.text(table.get("note", "-"), f"{where}, note"),
        outcomes=outcomes,
        citations=cited,
    )


def _outcome(entry: Mapping[str, Any], where: str, study: Study | None, cited: dict[str, Citation]) -> Outcome:
    optional = ("desirable", "range", "why", "difference", *COUNTS)
    check_keys(entry, where=where, required=("name", "weight"), optional=optional)
    desirable = entry.get("desirable", False)
    if not isinstance(desirable, bool):
        raise InputError("true or false", where=f"{where}, desirable", got=desirable)
    weight = checks.number(entry["weight"], f"{where}, weight")
    limits = [checks.number(one, f"{where}, range") for one in checks.items(entry.get("range", [weight] * 2), where)]
    if len(limits) != 2:
        raise InputError("two weights, the lower first", where=f"{where}, range", got=limits)
    difference, risks, records = _difference(entry, where, study, cited)
    with located(where):
        return Outcome(
            name=checks.text(entry["name"], f"{where}, name"),
            desirable=desirable,
            difference=difference,
            weight=weight,
            weights=(limits[0], limits[1]),
            why=checks.text(entry["why"], f"{where}, why") if "why" in entry else "",
            risks=risks,
            records=records,
        )


def _difference(
    entry: Mapping[str, Any], where: str, study: Study | None, cited: dict[str, Citation]
) -> tuple[Difference, tuple[float, float] | None, tuple[str, ...]]:
    """The difference of risks, the two risks where they are known, and the records behind them."""
    if "difference" not in entry:
        arms, records = read_arms(entry, where, study, cited)
        return of_counts(arms), (arms.treated[0] / arms.treated[1], arms.control[0] / arms.control[1]), records
    if any(key in entry for key in COUNTS):
        raise InputError("either counts or a difference", where=where)
    given, place = entry["difference"], f"{where}, difference"
    if isinstance(given, str):
        record = record_of(study, given, place, cited)
        figure = record.figure
        if not isinstance(figure, PublishedDifference) or figure.interval is None or figure.unit != "percentage points":
            raise InputError("a difference of risks with its interval is needed", where=place, got=given)
        risks = _risks(study, record.evidence_counts)
        numbers, records = [figure.estimate, *figure.interval], (given, *record.evidence_counts)
        with located(place):
            return of_interval(*(value / 100.0 for value in numbers)), risks, records
    numbers = [checks.number(one, place) for one in checks.items(given, place)]
    if len(numbers) != 3:
        allowed = "a record, or estimate, lower and upper 95 % limit in percentage points"
        raise InputError("a difference of risks with its interval is needed", where=place, allowed=allowed, got=numbers)
    with located(place):
        return of_interval(*(value / 100.0 for value in numbers)), None, ()


def _risks(study: Study | None, records: tuple[str, ...]) -> tuple[float, float] | None:
    figures = [study[name].figure for name in records] if study is not None else []
    shares = [figure.probability for figure in figures if isinstance(figure, Proportion)]
    return (shares[0], shares[1]) if len(shares) == 2 else None
