"""`jaksim plan`: one question, one command."""

import json
import subprocess
import sys

import pytest

ORDINAL = ("plan", "ordinal", "--control", ".60,.08,.08,.05,.09,.10")


def test_a_size_as_hmisc_gives_it(jaksim):
    outcome = jaksim(*ORDINAL, "--odds-ratio", 1.45, "--power", 0.8, "--json")
    assert outcome.code == 0, outcome.err
    (design,) = outcome.json["designs"]
    # Hmisc::posamsize of the average of the control distribution and that by pomodm(odds.ratio = 1/1.45).
    assert design["patients_by_formula"] == pytest.approx(931.1, abs=0.05)
    assert design["patients"] == 934


def test_the_report_names_formula_source_and_limits(jaksim):
    report = jaksim(*ORDINAL, "--odds-ratio", 1.45, "--power", 0.8).out
    for part in ("934: 467 active, 467 reference", "Whitehead 1993", "Limits", "Recreate: jaksim plan ordinal"):
        assert part in report


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("means --difference .5 --sd 1 --patients 128 --allocation 2:1", ["cannot be allocated 2:1, 126 or 129 can"]),
        ("risks --control .3 --active .2 --patients 101", ["cannot be allocated 1:1, 100 or 102 can"]),
        ("wins --win-odds 1.3 --patients 101,102", ["101 patients cannot be allocated 1:1, 100 or 102 can"]),
        ("means --difference .3,.5 --sd 1 --power .8 --looks 3", ["Bounds for efficacy", "Expected patients half"]),
        ("ordinal --control .6,.4 --control .5,.5 --odds-ratio 1.5 --power .8", ["2, with shares 0.5, 0.5"]),
        ("risks --strata .2,.4 --shares .3,.7 --risk-ratio .7 --power .8", ["2, with shares 0.3, 0.7"]),
        (
            "wins --control .60,.08,.08,.05,.09,.10 --hypothesis non_inferiority --margin .85 --power .8",
            ["Net benefit      0\n"],
        ),
    ],
)
def test_what_a_plan_leaves_open_or_takes_for_granted_is_said(jaksim, words, parts):
    report = jaksim("plan", *words.split()).out
    for part in parts:
        assert part in report


def test_arms_of_whole_patients_are_not_remarked_on(jaksim):
    assert "cannot be" not in jaksim("plan", *["risks", "--control", ".3", "--active", ".2", "--patients", "102"]).out


@pytest.mark.parametrize(("length", "unit"), [(12, "weeks"), (120, "half months")])
def test_the_report_of_a_written_scenario_says_what_its_days_are(jaksim, tmp_path, length, unit):
    words = f"survival --control-median 12 --hazard-ratio .7 --power .8 --accrual {length} --follow-up 12".split()
    assert jaksim("plan", *words, "--write", tmp_path / "trial.toml").code == 0
    shown = jaksim("show", tmp_path / "trial.toml").out
    assert f"({unit} for days)" in shown.splitlines()[0]


