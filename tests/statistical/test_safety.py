"""Safety events: laws and paths against patients followed by hand, and shares that come out as stated."""

import math
from pathlib import Path

import numpy as np
import pytest

from jaksim.design.engine.cells import Cells
from jaksim.design.engine.engine import PathEngine
from jaksim.design.expected.turns import turn_shares
from jaksim.scenario import load_scenario

SMALL = Path(__file__).parents[1] / "scenarios" / "rescued.toml"
DAYS = 10
WORST_Z = 4.0
PLAIN = {(2, 1): 0.1, (3, 2): 0.12, (2, 3): 0.08, (3, 4): 0.06, (1, 2): 0.03}
ENDPOINTS = (
    'endpoint=[{ name = "event", kind = "event_by_day", safety = "infection" }, '
    '{ name = "time", kind = "time_to_event", safety = "infection", death = "competing" }, '
    '{ name = "number", kind = "score_on_day", safety = "infection", day = 9 }, '
    '{ name = "desirability", kind = "desirability", components = '
    '[{ kind = "event_by_day", set = "well" }, { kind = "event_by_day", safety = "infection" }] }]'
)
CHANGES = (
    "rescue=[]",
    ENDPOINTS,
    'analysis=[{ endpoint = "event", method = "risk_difference" }]',
    'treatment_stop=[{ per_day = 0.1, current_scores = [2, 3], arms = ["drug"] }]',
)
SAFETY = {
    "on treatment and by score": 'safety=[{ name = "infection", per_day = 0.1, ratio = { drug = 1.6 }, most = 2, '
    'by_score = { 1 = 0.2, 3 = 2.0 }, exposure = "on treatment" }, '
    '{ name = "infection", per_day = 0.02, most = 2, exposure = "off treatment", start = 2 }]',
    "death counts": 'safety=[{ name = "infection", per_day = 0.05, most = 2, death_counts = true, end = 6 }]',
    "one arm": 'safety=[{ name = "infection", per_day = 0.3, arms = ["drug"], current_scores = [3] }]',
}


def rate_of_events(case, arm, score, day, treated):
    if case == "death counts":
        return 0.05 * (day < 6.0)
    if case == "one arm":
        return 0.3 * (arm == "drug" and score == 3)
    if treated:
        return 0.1 * (1.6 if arm == "drug" else 1.0) * {1: 0.2, 2: 1.0, 3: 2.0}[score]
    return 0.02 * (day >= 2.0)


def followed(case, arm, score, stream):
    """Scores and numbers of events at the end of each day of one patient."""
    day, treated, events, scores, numbers = 0.0, True, 0, [score], [0]
    for end in range(1, DAYS + 1):
        while score != 4:
            until = 2.5 if day < 2.5 < end else float(end)
            rates = {}
            for (before, to), rate in PLAIN.items():
                if before == score:
                    rate = 0.2 if (before, to) == (3, 2) and day >= 2.5 else rate
                    rates[to] = rate * (1.8 if to < before and arm == "drug" and treated and day < 7.0 else 1.0)
            rates["event"] = rate_of_events(case, arm, score, day, treated)
            rates["stop"] = 0.1 if arm == "drug" and treated and score in (2, 3) else 0.0
            wait = stream.exponential(1.0 / sum(rates.values()))
            if day + wait >= until:
                day = until
                if until == end:
                    break
                continue
            day += wait
            done = list(rates)[
                int(np.searchsorted(np.cumsum(list(rates.values())), stream.random() * sum(rates.values())))
            ]
            if done == "event":
                events += 1
            elif done == "stop":
                treated = False
            else:
                score = done
                events += score == 4 and case == "death counts"
        day = float(end)
        scores.append(score)
        numbers.append(events)
    return scores, numbers


def read(scores, numbers, most):
    """What the four endpoints make of a patient, by hand."""
    numbers = [min(number, most) for number in numbers]
    event = numbers[-1] > 0
    first = next((day for day, number in enumerate(numbers) if number), math.inf)
    died = next((day for day, score in enumerate(scores) if score == 4), math.inf)
    time = f"event day {first}" if first <= min(died, DAYS) else f"competing event day {died}" if died <= DAYS else ""
    well = 1 in scores[1:]
    desirability = "dead" if died <= DAYS else str(int(not well) + int(event))
    return (
        "event" if event else "no event",
        time or f"censored day {DAYS}",
        ("dead" if died <= 9 else "alive") + f" {numbers[9]}",
        desirability,
    )


