"""Whole programs from start to end, with kernels on disk or none compiled yet, and their memory."""

from __future__ import annotations

import sys
import time

import pytest

JAKSIM = (sys.executable, "-m", "jaksim")
ACTT4 = ("power", "scenarios/actt4.toml", "--json", "--replicates")
VERBS = {
    "boundaries": ("boundaries", "--looks", "5", "--json"),
    "plan": (
        *("plan", "ordinal", "--control", ".60,.08,.08,.05,.09,.10", "--odds-ratio", "1.45"),
        *("--power", "0.8", "--json"),
    ),
    "size": ("size", "scenarios/actt4.toml", "--power", "0.9", "--json"),
    "calibrate": ("calibrate", "actt-2", "--json"),
}
pytestmark = pytest.mark.benchmark(timer=time.perf_counter)


def test_help(program):
    program((*JAKSIM, "--help"), rounds=7, quick=True)


@pytest.mark.parametrize("replicates", [1_000, 10_000, 100_000, 1_000_000])
def test_power(program, replicates):
    program((*JAKSIM, *ACTT4, str(replicates)), rounds=3 if replicates < 1_000_000 else 1)


def test_power_with_nothing_compiled(program):
    program((*JAKSIM, *ACTT4, "100000"), rounds=1, nothing_compiled=True)


def test_first_numbers_with_nothing_compiled(first_words):
    first_words((*JAKSIM, "power", "scenarios/actt4.toml"), b"%")


@pytest.mark.parametrize("verb", VERBS)
def test_verb(program, verb):
    program((*JAKSIM, *VERBS[verb]), rounds=5 if verb in ("boundaries", "plan") else 1)


@pytest.mark.parametrize(
    ("engine", "replicates"),
    [("law", 1_000), ("law", 10_000), ("law", 100_000), ("path", 200), ("path", 2_000), ("path", 20_000)],
)
def test_memory_by_replicates(memory, engine, replicates):
    memory((*ACTT4, str(replicates), "--engine", engine))


@pytest.mark.parametrize("scenario", ["actt4", "actt4-interims"])
@pytest.mark.parametrize("patients", [1_500, 15_000, 150_000])
def test_memory_by_patients(memory, scenario, patients):
    given = ("--replicates", "200", "--set", f"population.patients={patients}")
    memory(("power", f"scenarios/{scenario}.toml", "--json", *given))
