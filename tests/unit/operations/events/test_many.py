import pickle

from jaksim.operations.events import conduct_trials, many
from jaksim.trial.operations.operations import Operations
from jaksim.trial.operations.recruitment import Country, Recruitment, SiteGroup
from tests.operations_plans import small_trial

PLAN = Operations(Recruitment((Country("all", (SiteGroup("all", 4, 0.5, shape=2.0),)),)))


def test_results_are_the_same_for_any_number_of_processes(monkeypatch):
    monkeypatch.setattr(many, "AT_ONCE", 3)
    trial, told = small_trial(30, PLAN), []
    one = list(conduct_trials(trial, 5, 2, 12, pickle.dumps))
    two = list(conduct_trials(trial, 5, 2, 12, pickle.dumps, workers=2, advance=told.append))
    assert one == two
    assert told == [3, 3, 3, 1]
    assert one[3:5] == list(conduct_trials(trial, 5, 5, 7, pickle.dumps))
    assert len(set(one)) == 10