BAD = [
    ("ordinal", "--control: is missing"),
    ("ordinal C --odds-ratio 1.4", "--power and --patients are left out"),
    ("ordinal C --odds-ratio 1.4 --power .8 --patients 100", "nothing is left to be solved for"),
    ("ordinal C --odds-ratio 1,4;5 --power .8", "numbers with commas"),
    ("ordinal C --odd-ratio 1.4 --power .8", "--odds-ratio"),
    ("ordinal C --odds-ratio 1.4 --power 80", "between 0 and 1, such as 0.9"),
    ("ordinal C --odds-ratio 1.4 --power .8,", "numbers with commas"),
    ("ordinal C --odds-ratio 1.4 --power nan", "finite"),
    ("ordinal C --odds-ratio 0 --power .8", "is no odds ratio"),
    ("ordinal C --odds-ratio 1e300 --power .8", "is no odds ratio"),
    ("ordinal C --odds-ratio 1 --power .8", "other than 1"),
    ("ordinal C --odds-ratio 1.0000000001 --power .8", "more than 1,000,000,000 patients"),
    ("ordinal C --odds-ratio .7 --sides 1 --power .8", "higher is better"),
    ("ordinal C --odds-ratio 1.4 --patients 10.5", "a whole number from 2"),
    ("ordinal C --odds-ratio 1.4 --patients 1e12", "a whole number from 2"),
    ("ordinal C --odds-ratio 1.4 --patients 100 --alpha 5", "--alpha: out of range"),
    ("ordinal C --odds-ratio 1.4 --patients 100 --sides 3", "--sides: a test has one side or two"),
    ("ordinal C --odds-ratio 1.4 --patients 100 --allocation 1:2:3", "active:reference such as 2:1"),
    ("ordinal C --odds-ratio 1.4 --patients 100 --allocation nan", "active:reference such as 2:1"),
    ("ordinal C --odds-ratio 1.4 --patients 100 --hypothesis superior", "did you mean 'superiority'?"),
    ("ordinal C --odds-ratio 1.4 --patients 100 --margin .8", "--hypothesis: says of what the margin is"),
    ("ordinal C --patients 100 --hypothesis equivalence --margin 1", "other than 1"),
    ("ordinal C --power .8 --odds-ratio 1.4 --hypothesis equivalence --margin .8", "between 0.8 and 1.25"),
    ("ordinal C --power .8 --odds-ratio 1.4 --method whithead", "did you mean 'whitehead'?"),
    ("ordinal C --power .8 --active .5,.5", "--active"),
    ("ordinal C --power .8 --odds-ratio 1.4 --active .5,.1,.1,.1,.1,.1", "are given both"),
    ("ordinal --control .5,.6 --power .8 --odds-ratio 1.4", "do not add up to 1 (got 1.1)"),
    ("ordinal --control 60,40 --power .8 --odds-ratio 1.4", "is no probability"),
    ("ordinal --control 1,0 --power .8 --odds-ratio 1.4", "in one category"),
    ("ordinal --control .5,.5 --control .3,.3,.4 --power .8 --odds-ratio 1.4", "different numbers of categories"),
    ("ordinal C --control .6,.1,.1,.1,.1,0 --shares .5 --power .8 --odds-ratio 1.4", "--shares"),
    ("ordinal C --power .8 --odds-ratio 1.4 --write /nonexistent/x.toml", "no such directory"),
    ("ordinal C --power .8 --odds-ratio 1.4 --plot x.gif", "--plot"),
    ("ordinal C --power .8 --odds-ratio 1.4 --plot x.png --write x.png", "would overwrite"),
    (
        "ordinal C --power .8 --odds-ratio 1.4 --seed 3",
        "simulated trials alone; allowed: with --simulate",
    ),
    ("ordinal C --power .999999 --patients 4", "or more patients"),
    ("risks --active .2 --power .8", "--control: is missing"),
    ("risks --control 30 --active .2 --power .8", "such as 0.3"),
    ("risks --control .3 --active .3 --power .8", "--active: no number of patients"),
    ("risks --control .3 --active .2 --risk-ratio .7 --power .8", "more than once"),
    ("risks --control .3 --risk-ratio 4 --power .8", "would be 1.2"),
    ("risks --control .3 --active .4 --sides 1 --power .8", "lower is better"),
    ("risks --control .3 --hypothesis non_inferiority --margin 1 --power .8", "below 1"),
    ("risks --control .3 --hypothesis non_inferiority --scale risk_ratio --margin .8 --power .8", "above 1"),
    ("risks --control .3 --active .2 --power .8 --better best", "higher, lower"),
    ("risks --strata .2,.3 --active .2 --power .8", "one effect in common"),
    ("risks --strata .2,.3 --risk-ratio .8 --scale odds_ratio --power .8", "--scale"),
    ("risks --control .3,.3 --active .2 --power .8", "twice"),
    ("risk --control .2", "did you mean 'risks'?"),
    ("means --difference .5 --sd 1 --power .8 --alpha 1e-300", "--alpha: out of range (got 1e-300)"),
    ("ordinal C --odds-ratio 1.45 --power .01", "--power: the test has this power without any effect (got 0.01)"),
    ("survival --control-median 12 --hazard-ratio .7 --power .025", "more than 0.025"),
    ("wins --win-odds 1.25 --sides 1 --alpha .1 --power .1", "more than 0.1"),
    ("ordinal C --odds-ratio 1.45 --power .8 --power .9", "--power: is given more than once"),
    ("means --difference .5 --sd 1 --patients 2", "--patients: leave no degree of freedom"),
    ("risks --control .3 --active .45 --hypothesis non_inferiority --margin .1 --power .8", "(got 0.15)"),
]


@pytest.mark.parametrize(("words", "message"), BAD)
def test_bad_input_is_one_message_in_flags(refused, words, message):
    found = refused("plan", *words.replace(" C", " --control .60,.08,.08,.05,.09,.10").split())
    assert message in found
    assert len(found.splitlines()) == 1


