"""Which planned analyses are tested together, and how the level is shared among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from jaksim.checks import known
from jaksim.errors import InputError
from jaksim.trial.multiplicity.graph import equal_weights, graph_weights, members, parallel_graph, serial_weights
from jaksim.trial.parts import TrialParts, plan_named

if TYPE_CHECKING:
    from jaksim.trial.monitoring.spending import SpendingFunction

PROCEDURES: Final = {
    "bonferroni": "Bonferroni's procedure",
    "holm": "Holm's procedure",
    "hochberg": "Hochberg's procedure",
    "dunnett": "Dunnett's test in one step",
    "step-down dunnett": "Dunnett's test step by step",
    "fixed sequence": "in a fixed sequence",
    "serial gatekeeping": "by serial gatekeeping",
    "parallel gatekeeping": "by parallel gatekeeping",
    "graphical": "by a graph",
}
MOST_HYPOTHESES: Final = 10


@dataclass(frozen=True, slots=True)
class NullConfiguration:
    """A world in which some arms are no better than the reference: they are given its regimen."""

    name: str
    arms: tuple[str, ...]


@dataclass(frozen=True)
class Multiplicity:
    """A procedure that tests several planned analyses at one familywise level `alpha`, both tails together.

    `weights` (m,) and `transitions` (m, m) are those of a graph, `families` the families of gatekeeping by name of the
    analysis, in order. In every one of the `configurations` the familywise error is found by simulation.

    In a trial with interim analyses of one of the analyses the others are tested where it ends: with `spending` against
    the bound there of boundaries at the level recycled to them, else at all of that level, which does not keep the
    familywise error.
    """

    procedure: str
    analyses: tuple[str, ...]
    alpha: float
    weights: tuple[float, ...] = ()
    transitions: tuple[tuple[float, ...], ...] = ()
    families: tuple[tuple[str, ...], ...] = ()
    configurations: tuple[NullConfiguration, ...] = ()
    spending: SpendingFunction | None = None

    def __post_init__(self) -> None:
        known(self.procedure, PROCEDURES, "procedure", "procedure")
        if not 0.0 < self.alpha < 1.0:
            raise InputError("the level is not a probability", where="alpha", allowed="0 < alpha < 1", got=self.alpha)
        _distinct(self.analyses, "analyses")
        if not 2 <= len(self.analyses) <= MOST_HYPOTHESES:
            raise InputError(
                "a procedure tests several analyses",
                where="analyses",
                allowed=f"2 to {MOST_HYPOTHESES}",
                got=len(self.analyses),
            )
        if self.spending is not None and (self.comparisons or self.procedure == "hochberg"):
            raise InputError(
                f"{self.procedure!r} has no levels to recycle",
                where="spending",
                allowed="procedures by local levels",
                got=str(self.spending),
            )
        if self.procedure == "graphical":
            _check_graph(self.analyses, self.weights, self.transitions)
        if self.procedure.endswith("gatekeeping"):
            _check_families(self.analyses, self.families)

    @property
    def comparisons(self) -> bool:
        """Whether the procedure needs the correlation of comparisons with one control."""
        return self.procedure in ("dunnett", "step-down dunnett")

    def local_levels(self) -> NDArray[np.float64]:
        """Local levels (2**m, m) of every set of hypotheses not rejected yet; not for Hochberg's and Dunnett's."""
        m = len(self.analyses)
        families = [[self.analyses.index(name) for name in family] for family in self.families]
        if self.procedure == "bonferroni":
            return self.alpha * members(m) / m
        if self.procedure == "holm":
            return self.alpha * equal_weights(m)
        if self.procedure == "fixed sequence":
            return self.alpha * serial_weights([[i] for i in range(m)], m)
        if self.procedure == "serial gatekeeping":
            return self.alpha * serial_weights(families, m)
        if self.procedure == "parallel gatekeeping":
            return self.alpha * graph_weights(*parallel_graph(families, m))
        if self.procedure == "graphical":
            return self.alpha * graph_weights(self.weights, self.transitions)
        raise ValueError(self.procedure)

    def check(self, trial: TrialParts) -> None:
        """Raise InputError where the procedure does not fit the trial."""
        chosen = [plan_named(trial, name, "analyses") for name in self.analyses]
        if len({plan.sides for plan in chosen}) > 1:
            raise InputError(
                "some of the analyses are one-sided, some two-sided",
                where="multiplicity",
                allowed="the same number of sides",
            )
        if self.spending is not None and not trial.monitored:
            raise InputError(
                "there are no interim analyses to spend over",
                where="multiplicity.spending",
                allowed="with [monitoring]",
            )
        arms = [arm.name for arm in trial.arms if not arm.reference]
        for configuration in self.configurations:
            for arm in configuration.arms:
                known(arm, arms, "arm", f"configuration {configuration.name!r}")
        if self.comparisons:
            alike = {(plan.endpoint, plan.method, plan.strata, plan.reference, str(plan.options)) for plan in chosen}
            if len(alike) > 1 or any(len(plan.pairs) > 1 for plan in chosen):
                raise InputError(
                    "Dunnett's test compares arms with one control",
                    where="multiplicity",
                    allowed="analyses that differ by their active arm alone",
                )

    def describe(self) -> tuple[str, ...]:
        """The procedure in sentences for a protocol."""
        level, names = f"{100 * self.alpha:g} %", " and ".join(self.analyses)
        text = f"{names} are tested {procedure_words(self.procedure)} at a familywise {level}."
        if self.procedure == "fixed sequence":
            text = f"{', then '.join(self.analyses)}: in this order, each at {level}, to the first failure."
        if self.families:
            families = "; then ".join(" and ".join(family) for family in self.families)
            text = f"{families}: {self.procedure} at a familywise {level}."
        spread = () if self.spending is None else (_spread_words(self.spending),)
        if self.procedure != "graphical":
            return (text, *spread)
        starts = ", ".join(f"{name} {w:g}" for name, w in zip(self.analyses, self.weights, strict=True))
        edges = [
            f"{name} to {other} {g:g}"
            for name, row in zip(self.analyses, self.transitions, strict=True)
            for other, g in zip(self.analyses, row, strict=True)
            if g > 0.0
        ]
        shares = f"Shares of the level: {starts}; recycled from {'; '.join(edges) if edges else 'none'}."
        return (text, shares, *spread)


def _spread_words(spending: SpendingFunction) -> str:
    return (
        "At an interim analysis that ends the trial the analyses that are not monitored are tested at the part of "
        f"their level that boundaries there leave, {spending}."
    )


def procedure_words(procedure: str) -> str:
    """How a procedure is named in a sentence."""
    words = PROCEDURES[procedure]
    return words if words.startswith(("by", "in")) else f"by {words}"


def _distinct(names: tuple[str, ...], where: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise InputError("an analysis is named twice", where=where, allowed="each one once", got=name)


def _check_graph(
    names: tuple[str, ...], weights: tuple[float, ...], transitions: tuple[tuple[float, ...], ...]
) -> None:
    if len(weights) != len(names) or [len(row) for row in transitions] != [len(names)] * len(names):
        raise InputError(
            "the graph does not have the analyses as its nodes", where="graph", allowed="a weight and edges for each"
        )
    if min(weights) < 0.0 or not 0.0 < sum(weights) <= 1.0 + 1e-9:
        raise InputError(
            f"the weights sum to {sum(weights):.6g}", where="weight", allowed="0 or more each, at most 1 together"
        )
    for i, (name, row) in enumerate(zip(names, transitions, strict=True)):
        if min(row) < 0.0 or sum(row) > 1.0 + 1e-9:
            raise InputError(
                f"more is recycled from {name!r} than it has",
                where="to",
                allowed="0 or more each, at most 1 together",
                got=sum(row),
            )
        if row[i] > 0.0:
            raise InputError(f"{name!r} recycles its level to itself", where="to", allowed="other analyses")


def _check_families(names: tuple[str, ...], families: tuple[tuple[str, ...], ...]) -> None:
    if len(families) < 2:
        raise InputError("gatekeeping needs families", where="family", allowed="two or more", got=len(families))
    if sorted(name for family in families for name in family) != sorted(names) or not all(families):
        raise InputError("each analysis belongs to one family", where="family", allowed=names)
