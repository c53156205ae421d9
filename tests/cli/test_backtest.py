"""The command `backtest`: what is printed and what is refused."""

import pytest

FEW = ("--draws", "20", "--replicates", "2")


def test_without_an_outcome_the_mechanistic_backtest_is_alone(jaksim):
    found = jaksim("backtest", "--mechanistic", "--study", "codex", *FEW, "--json").json
    assert list(found) == ["mechanistic", "statistical", "provenance"]
    assert found["statistical"] is None
    assert {number["study"] for number in found["mechanistic"]["numbers"]} == {"codex"}
    assert found["provenance"]["command"].startswith("jaksim backtest --mechanistic --study codex")


@pytest.mark.parametrize(
    "outcome", ["mortality", *(pytest.param(name, marks=pytest.mark.verify) for name in ("discharge", "all"))]
)
def test_an_outcome_is_predicted_beside_the_figures_of_the_disease_model(jaksim, outcome):
    both = jaksim("backtest", outcome, "--mechanistic", "--study", "codex", *FEW, "--json").json
    alone = jaksim("backtest", outcome, "--json").json
    assert both["statistical"] == alone
    assert both["mechanistic"]["overall"]["figures"] > 0
    assert both["provenance"]["command"].startswith(f"jaksim backtest {outcome} --mechanistic --study codex")
    printed = jaksim("backtest", outcome, "--mechanistic", "--study", "codex", *FEW).out
    assert printed.startswith("Every figure of each trial")
    assert printed.endswith(jaksim("backtest", outcome).out)


@pytest.mark.parametrize("study", ["actt-2", "recovery-dexamethasone"])
def test_a_trial_with_none_before_it_is_refused_in_words(refused, study):
    words = refused("backtest", "--mechanistic", "--earlier", "--study", study, *FEW)
    assert f"\n  {study}: no earlier trial of the class " in words
    assert "{" not in words
