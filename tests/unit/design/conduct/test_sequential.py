"""Group-sequential trials conducted in calendar time, against the same patients taken one by one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jaksim.design.analyses.evaluation import settle
from jaksim.design.conduct.designs import make_design
from jaksim.design.engine.cells import Cells
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.design.sizing import trial_size
from jaksim.design.sums.conducted import REASONS
from jaksim.errors import InputError
from jaksim.scenario import load_scenario

SCENARIO = Path(__file__).parents[3] / "scenarios" / "interims.toml"
EVENTS = (
    "monitoring.analysis=recovery",
    "monitoring.information=events",
    "monitoring.maximum=300",
    "monitoring.interim.0.when=events >= 40 %",
    "monitoring.interim.1.when=events >= 200 and patients >= 600 or day >= 65",
    "monitoring.interim.1.information=0.7",
    "monitoring.last=events >= 300",
)


def design_of(*changes):
    cells = Cells(load_scenario(SCENARIO, changes=changes).trial)
    return make_design(cells, settle(cells), 11)


def followed(engine, cohort, endpoint, b, day):
    """Days of follow-up in the data and history of each patient of replicate b who has entered by a day."""
    watched = engine.watched[endpoint]
    joint = cohort.category[watched.automaton, b]
    lag = engine.accrual.lag
    for i in range(int(cohort.n[b])):
        if cohort.day[b, i] <= day:
            days = min(max(day - lag - int(cohort.day[b, i]), 0), len(watched.known) - 1)
            yield i, days, int(watched.part[joint[i]])


@pytest.mark.parametrize("changes", [(), EVENTS, ("accrual.lag=0", "monitoring.interim.1.when=day >= 50",
                                                  "monitoring.interim.1.information=0.7")])  # fmt: skip
def test_analyses_happen_on_the_first_day_of_their_trigger(changes):
    design = design_of(*changes)
    engine = design.engine
    cohort = engine.open_cohort(0, 4, 800)
    engine.enrol(cohort, 800)
    days = design.days(cohort)
    triggers = (*design.monitoring.interims, design.monitoring.last)

    def reached(one, b, day):
        table, planned = design.test.table, design.planned
        if one.quantity == "day":
            return day >= one.value
        target = one.value * planned[one.quantity] if one.share else one.value
        if one.quantity == "patients":
            return (cohort.day[b] <= day).sum() >= target
        watched = engine.watched[table]
        after = watched.event_after if one.quantity == "events" else watched.complete_after
        return sum(d >= after[h] for _, d, h in followed(engine, cohort, table, b, day)) >= target

    for b in range(4):
        complete = int(cohort.day[b].max()) + 10 + engine.accrual.lag
        before = 0
        for k, trigger in enumerate(triggers):
            wanted = complete
            if trigger is not None:
                wanted = next(
                    day
                    for day in range(complete + 1)
                    if day == complete or any(all(reached(c, b, day) for c in group) for group in trigger.groups)
                )
            before = max(before, wanted)
            assert days[b, k] == before, (b, k)


JUDGED = (
    "monitoring.interim.0.futility_analysis=recovery",
    "monitoring.interim.0.futility_z=1.0",
    "monitoring.futility=z:-9,0.5",
)


OTHER = (
    *EVENTS,
    "analysis.death={name='ratio', endpoint='recovery', method='cox'}",
    "monitoring.interim.0.analysis=ratio",
    "monitoring.interim.0.futility_analysis=recovery",
    "monitoring.interim.0.futility_z=-0.5",
)


def z_of(design, test, cohort, b, day):
    """The result of one replicate's analysis on the data of a day, its table filled patient by patient."""
    engine = design.engine
    watched = engine.watched[test.table]
    table = np.zeros((1, *engine.shape, watched.endpoint.n_categories))
    for i, d, h in followed(engine, cohort, test.table, b, day):
        table[0, cohort.arm[b, i], cohort.stratum[b, i], watched.known[d, h]] += 1
    return replace(test, endpoint=watched.endpoint).results(table.reshape(1, 4, -1))[0]


