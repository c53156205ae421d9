"""Power of several analyses under a procedure, in trials analysed once and in monitored ones."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import jaksim
from jaksim.design.analyses.multiple import reject_by_levels
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.design.shoot_out import shoot_out_trial
from jaksim.design.sizing import trial_size
from jaksim.design.sums.precision import standard_error
from jaksim.errors import InputError
from jaksim.scenario import load_scenario
from jaksim.trial.multiplicity.plan import Multiplicity, NullConfiguration

SMALL = Path(__file__).parents[3] / "scenarios" / "small.toml"
MONITORED = Path(__file__).parents[3] / "scenarios" / "interims.toml"
ARMS = Path(__file__).parents[3] / "scenarios" / "arms.toml"
INTERIMS = Path(__file__).parents[4] / "scenarios" / "actt4-interims.toml"
NAMES = ("log-rank", "odds", "death")
NONE_WORKS = (NullConfiguration("none works", ()),)


@pytest.fixture(scope="module")
def trial():
    return load_scenario(SMALL).trial


def with_procedure(trial, procedure, analyses=NAMES, **more):
    return replace(trial, multiplicity=Multiplicity(procedure, analyses, 0.05, **more))


def outcome(trial, **settings):
    return trial_power(trial, Settings(**settings))


def test_a_fixed_sequence_rejects_what_all_before_it_reject(trial):
    one = outcome(with_procedure(trial, "fixed sequence", NAMES[:2]), replicates=3000)
    names = [analysis.name for analysis in one.analyses]
    first, second = names.index("log-rank"), names.index("odds")
    found = one.multiplicity
    assert found.analyses[0].power == one.analyses[first].power
    assert found.analyses[1].power == one.joint[first][second] == found.all_rejections.power
    assert found.any_rejection.power == one.analyses[first].power


def test_familywise_error_where_nothing_works(trial):
    for procedure in ("bonferroni", "holm", "hochberg"):
        found = outcome(with_procedure(trial, procedure, configurations=NONE_WORKS), replicates=4000, seed=8)
        (error,) = found.multiplicity.familywise_error
        assert error.name == "none works"
        assert 0.02 < error.power < 0.05 + 4 * standard_error(200, 4000)
        null = trial_power(with_procedure(trial, procedure), Settings(replicates=4000, seed=8), null=True)
        assert null.multiplicity.any_rejection.power == error.power


def test_stronger_procedures_reject_more(trial):
    powers = {
        procedure: outcome(with_procedure(trial, procedure), replicates=2000).multiplicity
        for procedure in ("bonferroni", "holm", "hochberg")
    }
    for weaker, stronger in (("bonferroni", "holm"), ("holm", "hochberg")):
        pairs = zip(powers[weaker].analyses, powers[stronger].analyses, strict=True)
        assert all(a.power <= b.power for a, b in pairs)
    assert powers["bonferroni"].all_rejections.power < powers["hochberg"].all_rejections.power


def test_blocks_and_workers_do_not_change_it(trial):
    given = with_procedure(trial, "holm", configurations=NONE_WORKS)
    one = outcome(given, replicates=700, workers=1, block=64).multiplicity
    assert outcome(given, replicates=700, workers=2).multiplicity == one


def test_a_monitored_analysis_opens_the_gate():
    scenario = load_scenario(INTERIMS).trial
    names = tuple(plan.name for plan in scenario.analyses)
    sequence = Multiplicity("fixed sequence", (names[0], names[4]), 0.025)
    plans = tuple(
        replace(plan, alpha=0.025, sides=1) if plan.name in sequence.analyses else plan for plan in scenario.analyses
    )
    found = outcome(replace(scenario, analyses=plans, multiplicity=sequence), replicates=200)
    assert found.multiplicity.analyses[0].power == found.analyses[0].power
    assert found.multiplicity.analyses[1].power == found.joint[0][4]
    shared = replace(sequence, procedure="bonferroni")
    with pytest.raises(InputError, match="never gives it"):
        outcome(replace(scenario, analyses=plans, multiplicity=shared), replicates=10)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"analyses": ("log-rank", "cocks")}, "unknown analysis"),
        ({"analyses": ("log-rank", "one-sided")}, "one-sided, some two-sided"),
        ({"procedure": "dunnett"}, "differ by their active arm"),
        ({"configurations": (NullConfiguration("x", ("drag",)),)}, "did you mean 'drug'"),
    ],
)
def test_procedures_that_do_not_fit_the_trial(trial, changes, words):
    with pytest.raises(InputError, match=words):
        replace(trial, multiplicity=replace(Multiplicity("holm", NAMES, 0.05), **changes))


def test_a_gate_that_is_closed_keeps_even_a_p_value_of_zero_out(trial):
    plan = with_procedure(trial, "fixed sequence").multiplicity
    found = reject_by_levels(np.array([[0.5], [0.0], [0.0]]), plan.local_levels())
    assert not found.any()


@pytest.mark.parametrize(
    ("path", "procedure", "names", "alpha", "sized"),
    [
        (SMALL, "holm", ("log-rank", "odds", "death"), 0.05, "death"),
        (SMALL, "hochberg", ("log-rank", "odds"), 0.05, "odds"),
        (MONITORED, "fixed sequence", ("well", "recovery"), 0.025, "well"),
    ],
)
def test_verbs_that_drop_analyses_take_each_by_itself(path, procedure, names, alpha, sized):
    """A size and a shoot-out are those of the trial without the procedure."""
    changes = ("analysis.recovery.sides=1", "analysis.recovery.alpha=0.025") if path == MONITORED else ()
    plain = load_scenario(path, changes=changes).trial
    given = replace(plain, multiplicity=Multiplicity(procedure, names, alpha))
    found, expected = (
        trial_size(one, 0.8, Settings(replicates=1000, seed=3), analysis=sized) for one in (given, plain)
    )
    assert (found.n_patients, found.power, found.steps) == (expected.n_patients, expected.power, expected.steps)
    assert _asked(given) == _asked(plain)


def _asked(trial):
    return shoot_out_trial(trial.at_complete_data()).analyses


def test_dunnetts_test_of_arms_that_a_shoot_out_drops():
    trial = replace(load_scenario(ARMS).trial, adaptation=None)
    names = tuple(one.name for one in trial.analyses if one.method == "log_rank")
    given = replace(trial, multiplicity=Multiplicity("dunnett", names, 0.025))
    assert _asked(given) == _asked(trial)


def test_the_reports_say_that_the_procedure_is_left_out():
    scenario = load_scenario(
        SMALL, changes=("multiplicity.procedure=holm", 'multiplicity.analyses=["log-rank", "death"]')
    )
    few = {"replicates": 200, "seed": 3}
    answers = [
        jaksim.size(scenario, analysis="death", **few),
        jaksim.compare(load_scenario(SMALL), scenario, **few),
        jaksim.predict(scenario, draws=20, replicates=20),
        jaksim.assurance(scenario, draws=20),
    ]
    for one in answers:
        assert "[multiplicity] (Holm's procedure) is left out" in " ".join(one.report().split())
    plain = jaksim.size(load_scenario(SMALL), analysis="death", **few)
    assert "multiplicity" not in plain.report()
