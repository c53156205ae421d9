import pytest

import jaksim as package

DESIGN = ("boundaries", "--looks", 3)


def test_json_of_a_one_sided_design(jaksim):
    outcome = jaksim("boundaries", "--information", "0.3,0.7,1", "--spending", "power:2.2", "--alpha", 0.03, "--json")
    assert outcome.code == 0, outcome.err
    record = outcome.json
    # cran/rpact 3.3.0, tests/testthat/test-f_design_group_sequential.R, x3.
    assert record["upper_z"] == pytest.approx([2.8594012, 2.2435708, 1.9735737], rel=1e-7)
    assert record["alpha_spent"] == pytest.approx([0.0021222083, 0.013687904, 0.03], rel=1e-7)
    assert record["lower_z"] == [None, None, None]
    assert record["information"] == [0.3, 0.7, 1.0]
    assert record["nominal_p"][0] == pytest.approx(record["alpha_spent"][0])


def test_json_is_what_the_function_gives(jaksim):
    record = jaksim(*DESIGN, "--sides", 2, "--spending", "wang-tsiatis:0.25", "--json").json
    found = package.boundaries(looks=3, sides=2, spending="wang-tsiatis:0.25")
    assert record["upper_z"] == found.upper_z.tolist()
    assert record["lower_z"] == [-z for z in record["upper_z"]]
    assert record["alpha"] == 0.05


def test_report_has_one_row_for_each_analysis(jaksim):
    text = jaksim(*DESIGN, "--futility", "hsd:-2", "--harm", "pocock", "--no-efficacy", 1).out
    for word in ("Efficacy z", "Futility z", "Harm z", "not binding", "at analysis 1", "inflation", "90.0\u00a0%"):
        assert word in text
    assert max(len(line) for line in text.splitlines()) <= 100


def test_the_power_of_a_two_sided_design_counts_the_upper_tail_and_says_so(jaksim):
    record = jaksim(*DESIGN, "--sides", 2, "--beta", 0.8, "--json").json
    planned = record["crossing"]["alternative"]
    assert record["power_counts"] == "upper tail"
    assert sum(planned["upper"]) == pytest.approx(0.2, abs=1e-9)
    assert sum(planned["lower"]) == pytest.approx(0.001075, abs=1e-6)
    assert "at a drift of 1.1284 (expected z at information 1), the upper tail alone" in " ".join(
        jaksim(*DESIGN, "--sides", 2, "--beta", 0.8).out.split()
    )
    assert jaksim(*DESIGN, "--json").json["power_counts"] == "one side"
    assert "upper tail" not in jaksim(*DESIGN).out


def test_information_that_differs_from_the_plan(jaksim):
    planned = jaksim(*DESIGN, "--json").json
    interim = jaksim(*DESIGN, "--actual", "0.3333333333333333,0.5", "--json").json
    assert interim["final"] is False
    assert interim["upper_z"][0] == pytest.approx(planned["upper_z"][0])
    assert interim["alpha_spent"][1] < 0.01
    ended = jaksim(*DESIGN, "--actual", "0.4,0.8", "--final", "--json").json
    assert ended["alpha_spent"][1] == pytest.approx(0.025)
    beyond = jaksim(*DESIGN, "--actual", "0.3,0.7,1.2", "--json").json
    assert beyond["final"] is True
    assert beyond["alpha_spent"][2] == pytest.approx(0.025)


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_plot(jaksim, tmp_path, ending):
    file = tmp_path / f"bounds.{ending}"
    assert jaksim(*DESIGN, "--futility", "z:0", "--plot", file).code == 0
    assert file.read_bytes().startswith(b"\x89PNG" if ending == "png" else b"<?xml")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "either a number of looks or fractions"),
        (("--looks", 3, "--information", "0.5,1"), "either a number of looks or fractions"),
        (("--looks", 0), "1 to 200"),
        (("--information", "0.5,0.4,1"), "does not increase"),
        (("--information", "0.5,1.2"), "passes 1"),
        (("--information", "0.5,0.8"), "1 at the last"),
        (("--information", "0.5,x"), "must be numbers"),
        ((*DESIGN[1:], "--alpha", 0.6), "alpha is out of range"),
        ((*DESIGN[1:], "--alpha", 0), "alpha is out of range"),
        ((*DESIGN[1:], "--alpha", "nan"), "finite number"),
        ((*DESIGN[1:], "--sides", 3), "1 or 2"),
        ((*DESIGN[1:], "--beta", 0.99), "beta is out of range"),
        ((*DESIGN[1:], "--spending", "obrian-fleming"), "did you mean 'obrien-fleming'?"),
        ((*DESIGN[1:], "--spending", "hsd"), "hsd:NUMBER"),
        ((*DESIGN[1:], "--spending", "hsd:99"), "-40 to 40"),
        ((*DESIGN[1:], "--spending", "pocock:3"), "takes no number"),
        ((*DESIGN[1:], "--spending", "user:0.01,0.005,0.025"), "decreases"),
        ((*DESIGN[1:], "--spending", "user:0.01,0.02,1.5"), "more than 1"),
        ((*DESIGN[1:], "--spending", "user:0.01,0.02,0.03"), "a last value of 0.025"),
        ((*DESIGN[1:], "--spending", "user:0.01,0.025"), "3 values"),
        ((*DESIGN[1:], "--spending", "haybittle-peto:1.9"), "spend all of alpha"),
        ((*DESIGN[1:], "--futility", "z:0,2.6"), "above the efficacy bound at analysis 2"),
        ((*DESIGN[1:], "--futility", "z:0,0,0"), "wrong number of futility bounds"),
        (("--looks", 1, "--futility", "z:0"), "no interim bounds"),
        ((*DESIGN[1:], "--sides", 2, "--futility", "z:-0.5"), "bounds of 0 or more"),
        ((*DESIGN[1:], "--futility", "user:0.1,0.1,0.1"), "spend all of beta"),
        ((*DESIGN[1:], "--futility", "z:-3", "--harm", "pocock"), "above the futility bound at analysis 1"),
        ((*DESIGN[1:], "--futility", "hsdd:-2"), "did you mean 'hsd'?"),
        ((*DESIGN[1:], "--futility", "wang-tsiatis:0.2"), "unknown rule"),
        ((*DESIGN[1:], "--futility", "cp:1.2"), "not a probability"),
        ((*DESIGN[1:], "--binding"), "no lower boundary"),
        ((*DESIGN[1:], "--harm", "pocock", "--sides", 2), "tests for harm already"),
        ((*DESIGN[1:], "--no-efficacy", 3), "1 to 2"),
        ((*DESIGN[1:], "--no-futility", 1), "no futility test"),
        ((*DESIGN[1:], "--no-efficacy", "one"), "whole numbers"),
        ((*DESIGN[1:], "--final"), "with --actual"),
        ((*DESIGN[1:], "--actual", "0.5,0.4"), "does not increase"),
        ((*DESIGN[1:], "--plot", "bounds.txt"), "ending"),
    ],
)
def test_what_is_refused(refused, words, message):
    assert message in refused("boundaries", *words)
