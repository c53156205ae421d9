"""Questions about subgroups: what ships, and files of one's own."""

import pytest

from jaksim import evidence
from jaksim.errors import InputError
from jaksim.evidence.subgroups.credibility import Criterion, criteria, rating
from jaksim.evidence.subgroups.question_file import load_question

OWN = """
title = "My trial"
event = "death"

[overall]
treated = [30, 200]
control = [40, 200]

[[characteristic]]
name = "sex"
level = [
    { name = "women", treated = [10, 90], control = [22, 95], ratio = [0.41, 0.19, 0.90] },
    { name = "men", rest = true },
]

[[finding]]
characteristic = "sex"
level = "women"
said = "it works in women"
"""


@pytest.fixture(scope="module")
def shipped():
    return evidence.subgroups(replicates=500)


def test_what_was_said_of_jak_inhibitors(shipped):
    """10/48 against 6/45 (odds ratio 1.85, 0.49 to 7.00) and 8/18 against 4/16 (2.49, 0.49 to 12.7)."""
    levels = {(row["characteristic"], row["level"]): row for row in shipped.rows()}
    immune = levels["immunosuppression", "immunosuppressed"]
    assert (immune["treated"], immune["control"]) == ([10, 48], [6, 45])
    assert immune["published"]["odds_ratio"] == pytest.approx(1.85, abs=0.005)
    assert immune["published"]["interval"] == pytest.approx([0.49, 7.0], abs=0.005)
    tocilizumab = levels["dexamethasone and tocilizumab", "tocilizumab only"]
    assert (tocilizumab["treated"], tocilizumab["control"]) == ([8, 18], [4, 16])
    assert tocilizumab["published"]["odds_ratio"] == pytest.approx(2.49, abs=0.005)
    rest = levels["immunosuppression", "all others"]
    assert (rest["treated"], rest["control"], rest["reported"]) == ([745, 6417], [799, 6063], False)
    for row in (immune, tocilizumab):
        assert row["shrunken"]["odds_ratio"] < 1.0 < row["odds_ratio"]
        assert row["shrunken"]["interval"][0] < 1.0 < row["shrunken"]["interval"][1]
    assert shipped.question.reported == 19
    assert all(0.1 < judged.p_value < 0.5 for judged in shipped.judged)
    for judged in shipped.judged:
        low, high = judged.noise.bounds
        assert low <= judged.noise_own <= judged.noise.independent <= high


def test_a_wider_prior_leaves_more_of_a_subgroup(shipped):
    wide = evidence.subgroups(scale=1.0, replicates=1)
    own, other = ((found.divided[3].counted.levels[0]) for found in (shipped, wide))
    assert own.mean < other.mean
    assert own.standard_deviation < other.standard_deviation


def test_a_file_of_ones_own(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(OWN)
    found = evidence.subgroups(file, replicates=200)
    women, men = found.rows()
    assert (men["treated"], men["control"]) == ([20, 110], [18, 105])
    assert women["published"]["odds_ratio"] == pytest.approx(0.41)
    assert men["published"] is None
    assert found.judged[0].log_ratio < 0
    assert found.judged[0].interaction is None
    assert found.report().startswith("My trial")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('level = "women"\nsaid', 'level = "womn"\nsaid', "women"),
        ("treated = [10, 90]", "treated = [91, 90]", "level 1"),
        ("treated = [10, 90]", 'counts = ["deaths"]', "treated"),
        ("control = [22, 95]", "control = [22, 250]", "level 2"),
        ("0.41, 0.19, 0.90", "0.41, 0.50, 0.90", "ratio"),
        ('name = "men"', 'nam = "men"', "nam"),
        ("rest = true", "rest = true, treated = [1, 2]", "rest"),
        ("[overall]", "[prior]\nscale = -1\n[overall]", "prior"),
        ('event = "death"', 'event = "death"\nstudy = "actt-22"', "actt-2"),
        ('    { name = "men", rest = true },\n', "", "two levels"),
    ],
)
def test_a_fault_in_a_file_is_named(tmp_path, old, new, fault):
    file = tmp_path / "own.toml"
    assert old in OWN
    file.write_text(OWN.replace(old, new))
    with pytest.raises(InputError, match=fault):
        load_question(file)


def test_an_unknown_question_is_refused_with_those_there_are():
    with pytest.raises(InputError, match="jak-inhibitors"):
        evidence.subgroups("jak-inhibitor")


def test_chance_that_explains_a_finding_speaks_against_it():
    said = {"predicted": "", "characteristics": 12, "continuous": False, "adjusted": True, "trials": 2}
    grades = [criteria(p_value=p, **said)[2].grade for p in (0.004, 0.008, 0.03, 0.3)]
    assert grades == [2, 1, -1, -2]
    assert rating(criteria(p_value=0.3, **said)) == "low at most"
    assert rating([Criterion("", 0, ""), Criterion("", -2, "")]) == "very low"
    assert rating([Criterion("", 2, ""), Criterion("", 1, ""), Criterion("", -1, "")]) == "high at most"
    assert rating([Criterion("", 2, ""), Criterion("", 0, "")]) == "high"


def test_tocilizumab_without_corticosteroids_is_not_easily_noise():
    """RECOVERY: 482/1664 against 600/1721 with, 139/357 against 127/367 without (WHO REACT's tables)."""
    found = evidence.subgroups("tocilizumab", replicates=500)
    [judged] = found.judged
    rows = {row["level"]: row for row in found.rows()}
    assert (rows["without"]["treated"], rows["with"]["control"]) == ([139, 357], [600, 1721])
    assert judged.p_value < 0.01
    assert judged.p_within_trials < 0.01
    assert judged.noise.independent < 0.03
    assert len(found.question.characteristics[0].trials) == 12
    assert rows["with"]["shrunken"]["interval"][1] < 1.0 < rows["without"]["shrunken"]["odds_ratio"]
