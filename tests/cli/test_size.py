"""The commands `jaksim size`, `jaksim compare` and the option `--assurance`."""

from __future__ import annotations

from pathlib import Path

import pytest

SMALL = str(Path(__file__).parents[1] / "scenarios" / "small.toml")


def test_size_gives_the_contracted_object(jaksim) -> None:
    outcome = jaksim("size", SMALL, "--power", "0.8", "--replicates", "4000", "--json")
    found = outcome.json
    low, high = found["interval"]
    assert low <= found["n_patients"] <= high
    assert abs(found["power"] - 0.8) < 4 * found["mc_se"] + 0.01
    assert (
        low <= found["analytic_n_patients"] <= high or abs(found["analytic_n_patients"] / found["n_patients"] - 1) < 0.1
    )
    assert found["n_patients"] % found["multiple"] == 0


def test_size_prints_its_answer(jaksim) -> None:
    outcome = jaksim("size", SMALL, "--power", "0.8", "--replicates", "2000")
    assert "PATIENTS NEEDED" in outcome.out
    assert "Analytic answer" in outcome.out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--power", "1.2"], "not a probability"),
        (["--analysis", "nothing"], "unknown analysis"),
        (["--draws", "50"], "drawn for an assurance only"),
        (["--assurance", "--replicates", "50"], "averaged over draws"),
    ],
)
def test_size_refuses_what_makes_no_sense(refused, options: list[str], words: str) -> None:
    assert words in refused("size", SMALL, *options)


def test_compare_gives_paired_differences(jaksim) -> None:
    outcome = jaksim(
        "compare", SMALL, SMALL, "--set-second", "population.patients=600", "--replicates", "2000", "--json"
    )
    found = outcome.json
    assert found["n_patients"][1] == 600
    for one in found["analyses"]:
        assert one["power"]["difference"] == pytest.approx(one["power_second"] - one["power_first"], abs=1e-9)
        assert one["power"]["variance_reduction"] > 1.0
    assert "--set-second" in found["provenance"]["command"]


def test_power_with_assurance(jaksim) -> None:
    outcome = jaksim("power", SMALL, "--replicates", "500", "--assurance", "--json")
    found = outcome.json["assurance"]
    assert found["draws"] == 400
    assert all(0.0 < one["assurance"] <= one["limit"] <= 1.0 for one in found["analyses"])
