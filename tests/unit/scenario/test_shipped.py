import shutil
from pathlib import Path

import pytest

from jaksim.errors import InputError
from jaksim.evidence import load_study
from jaksim.evidence.synthesis.answers import synthesise
from jaksim.scenario import load_scenario, shipped
from jaksim.scenario.shipped import scenario_file, shipped_scenarios

SCENARIOS = Path(__file__).parents[3] / "scenarios"


def test_a_name_is_that_of_a_scenario_that_comes_with_jaksim(monkeypatch, tmp_path):
    assert set(shipped_scenarios()) == {path.stem for path in SCENARIOS.glob("*.toml")}
    monkeypatch.chdir(tmp_path)
    (tmp_path / "actt4").mkdir()  # a directory, such as that of a sweep, is no scenario
    assert load_scenario("actt4").trial.title == load_scenario(SCENARIOS / "actt4.toml").trial.title
    assert load_scenario("actt4").path == "actt4"
    assert load_scenario("stroke-alteplase").parameter_sets  # which lies beside the scenario


def test_a_file_of_that_name_comes_first(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "actt4").write_text("x = 1")
    assert scenario_file("actt4") == Path("actt4")


def test_an_installed_package_has_copies(monkeypatch, tmp_path):
    shutil.copytree(SCENARIOS, tmp_path / "scenario_data")
    monkeypatch.setattr(shipped, "_PACKAGE", tmp_path)
    assert scenario_file("actt2") == tmp_path / "scenario_data" / "actt2.toml"


@pytest.mark.parametrize("given", ["acct4", "actt44"])
def test_an_unknown_name_is_refused_with_the_nearest(given):
    with pytest.raises(InputError, match=r"no such file.*did you mean 'actt4'"):
        load_scenario(given)


@pytest.mark.parametrize("given", ["actt4.toml", "nowhere/actt4"])
def test_a_path_is_no_name(monkeypatch, tmp_path, given):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        load_scenario(given)


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.toml")), ids=lambda path: path.stem)
def test_what_actt_4_found_is_not_used_rather_than_not_published(path):
    lines = [line for line in path.read_text("utf-8").splitlines() if line.startswith("assumption")]
    about = [line for line in lines if "ACTT-4" in line]
    assert not any("publi" in line or "unknown" in line for line in about), about
    if load_scenario(path).registry == "NCT04640168" or path.stem == "actt4-non-inferiority":
        assert any("split between scores 5 and 6 is not used" in line for line in about)


def test_the_share_on_glucocorticoids_is_that_of_the_catalogue():
    share = load_study("cov-barrier")["glucocorticoid_use.all"].figure
    pooled = 1291 / 1619  # with the ventilated patients of the second trial, individual-patient meta-analysis
    printed = f"{100 * share.count / share.n:.0f} to {100 * pooled:.0f} %"
    texts = {path.stem: path.read_text("utf-8") for path in SCENARIOS.glob("*.toml")}
    said = [name for name, text in texts.items() if "COV-BARRIER" in text and printed in text]
    assert set(said) == {"cov-barrier", "jak-inhibitors"}


@pytest.fixture(scope="module")
def by_glucocorticoids():
    """How the effect of JAK inhibitors depends on glucocorticoids, of all that the catalogue tells: on improvement, of
    which no trial reports subgroups, and on death."""
    discharge, mortality = (synthesise(name).interaction for name in ("discharge", "mortality"))
    return {
        ("improvement", "discharge"): discharge.by_class["jak_inhibitor"].coefficient("interaction"),
        ("death",): mortality.combined["jak_inhibitor"],
    }


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(SCENARIOS.glob("*.toml")) if "disease.interaction" in path.read_text("utf-8")],
    ids=lambda path: path.stem,
)
def test_interactions_are_those_of_the_synthesis_or_say_why_not(path, by_glucocorticoids):
    disease = load_scenario(path).disease
    for one, name, note in zip(
        disease.model.interactions, disease.interaction_sets, disease.interaction_notes, strict=True
    ):
        if name:
            assert name == "pooled"
        elif one.moves in by_glucocorticoids:
            assert one.log_hazard_ratio == pytest.approx(by_glucocorticoids[one.moves].mean, abs=0.03)
            assert one.prior_sd == pytest.approx(by_glucocorticoids[one.moves].standard_deviation, abs=0.03)
            assert "jaksim evidence synthesise" in one.source
        else:
            assert "do not tell an interaction from none" in note
