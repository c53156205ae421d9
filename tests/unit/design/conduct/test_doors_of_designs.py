"""Every kind of design through every door with every part of a plan: as the page on the conduct of a trial says."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from jaksim.design.conduct.timeline import analyses_observed
from jaksim.design.prepared import Prepared
from jaksim.errors import InputError
from jaksim.operations.doors import EVENTS, FAST, door_of
from jaksim.trial.adaptive.kinds import KINDS
from jaksim.trial.operations.data_flow import Board
from jaksim.trial.operations.day_law import fixed
from jaksim.trial.operations.supply import Product, Supply
from jaksim.trial.operations.wards import Ward
from tests.unit.design.operated import operated, plan_for, scenario_trial

PAGE = Path(__file__).parents[4] / "docs" / "conduct.md"
EXAMPLES = {
    "none": "tests/scenarios/small",
    "[monitoring]": "tests/scenarios/interims",
    "bayesian-stopping": "tests/scenarios/bayesian",
    "response-adaptive": "tests/scenarios/adaptive",
    "promising-zone": "scenarios/actt4-promising-zone",
    "blinded-reestimation": "scenarios/actt4-blinded-reestimation",
    "multi-arm-multi-stage": "tests/scenarios/arms",
    "enrichment": "scenarios/actt4-enrichment",
    "dose-selection": "tests/scenarios/doses",
    "platform": "tests/scenarios/platform",
}
DOORS = {"fast": FAST, "events": EVENTS}


@cache
def trial_of(kind):
    return scenario_trial(EXAMPLES[kind])


def plan_with(part, trial):
    plan = plan_for(trial.population.patients, days=60)
    kits = {arm.name: {"kit": 1} for arm in trial.arms}
    more = {
        "sites": {},
        "within sites": {"randomised_within_sites": True},
        "`site_sd`": {"site_sd": 0.3},
        "`pause`": {"board": Board(fixed(3), fixed(2), True)},
        "supply": {"supply": Supply((Product("kit", 100_000),), kits)},
        "wards": {"wards": (Ward("beds", 3, (int(trial.scale.scores[-2]),), 0.1, fixed(5)),)},
    }
    return replace(plan, **more[part])


def table():
    """Rows of the page's table: kind, door, part, and what stands there."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    head = next(n for n, row in enumerate(rows) if row[0] == "design")
    columns = rows[head][1:]
    for row in rows[head + 2 :]:
        kind = row[0].strip("`")
        if kind not in EXAMPLES:
            break
        for column, cell in zip(columns, row[1:], strict=True):
            door, _, part = column.partition(": ")
            yield kind, door, part, cell


CELLS = list(table())


def test_the_page_has_every_kind_and_both_doors():
    assert {kind for kind, *_ in CELLS} == {"none", "[monitoring]", *KINDS}
    assert len(CELLS) == len(EXAMPLES) * 8
    assert {cell for *_, cell in CELLS} == {"works", "refused"}


@pytest.mark.parametrize(("kind", "door", "part", "cell"), CELLS, ids=lambda value: str(value).strip("`"))
def test_a_design_works_or_is_refused_with_a_reason(kind, door, part, cell):
    trial = trial_of(kind)
    if cell == "refused":
        with pytest.raises(InputError, match="adaptation"):
            _ = Prepared(operated(trial, plan_with(part, trial)), 3, door=DOORS[door]).design
        return
    design = Prepared(operated(trial, plan_with(part, trial)), 3, door=DOORS[door]).design
    if door == "events":
        found = design.conduct(0, 2)
        assert (found.conducted.enrolled.sum(axis=1) == [log.enrolled for log in found.logs]).all()
        assert all(len(log.analyses) == look + 1 for log, look in zip(found.logs, found.conducted.look, strict=True))
        return
    conducted, cohort = design.conduct(0, 4)
    numbers = analyses_observed(design, conducted, cohort)
    days = np.stack([numbers[f"analysis_day: {k + 1}"] for k in range(design.data_cuts)], axis=1)
    made = np.isfinite(days)
    for b, row in enumerate(days):
        assert (np.diff(row[made[b]]) >= 0).all()
        assert row[made[b]][-1] == conducted.day[b]
        if design.looks == design.data_cuts:
            assert made[b].sum() == conducted.look[b] + 1
    if part == "within sites" and len(design.engine.cells.arms) == 2:
        # Patients who are added by an interim analysis come in blocks of their own.
        parts = 2 if (cohort.n > trial.population.patients).any() else 1
        assert most_apart(design, conducted, cohort) <= parts * trial.randomisation.block_size / 2


def most_apart(design, conducted, cohort):
    """The largest difference of the two arms in a stratum of a site, which blocks within sites bound."""
    worst = 0
    for b, n in enumerate(conducted.enrolled.sum(axis=1)):
        key = cohort.site[b, :n].astype(int) * design.engine.cells.n_strata + cohort.stratum[b, :n]
        arms = [np.bincount(key[cohort.arm[b, :n] == arm], minlength=key.max() + 1) for arm in range(2)]
        worst = max(worst, int(np.abs(arms[0] - arms[1]).max()))
    return worst


@pytest.mark.parametrize("kind", list(KINDS))
def test_auto_takes_the_fast_door_for_an_adaptation(kind):
    trial = trial_of(kind)
    assert door_of("auto", [operated(trial, plan_with("supply", trial))]) == FAST


@pytest.mark.parametrize("kind", ["promising-zone", "blinded-reestimation", "enrichment"])
def test_the_interim_of_a_first_stage_is_on_the_day_its_data_are_in(kind):
    """The last of the first patients, with the days that her data take, and her follow-up: patient by patient."""
    trial = trial_of(kind)
    design = Prepared(operated(trial, plan_with("sites", trial)), 3, "law").design
    conducted, cohort = design.conduct(0, 4)
    rules = trial.adaptation
    first = max(1, round(rules.first * rules.planned)) if kind == "promising-zone" else rules.first
    follow_up = design.cuts[0].planned.endpoint.horizon
    known = cohort.day[:, :first].astype(int) + cohort.late[:, :first]
    np.testing.assert_array_equal(conducted.cuts[:, 0], known.max(axis=1) + follow_up)


def test_allocation_is_set_anew_on_the_days_of_its_patients():
    trial = trial_of("response-adaptive")
    design = Prepared(operated(trial, plan_with("sites", trial)), 3, "law").design
    conducted, cohort = design.conduct(0, 4)
    places = [trial.adaptation.burn_in - 1 + k * trial.adaptation.every for k in range(design.data_cuts - 1)]
    np.testing.assert_array_equal(conducted.cuts[:, :-1], cohort.day[:, places])
    assert list(trial.adaptation.data_cuts(trial)) == ["90 patients", "150 patients", "210 patients", "270 patients"]
