"""What a scenario assumes is printed, whichever key it comes from, and what has no uncertainty is said."""

import math
from pathlib import Path

import pytest

from jaksim.scenario import load_scenario
from jaksim.verbs.assurance import assurance
from jaksim.verbs.compare import compare
from jaksim.verbs.power import power, shoot_out
from jaksim.verbs.predict import predict
from jaksim.verbs.size import size

SMALL = Path(__file__).parents[2] / "scenarios" / "small.toml"
COVARIATE = """
[[disease.covariate]]
covariate = "age"
moves = "death"
log_hazard_ratio = 0.5
source = "Cohort 2019"
"""
ACCRUAL = """
[accrual]
rates = [2.0, 5.0]
cuts = [30.0]
assumption = "as in the pilot"

[prediction]
between_trial_sd = 0.1
source = "Meta-analysis 2024"
assumption = "taken for all effects"
"""


@pytest.fixture
def full(tmp_path):
    """A scenario that assumes something under every key that can say where it comes from."""
    text = SMALL.read_text()
    ill = "covariates = { age = 1.5, sex = 1 }\ndays_since_onset = 4"
    text = text.replace("baseline_score = 2\n", f"baseline_score = 2\n{ill}\n")
    text = text.replace("baseline_score = 2 }", "baseline_score = 2, covariates = { age = 1, sex = 1 } }")
    text = text.replace("baseline_score = 3 }", "baseline_score = 3, covariates = { age = 3, sex = 1 } }")
    text = text.replace("[population]\n", f'{COVARIATE}\n[population]\nsource = "Registry 2020"\n')
    text = text.replace("[disease]\n", 'sources = ["Protocol 1.0",\n "Ann, Lancet 2020"]\n\n[disease]\n')
    path = tmp_path / "full.toml"
    path.write_text(text + ACCRUAL)
    (tmp_path / "four.toml").write_text(SMALL.with_name("four.toml").read_text())
    return path


def lines(scenario):
    return {(one.about, one.statement): one for one in load_scenario(scenario).assumptions}


def test_covariates_of_patients_and_what_they_change_are_assumptions(full):
    found = lines(full)
    effect = found["covariate age", "death, per unit of age"]
    assert effect.ratio == pytest.approx(math.exp(0.5))
    assert (effect.source, effect.published) == ("Cohort 2019", True)
    kinds = "ill 1.5, mixed 1 (25.0 %) and 3 (75.0 %)"
    assert found["population", f"covariate age: {kinds}"].source == "Registry 2020"
    assert ("population", "covariate sex, which no effect depends on: ill 1, mixed 1") in found
    assert ("population", "baseline score: ill 2, mixed 2 (25.0 %) and 3 (75.0 %)") in found
    assert ("population", "days since onset: ill 4, mixed unknown") in found


def test_accrual_and_intensities_are_assumptions_with_their_sources(full):
    found = lines(full)
    accrual = found["accrual", "patients per day: 2 to day 30, 5"]
    assert (accrual.published, accrual.note) == (False, "as in the pilot")
    (history,) = [one for (about, _), one in found.items() if about == "natural history"]
    assert "3>2 0.12 to day 2.5, 0.2" in history.statement


def test_strata_that_are_named_by_their_score_need_no_further_line():
    assert not any("baseline score" in statement for _, statement in lines("actt4"))


@pytest.mark.parametrize(
    "ask",
    [
        lambda path: power(path, replicates=20),
        lambda path: shoot_out(path, replicates=20),
        lambda path: predict(path, draws=20, replicates=10),
        lambda path: size(path, power=0.5, replicates=100),
        lambda path: assurance(path, draws=20),
        lambda path: compare(path, path, replicates=20),
    ],
    ids=["power", "shoot_out", "predict", "size", "assurance", "compare"],
)
def test_every_answer_says_what_it_rests_on(full, ask):
    answer = ask(full)
    report = " ".join(answer.report().split())
    for words in (
        "1.65 death, per unit of age",
        "Source: Cohort 2019",
        "Source: Registry 2020",
        "ASSUMED: as in the pilot",
        "1.60 (1.20-2.13) improvement, days 0-7",
    ):
        assert words in report
    assert "per unit of age" in str(answer.as_dict()["assumptions"])


def test_sources_of_the_scenario_and_of_the_spread_between_trials_are_printed(full):
    report = " ".join(power(full, replicates=20).report().split())
    assert "Sources Protocol 1.0 Ann, Lancet 2020" in report
    for answer in (predict(full, draws=20, replicates=10), assurance(full, draws=20)):
        assert "Source: Meta-analysis 2024; taken for all effects." in " ".join(answer.report().split())


def test_parts_without_uncertainty_are_named(full):
    assert load_scenario(full).exactly_known == ("effect of the covariate age", "natural history")
    assert load_scenario("actt2").exactly_known == ()
    certain = full.with_name("certain.toml")
    certain.write_text(full.read_text().replace(", interval = [1.2, 2.1333333333]", ""))
    known = ("effect of drug", "effect of the covariate age", "natural history")
    assert load_scenario(certain).exactly_known == known
    for answer in (predict(certain, draws=20, replicates=10), assurance(certain, draws=20)):
        report = " ".join(answer.report().split())
        assert f"Fixed, for want of an uncertainty, and so the same in every draw: {', '.join(known)}." in report
        assert "vary between trials." in report
        assert answer.as_dict()["exactly_known"] == list(known)
    certain.write_text(certain.read_text().replace("between_trial_sd = 0.1", "between_trial_sd = 0.0"))
    for answer in (predict(certain, draws=20, replicates=10), assurance(certain, draws=20)):
        assert "Nothing in the scenario is uncertain" in " ".join(answer.report().split())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            (),
            "5 places at a site, 0.12 other patients a day, up to 6 times as many in the wave; "
            "who finds none stays, gets worse 10 times and better 0.2 times as fast",
        ),
        (
            ("rule=transfer", "worse=1", "better=1", "wave=[]"),
            "5 places at a site, 0.12 other patients a day; who finds none is taken elsewhere",
        ),
        (
            ("places=0", "others=0", "wave=[[0, 0.5], [9, 2]]", "worse=1.5"),
            "0 places at a site, 0 other patients a day, up to 2 times as many in the wave; "
            "who finds none stays, gets worse 1.5 times and better 0.2 times as fast",
        ),
    ],
)
def test_a_ward_says_what_becomes_of_whoever_finds_no_place(changes, words):
    scenario = load_scenario("surge", changes=[f"operations.ward.ventilators.{one}" for one in changes])
    assert next(one for one in scenario.assumptions if one.about == "ward ventilators").statement == words


def test_a_reason_to_fail_screening_is_printed_with_its_source():
    """Of a threshold, the fact of the catalogue; its share stays assumed where the shares are."""
    reason = "{name='haemoglobin below 8 g/dL', probability=0.03, source='fact baricitinib_haemoglobin'}"
    found = load_scenario("slow-sites", changes=[f"operations.screening.reason=[{reason}]"])
    share, one = (line for line in found.assumptions if line.about == "screening")
    assert share.statement == "97.0 % of the screened are randomised"
    assert one.statement == "3.0 % of the screened fail for haemoglobin below 8 g/dL"
    assert (one.source, one.published) == ("fact baricitinib_haemoglobin", False)
    assert one.note == share.note
