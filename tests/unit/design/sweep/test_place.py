import os

import pytest

from jaksim.design.sweep.place import absolute, place_from, seen_from


@pytest.fixture
def scenario(tmp_path):
    folder = tmp_path / "study" / "scenarios"
    folder.mkdir(parents=True)
    (folder / "trial.toml").touch()
    (tmp_path / "study" / "sweep").mkdir()
    return folder / "trial.toml"


def test_the_place_is_seen_from_the_directory_and_found_again_after_both_were_moved(scenario, tmp_path):
    seen = seen_from(tmp_path / "study" / "sweep", absolute(scenario))
    assert seen == "../scenarios/trial.toml"
    (tmp_path / "study").rename(tmp_path / "moved")
    found = place_from(tmp_path / "moved" / "sweep", seen, "trial.toml")
    assert found == str(tmp_path / "moved" / "scenarios" / "trial.toml")


def test_links_to_folders_and_to_the_file_do_not_mislead(scenario, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "sweep"
    link.symlink_to(tmp_path / "study" / "sweep")
    assert seen_from(link, absolute(scenario)) == "../scenarios/trial.toml"
    assert place_from(link, "../scenarios/trial.toml", "x.toml") == str(scenario)
    (scenario.parent / "same.toml").symlink_to(scenario)
    assert absolute(scenario.parent / "same.toml") == str(scenario.parent / "same.toml")


def test_a_file_that_is_not_there_is_looked_for_as_it_was_typed(scenario, tmp_path, monkeypatch):
    sweep = tmp_path / "study" / "sweep"
    assert place_from(sweep, "../gone.toml", str(scenario)) == str(scenario)
    monkeypatch.chdir(scenario.parent)
    assert place_from(sweep, None, "trial.toml") == str(scenario)
    assert place_from(sweep, "../gone.toml", "gone.toml") == os.path.join(tmp_path, "study", "gone.toml")
    assert place_from(sweep, None, "actt4") is None
    assert seen_from(sweep, None) is None
