"""What `show_phases` says: groups, hazard ratios and outcomes by days since onset, beside publications."""

import math

import numpy as np
import pytest

import jaksim
from jaksim.errors import InputError
from jaksim.evidence import load_study
from jaksim.verbs.showing.published_by_onset import published_by_onset


@pytest.fixture(scope="module")
def shown():
    return jaksim.show_phases("actt2-by-onset", onset=[3, 8, 13])


def test_a_single_day_is_what_a_scenario_with_this_day_alone_expects(shown):
    found = {(one.group, one.arm): one for one in shown.outcomes}
    days = (3, 8, 13)
    by_day = [found[f"day {day}", "baricitinib"].deaths for day in days]
    assert found["as enrolled", "baricitinib"].deaths == pytest.approx(np.dot((0.257, 0.492, 0.251), by_day), rel=1e-12)
    mixture = "[{{ weight = 1.0, baseline_score = {score}, days_since_onset = 8 }}]"
    changes = [f"population.stratum.score {score}.mixture={mixture.format(score=score)}" for score in (4, 5, 6, 7)]
    alone = jaksim.show("actt2-by-onset", changes=changes).endpoints[1].arms
    assert by_day[1] == pytest.approx(alone[1].value, rel=1e-12)


def test_deaths_are_those_of_the_endpoint_and_odds_ratios_follow(shown):
    for one in shown.outcomes:
        assert one.deaths == pytest.approx(one.endpoints["death"], rel=1e-12)
    plain = {arm.arm: arm.value for arm in jaksim.show("actt2").endpoints[2].arms}
    odds = {arm: value / (1 - value) for arm, value in plain.items()}
    for one in shown.outcomes:
        if one.arm == "baricitinib":
            assert one.constant == pytest.approx(odds["baricitinib"] / odds["placebo"], rel=1e-9)


def test_the_reference_has_the_calibrated_ratios_whatever_the_curve(shown):
    for one in shown.effects:
        place = one.groups.index("reference")
        assert one.kept[place] == pytest.approx(1.0, rel=1e-12)
        # But for patients who come ventilated, and some curves that are over for most of their later moves.
        assert one.low[place] == pytest.approx(one.calibrated, rel=2e-3)
        assert one.high[place] == pytest.approx(one.calibrated, rel=2e-3)
        assert all(low <= ratio <= high for low, ratio, high in zip(one.low, one.ratio, one.high, strict=True))


def test_groups_make_up_the_patients_of_the_reference(shown):
    parts = [one for one in shown.groups if one.name in ("up to 5", "6 to 10", "over 10")]
    assert sum(one.share for one in parts) == pytest.approx(1.0)
    (reference,) = (one for one in shown.groups if one.name == "reference")
    together = {day: one.share * weight for one in parts for day, weight in zip(one.days, one.weights, strict=True)}
    assert tuple(together) == reference.days
    assert list(together.values()) == pytest.approx(reference.weights)
    deaths = {one.group: one.deaths for one in shown.outcomes if one.arm == "baricitinib"}
    assert deaths["reference"] == pytest.approx(sum(one.share * deaths[one.name] for one in parts), rel=1e-12)


def test_the_curve_lies_within_its_limits_which_are_those_of_its_days(shown):
    (curve,) = shown.phases
    inside = [low <= level <= high for low, level, high in zip(curve.low, curve.level, curve.high, strict=True)]
    assert [day for day, within in enumerate(inside) if not within] == [10]  # nobody else is at the peak on its day
    # On day 12 the level falls between a peak on day 8 to 12 and an end on day 17 to 31.
    assert 1 - 4 / 9 < curve.low[12] < curve.level[12] == 1 - 2 / 14
    assert curve.low[0] == curve.high[0] == 0.0


def test_published_ratios_are_those_of_the_catalogue_with_their_z(shown):
    records = load_study("jaki-ipdma")
    published = [one for one in shown.published if one.study == "jaki-ipdma"]
    assert [one.group for one in published] == ["up to 5", "6 to 10", "over 10"]
    found = {(one.group, one.arm): one for one in shown.outcomes}
    for one in published:
        figure = records[one.record].figure
        assert one.estimate == pytest.approx(figure.estimate)
        apart = math.log(figure.estimate / found[one.group, "baricitinib"].odds_ratio)
        assert one.z == pytest.approx(apart / figure.log_standard_error)
    assert {one.study for one in shown.published} == {"jaki-ipdma", "actt-2"}


def test_counts_are_turned_into_ratios_where_none_is_printed():
    early, late = published_by_onset("recovery-tocilizumab", "IL-6 receptor antagonist")
    assert (early.low, early.high, late.low) == (0, 7, 8)
    records = load_study("recovery-tocilizumab")
    (a, n), (c, m) = (
        (
            records[f"deaths_day28.onset_up_to_7d.{arm}"].figure.count,
            records[f"deaths_day28.onset_up_to_7d.{arm}"].figure.n,
        )
        for arm in ("tocilizumab", "usual_care")
    )
    assert math.exp(early.log_ratio) == pytest.approx(a * (m - c) / (c * (n - a)))
    assert early.standard_error == pytest.approx(math.sqrt(1 / a + 1 / c + 1 / (n - a) + 1 / (m - c)))
    assert list(published_by_onset("actt-1", "antiviral")) == []


def test_the_report_compares_patterns_by_their_chi_squared(shown):
    text = " ".join(shown.report().split())
    rows = [one for one in shown.published if one.study == "jaki-ipdma"]
    weights = np.array([(math.log(one.interval[1] / one.interval[0]) / (2 * 1.959964)) ** -2 for one in rows])
    logs = np.log([one.estimate for one in rows])
    constant = weights @ (logs - weights @ logs / weights.sum()) ** 2
    assert f"{constant:.1f} from constant ones, each on 2 degrees of freedom" in text


@pytest.mark.parametrize(
    ("scenario", "options", "words"),
    [
        ("actt4", {}, "no treatment acts through a phase"),
        ("actt2-by-onset", {"onset": [70]}, "no day on which patients come.*0 to 60"),
        ("actt2-by-onset", {"onset": ["3"]}, "onset"),
    ],
)
def test_what_cannot_be_shown_is_refused(scenario, options, words):
    with pytest.raises(InputError, match=words):
        jaksim.show_phases(scenario, **options)


def test_powers_are_the_analytic_ones_of_a_trial_with_these_patients(shown):
    found = {one.analysis: one for one in shown.powers}
    assert set(found) == {"time to recovery, log_rank", "death, risk_difference_mh"}  # a Cox model takes longer
    known = {
        name: {one.name: one.analytic_power for one in jaksim.power(name, replicates=50).analyses}
        for name in ("actt2-by-onset", "actt2")
    }
    for name, one in found.items():
        assert dict(zip(one.groups, one.power, strict=True))["as enrolled"] == pytest.approx(
            known["actt2-by-onset"][name]
        )
        assert min(one.power) < one.constant < max(one.power)
    recovery = found["time to recovery, log_rank"]
    assert recovery.constant == pytest.approx(known["actt2"][recovery.analysis])
