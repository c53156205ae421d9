"""jaksim conduct on the command line, and what the other commands say of a trial with operations."""

from pathlib import Path

import pytest

import jaksim as package
from jaksim.trial.operations.recruitment import Recruitment

SITES = str(Path(__file__).parents[1] / "scenarios" / "sites.toml")
SMALL = str(Path(__file__).parents[1] / "scenarios" / "small.toml")
SUPPLY = (
    'operations.supply={ product=[{ name="kit", made=400 }], kits={ drug={ kit=1 }, control={ kit=1 } }, '
    "first=1, reorder=0, up_to=2, lead=8 }"
)
FEW = ("--replicates", 20, "--seed", 1)


@pytest.fixture(scope="module")
def conducted():
    return package.conduct(SITES, by="2026-03-01", chance=0.9, replicates=40, seed=1)


def test_the_report_has_every_part_of_the_plan(jaksim):
    outcome = jaksim("conduct", SITES, *FEW, "--by", "2026-03-01", "--chance", 0.9)
    assert outcome.code == 0
    for heading in ("ENROLMENT", "SCREENING", "SITES", "ANALYSES", "DATA", "COST", "POWER, IN THE SAME TRIALS"):
        assert f"\n{heading}\n" in outcome.out
    for heading in ("SUPPLY", "WARDS"):
        assert heading not in outcome.out
    words = " ".join(outcome.out.split())
    assert "9 sites in two countries" in words
    assert "Full by the end of day 55 (2026-03-01):" in words
    assert "by the exact law" in words
    assert "± is the Monte Carlo standard error" in words
    assert "ASSUMED" in outcome.out
    assert "Recreate: jaksim conduct" in words


def test_the_same_numbers_in_python_and_json(jaksim, conducted):
    found = jaksim("conduct", SITES, "--by", 55, "--chance", 0.9, "--replicates", 40, "--seed", 1, "--json").json
    assert found["door"] == "fast"
    assert found["start"] == "2026-01-05"
    full = conducted.numbers["full_day"]
    assert found["numbers"]["full_day"]["mean"] == full.summary.mean
    assert found["numbers"]["full_day"]["dates"] == dict(full.dates)
    assert found["numbers"]["full_day"]["definition"].endswith(".")
    assert found["full_by"]["share"] == conducted.full_by.share
    assert found["full_by"]["date"] == "2026-03-01"
    assert found["needed"]["sites_like"] == "Here"
    assert found["needed"]["rate_factor"] > 1.0
    assert found["curves"]["recruited"]["bands"].keys() == {"50", "80", "95"}
    assert found["analyses"][0]["reached"] == 1.0
    assert found["power"]["analyses"][0]["power"] == conducted.power.analyses[0].power
    frame = conducted.to_pandas().set_index("quantity")
    assert frame.loc["full_day", "mean"] == full.summary.mean
    assert frame.attrs["provenance"]["command"].startswith("jaksim conduct")


def test_recreating_gives_the_same_answer(jaksim, conducted):
    words = conducted.provenance["command"].split()[1:]
    again = jaksim(*words, "--json").json
    assert again["numbers"]["cost"]["mean"] == conducted.numbers["cost"].summary.mean


def test_what_it_takes_gives_the_chance():
    needed = package.conduct(SITES, by=55, chance=0.9, door="exact").needed
    with_sites = [f"operations.country.Here.sites={6 + needed.sites_to_add}"]
    assert package.conduct(SITES, by=55, door="exact", changes=with_sites).full_by.exact >= 0.9
    fewer = [f"operations.country.Here.sites={5 + needed.sites_to_add}"]
    assert package.conduct(SITES, by=55, door="exact", changes=fewer).full_by.exact < 0.9


def test_the_exact_door_tells_of_enrolment_and_says_what_it_leaves_out(jaksim):
    outcome = jaksim("conduct", SITES, "--door", "exact", "--by", 55)
    assert outcome.code == 0
    assert "exact law of enrolment, without simulation" in outcome.out
    assert "screening by reason" in outcome.out
    assert "\nCOST\n" not in outcome.out
    record = jaksim("conduct", SITES, "--door", "exact", "--json").json
    assert record["replicates"] == 0
    assert record["power"] is None
    assert record["numbers"]["full_day"]["mean"] == pytest.approx(record["exact_full_day"])


def test_auto_takes_events_for_a_plan_with_supply(jaksim):
    found = jaksim("conduct", SITES, *FEW, "--set", SUPPLY, "--json").json
    assert found["door"] == "events"
    assert found["left_out"] == []
    kits = {name: one["mean"] for name, one in found["numbers"].items() if name.endswith(": kit")}
    assert kits["kits_made: kit"] == 400
    assert kits["kits_made: kit"] == pytest.approx(
        kits["kits_used: kit"] + kits["kits_expired: kit"] + kits["kits_left: kit"]
    )
    left = jaksim("conduct", SITES, *FEW, "--set", SUPPLY, "--door", "fast")
    assert "supply: not in these figures" in left.out
    assert "\nSUPPLY\n" not in left.out


def test_sites_that_differ_are_in_the_figures_of_both_doors(jaksim, refused):
    sites = ("--set", "operations.site_sd=0.8")
    fast = jaksim("conduct", SITES, *FEW, *sites, "--json").json
    events = jaksim("conduct", SITES, *FEW, *sites, "--door", "events", "--json").json
    alike = jaksim("conduct", SITES, *FEW, "--engine", "path", "--json").json
    assert (fast["door"], fast["left_out"], fast["power"]["engine"]) == ("fast", [], "path")

    def estimates(found):
        return [one["mean_estimate"] for one in found["power"]["analyses"]]

    assert estimates(fast) == estimates(events) != estimates(alike)
    words = {one["about"]: one["statement"] for one in fast["assumptions"]}
    assert "0.21 to 4.80 times as fast" in words["site effects"]  # exp(-/+ 1.96 x 0.8)
    assert "one law" in words["engine"] or "no law in common" in words["engine"]
    assert "no law in common" in refused("conduct", SITES, *FEW, *sites, "--engine", "law")


