import re
from pathlib import Path

import pytest

from jaksim.analysis import METHODS

HERE = Path(__file__).parents[1]
SMALL = HERE / "scenarios" / "small.toml"
ALL = ("power", SMALL, "--endpoints", "all", "--replicates", 200)


@pytest.fixture(autouse=True)
def few_methods(monkeypatch):
    """The quickest methods alone: each of them is tested by itself elsewhere."""
    names = ("log_rank", "cox", "proportional_odds", "wilcoxon", "risk_difference_mh")
    monkeypatch.setattr("jaksim.design.shoot_out.METHODS", {name: METHODS[name] for name in names})


def without_time(text):
    return re.sub(r'"elapsed_seconds": [0-9.e-]+', "", text)


def test_json_has_powers_and_matrices(jaksim):
    outcome = jaksim(*ALL, "--json")
    assert outcome.code == 0, outcome.err
    result = outcome.json
    count = len(result["analyses"])
    assert count > 12
    for name in ("correlation", "joint", "disjunctive"):
        assert [len(row) for row in result[name]] == [count] * count
    powers = [one["power"] for one in result["analyses"]]
    assert powers == sorted(powers, reverse=True)
    assert all({"mc_se", "analytic_power", "n_for_power"} <= one.keys() for one in result["analyses"])


def test_one_replicate_has_no_correlation_and_shows_none(jaksim):
    outcome = jaksim(*ALL[:-1], 1)
    assert outcome.code == 0, outcome.err
    assert "Correlation of the test statistics" in outcome.out
    assert "nan" not in outcome.out


def test_same_bytes_for_any_number_of_workers_and_from_its_command(jaksim):
    one, two = (jaksim(*ALL, "--workers", workers, "--json") for workers in (1, 2))
    assert without_time(one.out) == without_time(two.out)
    again = jaksim(*one.json["provenance"]["command"].split()[1:], "--json")
    assert without_time(again.out) == without_time(one.out)


def test_all_methods_are_more_than_the_main_ones(jaksim):
    main, every = (jaksim(*ALL, "--methods", methods, "--json").json for methods in ("main", "all"))
    assert len(main["analyses"]) < len(every["analyses"])
    assert "--methods all" in every["provenance"]["command"]
    assert any(place is not None for place in every["same_as"])


def test_it_says_that_interim_analyses_are_left_out(jaksim):
    words = "Interim analyses and adaptations are left out: every patient planned is followed to the end."
    monitored = jaksim("power", SMALL.with_name("interims.toml"), "--endpoints", "all", "--replicates", 50)
    assert words in " ".join(monitored.out.split())
    assert words not in " ".join(jaksim(*ALL).out.split())


def test_report_and_plot(jaksim, tmp_path):
    plot = tmp_path / "endpoints.png"
    outcome = jaksim(*ALL, "--plot", plot)
    assert outcome.code == 0, outcome.err
    for word in ("recovery, log-rank test *", "n, 90 %", "Both reject", "Either rejects", "Correlation", "Recreate:"):
        assert word in outcome.out
    assert max(len(line) for line in outcome.out.splitlines()) <= 100
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert plot.stat().st_size > 20_000


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--endpoints", "al"), "did you mean 'all'"),
        (("--plot", "x.png"), "--endpoints all"),
        (("--methods", "all"), "--endpoints all"),
        (("--endpoints", "all", "--methods", "al"), "did you mean 'all'"),
        (("--endpoints", "all", "--plot", "x.bmp"), ".png"),
        (("--endpoints", "all", "--plot", "nowhere/x.png"), "no such directory"),
        (("--endpoints", "all", "--until-se", "0.01"), "--until-se"),
    ],
)
def test_bad_input_is_refused(refused, words, message):
    assert message in refused("power", SMALL, *words)
