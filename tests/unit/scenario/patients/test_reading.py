"""Characteristics, associations, tables and criteria of a scenario."""

import itertools
from pathlib import Path

import pytest
from scipy import stats

from jaksim.errors import InputError
from jaksim.scenario.document import read_document
from jaksim.scenario.patients.reading import read_patients
from jaksim.scenario.scenario import scenario_of
from jaksim.scenario.section import read_section
from jaksim.trial.characteristics.cells import shares_of

STRATA = ("score 5", "score 6")
SEX = {"name": "male", "share": 0.6}
IMMUNE = {"name": "immunosuppressed", "share": 0.1, "stratum": {"score 6": {"share": 0.15}}}
KIDNEY = {"name": "kidney", "values": [0, 1, 2], "shares": [70, 20, 10]}
AGE = {"name": "age", "law": "normal", "mean": 60.0, "sd": 15.0}


def read(population, eligibility=(), folder="."):
    values = read_section({"patients": 100, "stratum": [{}], **population}, "population", "population")
    return read_patients(values, list(eligibility), STRATA, Path(folder))


def joint(law, names, stratum):
    """Shares of combinations of values of characteristics of one latent."""
    items = [law.items[law.names.index(name)].marginal(stratum) for name in names]
    found = {}
    for share, *values in zip(shares_of(items[0]), *(item.values for item in items), strict=True):
        found[tuple(values)] = found.get(tuple(values), 0.0) + share
    return found


def test_associated_categories_have_their_shares_and_odds_ratio_in_each_stratum():
    pair = {"pair": ["male", "immunosuppressed"], "odds_ratio": 2.5}
    law = read({"characteristic": [SEX, AGE, IMMUNE], "association": [pair]}).characteristics
    assert [item.latent for item in law.items] == [0, 1, 0]
    for stratum, share in enumerate((0.1, 0.15)):
        cells = joint(law, pair["pair"], stratum)
        assert sum(v for (a, _), v in cells.items() if a) == pytest.approx(0.6)
        assert sum(v for (_, b), v in cells.items() if b) == pytest.approx(share)
        assert cells[1, 1] * cells[0, 0] / (cells[1, 0] * cells[0, 1]) == pytest.approx(2.5, rel=1e-8)


def test_three_associated_characteristics_share_a_latent_and_a_table_gives_odds_ratios():
    pairs = [
        {"pair": ["male", "kidney"], "odds_ratio": 1.5},
        {"pair": ["immunosuppressed", "kidney"], "table": [[80, 15, 5], [10, 6, 4]]},
    ]
    law = read({"characteristic": [SEX, IMMUNE, KIDNEY], "association": pairs}).characteristics
    assert {item.latent for item in law.items} == {0}
    cells = joint(law, ["male", "immunosuppressed", "kidney"], 0)
    for immune, kidney in itertools.product((0.0, 1.0), (0.0, 1.0)):
        ratio = cells[1, immune, kidney + 1] * cells[0, immune, kidney]
        ratio /= cells[1, immune, kidney] * cells[0, immune, kidney + 1]
        assert ratio == pytest.approx(1.5, rel=1e-7)
    ratio = cells[1, 1, 2] * cells[1, 0, 0] / (cells[1, 1, 0] * cells[1, 0, 2])
    assert ratio == pytest.approx((4 / 10) / (5 / 80), rel=1e-7)
    assert sum(share for (*_, kidney), share in cells.items() if kidney == 2.0) == pytest.approx(0.1)


@pytest.fixture
def folder(tmp_path):
    rows = [f"{age},{age % 2},score {5 + (age > 50)},{1 + age % 3}" for age in range(40, 60)]
    (tmp_path / "patients.csv").write_text("\n".join(["age,male,score,n", *rows, rows[-1]]) + "\n")
    return tmp_path


def test_patients_of_a_table_are_its_rows(folder):
    found = read({"table": {"file": "patients.csv", "columns": ["age", "male"]}}, folder=folder)
    cells = joint(found.characteristics, ["age", "male"], 1)
    assert len(cells) == 20
    assert cells[59.0, 1.0] == pytest.approx(2 / 21)
    assert cells[44.0, 0.0] == pytest.approx(1 / 21)
    ((name, value),) = found.files.items()
    assert (name, len(value)) == ("patients.csv", 64)


def test_rows_of_a_table_have_strata_and_weights(folder):
    table = {"file": "patients.csv", "columns": ["age"], "stratum": "score", "weight": "n"}
    law = read({"table": table}, folder=folder).characteristics
    weights = {age: 1 + age % 3 for age in range(40, 51)}
    cells = joint(law, ["age"], 0)
    assert set(cells) == {(float(age),) for age in weights}
    assert cells[44.0,] == pytest.approx(weights[44] / sum(weights.values()))


def test_the_content_of_the_table_is_part_of_the_hash(folder):
    document = read_document("scenarios/delayed-effect.toml")
    document["population"] = {**document["population"], "table": {"file": "patients.csv", "columns": ["age"]}}
    before = scenario_of(document, str(folder / "trial.toml")).hash
    (folder / "patients.csv").write_text("age\n50\n60\n")
    assert scenario_of(document, str(folder / "trial.toml")).hash != before