def test_a_missing_kind_is_told_the_kinds(refused):
    assert "a kind of trial is missing; allowed: ordinal, risks" in refused("plan")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "survival --hazard-ratio .7 --power .8",
            "--control-median, --control-survival, --control-hazard: one of these",
        ),
        ("survival --control-median x --hazard-ratio .7 --power .8", "--control-median: must be a number"),
        ("survival --control-median 12 --hazard-ratio .7", "two of the three"),
        ("survival --control-median 12 --hazard-ratio .7 --power .8 --test logrank", "did you mean 'log_rank'"),
        (
            "survival --control-median 12 --hazard-ratio .7 --power .8 --follow-up 3",
            "--accrual: how long patients enter",
        ),
        (
            "survival --control-median 12 --hazard-ratio 1 --power .8",
            "shows this hazard ratio (got 1.0); allowed: other than 1",
        ),
        ("survival --control-median 12 --hazard-ratio .7 --power .8 --unit month", "did you mean 'months'"),
        ("survival --control-median 12 --hazzard-ratio .7 --power .8", "--hazzard-ratio"),
        ("recovery --rate-ratio 1.2 --power .8", "--control-median: is needed"),
        (
            "recovery --control-median 8 --control-mortality .6 --rate-ratio 1.2 --power .8",
            "--control-mortality: out of",
        ),
        ("recovery --control-median 8 --rate-ratio 1.2 --power .8 --deaths keep", "did you mean 'kept'"),
    ],
)
def test_a_wrong_time_to_an_event_is_refused_by_its_flag(refused, words, message):
    found = refused("plan", *words.split())
    assert message in found
    assert len(found.splitlines()) <= 3


def test_an_unknown_kind_is_told_the_nearest(refused):
    assert "did you mean 'ordinal'?" in refused("plan", "ordnal")


def test_a_plan_imports_nothing_heavy():
    code = (
        "import json, sys; from jaksim.cli import run; "
        "codes = [run(['plan', *words.split()]) for words in sys.argv[1:]]; heavy = 'numba scipy pandas matplotlib'; "
        "print(json.dumps([codes, [m for m in heavy.split() if m in sys.modules]]))"
    )
    asked = [
        "ordinal --control .6,.4 --odds-ratio 2 --power .8 --looks 2",
        "risks --control .05 --active .01 --patients 200",
        "survival --control-median 12 --hazard-ratio .4 --power .8 --accrual 9 --follow-up 6 --test log_rank,max_combo",
        "survival --control-median 12 --hazard-ratio .7 --power .8 --accrual 12 --follow-up 6 --delay 2 --looks 2",
        "recovery --control-median 8 --control-mortality .1 --rate-ratio 1.25 --power .9",
        "means --difference 1 --sd 2 --power .8",
    ]
    found = subprocess.run([sys.executable, "-c", code, *asked], capture_output=True, text=True, check=True)
    assert json.loads(found.stdout.splitlines()[-1]) == [[0] * len(asked), []]


@pytest.mark.parametrize(
    ("percent", "plain"),
    [
        ("risks --control 7% --active 3.5% --power 80%", "risks --control .07 --active .035 --power .8"),
        (
            "ordinal --control 60%,8%,8%,5%,9%,10% --odds-ratio 1.45 --patients 900",
            "ordinal --control .60,.08,.08,.05,.09,.10 --odds-ratio 1.45 --patients 900",
        ),
        (
            "risks --control 30% --hypothesis non-inferiority --margin 10% --power 90%,80%",
            "risks --control .3 --hypothesis non_inferiority --margin .1 --power .9,.8",
        ),
    ],
)
def test_percentages_are_hundredths(jaksim, percent, plain):
    assert (
        jaksim("plan", *percent.split(), "--json").json["designs"]
        == (jaksim("plan", *plain.split(), "--json").json["designs"])
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--odds-ratio 1,45 --patients 900", "--odds-ratio 1,45 is read as two values, 1 and 45; one value is 1.45.\n"),
        ("--odds-ratio 1.45 --patients 2,500", "2 and 500; one value is 2.500 or 2500.\n"),
        ("--odds-ratio 1.45 --power .8 --alpha 0.05,0.1", ""),
        ("--odds-ratio 1.45 --patients 500,1000", ""),
        ("--odds-ratio 1.3,1.45 --patients 900", ""),
        ("--odds-ratio 1.45 --patients 2500,500", ""),
    ],
)
def test_a_comma_that_may_be_meant_as_a_decimal_one_or_as_thousands_is_remarked_on(jaksim, words, told):
    found = jaksim("plan", "ordinal", "--control", ".6,.2,.2", *words.split(), "--json")
    assert found.code == 0
    assert found.err.endswith(told)
    assert bool(found.err) == bool(told)
