import pytest

QUICK = ("hmisc-popower-3cat", "hce-propWINS", "mams-K4J2-n44")


def test_json_counts_every_case(jaksim):
    outcome = jaksim("verify", *QUICK, "--json")
    assert outcome.code == 0, outcome.err
    record = outcome.json
    assert {one["id"]: one["result"] for one in record["cases"]}["hce-propWINS"] == "pass"
    counts = record["counts"]
    assert counts["total"] == counts["pass"] + counts["fail"] + counts["not covered"] == 3


def test_report_names_case_source_expected_and_got(jaksim):
    text = jaksim("verify", "ordinal_PO_power_Whitehead").out
    for word in ("HMISC-POPOWER-3CAT", "harrelfe/Hmisc", "man/popower.Rd", "Expected", "0.543", "3 pass", "0 fail"):
        assert word in text
    assert max(len(line) for line in text.splitlines()) <= 100


def test_what_is_not_covered_is_listed_with_the_reason(jaksim):
    text = jaksim("verify", "mams-K4J2-n44").out
    if "NOT COVERED" in text:
        assert "MAMS boundary" in text


def test_a_failing_case_gives_exit_code_1(jaksim, monkeypatch):
    from jaksim.verification.runners import win

    monkeypatch.setattr(win, "win_statistics_from_wo_wr", lambda inputs: {"win": 1})
    outcome = jaksim("verify", "hce-propWINS")
    assert outcome.code == 1
    assert "1 fail" in outcome.out
    assert "differs" in outcome.out


@pytest.mark.parametrize("words", [("gsd-FM-rrr",), ("--jsn",)])
def test_bad_input_is_refused(refused, words):
    refused("verify", *words)
