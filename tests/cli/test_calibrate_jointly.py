from pathlib import Path

from jaksim.model.parameter_set import load_parameter_set

EXAMPLE = "docs/examples/intensive-care.toml"


def test_report_and_the_file_that_is_written(jaksim, tmp_path):
    path = tmp_path / "care.json"
    outcome = jaksim("calibrate", "--joint", EXAMPLE, "--draws", 30, "--out", path)
    assert outcome.code == 0
    assert "EFFECTS OF EACH DRUG" in outcome.out
    assert "hydrocortisone" in outcome.out
    words = " ".join(outcome.out.split())
    assert "a ratio may lie off that of its counts" in words
    assert "Between trials, improvement and deterioration: the figures above are the prior's" in words
    assert "wrote" in outcome.err
    found = load_parameter_set(str(path))
    assert found.draws.shape == (30, 4)
    assert [trial.study for trial in found.pooling.trials] == ["codex", "cape-covid", "remap-cap-hydrocortisone"]


def test_what_one_trial_cannot_tell_is_said_to_be_the_priors(jaksim, tmp_path):
    head, first, *_ = Path(EXAMPLE).read_text("utf-8").split("[[trial]]")
    path = tmp_path / "one.toml"
    path.write_text(f"{head}[[trial]]{first}", "utf-8")
    words = " ".join(jaksim("calibrate", "--joint", path, "--draws", 30).out.split())
    kinds = "improvement and deterioration and death"
    assert f"Between trials, {kinds}: the figures above are the prior's" in words
    assert f"Between drugs, {kinds}: the figures above are the prior's" in words


def test_json_is_one_object(jaksim):
    found = jaksim("calibrate", "--joint", EXAMPLE, "--draws", 30, "--json").json
    assert {"parameters", "pooling", "excluded", "diagnostics", "provenance"} <= set(found)
    assert len(found["pooling"]["influence"]) == 3
    assert found["pooling"]["fits"][1]["targets"]


def test_what_cannot_be_asked_together_is_refused(jaksim):
    assert "--selection" not in jaksim("calibrate", "--joint", "poold").err
    for words, says in (
        (("--joint", "--all"), "not --all"),
        (("--joint", "poold"), "unknown selection"),
        (("--joint", EXAMPLE, "--draws", 3), "--draws"),
    ):
        outcome = jaksim("calibrate", *words)
        assert outcome.code == 2
        assert says in outcome.err
