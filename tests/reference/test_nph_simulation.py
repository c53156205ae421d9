"""Trials whose hazards are not proportional, simulated patient by patient, against other software's numbers.

The engine counts in whole steps of time, here a half or a quarter of a month: an analysis due within a step happens at
its end, so that it has the events of half a step more on average, and tests allow for that.
"""

import math
from itertools import pairwise
from pathlib import Path

import pytest

from jaksim.design.analyses.evaluation import settle
from jaksim.design.conduct.designs import make_design
from jaksim.design.engine.cells import Cells
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.design.twin.planned_power import PlannedPower
from jaksim.scenario import load_scenario

ROOT = Path(__file__).parents[2]
WORST_Z = 4.0


def apart(found, n, reported, m):
    """Distance of a simulated share from one that others simulated m times, in standard errors."""
    return (found - reported) / math.sqrt(reported * (1.0 - reported) * (1.0 / n + 1.0 / m))


@pytest.fixture(scope="module")
def delayed():
    trial = load_scenario(ROOT / "scenarios" / "delayed-effect.toml").trial
    return trial, trial_power(trial, Settings(replicates=10_000, seed=31))


def test_a_delayed_effect_is_found_as_often_as_lrstat_simulates(delayed):
    """lrstat, non-proportional_hazards.html: 10,000 simulations of 252 and 315 events."""
    trial, found = delayed
    assert trial.monitoring.boundaries.upper_z == pytest.approx([2.25, 2.025], abs=6e-4)
    assert abs(apart(found.analyses[0].power, 10_000, 0.797, 10_000)) < WORST_Z
    looks = found.characteristics.looks
    assert abs(apart(looks[0].stopped["efficacy"].share, 10_000, 0.451, 10_000)) < WORST_Z


def test_a_delayed_effect_takes_the_events_and_time_of_lrstat(delayed):
    """lrstat: 286.6 events simulated, 36.9 months expected; six events a month, so half a step holds 1.5."""
    _, found = delayed
    events, months = found.characteristics.extras["events in the data"], found.characteristics.duration
    own_error = math.hypot(events.mc_se, 31.0 / 100.0)
    assert 286.6 - WORST_Z * own_error < events.mean < 286.6 + 1.5 + WORST_Z * own_error
    assert abs(months.mean / 2.0 - 36.9) < 0.25 + 0.05 + WORST_Z * months.mc_se / 2.0


def test_integration_at_the_expected_data_is_the_power_of_lrstat(delayed):
    """lrstat, analytic: power 0.8016 with 0.4511 at the interim analysis, months 31.4 and 41.5, 468 patients."""
    trial, found = delayed
    assert found.analyses[0].analytic_power == pytest.approx(0.8016, abs=0.005)
    assert found.characteristics.looks[0].analytic["efficacy"] == pytest.approx(0.4511, abs=0.012)
    cells = Cells(trial)
    test = settle(cells)[0]
    design = make_design(cells, (test,), 1)
    expected = design.twin.expected
    days = expected.days([*trial.monitoring.interims, trial.monitoring.last])
    # Half a step of half a month, and the rounding of the printed month with that of the expected events.
    assert days / 2.0 == pytest.approx([31.4, 41.5], abs=0.25 + 0.1)
    # Average hazard ratios of 0.764 and 0.723, there over events at the null.
    ratios = [math.exp(expected.statistics(day)[0]) for day in days]
    assert ratios == pytest.approx([0.764, 0.723], abs=0.01)
    assert design.foreseen(test, PlannedPower.of(cells, test)).size(0.8).patients == pytest.approx(468, abs=6)


def scenario_of(folder, *, medians, accrual, steps, last, patients, allocation=(1, 1), loss=(), pieces=None):
    """A two-state trial in which time runs in steps: hazards of the arms by median or, with `pieces`, as given."""
    cuts, control, active = pieces or ((), (math.log(2.0) / medians[0],), (math.log(2.0) / medians[1],))
    effects = []
    starts = [0.0, *cuts]
    for k, (own, other) in enumerate(zip(active, control, strict=True)):
        end = f", end = {starts[k + 1]}" if k + 1 < len(starts) else ""
        effects.append(
            f'[[disease.treatments.drug.effect]]\nmoves = "death"\nhazard_ratio = {own / other:.12f}\n'
            f"window = {{ start = {starts[k]}{end} }}\n"
        )
    losses = [
        f"[[withdrawal]]\nper_day = {rate:.12f}\nstart = {start}\n" + (f"end = {end}\n" if end else "")
        for start, end, rate in loss
    ]
    text = f"""
title = "two states"
[disease]
scale = "survival"
[[disease.natural_history.move]]
move = "0>1"
cuts = {list(cuts)}
values = {list(control)}
[disease.treatments.drug]
{"".join(effects)}
[population]
patients = {patients}
[[population.stratum]]
baseline_score = 0
[follow_up]
days = {steps}
day_of_randomisation = 0
[[arm]]
name = "control"
regimen = []
reference = true
allocation = {allocation[0]}
[[arm]]
name = "drug"
regimen = ["drug"]
allocation = {allocation[1]}
[accrual]
rates = {list(accrual[1])}
cuts = {list(accrual[0])}
{"".join(losses)}
[monitoring]
last = "{last}"
maximum = {patients}
[[endpoint]]
name = "death"
kind = "time_to_event"
set = "dead"
[[analysis]]
endpoint = "death"
method = "log_rank"
role = "primary"
alpha = 0.025
sides = 1
"""
    path = folder / "case.toml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(path).trial