@pytest.mark.parametrize("changes", [(), EVENTS, JUDGED, OTHER])
def test_a_trial_stops_where_its_own_cuts_pass_the_bounds(changes):
    design = design_of(*changes)
    n = 60
    conducted, cohort = design.conduct(0, n)
    days = design.days(cohort)
    information = design.information(cohort, days)
    bounds = design.stopping.at(information) if EVENTS[0] in changes else design.stopping.planned(n)
    seen = set()
    for b in range(n):
        for k in range(design.looks):
            found = z_of(design, design.test, cohort, b, days[b, k])
            tested = design.others.get(design.monitoring.tested[k])
            if tested is not None:
                found[2] = z_of(design, tested, cohort, b, days[b, k])[2]
            z = design.test.favourable_sign * found[2]
            reason = int(design.stopping.decide(np.array([z]), bounds.at(np.array([b]), k), last=k == 2)[0])
            judge = design.monitoring.futility[k] if k < 2 else None
            if judge is not None and reason < 0:
                other = design.others.get(judge.analysis, design.test)
                early = other.favourable_sign * z_of(design, other, cohort, b, days[b, k])[2]
                reason = REASONS.index("futility") if early < judge.z else -1
            if reason >= 0:
                break
        seen.add((k, REASONS[reason]))
        assert (conducted.look[b], conducted.reason[b], conducted.day[b]) == (k, reason, days[b, k])
        assert conducted.results[0, b] == pytest.approx(found, rel=1e-12)
        assert conducted.rejected[0, b] == (reason in design.stopping.rejecting)
        entered = cohort.day[b] <= days[b, k]
        cell = cohort.arm[b].astype(int) * 2 + cohort.stratum[b]
        assert conducted.enrolled[b].tolist() == np.bincount(cell[entered], minlength=4).tolist()
        assert conducted.information[b, : k + 1] == pytest.approx(information[b, : k + 1])
        assert np.isnan(conducted.information[b, k + 1 :]).all()
    assert len(seen) >= 3


def test_a_cut_of_the_whole_follow_up_is_the_endpoint_of_the_trial():
    design = design_of()
    engine = design.engine
    cohort = engine.open_cohort(0, 3, 800)
    engine.enrol(cohort, 800)
    late = engine.complete_day(cohort)
    complete = engine.tables(cohort, 1, late)[..., :2]
    assert complete.sum() == 3 * 800
    early = engine.tables(cohort, 1, late - 1)
    assert early[..., :2].sum() < complete.sum()
    # Death is not watched at interim analyses: nothing is known of it before the follow-up is complete.
    names = [one.name for one in engine.cells.trial.endpoints]
    assert engine.histories[names.index("death")] is None


@pytest.mark.parametrize("changes", [(), EVENTS, ("randomisation.scheme=minimisation",)])
def test_blocks_and_workers_leave_every_digit(changes):
    trial = load_scenario(SCENARIO, changes=changes).trial
    found = []
    for workers, block in ((1, 128), (2, 7), (1, 1)):
        result = trial_power(trial, Settings(replicates=130, seed=3, workers=workers, block=block))
        found.append(replace(result, elapsed_seconds=0.0).as_dict())
    assert found[0] == found[1] == found[2]


def test_characteristics_add_up():
    result = trial_power(load_scenario(SCENARIO).trial, Settings(replicates=500, seed=4))
    found = result.characteristics
    assert sum(share.share for look in found.looks for share in look.stopped.values()) == pytest.approx(1.0)
    rejected = sum(look.stopped["efficacy"].share for look in found.looks)
    assert found.hypotheses[0].rejected.share == pytest.approx(rejected) == result.analyses[0].power
    assert sum(one.mean for one in found.patients_by_arm.values()) == pytest.approx(found.patients.mean)
    assert found.hypotheses[0].truth == pytest.approx(result.analyses[0].analytic_estimate, rel=1e-6)
    assert found.inferior_arm == found.patients_by_arm["control"]
    assert found.deaths.mean < found.patients.mean
    assert 0.0 < found.extras["events in the data"].mean < found.patients.mean


def test_both_arms_are_alike_under_the_null():
    result = trial_power(load_scenario(SCENARIO).trial, Settings(replicates=50), null=True)
    assert result.characteristics.inferior_arm is None
    assert result.analyses[0].n_for_power == {"80": None, "90": None}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (("monitoring.interim.0.when=complete >= 90 %",), "increase"),
        (("monitoring.interim.0.when=day >= 9",), "planned information is missing"),
        (("monitoring.interim.0.when=events(deth) >= 9", "monitoring.interim.0.information=0.3"), "'death'"),
        (("monitoring.analysis=deaths",), "did you mean 'death'"),
        (("monitoring.information=events",), "needs the events"),
        (("monitoring.binding=true",), "no lower boundary"),
        (("monitoring.spending=user:0.1,0.2,0.3",), "does not end at the error"),
        (("accrual.rates=[1.0, 0.0]",), "holds for ever"),
        (("randomisation.scheme=biased",), "biased coin"),
        (
            ("randomisation.scheme=biased coin", "randomisation.coin=0.6", "arm.control.allocation=2"),
            "above 0.6667",
        ),
    ],
)
def test_contradictions_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        load_scenario(SCENARIO, changes=changes)


