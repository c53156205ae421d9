"""Designs that contradict themselves are refused, each with the reason."""

import random
import tomllib
from pathlib import Path

import pytest

from jaksim.errors import InputError
from jaksim.scenario import load_scenario

SCENARIO = Path(__file__).parents[2] / "scenarios" / "interims.toml"
AT_30 = "monitoring.interim.0.information=0.3"

JUDGED = ["monitoring.interim.0.futility_analysis=death", "monitoring.interim.0.futility_z=0"]

OTHER = [
    "analysis.death={name='cut', endpoint='well', method='risk_difference_mn', alpha=0.025, sides=1}",
    "monitoring.interim.0.analysis=cut",
]

REFUSED = [
    # Alpha and boundaries.
    (
        ["monitoring.spending=user:0.5,0.8,1.2"],
        "spending: more than 1 is spent (got 1.2); allowed: a last value of 0.025",
    ),
    (["monitoring.spending=user:0.01,0.02,0.03"], "spending: the table does not end at the error to be spent"),
    (["monitoring.spending=user:0.02,0.01,0.025"], "spending: the spending table decreases"),
    (["monitoring.spending=user:0.01,0.025"], "one value for each analysis"),
    (["monitoring.spending=haybittle-peto:1"], "the interim analyses spend all of alpha"),
    (["monitoring.futility=z:0,4"], "the futility bound is above the efficacy bound at analysis 2"),
    (["monitoring.futility=z:0,1,2"], "one for each of the 2 interim analyses"),
    (["monitoring.binding=true"], "no lower boundary"),
    (["monitoring.harm=pocock", "analysis.well.sides=2"], "a two-sided trial tests for harm already"),
    (["analysis.well.alpha=1.2"], "1e-09 <= alpha < 1"),
    (["analysis.well.alpha=0.6"], "alpha is out of range"),
    # Interim analyses.
    (["monitoring.interim.0.efficacy=false"], "monitoring, interim analysis 1: the trial cannot stop there"),
    (
        ["monitoring.interim.1.efficacy=false", "monitoring.interim.1.futility=false", "monitoring.futility=hsd:1"],
        "interim analysis 2: the trial cannot stop there, neither for efficacy nor for futility; allowed: a test",
    ),
    (["monitoring.interim.0.futility_analysis=deth", "monitoring.interim.0.futility_z=0"], "did you mean 'death'?"),
    (["monitoring.interim.0.futility_analysis=death"], "the z at which to stop is missing"),
    (["monitoring.interim.0.futility_z=0"], "the bound of another analysis needs its name"),
    (
        ["monitoring.interim.0.futility_analysis=well", "monitoring.interim.0.futility_z=0"],
        "the analysis that is tested has its futility bounds in 'futility'",
    ),
    ([*JUDGED, "monitoring.interim.0.futility=false"], "futility is both switched off and judged"),
    ([*JUDGED, "monitoring.futility=z:-1,0", "monitoring.binding=true"], "allowed: binding = false"),
    (["endpoint.well.follow_up=5"], "endpoint 'well': the endpoint has a follow-up of its own, so it cannot be cut"),
    ([*JUDGED, "endpoint.death.follow_up=5"], "endpoint 'death': the endpoint has a follow-up of its own"),
    (
        ["monitoring.interim.0.when=complete(death) >= 300", AT_30, "endpoint.death.follow_up=5"],
        "endpoint 'death': the endpoint has a follow-up of its own",
    ),
    (
        ["endpoint.death={name='death', kind='longitudinal'}", "analysis.death.method=markov_proportional_odds"],
        "endpoint 'death': all daily scores together cannot be cut at a calendar date",
    ),
    # Order and information.
    (["monitoring.interim.0.when=complete >= 90 %"], "the information does not increase (got [0.9, 0.7, 1.0])"),
    (["monitoring.interim.1.information=1.0"], "the information does not increase"),
    (["monitoring.interim.0.information=0.0"], "the information does not increase"),
    (["monitoring.interim.0.when=complete >= 600", AT_30], "due no later than the one before it"),
    (["monitoring.last=complete >= 50 %"], "due no later than the one before it (got 'complete >= 50 %')"),
    (["monitoring.interim.0.when=day >= 50"], "the planned information is missing"),
    (["monitoring.information=events"], "needs the events of the last analysis; allowed: a number in 'maximum'"),
    (
        ["monitoring.information=events", "monitoring.maximum=900"],
        "monitoring.maximum: the last analysis is planned with",
    ),
    # Triggers.
    (["monitoring.interim.0.when=events(deth) >= 9", AT_30], "did you mean 'death'?"),
    (["monitoring.interim.0.when=patients(death) >= 9", AT_30], "'patients' belongs to no endpoint"),
    (["monitoring.interim.0.when=complete >= 5000", AT_30], "the trial has 800 patients (got 'complete >= 5000')"),
    (["monitoring.interim.0.when=patients >= 5000", AT_30], "allowed: numbers up to 800"),
    (["monitoring.interim.0.when=complete >= 120 %"], "above 0 % to 100 %"),
    (["monitoring.interim.0.when=complete > 50 %"], "a condition cannot be read"),
    (["monitoring.interim=[]"], "the time of the analysis is missing"),
    (["monitoring.analysis=deaths"], "did you mean 'death'?"),
    # Margins.
    (["analysis.well.hypothesis=non-inferiority"], "needs a margin"),
    (
        ["analysis.well.hypothesis=non-inferiority", "analysis.well.margin=0.05"],
        "the margin lies on the side that favours the active arm",
    ),
    (["analysis.well.hypothesis=non-inferiority", "analysis.well.margin=-2"], "risks cannot differ by that much"),
    (["analysis.well.margin=-0.05"], "margin"),
    # The disease.
    (
        ["disease.treatments.drug.effect=[{moves='readmission', hazard_ratio=2}]"],
        "disease.treatments.drug.effect.0: the effect changes no move of the natural history (got 'readmission'); "
        "allowed: moves of the groups",
    ),
    (
        ["disease.treatments.drug.effect=[{moves='improvement', hazard_ratio=2, current_scores=[4]}]"],
        "the effect changes no move of the natural history",
    ),
    # Arms and allocation.
    (
        ["prediction.between_trial_sd=50"],
        "prediction.between_trial_sd: the value is out of range (got 50); allowed: 0 to 10",
    ),
    (["arm.drug.allocation=0"], "arm.drug.allocation: the value is out of range (got 0); allowed: 1 to 100"),
    (["arm.drug.allocation=[1, 2, 1]"], "wrong kind of value"),
    (["arm.drug.reference=true"], "2 arms are marked as the reference"),
    (["randomisation.block_size=3"], "allowed: a multiple of 2"),
    (["arm.drug.allocation=2", "randomisation.block_size=4"], "allowed: a multiple of 3"),
    (["randomisation.coin=0.3"], "0.5 to 1"),
    # Accrual.
    (["accrual={}"], "interim analyses need to know when patients come"),
    (["accrual.rates=[1.0, 0.0]"], "accrual, the last rate: accrual ends before the trial is full"),
    (["accrual.rates=[-1.0, 5.0]"], "accrual, rates[0]: a rate is negative"),
    (["accrual.rates=[1.0]"], "wrong number of rates"),
    (["accrual.cuts=[5, 3]", "accrual.rates=[1.0, 2.0, 3.0]"], "cuts must increase"),
    (["accrual.site=[{rate=1.0}]"], "either rates or sites"),
    (["accrual={site=[{rate=1.0}],cuts=[3]}"], "sites have no common cuts"),
    (["accrual={site=[{rate=0.0}]}"], "a site's rate is not positive"),
    (["accrual={lag=1}"], "either rates or sites"),
    (["adaptation={kind='response-adaptve'}"], "did you mean 'response-adaptive'?"),
]


