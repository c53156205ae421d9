def test_keys_describe_the_scenario_file(jaksim):
    text = jaksim("keys").out
    for path in ("population.patients", "disease.interaction.prior_sd", "endpoint.kind", "randomisation.block_size"):
        assert path in text


def test_one_word_narrows_the_list(jaksim):
    paths = [key["path"] for key in jaksim("keys", "ties", "--json").json["keys"]]
    assert "analysis (method cox).options.ties" in paths
    assert "disease.natural_history" not in paths


def test_unknown_word_is_refused_with_the_nearest(refused):
    assert "did you mean 'weight'" in refused("keys", "wieght")
