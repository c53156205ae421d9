"""A question about subgroups: characteristics with their levels, and the findings that somebody made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jaksim.errors import InputError
from jaksim.evidence.records import Citation
from jaksim.evidence.subgroups.levels import Characteristic
from jaksim.evidence.synthesis.inference import Contrast
from jaksim.evidence.synthesis.priors import TauPrior
from jaksim.evidence.two_arms import Arms


@dataclass(frozen=True)
class Finding:
    """A level in which the treatment is said to do otherwise, by whom, and why that might be."""

    characteristic: str
    level: str
    said: str
    why: str = ""


@dataclass(frozen=True)
class Question:
    """Everybody, the characteristics by which they were divided, and what was made of it.

    `lower_is_better` says whether an odds ratio below 1 speaks for the treatment. `prior` is that of the standard
    deviation of log odds ratios between the levels of a characteristic.
    """

    id: str
    title: str
    event: str
    lower_is_better: bool
    note: str
    overall: Arms
    published: Contrast | None
    characteristics: tuple[Characteristic, ...]
    findings: tuple[Finding, ...]
    prior: TauPrior
    prior_reason: str
    citations: Mapping[str, Citation]

    def __post_init__(self) -> None:
        for finding in self.findings:
            self.characteristic(finding.characteristic).level(finding.level)

    def characteristic(self, name: str) -> Characteristic:
        """By name; InputError for an unknown one."""
        for one in self.characteristics:
            if one.name == name:
                return one
        allowed = tuple(one.name for one in self.characteristics)
        raise InputError("unknown characteristic", where="characteristic", allowed=allowed, got=name)

    @property
    def reported(self) -> int:
        """Subgroups that were reported."""
        return sum(len(one.reported) for one in self.characteristics)
