"""A bad value is refused by the name of its parameter in Python and by its flag on the command line, in one message."""

import re
from pathlib import Path

import pytest

import jaksim
from jaksim import evidence
from jaksim.cli import run
from jaksim.datafile import parse_value
from jaksim.errors import InputError

ROOT = Path(__file__).parents[3]
SMALL = str(ROOT / "tests" / "scenarios" / "small.toml")
AML = str(ROOT / "docs" / "examples" / "aml.csv")
TWO = "population.patients=20,30"
STUDY = "recovery-dexamethasone"
MUCH = 2**64

# Verb, its subjects, options, the flag that the command line names, and what both messages say.
BAD = [
    (jaksim.power, (SMALL,), {"engine": "lav"}, "--engine", "allowed: auto, law, path; did you mean 'law'?"),
    (jaksim.power, (SMALL,), {"variance_reduction": "control-variate"}, "--variance-reduction", "did you mean"),
    (jaksim.power, (SMALL,), {"replicates": 0}, "--replicates", "1 to 1073741824"),
    (jaksim.power, (SMALL,), {"until_se": 3.0}, "--until-se", "0.00001 to 0.5"),
    (jaksim.power, (SMALL,), {"until_se": 0.1, "replicates": 5}, "--until-se", "one of the two"),
    (jaksim.power, (SMALL,), {"seed": -1}, "--seed", "2**64 - 1"),
    (jaksim.power, (SMALL,), {"workers": 5000}, "--workers", "1 to 1024"),
    (jaksim.power, (SMALL,), {"changes": ["x"]}, "--set", "a change is KEY=VALUE"),
    (jaksim.power, (SMALL,), {"changes": ["endpoint.x.day=3"]}, "--set", "allowed: recovery, score"),
    (jaksim.power, (SMALL,), {"engin": "law"}, "--engin", "did you mean"),
    (jaksim.power, ("actt22",), {}, "", "did you mean 'actt2'?"),
    (jaksim.shoot_out, (SMALL,), {"methods": "mian"}, "--methods", "allowed: main, all; did you mean 'main'?"),
    (jaksim.shoot_out, (SMALL,), {"engine": "pathh"}, "--engine", "did you mean 'path'?"),
    (jaksim.shoot_out, (SMALL,), {"replicates": -2}, "--replicates", "1 to 1073741824"),
    (jaksim.size, (SMALL,), {"power": 2.0}, "--power", "above 0, below 1"),
    (jaksim.size, (SMALL,), {"analysis": "log-rnk"}, "--analysis", "did you mean 'log-rank'?"),
    (jaksim.size, (SMALL,), {"engine": "pathh"}, "--engine", "did you mean 'path'?"),
    (jaksim.assurance, (SMALL,), {"target": 2.0}, "--power", "above 0, below 1"),
    (jaksim.assurance, (SMALL,), {"target": 0.5, "draws": 3}, "--draws", "20"),
    (jaksim.assurance, (SMALL,), {"target": 0.5, "analysis": "coxx"}, "--analysis", "did you mean 'cox'?"),
    (jaksim.compare, (SMALL, SMALL), {"engine": "lav"}, "--engine", "did you mean 'law'?"),
    (jaksim.compare, (SMALL, SMALL), {"replicates": -1}, "--replicates", "1 to 1073741824"),
    (jaksim.compare, (SMALL, SMALL), {"changes": ["x"]}, "--set", "a change is KEY=VALUE"),
    (jaksim.compare, (SMALL, SMALL), {"second_changes": ["x"]}, "--set-second", "a change is KEY=VALUE"),
    (jaksim.predict, (SMALL,), {"draws": 3}, "--draws", "20"),
    (jaksim.predict, (SMALL,), {"replicates": 3}, "--replicates", "10"),
    (jaksim.predict, (SMALL,), {"between_trial_sd": -1.0}, "--between-trial-sd", "0"),
    (jaksim.predict, (SMALL,), {"seed": MUCH}, "--seed", "2**64 - 1"),
    (jaksim.simulate_trial, (SMALL,), {"replicate": -1}, "--replicate", "0 to 2**32 - 1"),
    (jaksim.simulate_trial, (SMALL,), {"seed": -1}, "--seed", "0 to 2**64 - 1"),
    (jaksim.simulate_trial, (SMALL,), {"as_known": True}, "--as-known", "a trial with interim"),
    (jaksim.simulate_trial, (SMALL,), {"as_known": True, "counterfactual": True}, "--as-known", "allowed: without"),
    (jaksim.sweep, (SMALL,), {"vary": ["x"]}, "--vary", "allowed: KEY=V1,V2"),
    (jaksim.sweep, (SMALL,), {"vary": [TWO], "engine": "lav"}, "--engine", "did you mean 'law'?"),
    (jaksim.sweep, (SMALL,), {"vary": [TWO], "baseline": ["x=3"]}, "--baseline", "allowed: point, population.patients"),
    (jaksim.sweep, (SMALL,), {"vary": [TWO], "replicates": 0}, "--replicates", "1 to 1073741824"),
    (jaksim.sweep, (SMALL,), {"latin": 3}, "--latin", "KEY=LOW:HIGH"),
    (jaksim.boundaries, (), {"looks": 3, "spending": "pocok"}, "--spending", "did you mean 'pocock'?"),
    (jaksim.boundaries, (), {"looks": 0}, "--looks", "1 to 200"),
    (jaksim.boundaries, (), {"looks": 3, "alpha": 2.0}, "--alpha", "allowed: 1e-10"),
    (jaksim.boundaries, (), {"looks": 3, "sides": 3}, "--sides", "1 or 2"),
    (jaksim.boundaries, (), {"looks": 3, "harm": "pocock", "harm_alpha": 4.0}, "--harm-alpha", "allowed: 1e-10"),
    (jaksim.boundaries, (), {"looks": 3, "final": True}, "--final", "allowed: with"),
    (jaksim.analyze, (AML,), {"method": "coxx"}, "--method", "did you mean 'cox'?"),
    (jaksim.analyze, (AML,), {"method": "cox", "missing": "dropp"}, "--missing", "did you mean 'drop'?"),
    (jaksim.analyze, (AML,), {"method": "cox", "level": 2.0}, "--level", "between 0 and 1"),
    (jaksim.analyze, (AML,), {"method": "cox", "better": "lowr"}, "--better", "did you mean 'lower'?"),
    (jaksim.analyze, (AML,), {"method": "cox", "hypothesis": "equivalenc"}, "--hypothesis", "'equivalence'?"),
    (jaksim.analyze, (AML,), {"method": "cox", "time_unit": "dys"}, "--time-unit", "did you mean 'days'?"),
    (jaksim.analyze, (AML,), {"method": "cox", "reference": "maintaind"}, "--reference", "did you mean 'maintained'?"),
    (jaksim.analyze, (AML,), {"method": "cox", "options": ["cox.tie=efron"]}, "--option", "did you mean 'ties'?"),
    (jaksim.analyze, (AML,), {"method": "cox", "seed": -1}, "--seed", "0 to 2**64 - 1"),
    (jaksim.calibrate, (STUDY,), {"draws": 3}, "--draws", "10"),
    (jaksim.calibrate, (STUDY,), {"seed": MUCH}, "--seed", "0 to 2**64 - 1"),
    (jaksim.calibrate, ("actt2",), {}, "", "did you mean 'actt-2'?"),
    (jaksim.reproduce, ("actt-2",), {"parameters": "actt2"}, "--parameters", "did you mean 'actt-2'?"),
    (jaksim.reproduce, (STUDY,), {"replicates": 3}, "--replicates", "100"),
    (jaksim.reproduce, (STUDY,), {"seed": MUCH}, "--seed", "0 to 2**64 - 1"),
    (jaksim.backtest, ("mortalty",), {}, "", "did you mean 'mortality'?"),
    (jaksim.verify, ("logrank_sample_sizes",), {}, "", "did you mean 'logrank_sample_size'?"),
    (jaksim.keys, ("alpa",), {}, "", "did you mean 'alpha'?"),
    (evidence.show, ("actt2",), {}, "", "did you mean 'actt-2'?"),
    (evidence.show_facts, ("dosin",), {}, "", "did you mean 'dosing'?"),
    (evidence.check_figures, ("actt2",), {}, "", "did you mean 'actt-2'?"),
]
COMMANDS = {
    "shoot_out": "power --endpoints all",
    "assurance": "size --assurance",
    "simulate_trial": "simulate --out x.csv",
    "sweep": "sweep --out s",
    "show": "evidence show",
    "show_facts": "evidence facts",
    "check_figures": "evidence check",
}
FLAGS = {
    "changes": "--set",
    "second_changes": "--set-second",
    "target": "--power",
    "options": "--option",
    "methods": "--methods",
}


