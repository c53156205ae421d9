"""The command `reproduce`: what is printed and what is refused."""

import pytest


def test_the_limit_of_a_ratio_that_is_not_finite_is_infinity(jaksim):
    found = jaksim("reproduce", "cov-barrier", "--replicates", "200", "--json").json
    open_ended = [figure for figure in found["figures"] if None in figure["interval"]]
    assert open_ended
    assert all("ratio" in figure["statistic"] for figure in open_ended)
    text = jaksim("reproduce", "cov-barrier", "--replicates", "200").out
    assert text.count(" to infinity ") == len(open_ended)
    assert "not reached" not in text


@pytest.mark.parametrize(
    ("study", "parameters"), [("cov-barrier", "pooled"), ("cov-barrier", "actt-2"), ("codex", "pooled")]
)
def test_parameters_of_another_model_are_refused_with_what_is_allowed(refused, study, parameters):
    words = refused("reproduce", study, "--parameters", parameters)
    assert words.startswith("jaksim: --parameters: ")
    assert f"allowed: {study}, or a file that `jaksim calibrate` writes of this study" in words
