"""The bench that command lines are fuzzed on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jaksim.calibration.posterior import Sampling
from tests.fuzz.cases import case, lay_out
from tests.fuzz.running import ended, environment, fault_of, limited_memory


@pytest.fixture
def faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, range], list[str]]:
    """The faults that the cases of a family with these numbers show, each with how to make it again."""
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Sampling.__init__, "__defaults__", (16, 8, 16, 0.9))  # few and short chains of a calibration
    lay_out(tmp_path)
    monkeypatch.chdir(tmp_path)

    def found(family: str, numbers: range) -> list[str]:
        shown = []
        with limited_memory():
            for number in numbers:
                words = case(family, number, tmp_path)
                outcome = ended(words)
                fault = fault_of(words, outcome)
                if fault is not None:
                    said = " ".join(words)[:300].replace(str(tmp_path), "DIR")
                    shown.append(f"{family} {number}: {fault}: jaksim {said}\n{outcome.err[-500:]}")
        return shown

    return found
