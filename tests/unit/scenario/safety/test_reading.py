"""The tables of safety events: what is refused, and what is said of them."""

from pathlib import Path

import pytest

from jaksim.errors import InputError
from jaksim.scenario import load_scenario

SMALL = Path(__file__).parents[3] / "scenarios" / "rescued.toml"
ENDPOINT = 'endpoint=[{ name = "event", kind = "event_by_day", safety = "infection" }]'
ANALYSIS = 'analysis=[{ endpoint = "event", method = "risk_difference" }]'
PLAIN = '{ name = "infection", per_day = 0.1 }'


def load(safety, *more):
    return load_scenario(SMALL, changes=["rescue=[]", ENDPOINT, ANALYSIS, f"safety=[{safety}]", *more])


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('name = "infection"', "per_day"),
        ('name = "infection", per_day = 0.1, shares = { control = 0.2 }', "one description"),
        ('name = "infection", per_day = 0.1, ratio = { placebo = 2 }', "control"),
        ('name = "infection", per_day = 0.1, ratio = { drug = -2 }', "ratio.drug"),
        ('name = "infection", per_day = 1e4', "0 to 1000"),
        ('name = "infection", per_day = 0.1, by_score = { 2 = 1e9 }', "by_score.2"),
        ('name = "infection", per_day = 0.1, ratio = { drug = 1e9 }', "ratio.drug"),
        ('name = "infection", per_day = 900, by_score = { 2 = 2 }', "up to 1000 per day"),
        ('name = "infection"', "infection, per_day, shares, laboratory: one"),
        ('name = "infection", per_day = 0.1, by_score = { 4 = 2 }', "living"),
        ('name = "infection", per_day = 0.1, by_score = { bad = 2 }', "by_score.bad"),
        ('name = "infection", per_day = 0.1, most = 9', "most"),
        ('name = "infection", per_day = 0.1, exposure = "on-treatment"', "on treatment"),
        ('name = "infection", per_day = 0.1, arms = ["placebo"]', "drug"),
        ('name = "infection", shares = { drug = 0.2 }', "reference"),
        ('name = "infection", shares = { control = 0.2 }, ratio = { control = 2 }', "ratio.control"),
        ('name = "infection", shares = { control = 1.2 }', "shares.control"),
        ('name = "infection", shares = { control = 0.9 }, current_scores = [3]', "no intensity gives"),
        ('name = "infection", shares = { control = 0.01, drug = 0.1 }, death_counts = true', "bring about more"),
        ('name = "infection", shares = { control = 0.2 }, day = 40', "day"),
        ('name = "infection", laboratory = { threshold = 1, median = 4, log_sd = 0.4 }, ratio = { drug = 2 }', "drift"),
        ('name = "infection", laboratory = { threshold = 1, median = 4 }', "log_sd"),
        ('name = "thrombosis", per_day = 0.1', "thrombosis"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(table, words) -> None:
    with pytest.raises(InputError) as refused:
        load(f"{{ {table} }}")
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        ('kind = "markov", safety = "infection"', "kind"),
        ('kind = "hierarchical", safety = "infection", components = []', "components"),
        ('kind = "event_by_day", safety = "infection", set = "well"', "event or death"),
    ],
)
def test_endpoints_that_cannot_read_events_are_refused(endpoint, words) -> None:
    with pytest.raises(InputError) as refused:
        load(PLAIN, f'endpoint=[{{ name = "event", {endpoint} }}]')
    assert words in str(refused.value)


def test_an_event_is_not_thought_away_with_a_treatment() -> None:
    stop = 'treatment_stop=[{ per_day = 0.1, arms = ["drug"] }]'
    tables = (
        '{ name = "event", kind = "event_by_day", safety = "infection", treatment_stop = "hypothetical" }, '
        '{ name = "death", kind = "event_by_day", set = "dead" }'
    )
    with pytest.raises(InputError, match="course as it was"):
        load(PLAIN, stop, f"endpoint=[{tables}]")


def test_tables_of_one_name_add_up() -> None:
    trial = load(f'{PLAIN}, {{ name = "infection", per_day = 0.2, arms = ["drug"] }}').trial
    once = load('{ name = "infection", per_day = 0.1, ratio = { drug = 3.0 } }').trial
    for arm in ("drug", "control"):
        patient = trial.population.strata[0].patients[0][1]
        ours, theirs = (one.intensities(one.arm(arm), patient).generators for one in (trial, once))
        assert ours == pytest.approx(theirs, abs=1e-15)
    with pytest.raises(InputError, match="count the same events"):
        load(f'{PLAIN}, {{ name = "infection", per_day = 0.2, most = 2 }}')


def test_what_is_assumed_is_said_with_the_intensities() -> None:
    safety = (
        '{ name = "infection", shares = { control = 0.2, drug = 0.1 }, source = "made up" }, '
        '{ name = "low counts", laboratory = { threshold = 1, median = 4, log_sd = 0.5, drift = -0.05 } }'
    )
    lines = {line.about: line for line in load(safety).assumptions}
    assert "control 20 % of patients by day 10, which is 0.0" in lines["infection"].statement
    assert lines["infection"].published
    assert "value below 1 by day 10 in those who stay alive: drug 3.55 %" in lines["low counts"].statement
    assert "0.278 % are below it at randomisation" in lines["low counts"].statement
    assert not lines["low counts"].published
