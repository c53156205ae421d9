"""Every verb over every scenario that comes with jaksim: answered without a number that is none, or refused."""

import json
from pathlib import Path

import pytest

from jaksim.scenario import load_scenario
from jaksim.scenario.shipped import shipped_scenarios
from tests.fuzz.running import NOT_A_NUMBER

SHIPPED = tuple(sorted(shipped_scenarios()))
# Their critical values, or large families of arms, take a while to be found anew under no effect.
SLOW = ("recovery-multi-arm", "remap-cap-adaptive")
VERBS = {
    "show": (),
    "power": ("--replicates", 4),
    "power, path engine": ("--replicates", 2, "--engine", "path"),
    "power, all endpoints": ("--replicates", 4, "--endpoints", "all"),
    "power, assurance": ("--replicates", 2, "--assurance"),
    "size": ("--replicates", 20),
    "compare": ("--replicates", 4),
    "compare, with a third": ("actt4", "--replicates", 4),
    "boundaries": ("--replicates", 10),
    "interim": ("--look", 1, "--z", 1.5, "--replicates", 10, "--draws", 5),
    "predict": ("--draws", 20, "--replicates", 10),
    "simulate": ("--out", "patients.csv"),
    "simulate, counterfactual": ("--out", "worlds.csv", "--counterfactual"),
    "sweep": ("--out", "sweep", "--vary", "population.patients=600", "--replicates", 4),
    "forecast": ("--data", "log.csv", "--on", 20, "--replicates", 4),
}
# A site of the plan that has opened, and nobody screened yet.
LOG = "event,day,site\nactivated,3,{site}\n"
QUICK = ("show", "power", "simulate", "compare", "predict")
# Those of strategies that change a patient's drugs from day to day take ten seconds.
SLOW_PREDICTION = (("predict", "actt2-strategies"), ("predict", "actt4-rescue"))


def cases(verbs, scenarios):
    return [pytest.param(verb, name, id=f"{verb} {name}") for verb in verbs for name in scenarios]


def quick_cases():
    slow = [pytest.mark.verify]
    return [
        pytest.param(verb, name, id=f"{verb} {name}", marks=slow if (verb, name) in SLOW_PREDICTION else [])
        for verb in QUICK
        for name in SHIPPED
        if name not in SLOW
    ]


def check(jaksim, verb, name):
    word = verb.split(",")[0]
    operations = load_scenario(name).trial.operations
    Path("log.csv").write_text(LOG.format(site=operations.recruitment.site_names[0] if operations else "any"))
    given = [word, name, *([name] if word == "compare" else []), *VERBS[verb]]
    if word == "predict" and operations is not None:
        # 200 trials one event after the other take long; tests/unit/verbs/test_door.py has those of a smaller trial.
        given += ["--door", "fast"]
    outcome = jaksim(*given, "--json")
    assert outcome.code in (0, 2), outcome.err
    assert "Traceback" not in outcome.err
    assert "Warning" not in outcome.err
    if outcome.code == 2:
        assert outcome.out == ""
        assert outcome.err.startswith("jaksim: ")
        assert len(outcome.err) < 2000
    else:
        assert json.loads(outcome.out, parse_constant=pytest.fail)
    return outcome


@pytest.mark.parametrize(("verb", "name"), quick_cases())
def test_quick_verbs_answer_or_refuse_every_scenario(jaksim, tmp_path, monkeypatch, verb, name):
    monkeypatch.chdir(tmp_path)
    outcome = check(jaksim, verb, name)
    assert outcome.code == 0 or verb == "predict", outcome.err


@pytest.mark.parametrize("name", SHIPPED)
def test_trials_with_sites_are_forecast_and_others_refused(jaksim, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    outcome = check(jaksim, "forecast", name)
    assert (outcome.code == 0) == (load_scenario(name).trial.operations is not None), outcome.err


@pytest.mark.verify_long
@pytest.mark.parametrize(("verb", "name"), cases(VERBS, SHIPPED))
def test_every_verb_answers_or_refuses_every_scenario(jaksim, tmp_path, monkeypatch, verb, name):
    monkeypatch.chdir(tmp_path)
    check(jaksim, verb, name)


@pytest.mark.parametrize("name", [name for name in SHIPPED if name not in SLOW])
def test_the_text_of_every_scenario_has_no_number_that_is_none(jaksim, name):
    outcome = jaksim("power", name, "--replicates", 4)
    assert outcome.code == 0, outcome.err
    assert NOT_A_NUMBER.search(outcome.out) is None


def test_scenarios_of_the_folder_are_those_that_come_with_jaksim():
    folder = Path(__file__).parents[2] / "scenarios"
    assert sorted(path.stem for path in folder.glob("*.toml")) == sorted(SHIPPED)
