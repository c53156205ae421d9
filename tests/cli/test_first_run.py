"""What a person is told while kernels are compiled, and that nobody else is told anything."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

import jaksim.design.power as design
from jaksim.kernel.compiled.watching import told
from jaksim.kernel.law import Laws

SMALL = Path(__file__).parents[1] / "scenarios" / "small.toml"
ASKED = ("power", SMALL, "--replicates", 200)


def law_kernel():
    """Stands for a kernel of the law engine."""


def analysis_kernel():
    """Stands for a kernel of an analysis."""


law_kernel.__module__ = Laws.__module__
analysis_kernel.__module__ = "jaksim.analysis.ordinal.proportional_odds_fit"


@pytest.fixture
def nothing_compiled(monkeypatch):
    """Let a run compile these kernels before it simulates, as far as those who watch can tell."""

    def prepare(*kernels):
        simulate = design.simulate

        def first_compiled(*given):
            for kernel in kernels:
                with told(kernel):
                    pass
            return simulate(*given)

        monkeypatch.setattr(design, "simulate", first_compiled)

    return prepare


@pytest.fixture
def at_terminal(monkeypatch):
    """Let streams be terminals, one 100 characters wide."""

    def prepare(*streams):
        monkeypatch.setenv("COLUMNS", "100")
        monkeypatch.setenv("TERM", "dumb")
        for stream in streams:
            monkeypatch.setattr(getattr(sys, stream), "isatty", lambda: True, raising=False)

    return prepare


def test_at_a_terminal_the_analytic_powers_come_before_the_compiling(jaksim, nothing_compiled, at_terminal):
    nothing_compiled(law_kernel, law_kernel, analysis_kernel)
    at_terminal("stdout", "stderr")
    outcome = jaksim(*ASKED)
    assert outcome.code == 0
    assert outcome.err.count("Compiling what this run needs, once: about 10 s. Later runs find it on disk.") == 1
    first, _, whole = _without_signs(outcome.out).partition("DESIGN")
    assert first.startswith("POWER, BEFORE SIMULATION")
    analytic = re.findall(r"(\d+\.\d\s%) +([\d,]+|-) +([\d,]+|-) *$", first, re.MULTILINE)
    answers = [one for one in json.loads(jaksim(*ASKED, "--json").out)["analyses"] if one["method"] != "cox"]
    assert [power for power, _, _ in analytic] == [f"{100 * one['analytic_power']:.1f}\u00a0%" for one in answers]
    assert [n.replace(",", "") for _, n, _ in analytic] == [str(one["n_for_power"]["80"] or "-") for one in answers]
    assert "EXPECTED RESULTS" in whole


def test_without_effects_they_are_levels(jaksim, nothing_compiled, at_terminal):
    nothing_compiled(law_kernel)
    at_terminal("stdout", "stderr")
    first = _without_signs(jaksim(*ASKED, "--null").out)
    assert first.startswith("TYPE I ERROR, BEFORE SIMULATION")
    assert "n, 80 %" not in first.partition("DESIGN")[0]


def test_where_only_an_analysis_is_compiled_it_takes_a_few_seconds(jaksim, nothing_compiled, at_terminal):
    nothing_compiled(analysis_kernel)
    at_terminal("stderr")
    outcome = jaksim(*ASKED)
    assert "once: up to 10 s" in outcome.err
    assert "BEFORE SIMULATION" not in outcome.out


def test_where_all_is_compiled_nothing_is_said(jaksim, at_terminal):
    plain = jaksim(*ASKED).out
    at_terminal("stderr")
    outcome = jaksim(*ASKED)
    assert "Compiling" not in outcome.err
    assert _without_time(outcome.out) == _without_time(plain)


@pytest.mark.parametrize("words", [("--json",), ("--format", "csv")])
def test_nothing_is_said_beside_json_and_documents(jaksim, nothing_compiled, at_terminal, words):
    plain = jaksim(*ASKED, *words)
    nothing_compiled(law_kernel)
    at_terminal("stderr")
    outcome = jaksim(*ASKED, *words)
    assert "Compiling" not in outcome.err
    assert _without_time(outcome.out) == _without_time(plain.out)


def test_nothing_is_said_where_nobody_sits(jaksim, nothing_compiled):
    plain = jaksim(*ASKED)
    nothing_compiled(law_kernel)
    outcome = jaksim(*ASKED)
    assert outcome.err == plain.err == ""
    assert _without_time(outcome.out) == _without_time(plain.out)


@pytest.mark.verify
def test_at_a_real_terminal_with_nothing_compiled(tmp_path):
    ours, its = pty.openpty()
    words = [sys.executable, "-m", "jaksim", *map(str, ASKED)]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "COLUMNS": "100"}
    with subprocess.Popen(words, stdout=its, stderr=its, env=environment) as running:
        os.close(its)
        seen = b""
        while piece := _read(ours):
            seen += piece
    os.close(ours)
    assert running.returncode == 0
    shown = _without_signs(seen.decode())
    places = [shown.index(words) for words in ("Compiling what", "POWER, BEFORE SIMULATION", "compiling", "DESIGN")]
    assert places == sorted(places)


def _read(descriptor):
    try:
        return os.read(descriptor, 65536)
    except OSError:  # the other end is closed
        return b""


def _without_time(text):
    return re.sub(r'"elapsed_seconds": [0-9.e-]+|[0-9.]+ s(?=;)', "", text)


def _without_signs(text):
    """The text that a terminal shows, without what makes it bold."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)