def test_what_decides_is_told_for_each_analysis():
    result = trial_power(load_scenario(SCENARIO, changes=JUDGED).trial, Settings(replicates=40))
    looks = result.characteristics.looks
    assert [{why: one.analysis for why, one in look.decisions.items()} for look in looks] == [
        {"efficacy": "well", "futility": "recovery"},
        {"efficacy": "well", "futility": "well"},
        {"efficacy": "well"},
    ]
    assert (looks[0].decisions["futility"].z, looks[1].decisions["futility"].z) == (1.0, 0.5)
    assert not any(look.analytic for look in looks)
    assert np.isnan(result.analyses[0].analytic_power)


def test_a_size_is_sought_without_an_analytic_answer_where_more_than_one_analysis_decides():
    trial = load_scenario(SCENARIO, changes=JUDGED).trial
    found = trial_size(trial, 0.5, Settings(replicates=300))
    assert found.analytic_n_patients is None
    assert 200 < found.n_patients < 1200


def test_a_judge_that_never_stops_changes_nothing():
    judged = design_of("monitoring.interim.0.futility_analysis=recovery", "monitoring.interim.0.futility_z=-10")
    alone = replace(judged, monitoring=replace(judged.monitoring, futility=()))
    found, expected = (one.conduct(0, 100)[0] for one in (judged, alone))
    assert np.array_equal(found.results, expected.results)
    assert np.array_equal(found.reason, expected.reason)


def test_a_run_goes_on_to_a_precision():
    trial = load_scenario(SCENARIO, changes=["population.patients=60"]).trial
    found = trial_power(trial, Settings(until_se=0.006))
    assert max(one.mc_se for one in found.analyses) <= 0.006
    assert found.replicates == 10_000
    fixed = trial_power(trial, Settings(replicates=10_000))
    assert replace(found, elapsed_seconds=0.0).as_dict() == replace(fixed, elapsed_seconds=0.0).as_dict()


def test_pipeline_patients_are_analysed_once_more():
    design = design_of("monitoring.pipeline=true", "monitoring.futility=hsd:-2")
    conducted, cohort = design.conduct(0, 40)
    engine, table = design.engine, design.test.table
    again = conducted.estimates["with the pipeline"][0]
    assert len(set(conducted.look.tolist())) == 3
    for b in range(40):
        last = int(conducted.enrolled[b].sum())
        counts = np.zeros((1, *engine.shape, design.cut.test.endpoint.n_categories))
        watched = engine.watched[table]
        for i in range(last):
            history = watched.part[cohort.category[watched.automaton, b, i]]
            counts[0, cohort.arm[b, i], cohort.stratum[b, i], watched.known[-1, history]] += 1
        found = design.cut.test.results(counts.reshape(1, 4, -1))[0]
        assert again[b] == pytest.approx(found[0] + 1.959964 * found[1] * np.array([0.0, -1.0, 1.0]), abs=1e-7)
        complete = counts.sum() - conducted.extras["patients in the pipeline"][b]
        assert complete == sum(d >= 10 for _, d, _ in followed(engine, cohort, table, b, conducted.day[b]))
    assert (conducted.extras["patients in the pipeline"][conducted.look == 2] == 0).all()


def test_estimates_that_allow_for_stopping_are_less_biased():
    trial = load_scenario(SCENARIO, changes=["monitoring.pipeline=true"]).trial
    (found,) = trial_power(trial, Settings(replicates=6000, seed=8)).characteristics.hypotheses
    assert set(found.estimates) == {"median-unbiased", "repeated interval", "with the pipeline"}
    assert abs(found.estimates["median-unbiased"].bias) < 0.8 * found.bias
    assert abs(found.estimates["with the pipeline"].bias) < 0.5 * found.bias
    assert abs(found.estimates["median-unbiased"].above.share - 0.5) < 4.0 * 0.5 / 6000**0.5 + 0.005
    assert found.estimates["repeated interval"].coverage.share > 0.95 > found.coverage.share


def test_information_in_the_data_has_no_estimates_of_the_plan():
    trial = load_scenario(SCENARIO, changes=EVENTS).trial
    assert not trial_power(trial, Settings(replicates=40)).characteristics.hypotheses[0].estimates
