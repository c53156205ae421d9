"""The questions by which a new trial is described at a terminal, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from jaksim.errors import InputError
from jaksim.scale import builtin_scales
from jaksim.verbs.new.given import EFFECTS, given, read_scale
from jaksim.verbs.options.new import NewOptions

LONG: Final = 100_000
"""Days of follow-up that are long enough for any answer."""


@dataclass(frozen=True)
class Question:
    """What is asked about one option, what an empty answer means, and how an answer is read."""

    name: str
    words: Callable[[NewOptions], str]
    default: str | None
    read: Callable[[str], dict[str, Any]]


def wanted(question: Question, options: NewOptions) -> bool:
    """Whether this has still to be asked."""
    if question.name == "effect":
        return all(getattr(options, name) is None for name in EFFECTS)
    return getattr(options, question.name) in (None, ())


def check_so_far(options: NewOptions) -> None:
    """InputError where an answer cannot be used beside those before, whatever the others will be."""
    if options.scale is None:
        return
    scale, _ = read_scale(options.scale)
    start = max(set(scale.scores) - set(scale.absorbing), key=lambda score: int(scale.rank[scale.index(score)]))
    stated = any(getattr(options, name) is not None for name in EFFECTS)
    given(
        replace(
            options,
            baseline=options.baseline or str(start),
            day=options.day or LONG,
            control=options.control or (",".join("1" * len(scale.scores)),),
            odds_ratio=options.odds_ratio if stated else 2.0,
        )
    )


def _one(name: str, read: Callable[[str], Any] = str) -> Callable[[str], dict[str, Any]]:
    def reader(text: str) -> dict[str, Any]:
        if not text.strip():
            return {}
        try:
            return {name: read(text.strip())}
        except ValueError:
            raise InputError("not a number", where=f"‹{name}›", allowed="a number", got=text) from None

    return reader


def _effect(text: str) -> dict[str, Any]:
    kind, _, value = text.replace("=", " ").rpartition(" ")
    word = kind.strip().replace(" ", "_").replace("-", "_")
    if word not in EFFECTS:
        raise InputError(
            "not an effect", where="effect", allowed="odds ratio 1.45, recovery rate ratio 1.25 or mortality ratio 0.8",
            got=text,
        )  # fmt: skip
    return _one(word, float)(value)


def _scores(options: NewOptions) -> str:
    scale = read_scale(options.scale or "")[0]
    return ", ".join(f"{score} {label}" for score, label in zip(scale.scores, scale.labels, strict=True))


QUESTIONS: Final = (
    Question(
        "scale",
        lambda options: f"Scale: {', '.join(builtin_scales())}, or the names of your categories, best first",
        None,
        _one("scale"),
    ),
    Question("drug", lambda options: "Name of the treatment", "drug", _one("drug")),
    Question(
        "baseline",
        lambda options: f"{_scores(options)}.\nScore at randomisation, or several with shares (4=0.3,5=0.7)",
        None,
        _one("baseline"),
    ),
    Question("day", lambda options: "Day after randomisation on which the score counts", "28", _one("day", int)),
    Question(
        "control",
        lambda options: "Share of control patients in each score on that day, with commas",
        None,
        lambda text: {"control": (text,)},
    ),
    Question(
        "control_patients",
        lambda options: "Control patients behind these numbers",
        "200",
        _one("control_patients", int),
    ),
    Question(
        "recovery_time",
        lambda options: "Median days to recovery of control patients (empty if not known)",
        "",
        _one("recovery_time", float),
    ),
    Question(
        "mortality",
        lambda options: "Share of control patients dead by another day, as 0.12@60 (empty if not known)",
        "",
        _one("mortality"),
    ),
    Question(
        "effect",
        lambda options: "Effect of the treatment: odds ratio 1.45, recovery rate ratio 1.25 or mortality ratio 0.8",
        None,
        _effect,
    ),
    Question("patients", lambda options: "Patients of the new trial", "500", _one("patients", int)),
    Question("source", lambda options: "Where the numbers come from (empty to fill in later)", "", _one("source")),
)
"""In this order; an answer that is empty leaves the option out."""