def words_of(verb, subjects, options):
    words = [*COMMANDS.get(verb.__name__, verb.__name__).split(), *subjects]
    for name, value in options.items():
        flag = FLAGS.get(name, f"--{name.replace('_', '-')}")
        for one in value if isinstance(value, list) else [value]:
            words += [flag] if one is True else [flag, str(one)]
    return words


@pytest.mark.parametrize(("verb", "subjects", "options", "flag", "said"), BAD)
def test_a_bad_value_is_named_in_both_doors(verb, subjects, options, flag, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(words_of(verb, subjects, options)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("jaksim: ")
    assert err.count("\n") == 1
    assert re.search(rf"{flag}(?![a-z-])", err)
    assert said in err
    more = {"out": tmp_path / "s"} if verb is jaksim.sweep else {}
    with pytest.raises(InputError) as fault:
        verb(*subjects, **options, **more)
    message = str(fault.value)
    assert said in message
    assert "--" not in message
    assert not options or any(re.search(rf"(?<![a-z]){name}s?(?![a-z])", message) for name in options)


@pytest.mark.parametrize(
    ("verb", "options", "said"),
    [
        ("power", {"seed": "abc"}, "seed: must be a whole number (got 'abc')"),
        ("power", {"seed": 1.5}, "seed: must be a whole number (got 1.5)"),
        ("power", {"seed": True}, "seed: must be a whole number (got True)"),
        ("power", {"null": "yes"}, "null: must be True or False (got 'yes')"),
        ("power", {"changes": "population.patients=3"}, "changes: must be a list (got 'population.patients=3')"),
        ("power", {"changes": [3]}, "changes: must be text (got 3)"),
        ("power", {"progress": 3}, "progress: must be a function (got 3)"),
        ("power", {"engine": None}, "engine: must be text"),
        ("predict", {"between_trial_sd": float("nan")}, "between_trial_sd: must be a finite number (got nan)"),
        ("predict", {"between_trial_sd": "0.1"}, "between_trial_sd: must be a number (got '0.1')"),
        ("assurance", {"between_trial_sd": -1}, "between_trial_sd: is too small (got -1); allowed: 0 or more"),
        ("size", {"power": "high"}, "power: must be a number (got 'high')"),
        ("shoot_out", {"workers": 0}, "workers: is too small (got 0); allowed: 1 or more"),
        ("simulate_trial", {"counterfactual": 1}, "counterfactual: must be True or False (got 1)"),
    ],
)
def test_a_value_of_another_type_is_refused(verb, options, said):
    with pytest.raises(InputError) as fault:
        getattr(jaksim, verb)(SMALL, **options)
    assert said in str(fault.value)


def test_numbers_of_numpy_are_numbers():
    import numpy as np

    asked = {"replicates": np.int64(20), "seed": np.uint32(3), "null": np.bool_(True)}
    found = jaksim.power(SMALL, **asked)
    assert found.as_dict() == {
        **jaksim.power(SMALL, replicates=20, seed=3, null=True).as_dict(),
        "elapsed_seconds": found.elapsed_seconds,
    }


@pytest.mark.parametrize("words", [["--draws", "30"], ["--draws", "30", "--endpoints", "all"]])
def test_draws_without_an_assurance_are_refused(words, capsys):
    assert run(["power", SMALL, *words]) == 2
    assert "--draws: parameters are drawn for an assurance only" in capsys.readouterr().err


ROWS = {"arm": ["a", "a", "b", "b"], "event": [1, 0, 1, 0]}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: jaksim.power(SMALL, 200), "power: options are given by name (got 200)"),
        (lambda: jaksim.compare(SMALL, SMALL, 200), "scenario: must be a file or what has a name (got 200)"),
        (lambda: jaksim.boundaries(2), "scenario: must be a file or what has a name (got 2)"),
        (lambda: jaksim.boundaries("actt4", 2), "boundaries: options are given by name (got 2)"),
        (lambda: jaksim.power(), "power, scenario: is missing; allowed: power(scenario)"),
        (lambda: jaksim.compare(SMALL), "compare, second: is missing; allowed: compare(first, second)"),
        (lambda: jaksim.sweep(SMALL, vary=[TWO]), "sweep, out: is missing; allowed: sweep(scenario, out=...)"),
        (lambda: jaksim.power(SMALL, scenario=SMALL), "power, scenario: is given twice"),
        (lambda: jaksim.power(b"bin.toml"), "scenario: must be a file or what has a name (got b'bin.toml')"),
        (lambda: jaksim.calibrate(b"x"), "study: must be a file or what has a name (got b'x')"),
        (lambda: jaksim.power(""), "scenario: is empty (got ''); allowed: a path, a name"),
        (lambda: jaksim.calibrate(""), "study: is empty"),
        (lambda: jaksim.analyze("", method="cox"), "data: is empty"),
        (lambda: jaksim.power("a" * 5000), "no such file, and no scenario of this name"),
        (lambda: jaksim.calibrate("a" * 5000), "unknown study"),
        (lambda: jaksim.backtest("a" * 5000), "unknown backtest"),
        (lambda: jaksim.power("a" * 5000 + ".toml"), "the file cannot be read: "),
        (lambda: jaksim.analyze(ROWS, method="risk_difference", options=5), "options: must be a mapping or a list"),
        (lambda: jaksim.analyze(ROWS, method=["cox"]), "method: must be text (got ['cox']); allowed: one name, or"),
        (lambda: jaksim.analyze(ROWS, method="cox", methods=["cox"]), "method: methods are named twice"),
        (
            lambda: jaksim.analyze({**ROWS, "event": iter([1, 0, 1, 0])}, method="risk_difference"),
            "data, column 'event': must be one value for each patient (got 'list_iterator')",
        ),
        (
            lambda: jaksim.analyze({**ROWS, "event": [[1], [0, 1]]}, method="risk_difference"),
            "data, column 'event': must be one value for each patient (got 'list')",
        ),
        (lambda: jaksim.analyze({**ROWS, "event": 3}, method="risk_difference"), "column 'event': must be one value"),
    ],
)
def test_what_python_can_say_amiss_is_an_input_error(call, said):
    with pytest.raises(InputError) as fault:
        call()
    assert said in str(fault.value)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (f"power {SMALL} --replicates abc", "(got 'abc')"),
        (f"power {SMALL} --seed x", "(got 'x')"),
        (f"power {SMALL} --until-se 1e", "(got '1e')"),
        (f"predict {SMALL} --between-trial-sd 100", "--between-trial-sd: the standard deviation of a logarithm is out"),
        (f"power {SMALL} --draws 20 --between-trial-sd 100", "--between-trial-sd"),
        ("reproduce foo", "jaksim: study: unknown study (got 'foo'); allowed: actt-1, "),
        ("verify foo", "or a kind: "),
        ("verify logrank_sample_sizes", "did you mean 'logrank_sample_size'?"),
        (f"power {SMALL} --set accrual.rates=[]", "accrual, rates: wrong number of rates (got 0); allowed: 1,"),
        (f"power {SMALL} --set accrual.rates=[1,2]", "accrual, rates: wrong number of rates (got 2); allowed: 1,"),
        (f"power {SMALL} --set endpoint.score.day=1.5", "study days are whole numbers (got 1.5)"),
        (f"power {SMALL} --set analysis.0.alpha=nan", "must be finite (got nan); allowed: a finite number"),
        (f"power {SMALL} --set analysis.0.alpha=-inf", "must be finite (got -inf); allowed: a finite number"),
        (f"power {SMALL} --set accrual.rates=[1,inf]", "must be finite"),
        (f"power {SMALL} --set analysis.0.alpha=-.1", "(got -0.1)"),
        ("boundaries --looks 2 --actual 0.5,1,1.2", "--actual: no trial has this information (got [0.5, 1.0, 1.2])"),
        ("boundaries --looks 2 --actual 50", "--actual: no trial has this information (got [50.0])"),
        ("boundaries --looks 3 --actual 1.1,1.2", "--actual: no trial has this information"),
        (f"size {SMALL} --analysis=", "--analysis: unknown analysis (got '')"),
        (f"size {SMALL} --assurance --analysis=", "--analysis: unknown analysis (got '')"),
        (f"sweep {SMALL} --out s --vary population.patients=10,10", "--vary population.patients: two points are equal"),
        (f"sweep {SMALL} --out s --vary population.patients=10,20,10.0", "two points are equal (got [10.0])"),
        (f"sweep {SMALL} --out s --points twice.csv", "--points: two points are equal (got [10])"),
        ("sweep --out s --grow 0", "--grow: the number to add is too small (got 0); allowed: 1 or more"),
        ("sweep --out s --grow=-3", "--grow: the number to add is too small (got -3)"),
    ],
)
def test_a_command_line_that_means_nothing_is_refused(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("twice.csv").write_text("population.patients\n10\n20\n10\n", "utf-8")
    assert run(words.split()) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(("typed", "value"), [(".05", 0.05), ("-.1", -0.1), ("5.", 5.0), ("+.5e-1", 0.05)])
def test_numbers_may_be_typed_without_a_zero(typed, value):
    assert parse_value(typed, where="x") == value
    assert parse_value(f"v{typed}", where="x") == f"v{typed}"
    assert parse_value(".", where="x") == "."