def labels(endpoint, most):
    """The labels of an endpoint in the words of `read`."""
    if endpoint.name == "number":
        places = [int(label.split()[1].rstrip(":,")) for label in endpoint.labels]
        return [f"{'alive' if place <= most else 'dead'} {place % (most + 1)}" for place in places]
    if endpoint.name == "desirability":
        return [label.split()[1] if label.startswith("alive") else label for label in endpoint.labels]
    return list(endpoint.labels)


@pytest.mark.parametrize("case", SAFETY)
def test_laws_and_paths_are_those_of_patients_followed_by_hand(case) -> None:
    trial = load_scenario(SMALL, changes=[*CHANGES, SAFETY[case]]).trial
    cells, stream, n = Cells(trial), np.random.default_rng(11), 1500
    paths = [table.sum(axis=0) for table in PathEngine(cells, 5).tables(0, 60)]
    most = trial.states.events.safety[0].most
    for position, cell in enumerate(cells.cells):
        score = cell.stratum.patients[0][1].baseline_score
        patients = [read(*followed(case, cell.arm.name, score, stream), most) for _ in range(n)]
        for number, endpoint in enumerate(trial.endpoints):
            law = cells.marginal_laws[number][position]
            assert law.sum() == pytest.approx(1.0, abs=1e-12)
            drawn = paths[number][position]
            for category, label in enumerate(labels(endpoint, most)):
                p = law[category]
                assert abs(drawn[category] - p * drawn.sum()) <= WORST_Z * math.sqrt(drawn.sum() * p * (1 - p)) + 1e-9
                seen = sum(found[number] == label for found in patients)
                assert abs(seen - p * n) <= WORST_Z * math.sqrt(n * p * (1 - p)) + 1e-9


@pytest.mark.parametrize(
    ("safety", "shares"),
    [
        ('{ name = "infection", shares = { control = 0.21, drug = 0.16 } }', (0.21, 0.16)),
        (
            '{ name = "infection", shares = { control = 0.3 }, ratio = { drug = 1.0 }, by_score = {3 = 4}, most = 3 }',
            (0.3, None),
        ),
        (
            '{ name = "infection", per_day = 0.01 }, { name = "infection", shares = { drug = 0.4, control = 0.25 }, '
            'exposure = "on treatment", start = 1.5 }',
            (0.25, 0.4),
        ),
        (
            '{ name = "infection", shares = { drug = 0.5, control = 0.45 }, death_counts = true, end = 7 }',
            (0.45, 0.5),
        ),
    ],
)
def test_shares_come_out_as_stated(safety, shares) -> None:
    trial = load_scenario(SMALL, changes=[*CHANGES, f"safety=[{safety}]"]).trial
    cells = Cells(trial)
    (law,) = (law for law, one in zip(cells.marginal_laws, trial.endpoints, strict=True) if one.name == "event")
    event = trial.endpoint("event").status == 1
    by_arm = np.array(trial.stratum_shares) @ (law @ event).reshape(2, 2).T
    for found, stated in zip(by_arm, shares, strict=True):
        assert stated is None or found == pytest.approx(stated, abs=1e-10)


def test_a_trial_under_the_null_has_the_harm_of_the_reference() -> None:
    safety = 'safety=[{ name = "infection", shares = { control = 0.2, drug = 0.4 } }]'
    trial = load_scenario(SMALL, changes=[*CHANGES, safety]).trial
    law = Cells(trial.under_null()).marginal_laws[0]
    planned = Cells(trial).marginal_laws[0]
    reference = planned[:2] @ (trial.endpoint("event").status == 1)
    stopped = law @ (trial.endpoint("event").status == 1)
    assert stopped[:2] == pytest.approx(reference, abs=1e-14)
    assert (planned[2:] @ (trial.endpoint("event").status == 1) > reference).all()
    world = Cells(trial.in_world_of(trial.arm("drug"))).marginal_laws[0]
    assert world[:2] == pytest.approx(planned[2:], abs=1e-14)


def test_show_tells_how_many_have_had_an_event_by_each_day() -> None:
    safety = 'safety=[{ name = "infection", shares = { control = 0.2, drug = 0.4 }, most = 2, death_counts = true }]'
    found = {one.arm: one for one in turn_shares(Cells(load_scenario(SMALL, changes=[*CHANGES[:3], safety]).trial))}
    assert (found["drug"].share[0], found["drug"].share[-1]) == pytest.approx((0.0, 0.4), abs=1e-10)
    assert found["control"].share[-1] == pytest.approx(0.2, abs=1e-10)
    assert (np.diff(found["control"].share) > 0.0).all()
