"""Blocks that trials share give the sums of trials that draw and analyse by themselves."""

from pathlib import Path

import pytest

from jaksim.design.engine import drawn as module
from jaksim.design.engine import engine as law
from jaksim.design.engine.drawn import Drawn
from jaksim.design.prepared import Prepared
from jaksim.design.sums.summary import Summary
from jaksim.scenario.document import read_document, set_key
from jaksim.scenario.readings import Readings
from jaksim.scenario.scenario import scenario_of

SMALL = Path(__file__).parents[3] / "scenarios" / "small.toml"
CHANGES = (
    {},
    {"analysis.log-rank.alpha": 0.2},
    {"analysis.cox.options": {"ties": "breslow"}},
    {"analysis.one-sided.sides": 2},
    {"analysis.log-rank.strata": ["ill"]},
    {"analysis.death.method": "risk_ratio_mh"},
    {"population.patients": 90},
    {"population.stratum_sizes": "fixed"},
    {"randomisation.block_size": 8},
    {"randomisation.scheme": "simple"},
    {"arm.drug.allocation": 3},
    {"disease.treatments.drug.effect.0.hazard_ratio": 2.2},
    {},
)


def trials(changes):
    readings = Readings()
    for change in changes:
        document = read_document(SMALL)
        for key, value in change.items():
            set_key(document, key, value)
        yield scenario_of(document, str(SMALL), readings=readings).trial


def content(summary: Summary):
    multiple = [(moments.n, moments.total, moments.squared) for moments in summary.controlled]
    return summary.tallies, summary.joint.tolist(), summary.any_rejection, summary.rejected.tolist(), multiple


@pytest.mark.parametrize("engine", ["law", "path"])
@pytest.mark.parametrize("reduction", ["none", "control-variates"])
def test_a_trial_has_the_sums_of_its_own_after_any_other(engine, reduction):
    drawn, last = Drawn(tables=reduction != "none"), None
    for trial in trials(CHANGES):
        given = {"seed": 5, "engine": engine, "variance_reduction": reduction}
        last = Prepared(trial, **given, like=last, drawn=drawn)
        alone = Prepared(trial, **given)
        for first in (0, 20):
            assert content(last.sums(first, 20).summary) == content(alone.sums(first, 20).summary)


def counted(monkeypatch, changes):
    """How many times tables are drawn, and tests computed, for two blocks of each of the trials."""
    drawn, last, made = Drawn(), None, {"tables_beside": 0, "results": 0}

    def count(owner, name):
        plain = getattr(owner, name)

        def counting(*arguments):
            made[name] += 1
            return plain(*arguments)

        monkeypatch.setattr(owner, name, counting)

    for number, trial in enumerate(trials(changes)):
        last = Prepared(trial, 5, "law", like=last, drawn=drawn)
        last.ready()
        if number == 0:
            count(type(last.design.engine), "tables_beside")
            count(type(last.tests[0]), "results")
        for first in (0, 20):
            last.sums(first, 20)
    return made


@pytest.mark.parametrize(
    ("change", "tables", "results"),
    [
        ({"analysis.log-rank.alpha": 0.2}, 2, 12),
        ({"analysis.one-sided.alpha": 0.1}, 2, 12),
        ({"analysis.cox.options": {"ties": "breslow"}}, 2, 14),
        ({"analysis.death.method": "risk_ratio_mh"}, 2, 14),
        ({"population.patients": 90}, 4, 24),
        ({"arm.drug.allocation": 3}, 4, 24),
    ],
)
def test_what_a_level_and_a_method_leave_is_not_computed_again(monkeypatch, change, tables, results):
    assert counted(monkeypatch, ({}, change)) == {"tables_beside": tables, "results": results}


def test_what_does_not_fit_is_computed_again(monkeypatch):
    monkeypatch.setattr(module, "BYTES_OF_TABLES", 0)
    monkeypatch.setattr(module, "BYTES_OF_RESULTS", 3 * 20 * 3 * 8)
    assert counted(monkeypatch, ({}, {})) == {"tables_beside": 4, "results": 24}


def test_neighbours_in_size_take_over_all_but_a_few_patients(monkeypatch):
    """Of 60, 63 and 58 patients the tables of the first are drawn anew, those of 150 again."""
    made = []
    plain = law.draw_tables

    def counting(*arguments):
        made.append(len(arguments[3]))
        plain(*arguments)

    drawn, last = Drawn(), None
    for trial in trials([{"population.patients": patients} for patients in (60, 63, 58, 150)]):
        last = Prepared(trial, 5, "law", like=last, drawn=drawn).ready()
        assert last.design.engine.name == "law"
        monkeypatch.setattr(law, "draw_tables", counting)
        last.sums(0, 20)
        monkeypatch.setattr(law, "draw_tables", plain)
    assert made == [20, 20]
