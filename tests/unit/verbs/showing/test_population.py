"""What `show_population` says of a law that is known otherwise, and of facts that a scenario cites."""

import numpy as np
import pytest
from scipy import stats

import jaksim
from jaksim.errors import InputError
from jaksim.scenario.document import read_document
from jaksim.scenario.scenario import scenario_of
from jaksim.verbs.showing.cited import check_facts

AGE = {"name": "age", "law": "normal", "mean": 60.0, "sd": 15.0, "stratum": {"score 7": {"mean": 66.0}}}
BLOOD = {"name": "haemoglobin", "law": "normal", "mean": 12.0, "sd": 2.0, "unit": "g/dL"}
MALE = {"name": "male", "share": 0.63}


def asked(eligibility=(), population=(), **more):
    document = read_document("actt2")
    document["population"] = {**document["population"], "characteristic": [AGE, BLOOD, MALE], **dict(population)}
    return scenario_of({**document, "eligibility": list(eligibility), **more}, "actt2")


@pytest.fixture(scope="module")
def shown():
    criteria = [
        {"name": "adults up to 75", "characteristic": "age", "at_least": 18, "at_most": 75},
        {"name": "blood", "characteristic": "haemoglobin", "at_least": 8},
    ]
    pair = [{"pair": ["age", "haemoglobin"], "value": 0.6, "of": "latents"}]
    return jaksim.show_population(asked(criteria, {"correlation": pair}))


def test_strata_screened_follow_from_those_let_in(shown):
    for one in shown.strata:
        mean = 66.0 if one.name == "score 7" else 60.0
        law = stats.multivariate_normal([mean, 12.0], [[225.0, 18.0], [18.0, 4.0]])
        inside = sum(sign * law.cdf([age, 8.0]) for sign, age in ((1.0, 18.0), (-1.0, 75.0)))
        inside += stats.norm.cdf(75.0, mean, 15.0) - stats.norm.cdf(18.0, mean, 15.0)
        assert one.let_in == pytest.approx(inside, abs=5e-4)
    kept = sum(one.of_let_in / one.let_in for one in shown.strata)
    for one in shown.strata:
        assert one.of_screened == pytest.approx(one.of_let_in / one.let_in / kept)
    assert shown.let_in == pytest.approx(1.0 / kept)


def test_exclusions_alone_and_in_turn(shown):
    age, blood = shown.criteria
    assert blood.alone == pytest.approx(stats.norm.cdf(-2.0), abs=5 * shown.error)
    assert age.in_turn == pytest.approx(age.alone)
    assert age.in_turn + blood.in_turn == pytest.approx(1.0 - shown.let_in)
    assert blood.in_turn < blood.alone
    assert blood.left == pytest.approx(shown.let_in)


def mean_let_in(strata):
    """The mean haemoglobin of those from 18 to 75 with 8 or more, by haemoglobin given age on a grid of ages."""
    total, ages = 0.0, np.linspace(18.0, 75.0, 20_001)
    for one in strata:
        mean = 66.0 if one.name == "score 7" else 60.0
        weight = stats.norm.pdf(ages, mean, 15.0)
        given = stats.norm(12.0 + 0.6 * 2.0 * (ages - mean) / 15.0, 1.6)
        above = given.sf(8.0)
        part = given.mean() * above + 1.6**2 * given.pdf(8.0)
        total += one.of_let_in * (weight @ part) / (weight @ above)
    return total


def test_laws_before_and_after_are_those_of_scipy(shown):
    found = {(one.characteristic, one.stratum, one.of): one for one in shown.laws}
    law = stats.norm(66.0, 15.0)
    before = found["age", "score 7", "screened"]
    assert (before.mean, before.sd, before.low) == pytest.approx((66.0, 15.0, law.ppf(0.25)), rel=2e-3)
    assert dict(found["male", "all", "let in"].shares)[1.0] == pytest.approx(0.63, abs=1e-3)
    assert found["haemoglobin", "all", "let in"].mean == pytest.approx(mean_let_in(shown.strata), rel=2e-4)
    (pair,) = (one for one in shown.correlations if one.pair == ("age", "haemoglobin"))
    assert pair.let_in < pair.screened < 0.6


def test_one_criterion_leaves_the_truncated_law():
    found = jaksim.show_population(asked([{"characteristic": "haemoglobin", "at_least": 11}]))
    law = stats.truncnorm(-0.5, 99.0, 12.0, 2.0)
    (one,) = (one for one in found.laws if one.characteristic == "haemoglobin" and one.of == "let in")
    assert (one.mean, one.sd, one.median) == pytest.approx((law.mean(), law.std(), law.median()), rel=1e-3)


def test_a_scenario_without_characteristics_is_refused():
    with pytest.raises(InputError, match="nothing is said of the patients"):
        jaksim.show_population("actt2")


FACT = "laboratory-thresholds/baricitinib_haemoglobin"
DOSE = {"treatment": "baricitinib", "characteristic": "age", "cuts": [60], "doses": [2, 4]}


@pytest.mark.parametrize(
    ("criterion", "dose", "message"),
    [
        ({"at_least": 9.0, "fact": FACT}, {}, "says something else"),
        ({"at_least": 8.0, "fact": "laboratory-thresholds/baricitinib"}, {}, "no such fact"),
        ({"at_least": 8.0, "fact": "baricitinib"}, {}, "cited by topic and id"),
        ({"at_least": 8.0, "fact": "nothing/here"}, {}, r"actt2, eligibility.*\.fact: unknown topic"),
        ({"at_least": 500.0, "fact": "laboratory-thresholds/baricitinib_lymphocytes"}, {}, "in another unit"),
        ({"at_least": 8.0}, {**DOSE, "cuts": [50], "fact": "dosing/baricitinib_renal"}, "says something else"),
    ],
)
def test_a_fact_that_says_something_else_is_refused(criterion, dose, message):
    high = {**BLOOD, "mean": 12.0 if criterion["at_least"] < 100.0 else 900.0}
    population = {"characteristic": [AGE, high, MALE]}
    scenario = asked([{"characteristic": "haemoglobin", **criterion}], population, dose=[dose] if dose else [])
    with pytest.raises(InputError, match=message):
        check_facts(scenario)
    with pytest.raises(InputError, match=message):
        jaksim.show(scenario)


def test_facts_that_are_followed_pass():
    scenario = asked(
        [{"characteristic": "haemoglobin", "at_least": 8, "fact": FACT}],
        dose=[{**DOSE, "fact": "dosing/baricitinib_renal"}],
    )
    check_facts(scenario)
    assert scenario.cites_facts
