"""The verb `scenarios`: the scenarios that come with jaksim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jaksim.checks import text
from jaksim.errors import InputError, nearest
from jaksim.model.parameter_set import load_parameter_set
from jaksim.named_file import beside, is_file
from jaksim.result import Result
from jaksim.scale import builtin_scales, load_scale, scale_in
from jaksim.scenario.document import read_document
from jaksim.scenario.shipped import shipped_scenarios
from jaksim.version import __version__


@dataclass(frozen=True)
class ListedScenario:
    """A scenario that comes with jaksim: what it asks, on which scale, in which arms, and its kind of design."""

    name: str
    title: str
    question: str
    scale: str
    arms: tuple[str, ...]
    patients: int
    design: tuple[str, ...]

    @property
    def words(self) -> str:
        """All that is said of it, for a search."""
        return " ".join([self.name, self.title, self.question, self.scale, *self.arms, *self.design]).casefold()


@dataclass(frozen=True, repr=False)
class ScenarioList(Result):
    """Scenarios that come with jaksim, by name."""

    scenarios: tuple[ListedScenario, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def headline(self) -> str:
        """How many there are."""
        return f"{len(self.scenarios)} scenarios that come with jaksim"

    def rows(self) -> list[dict[str, Any]]:
        """One row per scenario."""
        return [{**asdict(one), "arms": ", ".join(one.arms), "design": ", ".join(one.design)} for one in self.scenarios]

    def short_rows(self) -> list[dict[str, Any]]:
        """Name and title of each."""
        return [{"name": one.name, "title": one.title} for one in self.scenarios]


def scenarios(word: str | None = None) -> ScenarioList:
    """The scenarios that come with jaksim, those alone of which something has the word; InputError where none has."""
    every = tuple(_listed(name, file) for name, file in shipped_scenarios().items())
    if word is not None:
        text(word, "word")
    found = tuple(one for one in every if (word or "").casefold() in one.words)
    if not found:
        near = nearest(word or "", {part.strip(",.:;()") for one in every for part in one.words.split()})
        hint = f"; did you mean {near!r}?" if near else ""
        raise InputError(
            "no scenario has this word", where="scenarios", allowed=f"`jaksim scenarios` lists all{hint}", got=word
        )
    command = "jaksim scenarios" if word is None else f"jaksim scenarios {word}"
    return ScenarioList(found, {"version": __version__, "command": command})


def _listed(name: str, file: Path) -> ListedScenario:
    document = read_document(file)
    return ListedScenario(
        name=name,
        title=document["title"],
        question=" ".join(str(document.get("description", "")).split()),
        scale=_scale(document["disease"], file.parent),
        arms=tuple(arm["name"] for arm in document["arm"]),
        patients=document["population"]["patients"],
        design=tuple(_design(document)),
    )


def _scale(disease: Mapping[str, Any], folder: Path) -> str:
    if "scale" in disease:
        given = disease["scale"]
        if isinstance(given, str) and not is_file(given):
            return given
        return (load_scale(beside(given, folder)) if isinstance(given, str) else scale_in(given, where="scale")).name
    return _scale_of_set(beside(disease["natural_history"], folder))


@cache
def _scale_of_set(name: str) -> str:
    found = load_parameter_set(name).scale
    return next((one for one in builtin_scales() if load_scale(one) == found), found.name)


def _design(document: Mapping[str, Any]) -> Sequence[str]:
    """The kind of design in words that a search finds."""
    words = []
    if len(document["arm"]) > 2:
        words.append(f"{len(document['arm'])} arms")
    for table, kind in (("monitoring", "group-sequential"), ("multiplicity", "several hypotheses")):
        if table in document:
            words.append(kind)
    if "adaptation" in document:
        words.append(str(document["adaptation"]["kind"]).replace("_", " "))
    words += sorted({one["hypothesis"] for one in document.get("analysis", []) if "hypothesis" in one})
    if "operations" in document:
        words.append("conducted at sites")
    if {"withdrawal", "treatment_stop", "missed_visit", "rescue", "switch", "missed_doses"} & set(document):
        words.append("intercurrent events")
    return words if {"group-sequential"} & set(words) or "adaptation" in document else ["fixed size", *words]
