import json
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
SMALL = HERE / "scenarios" / "small.toml"
ACTT4 = HERE.parent / "scenarios" / "actt4.toml"
FEW = ("--replicates", 400)


def without_time(text):
    return re.sub(r'"elapsed_seconds": [0-9.e-]+', "", text)


def test_json_has_the_promised_keys(jaksim):
    outcome = jaksim("power", SMALL, *FEW, "--json")
    assert outcome.code == 0, outcome.err
    result = outcome.json
    assert result["scenario"] == str(SMALL)
    assert (result["n_patients"], result["replicates"], result["engine"]) == (300, 400, "law")
    assert result["elapsed_seconds"] > 0
    for one in result["analyses"]:
        low, high = one["ci"]
        assert 0 <= low <= one["power"] <= high <= 1
        assert one["mc_se"] == pytest.approx((one["power"] * (1 - one["power"]) / 400) ** 0.5)
        assert {"endpoint", "method", "mean_estimate", "analytic_power", "z", "n_for_power"} <= one.keys()
    assert any(not line["published"] for line in result["assumptions"])
    assert len(result["provenance"]["scenario_hash"]) == 64


def test_a_calibration_tells_on_standard_error_what_to_write_down(jaksim):
    adaptive = HERE / "scenarios" / "adaptive.toml"
    few = ("--replicates", 10, "--set", "adaptation.calibration=1000", "--json")
    outcome = jaksim("power", adaptive, *few)
    assert outcome.err.startswith("Seeking the critical value on 1,000 trials")
    lines = outcome.err.partition("[adaptation.calibrated]")[2].split("\n")[1:5]
    again = jaksim("power", adaptive, *few, "--set", f"adaptation.calibrated={{{', '.join(lines)}}}")
    assert not again.err
    assert again.json["analyses"] == outcome.json["analyses"]


@pytest.mark.parametrize("engine", ["law", "path"])
def test_same_bytes_for_any_number_of_workers(jaksim, engine):
    one, two = (
        jaksim("power", SMALL, *FEW, "--engine", engine, "--workers", workers, "--json").out for workers in (1, 2)
    )
    assert without_time(one) == without_time(two)


def test_the_command_in_the_result_recreates_it(jaksim):
    first = jaksim("power", SMALL, *FEW, "--seed", 9, "--null", "--set", "population.patients=200", "--json").json
    words = first["provenance"]["command"].split()
    assert words[0] == "jaksim"
    again = jaksim(*words[1:], "--json").json
    assert again["n_patients"] == 200
    assert json.dumps(again["analyses"]) == json.dumps(first["analyses"])


def test_values_that_do_not_exist_are_null(jaksim):
    outcome = jaksim("power", SMALL, "--replicates", 1, "--json")
    assert "NaN" not in outcome.out
    assert outcome.json["analyses"][0]["sd_estimate"] is None


def test_report_follows_the_order_of_a_protocol(jaksim):
    text = jaksim("power", ACTT4, *FEW).out
    parts = ["ACTT-4", "DESIGN", "1,500 randomised 1:1", "ASSUMPTIONS", "EXPECTED RESULTS", "POWER", "Recreate:"]
    positions = [text.index(part) for part in parts]
    assert positions == sorted(positions)
    assert max(len(line) for line in text.splitlines()) <= 100
    for word in ("primary", "key secondary", "ASSUMED", "n, 90 %", "400 replicates", "parameter set actt-2"):
        assert word in text


def test_null_report_speaks_of_type_one_error(jaksim):
    text = jaksim("power", SMALL, *FEW, "--null").out
    assert "TYPE I ERROR" in text
    assert "n, 80 %" not in text


def test_until_se_runs_in_whole_steps(jaksim):
    assert jaksim("power", SMALL, "--until-se", 0.01, "--json").json["replicates"] == 10_000


def test_control_variates_are_reported(jaksim):
    words = ("power", SMALL, *FEW, "--variance-reduction", "control-variates")
    result = jaksim(*words, "--json").json
    found = result["analyses"][0]["variance_reduction"]
    assert found["method"] == "control-variates"
    assert found["factor"] > 5.0
    assert found["plain_mc_se"] > 2.0 * result["analyses"][0]["mc_se"]
    assert jaksim("power", SMALL, *FEW, "--json").json["analyses"][0]["variance_reduction"] is None
    assert result["provenance"]["command"].endswith("--variance-reduction control-variates")
    assert re.search(r"Control variates: Monte Carlo variance of \[1\]\s+\d+\.\d times smaller", jaksim(*words).out)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--variance-reduction", "control"), "did you mean 'control-variates'"),
        (("--variance-reduction", "control-variates", "--endpoints", "all"), "--variance-reduction"),
        (("--replicates", 0), "replicates"),
        (("--replicates", "many"), "integer"),
        (("--seed", -1), "seed"),
        (("--seed", 2**64), "seed"),
        (("--engine", "lax"), "did you mean 'law'"),
        (("--workers", 0), "workers"),
        (("--until-se", 0), "--until-se"),
        (("--until-se", 0.01, "--replicates", 5), "one of the two"),
        (("--set", "population.patient=3"), "did you mean 'patients'"),
        (("--replicate", 5), "--replicates"),
    ],
)
def test_bad_options_are_refused(refused, words, message):
    assert message in refused("power", SMALL, *words)


def test_bad_files_are_refused(refused, tmp_path):
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\x7fELF\x00\xff")
    empty = tmp_path / "empty.toml"
    empty.touch()
    assert "not a text file" in refused("power", binary)
    assert "empty" in refused("power", empty)
    assert "no such file" in refused("power", tmp_path / "none.toml")
    assert "directory" in refused("power", tmp_path)


def test_the_plot_of_interim_analyses_is_written(jaksim, tmp_path):
    file = tmp_path / "endings.svg"
    outcome = jaksim("power", HERE.parent / "scenarios" / "actt4-interims.toml", "--replicates", 20, "--plot", file)
    assert outcome.code == 0, outcome.err
    assert "<svg" in file.read_text()