def test_a_plot(jaksim, tmp_path):
    for name, more in {"fast.png": (), "exact.svg": ("--door", "exact"), "events.pdf": ("--door", "events")}.items():
        assert jaksim("conduct", SITES, *FEW, *more, "--plot", tmp_path / name).code == 0
        assert (tmp_path / name).stat().st_size > 5_000


def test_days_without_a_date_of_the_first(jaksim, refused):
    plain = ("--set", "operations.start=", "--set", "operations.country.Here.weekend=1.0")
    outcome = jaksim("conduct", SITES, *FEW, *plain, "--by", 55)
    assert outcome.code == 0
    assert "2026" not in outcome.out.partition("ASSUMPTIONS")[0]
    assert "operations.start" in refused("conduct", SITES, *FEW, *plain, "--by", "2026-03-01")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((SMALL,), "nothing says how the trial is run"),
        ((SITES, "--door", "evnts"), "did you mean 'events'?"),
        ((SITES, "--by", "soon"), "--by: neither a day of the trial nor a date"),
        ((SITES, "--by", "2025-12-31"), "a date before the trial"),
        ((SITES, "--by", "-3"), "--by"),
        ((SITES, "--chance", 0.9), "allowed: with --by"),
        ((SITES, "--by", 55, "--chance", 1.5), "--chance: the chance is not a probability"),
        ((SITES, "--replicates", 0), "1 to 1073741824"),
        ((SITES, "--plot", "x.gif"), ".png, .svg, .pdf"),
    ],
)
def test_bad_input(refused, words, said):
    assert said in refused("conduct", *words)


def test_the_other_commands_say_what_their_figures_leave_out(jaksim, tmp_path):
    with_supply = ("--set", SUPPLY, "--door", "fast")
    said = "supply is not in these figures"
    for words in (
        ("power", SITES, "--replicates", 20),
        ("compare", SITES, SITES, "--replicates", 20),
        ("predict", SITES, "--draws", 20, "--replicates", 10),
        ("simulate", SITES, "--out", tmp_path / "x.csv"),
        ("sweep", SITES, "--vary", "operations.country.Here.sites=6,8", "--replicates", 20, "--out", tmp_path / "s"),
    ):
        outcome = jaksim(*words, *with_supply)
        assert outcome.code == 0, outcome
        assert said in " ".join(outcome.out.split()), words[0]
    record = jaksim("power", SITES, "--replicates", 20, *with_supply, "--json").json
    assert any(said in one["statement"] for one in record["assumptions"])
    assert "left out" not in jaksim("power", SITES, "--replicates", 20).out


def test_the_other_commands_take_events_for_a_plan_with_supply(jaksim, tmp_path):
    """Power by events, and a sweep that is interrupted and goes on through the same door."""
    outcome = jaksim("power", SITES, "--replicates", 20, "--set", SUPPLY)
    words = " ".join(outcome.out.split())
    assert "events one by one" in words
    assert "--door events" in words
    assert "not in these figures" not in words
    swept = ("sweep", SITES, "--vary", "operations.supply.up_to=2,6", "--set", SUPPLY, "--replicates", 20)
    whole = jaksim(*swept, "--out", tmp_path / "whole")
    assert whole.code == 0
    for part in ("1/2", "2/2"):
        assert jaksim(*swept, "--out", tmp_path / "parts", "--shard", part, *RESUMED[part]).code == 0
    results = [(tmp_path / name / "results.parquet").read_bytes() for name in ("whole", "parts")]
    assert results[0] == results[1]


RESUMED = {"1/2": (), "2/2": ("--resume",)}


def test_accrual_reads_in_words(jaksim):
    words = " ".join(jaksim("power", SITES, "--replicates", 20).out.split())
    assert "at full speed 4.2 patients screened a day and 3.15 randomised; number 120 is expected on day 53" in words
    assert "steps" not in words


def test_simulated_patients_have_sites_and_days(jaksim, tmp_path):
    import pandas as pd

    outcome = jaksim("simulate", SITES, "--replicate", 4, "--seed", 1, "--out", tmp_path / "x.csv")
    assert outcome.code == 0
    table = pd.read_csv(tmp_path / "x.csv")
    recruitment = package.load_scenario(SITES).trial.operations.recruitment
    assert isinstance(recruitment, Recruitment)
    assert set(table["site"]) <= set(recruitment.site_names)
    waited = table["entry_day"] - table["screened_day"]
    assert set(waited) <= {0, 1, 2, 4, 5, 6}
    assert {0, 1} <= set(waited)
    assert (table["entry_day"].diff().dropna() >= 0).all()
    total = [
        n * package.conduct(SITES, replicates=n, seed=1, engine="path").numbers["randomised"].summary.mean
        for n in (4, 5)
    ]
    assert len(table) == round(total[1] - total[0])


def test_dates_may_be_written_as_toml_has_them(jaksim, tmp_path):
    text = Path(SITES).read_text("utf-8").replace('start = "2026-01-05"', "start = 2026-01-05")
    (tmp_path / "dated.toml").write_text(text.replace("four.toml", str(Path(SITES).parent / "four.toml")), "utf-8")
    assert jaksim("conduct", tmp_path / "dated.toml", "--door", "exact", "--json").json["start"] == "2026-01-05"
    varied = ("--vary", "operations.start=2026-01-05,2026-02-01", "--replicates", 10, "--out", tmp_path / "s")
    assert jaksim("sweep", SITES, *varied).code == 0
