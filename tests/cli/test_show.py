def test_a_scenario_is_shown_at_once(jaksim):
    outcome = jaksim("show", "actt2", "--days", "14")
    assert outcome.code == 0
    assert "STATE OCCUPATION" in outcome.out
    rows = [line.split() for line in outcome.out.splitlines()]
    assert ["6", "14", "16.2", "24.9", "0.3", "3.5", "15.2", "10.1", "23.3", "6.5"] in rows
    assert jaksim("show", "actt4", "--json").json["windows"][0]["windows"] == ["days 0 to 10"]


def test_figures_are_written_and_named(jaksim, tmp_path):
    outcome = jaksim("show", "delayed-effect", "--plot", tmp_path / "course.png", "--figure", "moves", "--json")
    assert outcome.code == 0
    assert "course.png" in outcome.err
    assert (tmp_path / "course.png").read_bytes().startswith(b"\x89PNG")


def test_what_cannot_be_shown_is_refused(jaksim, refused, tmp_path):
    assert "0 to 28" in refused("show", "actt4", "--days", "7,40")
    assert "is no day" in refused("show", "actt4", "--days", "7;14")
    assert "--plot FILE" in refused("show", "actt4", "--figure", "moves")
    assert "did you mean 'window'" in refused("show", "actt4", "--plot", tmp_path / "a.png", "--figure", "windows")
    assert ".png, .svg, .pdf" in refused("show", "actt4", "--plot", tmp_path / "x.gif")
    for command, option in (("show", "--set"), ("power", "--set"), ("sweep", "--vary"), ("sweep", "--baseline")):
        twice = (option, "population.patients=900", option, "population.patients =1000")
        assert "'population.patients' is given more than once" in refused(command, "actt4", *twice)
    assert "no effect of any arm" in refused(
        "show", "delayed-effect", "--set", "disease.treatments.drug.effect.0.window={ start = 0 }",
        "--plot", tmp_path / "a.png", "--figure", "window",
    )  # fmt: skip


def test_other_commands_write_figures_of_their_answers(jaksim, refused, tmp_path):
    vary = ("--vary", "population.patients=300,600", "--replicates", 5)
    assert jaksim("sweep", "actt4", *vary, "--out", tmp_path / "s", "--plot", tmp_path / "a.png").code == 0
    assert jaksim("sweep", "--status", "--out", tmp_path / "s", "--plot", tmp_path / "b.svg").code == 0
    given = ("compare", "actt4", "actt4", "--replicates", 5)
    assert jaksim(*given, "--plot", tmp_path / "c.pdf", "--json").json["replicates"] == 5
    assert {path.name for path in tmp_path.iterdir()} == {"s", "a.png", "b.svg", "c.pdf"}
    part = jaksim("sweep", "actt4", *vary, "--out", tmp_path / "p", "--shard", "1/2", "--plot", tmp_path / "d.png")
    assert part.code == 0
    assert "no figure of a part of a sweep" in part.err or (tmp_path / "d.png").exists()
    for command in (given, ("size", "actt2"), ("predict", "actt4"), ("sweep", "actt4", *vary, "--out", "x")):
        assert "ending" in refused(*command, "--plot", tmp_path / "a.gif")
