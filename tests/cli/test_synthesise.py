import pytest

from jaksim.evidence import load_study


def test_prints_every_answer_with_its_records(jaksim):
    text = jaksim("evidence", "synthesise").out
    for heading in (
        "Trials used",
        "Studies left out",
        "JAK inhibitors against control",
        "Is there a class effect?",
        "Agents against each other",
        "Interaction glucocorticoid x immunomodulator",
        "Priors",
    ):
        assert f"\n{heading}" in text
    assert load_study("covacta").citations["rosas-2021"].text.split(".")[0] in text
    assert "jaki-ipdma: pools trials that are counted here one by one" in text
    assert max(map(len, text.splitlines())) <= 110


def test_json_is_one_object(jaksim):
    found = jaksim("evidence", "synthesise", "--json").json
    trial = next(entry for entry in found["trials"] if entry["study"] == "stop-covid")
    assert trial["records"] == ["ipdma_mortality_odds_ratio_day28.all"]
    assert trial["citations"]
    assert {entry["study"] for entry in found["excluded"]} >= {"cantini-2020", "actt-4"}
    question = found["class_against_agent"]
    assert set(question["agents"]) >= {"baricitinib", "tofacitinib", "ruxolitinib"}
    assert 0 < question["new_agent"]["probability_of_benefit"] < question["class_mean"]["probability_of_benefit"] < 1
    assert question["probability_that_any_pair_differs"] >= max(question["probability_that_pairs_differ"].values())
    assert found["interaction"]["sd"] < found["interaction"]["prior"]["sd"]


def test_own_file_is_used(jaksim, tmp_path):
    from importlib import resources

    text = (resources.files("jaksim.evidence") / "syntheses" / "mortality.toml").read_text("utf-8")
    path = tmp_path / "wide.toml"
    path.write_text(text.replace("scale = 0.25", "scale = 1.0"), encoding="utf-8")
    wide = jaksim("evidence", "synthesise", path, "--json").json
    usual = jaksim("evidence", "synthesise", "--json").json
    assert wide["outcome"] == "wide"
    assert (
        wide["class_against_agent"]["between_agents"]["median"]
        > usual["class_against_agent"]["between_agents"]["median"]
    )


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("mortalty", "did you mean 'mortality'?"), ("none.toml", "no such file"), ("", "is empty")],
)
def test_what_cannot_be_synthesised_gets_one_message(refused, outcome, words):
    assert words in refused("evidence", "synthesise", outcome)


def test_the_list_names_every_outcome_with_its_spread(jaksim):
    from jaksim.evidence.synthesis.selection_file import selection_ids

    found = {row["outcome"]: row for row in jaksim("evidence", "synthesise", "--list", "--json").json["outcomes"]}
    assert tuple(found) == selection_ids()
    one = jaksim("evidence", "synthesise", "mortality", "--json").json
    assert found["mortality"]["trials"] == len(one["trials"])
    assert found["mortality"]["between_trials"] == one["between_trials"]
    text = jaksim("evidence", "synthesise", "--list").out
    assert all(name in text for name in selection_ids())
    low, high = one["between_trials"]["tau"]["interval"]
    assert f"{one['between_trials']['tau']['median']:.2f} ({low:.2f} to {high:.2f})" in text


@pytest.mark.parametrize("words", [("mortality",), ("--plot", "a.png"), ("--funnel", "a.png")])
def test_the_list_takes_neither_an_outcome_nor_a_plot(refused, words):
    assert "--list" in refused("evidence", "synthesise", "--list", *words)


@pytest.mark.parametrize("option", ["--plot", "--funnel"])
def test_plots_are_written_whole_or_refused(jaksim, refused, tmp_path, option):
    path = tmp_path / "figure.svg"
    assert jaksim("evidence", "synthesise", option, path).code == 0
    text = path.read_text("utf-8")
    assert text.rstrip().endswith("</svg>")
    assert "allowed: .png, .svg, .pdf" in refused("evidence", "synthesise", option, tmp_path / "figure.txt")


@pytest.mark.parametrize("second", ["x.png", "./x.png", "../{folder}/x.png"])
def test_two_plots_are_not_written_to_one_file(refused, tmp_path, monkeypatch, second):
    monkeypatch.chdir(tmp_path)
    words = refused("evidence", "synthesise", "--plot", "x.png", "--funnel", second.format(folder=tmp_path.name))
    assert "--funnel: would overwrite what --plot writes" in words
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", ["/dev/null", "x.txt", "x"])
@pytest.mark.parametrize("option", ["--plot", "--funnel"])
def test_the_flag_at_fault_is_named(refused, path, option):
    assert refused("evidence", "synthesise", option, path).startswith(f"jaksim: {option}: ")


def test_the_spread_between_trials_stands_in_the_report(jaksim):
    found = jaksim("evidence", "synthesise", "--json").json
    text = jaksim("evidence", "synthesise").out
    for part in (found, *found["classes"].values()):
        spread = part["between_trials"]
        if spread["df"]:
            tau = spread["tau"]
            assert f"tau {tau['median']:.2f} (95% {tau['interval'][0]:.2f} to {tau['interval'][1]:.2f})" in text
            assert "Q-profile {:.3f} to {:.3f}".format(*spread["tau2_interval"]) in text