@pytest.mark.parametrize(("changes", "words"), REFUSED, ids=[" ".join(changes) for changes, _ in REFUSED])
def test_a_contradiction_is_refused_with_its_reason(changes, words):
    with pytest.raises(InputError) as caught:
        load_scenario(SCENARIO, changes=changes)
    message = str(caught.value)
    assert message.startswith(str(SCENARIO))
    assert "\n" not in message
    assert words in message


INCREMENTS = ["adaptation.kind=promising-zone", "adaptation.analysis=recovery", "adaptation.maximum=1600",
              "adaptation.events=320"]  # fmt: skip


@pytest.mark.parametrize(
    ("scenario", "changes"),
    [
        ("bayesian", ["endpoint.score.follow_up=5"]),
        ("doses", ["endpoint.recovery.follow_up=5"]),
        ("doses", ["endpoint.early score.follow_up=5"]),
        ("platform", ["endpoint.death.follow_up=5"]),
        ("adaptable", [*INCREMENTS, "endpoint.recovery.follow_up=5"]),
    ],
)
def test_an_adaptation_cannot_look_at_an_endpoint_with_a_follow_up_of_its_own(scenario, changes):
    with pytest.raises(InputError, match="a follow-up of its own, so it cannot be cut"):
        load_scenario(SCENARIO.with_name(f"{scenario}.toml"), changes=changes)


def paths_of(document):
    """Dotted paths of every value in the calendar parts of a scenario."""

    def walk(value, path):
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from walk(inner, [*path, key])
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for position, inner in enumerate(value):
                yield from walk(inner, [*path, inner.get("name", str(position))])
        else:
            yield ".".join(path)

    parts = ("accrual", "monitoring", "randomisation", "arm", "population", "follow_up", "analysis")
    return [path for part in parts if part in document for path in walk(document[part], [part])]


VALUES = ("0", "-1", "1e9", "nan", "0.5", "3", "true", "[]", "{}", '""', "[1.0]", "[2, 1]", "inf", "x >= 1", "10 %",
          "events >= 10", "day >= 3 and", "complete >= 50 % or events(death) >= 2", "user:", "hsd:x", "z:", "cp:0.2",
          "pocock", "[{}]", "[{name='a'}]", "9999999999999999999999", "power:0", "wang-tsiatis:0.5", "$")  # fmt: skip
MORE = ("accrual.site", "accrual.arrivals", "accrual.lag", "monitoring.last", "monitoring.futility", "monitoring.beta",
        "monitoring.harm", "monitoring.information", "monitoring.maximum", "monitoring.interim.0.information",
        "monitoring.interim.1.efficacy", "randomisation.scheme", "randomisation.block_size", "analysis.well.margin",
        "analysis.well.hypothesis", "adaptation.kind", "monitoring.spending", "monitoring.binding")  # fmt: skip


@pytest.mark.parametrize("name", ["interims", "actt4-interims", "delayed-effect", "remap-cap-adaptive"])
def test_whatever_is_changed_there_is_a_trial_or_a_message(name):
    folder = SCENARIO.parent if name == "interims" else SCENARIO.parents[2] / "scenarios"
    path = folder / f"{name}.toml"
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    choices = random.Random(name)
    places, messages, loaded = [*paths_of(document), *MORE], [], 0
    for _ in range(60):
        changes = [f"{choices.choice(places)}={choices.choice(VALUES)}" for _ in range(choices.randint(1, 2))]
        try:
            load_scenario(path, changes=changes)
            loaded += 1
        except InputError as error:
            messages.append(str(error))
    assert not [message for message in messages if "\n" in message]
    assert len(messages) > 20
    assert len(messages) + loaded == 60
