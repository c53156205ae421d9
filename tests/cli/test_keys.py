import csv


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


def test_each_kind_of_file_has_its_keys(jaksim, refused):
    for file, path in (
        ("scale", "status.label"),
        ("study", "model.effect.window"),
        ("evidence", "records.favours_first"),
    ):
        assert path in [key["path"] for key in jaksim("keys", "--file", file, "--json").json["keys"]]
    assert "did you mean 'study'" in refused("keys", "--file", "studdy")


def test_a_schema_is_json_and_nothing_else(jaksim, refused):
    assert jaksim("keys", "--file", "scale", "--schema").json["title"] == "jaksim scale file"
    assert "without a word" in refused("keys", "sets", "--schema")
    assert "--schema" in refused("keys", "--schema", "--format", "markdown")


def test_keys_are_a_table_in_csv(jaksim):
    _, headers, *rows = csv.reader(jaksim("keys", "--file", "scale", "--format", "csv").out.splitlines())
    assert headers == ["term", "remark", "text"]
    assert [row[0] for row in rows] == [key["path"] for key in jaksim("keys", "--file", "scale", "--json").json["keys"]]


def test_an_unknown_word_names_the_command_that_lists_all(refused):
    assert "`jaksim keys --file scale` lists all" in refused("keys", "zzz", "--file", "scale")
