"""How credible is a difference between subgroups? Questions of ICEMAN that figures can answer.

Schandelmaier et al. (2020), "Development of the Instrument to assess the Credibility of Effect Modification Analyses
(ICEMAN) in randomized controlled trials and meta-analyses", CMAJ 192:E901.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FEW, MANY = 3, 10
_CHANCE = (
    (0.005, 2, "is an unlikely explanation"),
    (0.01, 1, "may not explain it"),
    (0.05, -1, "is a likely explanation"),
    (1.0, -2, "is a very likely explanation"),
)
WORDS = {
    2: "speaks for it",
    1: "speaks rather for it",
    0: "not known",
    -1: "speaks rather against it",
    -2: "speaks against it",
}


@dataclass(frozen=True)
class Criterion:
    """A question, its answer from -2 (definitely less credible) to 2 (definitely more), and what it rests on."""

    question: str
    grade: int
    because: str

    @property
    def answer(self) -> str:
        return WORDS[self.grade]


def criteria(
    *, p_value: float, predicted: str, characteristics: int, continuous: bool, adjusted: bool, trials: int
) -> tuple[Criterion, ...]:
    """Of a difference between the levels of one characteristic, among so many characteristics examined."""
    grade, word = next((grade, word) for limit, grade, word in _CHANCE if p_value <= limit)
    number = 1 if characteristics <= FEW else -1 if characteristics <= MANY else -2
    within = (1 if adjusted or trials else 0) if trials != 1 else 1
    found = [
        Criterion(
            "Compared within trials, rather than between them?",
            within,
            ("ratios adjusted within trials; " if adjusted else "")
            + (f"counts of {trials} trial{'s' * (trials != 1)} by trial" if trials else "counts of trials added up"),
        ),
        Criterion(
            "Direction predicted before the data?", 1 if predicted else -1, predicted or "no prediction is on record"
        ),
        Criterion("Does chance explain it?", grade, f"interaction p = {p_value:.3f}: chance {word}"),
        Criterion("Few characteristics examined?", number, f"{characteristics} characteristics"),
    ]
    if continuous:
        cut = Criterion("No arbitrary cut points?", -1, "a continuous measure, cut into classes")
        found.append(cut)
    return tuple(found)


def rating(found: Sequence[Criterion]) -> str:
    """Overall credibility that the answers allow at most."""
    grades = [criterion.grade for criterion in found]
    if all(grade <= 0 for grade in grades):
        return "very low"
    if grades.count(-2) >= 2:
        return "low at most"
    if -2 in grades or grades.count(-1) >= 2:
        return "moderate at most"
    return "high at most" if -1 in grades else "high"