def test_criteria_cut_the_laws_of_every_stratum():
    criteria = [{"characteristic": "age", "at_least": 18, "below": 75}, {"characteristic": "male", "values": [1]}]
    found = read({"characteristic": [AGE, SEX]}, criteria).characteristics
    age, male = found.allowed_in(1)
    assert age == ((pytest.approx(-2.8), pytest.approx(1.0)),)
    assert stats.norm.sf(male[0][0]) == pytest.approx(0.6)
    assert [one.name for one in found.criteria] == ["age at least 18, below 75", "male 1"]


FAR = {"pair": ["age", "male"], "value": 0.3}


@pytest.mark.parametrize(
    ("population", "eligibility", "message"),
    [
        ({"characteristic": [AGE, SEX], "association": [{"pair": ["age", "male"], "odds_ratio": 2}]}, [], "continuous"),
        ({"characteristic": [SEX, KIDNEY], "association": [{"pair": ["male", "kidney"]}]}, [], "not given once"),
        (
            {"characteristic": [SEX, KIDNEY], "association": [{"pair": ["kidney", "male"], "odds_ratio": 2}]},
            [],
            "the other way round",
        ),
        (
            {"characteristic": [SEX, KIDNEY], "association": [{"pair": ["male", "kidney"], "table": [[1, 2], [3, 4]]}]},
            [],
            "does not fit the categories",
        ),
        ({"characteristic": [AGE, SEX], "correlation": [FAR]}, [], "few values, and many patients"),
        (
            {
                "characteristic": [AGE, SEX, KIDNEY],
                "association": [{"pair": ["male", "kidney"], "odds_ratio": 2}],
                "correlation": [{**FAR, "of": "latents"}],
            },
            [],
            "goes with others by a table",
        ),
        ({"characteristic": [AGE]}, [{"characteristic": "aeg", "below": 3}], "characteristic"),
        ({"characteristic": [AGE]}, [{"characteristic": "age", "above": 150}], "hardly anybody in stratum"),
        ({}, [{"characteristic": "age", "above": 15}], "no characteristics"),
        (
            {"frailty": [{"variance": 0.5, "moves": "death"}]},
            [{"characteristic": "frailty", "above": 0}],
            "characteristic",
        ),
        ({"table": {"file": "nowhere.csv", "columns": ["age"]}}, [], "no such file"),
    ],
)
def test_what_cannot_be_meant_is_refused(population, eligibility, message):
    with pytest.raises(InputError, match=message):
        read(population, eligibility)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"columns": ["aeg"]}, "no column for the patients"),
        ({"columns": []}, "named once"),
        ({"columns": ["age"], "stratum": "male"}, "no such stratum"),
        ({"columns": ["age"], "weight": "weight"}, "no column for the patients"),
    ],
)
def test_tables_that_do_not_fit_are_refused(folder, table, message):
    with pytest.raises(InputError, match=message):
        read({"table": {"file": "patients.csv", **table}}, folder=folder)


def test_a_missing_value_is_refused(folder):
    (folder / "patients.csv").write_text("age,crp\n50,3\n60,NA\n")
    with pytest.raises(InputError, match="a value is missing") as error:
        read({"table": {"file": "patients.csv", "columns": ["age", "crp"]}}, folder=folder)
    assert "column 'crp', row 2" in error.value.where


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"name": "site", "share": 0.5}, "another column"),
        ({"name": "x", "law": "normal", "mean": 1, "sd": -1}, "allowed: above 0"),
        ({"name": "x", "law": "lognormal", "mean": 1, "sd": 0}, "allowed: above 0"),
        ({"name": "x", "law": "normal", "mean": 0, "sd": 1e300}, "-1e\\+50 to 1e\\+50"),
        ({"name": "x", "law": "lognormal", "mean": 1, "sd": 1e200}, "too large for the mean"),
        ({"name": "x", "values": [0, 1e300], "shares": [1, 1]}, "-1e\\+50 to 1e\\+50"),
        ({"name": "x", "values": [1, 1], "shares": [0.5, 0.5]}, "given twice"),
        ({"name": "x", "values": [0, 1], "shares": [0, 0]}, "all 0"),
    ],
)
def test_what_is_no_law_of_a_characteristic_is_refused(item, words):
    with pytest.raises(InputError, match=words):
        read({"characteristic": [item]})


def test_a_frailty_cannot_have_the_name_of_a_column_either():
    with pytest.raises(InputError, match="another column"):
        read({"frailty": [{"name": "arm", "variance": 1.0, "moves": "death"}]})


def test_weights_that_are_all_zero_are_called_so(tmp_path):
    (tmp_path / "p.csv").write_text("age,w\n1,0\n2,0\n")
    with pytest.raises(InputError, match="weights are all 0"):
        read({"table": {"file": "p.csv", "columns": ["age"], "weight": "w"}}, folder=tmp_path)