def test_events_and_power_of_npsurvss(tmp_path):
    """npsurvSS, basic_functionalities.html: 120 patients in each arm over 6 months, medians 12 and 15, losses of
    median 120; 124.3367 events at month 18 and power 0.2366524 there."""
    trial = scenario_of(
        tmp_path,
        medians=(48.0, 60.0),
        accrual=((), (10.0,)),
        steps=80,
        last="day >= 72",
        patients=240,
        loss=((0.0, None, math.log(2.0) / 480.0),),
    )
    found = trial_power(trial, Settings(replicates=10_000, seed=32))
    events = found.characteristics.extras["events in the data"]
    # The last day is counted to its end, half a step after month 18, and with it half of its 2.4 events.
    assert 124.3367 - WORST_Z * events.mc_se < events.mean < 124.3367 + 1.3 + WORST_Z * events.mc_se
    assert abs(found.analyses[0].power - 0.2366524) < 0.004 + WORST_Z * found.analyses[0].mc_se
    assert found.analyses[0].analytic_power == pytest.approx(0.2366524, abs=0.004)


@pytest.mark.parametrize(("delay", "power"), [(0.0, 0.915), (2.0, 0.917), (4.5, 0.974)])
def test_delays_of_the_npsurvss_manuscript(tmp_path, delay, power):
    """npsurvSS, example2.html, figure 4A: a delay whose later hazard keeps the median at 9 months; entry slows down
    over 14 months, 1 % is lost by month 25 at a hazard that grows with time."""
    hazard = math.log(2.0) / 6.0
    later = (math.log(2.0) - hazard * delay) / (9.0 - delay)
    pieces = (
        ((4 * delay,), (hazard / 4, hazard / 4), (hazard / 4, later / 4))
        if delay
        else ((), (hazard / 4,), (later / 4,))
    )
    came = [360.0 * (1.0 - math.exp(-0.1 * month)) / (1.0 - math.exp(-1.4)) for month in range(15)]
    rates = [(after - before) / 4.0 for before, after in pairwise(came)]
    per_month = -math.log(0.99) / 25.0**2
    trial = scenario_of(
        tmp_path,
        medians=None,
        pieces=pieces,
        accrual=([4.0 * month for month in range(1, 14)], rates),
        steps=104,
        last="day >= 100",
        patients=360,
        allocation=(1, 2),
        loss=[(20.0 * k, 20.0 * (k + 1) if k < 4 else None, per_month * (10.0 * k + 5.0) / 4.0) for k in range(5)],
    )
    found = trial_power(trial, Settings(replicates=4000, seed=33)).analyses[0]
    assert abs(found.power - power) < 0.005 + WORST_Z * found.mc_se
    assert found.analytic_power == pytest.approx(power, abs=0.01)


def test_forty_events_of_lrstat_and_rpact(tmp_path):
    """lrstat, direct_approximation_vs_schoenfeld.html, and rpact getPowerSurvival: 40 events of 200 patients over 12
    months, 40 % against 20 % by month 12: simulated power 0.722, direct approximation 0.714, month 13.63169."""
    rates = [-math.log(0.6) / 48.0, -math.log(0.8) / 48.0]
    trial = scenario_of(
        tmp_path,
        medians=[math.log(2.0) / rate for rate in rates],
        accrual=((), (200.0 / 48.0,)),
        steps=100,
        last="events >= 40",
        patients=200,
    )
    found = trial_power(trial, Settings(replicates=10_000, seed=34))
    assert abs(apart(found.analyses[0].power, 10_000, 0.722, 10_000)) < WORST_Z
    assert abs(found.analyses[0].analytic_power - 0.722) < 0.01
    days = found.characteristics.duration
    assert abs(days.mean / 4.0 - 13.63169) < 0.25 + WORST_Z * days.mc_se / 4.0


def test_expected_events_of_gsdesign2(tmp_path):
    """gsDesign2, test-independent-expected_event.R: 3 and 2 patients a month for a month each, hazards 0.03 and 0.06
    from month 4, dropout 0.001 and 0.002; 0.5642911 + 0.5194821 events by month 7, here of a hundred times as many."""
    trial = scenario_of(
        tmp_path,
        medians=None,
        pieces=((40.0,), (0.003, 0.006), (0.003, 0.006)),
        accrual=((10.0,), (30.0, 20.0)),
        steps=80,
        last="day >= 70",
        patients=500,
        loss=((0.0, 40.0, 0.0001), (40.0, None, 0.0002)),
    )
    found = trial_power(trial, Settings(replicates=4000, seed=35))
    events = found.characteristics.extras["events in the data"]
    # Half a step holds 1.4 of the events.
    expected = 100.0 * (0.5642911 + 0.5194821)
    assert expected - WORST_Z * events.mc_se < events.mean < expected + 1.4 + WORST_Z * events.mc_se
