"""Running one command line inside the test process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from jaksim.calibration.posterior import Sampling
from jaksim.cli import run


@dataclass(frozen=True)
class Outcome:
    """Exit code and what was written."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def jaksim(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run `jaksim WORDS...` and return its outcome."""

    def run_words(*words: object) -> Outcome:
        capfd.readouterr()
        code = run([str(word) for word in words])
        return Outcome(code, *capfd.readouterr())

    return run_words


@pytest.fixture
def short_chains(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calibrations with few and short chains, for tests that do not look at the posterior itself."""
    monkeypatch.setattr(Sampling.__init__, "__defaults__", (16, 8, 16, 0.9))


@pytest.fixture
def refused(jaksim: Callable[..., Outcome]) -> Callable[..., str]:
    """Run a command line that must be refused: exit code 2, one message, nothing on standard output."""

    def run_words(*words: object) -> str:
        outcome = jaksim(*words)
        assert outcome.code == 2, outcome
        assert outcome.out == ""
        assert "Traceback" not in outcome.err
        assert outcome.err.startswith("jaksim: ")
        return outcome.err

    return run_words
