"""Options that several verbs have."""

from __future__ import annotations

from typing import Any

from jaksim.design.defaults import DEFAULT_SEED
from jaksim.errors import InputError
from jaksim.verbs.options.base import keyword, option, several


def seed(default: int | None = DEFAULT_SEED) -> Any:
    """Seed of the simulated trials."""
    return option(default, "Seed of the random numbers, 0 to 2**64 - 1.", shown=False)


def engine() -> Any:
    """How trials are simulated."""
    return option("auto", "law: counts from exact laws; path: every patient simulated; auto.")


def door(default: str | None = "auto") -> Any:
    """How trials with operations are conducted."""
    return option(
        default,
        "How trials with [operations] are conducted; fast: compiled, without shared stock and wards; events: "
        "everything, in SimPy; auto: events where the plan has stock or wards, if they cover it.",
    )


def null(default: bool | None = False) -> Any:
    """Whether no arm has an effect."""
    return option(default, "Give every arm the regimen of the reference arm: type I errors.", flag="--null")


def workers() -> Any:
    """How many threads work."""
    return option(None, "Threads; the result does not depend on it.", low=1)


def changes() -> Any:
    """What is changed in a scenario before it is read."""
    return option(
        (),
        "Replace one value of the scenario; may be given several times.",
        flag="--set",
        metavar="KEY=VALUE",
        holds=list[str] | None,
        read=several,
    )


def between_trial_sd() -> Any:
    """How much the benefit differs from trial to trial."""
    return option(
        None,
        "How much a treatment's benefit differs from trial to trial: SD of the log hazard ratio, one number for every "
        "kind of effect or improvement=SD,deterioration=SD,death=SD; as the scenario says when left out.",
        low=0.0,
        metavar="SD|KIND=SD,...",
        holds=str | None,
        read=_spread,
    )


def _spread(text: str | None) -> float | str | dict[str, float] | None:
    """A number, numbers by kind of effect, or the word that was typed."""
    if text is None or "=" not in text:
        return text if text is None else _number(text)
    parts = [part.partition("=") for part in text.split(",")]
    kinds = [kind.strip() for kind, _, _ in parts]
    for kind in kinds:
        if kinds.count(kind) > 1:
            raise InputError(
                "a kind of effect is given twice", where="‹between_trial_sd›", allowed="each kind once", got=kind
            )
    return {kind: _number(sd) for kind, (_, _, sd) in zip(kinds, parts, strict=True)}  # type: ignore[misc]


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text.strip()


def progress(of: str = "replicates") -> Any:
    """Who is told how far the work is."""
    return keyword(None, f"Is called with the number of {of} that have been finished since it was last called.")
