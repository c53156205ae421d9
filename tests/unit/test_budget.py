import pytest

from jaksim import budget
from jaksim.budget import NOTICE, Pace, check_memory, check_time, memory_limit, memory_words, time_limit, time_words
from jaksim.design.engine.executor import run_blocks
from jaksim.endpoint.registry import build_endpoint
from jaksim.errors import InputError
from jaksim.scale import load_scale


@pytest.mark.parametrize(
    ("given", "expected"), [("8GB", 8e9), ("1.5 gib", 1.5e9), ("500M", 5e8), ("123456", 123456.0), ("2TB", 2e12)]
)
def test_memory_is_written_with_its_unit(monkeypatch, given, expected):
    monkeypatch.setenv(budget.MEMORY, given)
    assert memory_limit() == expected


@pytest.mark.parametrize("given", ["much", "-1GB", "0", "8 XB", "1e400", "9" * 400])
def test_other_words_for_memory_are_refused(monkeypatch, given):
    monkeypatch.setenv(budget.MEMORY, given)
    with pytest.raises(InputError, match="not an amount of memory"):
        memory_limit()


@pytest.mark.parametrize("given", ["soon", "nan", "0", "-3"])
def test_other_words_for_hours_are_refused(monkeypatch, given):
    monkeypatch.setenv(budget.HOURS, given)
    with pytest.raises(InputError, match="not a number of hours"):
        time_limit()


def test_the_limit_is_part_of_the_machine():
    assert 1e8 < memory_limit() < 1e15


def test_too_much_memory_is_refused_with_the_figure_and_what_allows_it(monkeypatch):
    monkeypatch.setenv(budget.MEMORY, "1GB")
    check_memory(0.9e9, "the rows")
    with pytest.raises(InputError, match=r"the rows take about 40 GB of memory, the limit is 1 GB.*JAKSIM_MEMORY=44GB"):
        check_memory(40e9, "the rows", instead="fewer rows")
    monkeypatch.setenv(budget.MEMORY, "44GB")
    check_memory(40e9, "the rows")


def test_too_much_time_is_refused_with_the_figure_and_what_allows_it(monkeypatch):
    monkeypatch.setenv(budget.HOURS, "2")
    check_time(7000.0, "the replicates")
    with pytest.raises(InputError, match=r"the replicates take about 10 hours, the limit is 2 hours.*JAKSIM_HOURS=12"):
        check_time(36000.0, "the replicates", instead="fewer")


def test_a_pace_is_judged_after_the_warm_up_and_a_while(monkeypatch):
    clock = iter([100.0, 101.0, 104.0, 105.0])
    monkeypatch.setattr(budget.time, "monotonic", lambda: next(clock))
    pace = Pace(1_000_000, "the units", warm_up=10, instead="fewer units")
    pace.advance(10)
    pace.advance(10)  # one second is not enough to tell
    with pytest.raises(InputError, match=r"the units take about 4\.6 days"):
        pace.advance(0)


def test_a_long_computation_within_the_limit_is_told_once(monkeypatch):
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(budget.time, "monotonic", lambda: float(next(clock)))
    told: list[str] = []
    token = NOTICE.set(told.append)
    try:
        pace = Pace(100, "the units", instead="fewer units")
        for _ in range(5):
            pace.advance(1)
    finally:
        NOTICE.reset(token)
    assert told == ["The units take about 17 minutes."]


def test_blocks_that_would_take_years_are_not_gone_on_with(monkeypatch):
    clock = iter(range(0, 10_000_000, 1000))
    monkeypatch.setattr(budget.time, "monotonic", lambda: float(next(clock)))
    done: list[int] = []
    with pytest.raises(InputError, match="4,000,000,000 replicates take about"):
        for _ in run_blocks(lambda first, n: done.append(n), 0, 4_000_000_000, 100, 2):
            pass
    assert len(done) < 20


@pytest.mark.parametrize(
    ("amount", "words"), [(999.0, "0.999 kB"), (2.5e9, "2.5 GB"), (3e12, "3 TB"), (1e25, "1.0e+10 PB")]
)
def test_amounts_of_memory_in_words(amount, words):
    assert memory_words(amount) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0123, "0.012 seconds"),
        (30.0, "30 seconds"),
        (99.7, "100 seconds"),
        (600.0, "10 minutes"),
        (1e5, "28 hours"),
        (1e12, "32,000 years"),
        (3e16, "9.5e+08 years"),
    ],
)
def test_lengths_of_time_in_words(seconds, words):
    assert time_words(seconds) == words


def test_the_memories_of_an_endpoint_over_years_are_told_and_refused_by_their_pace(monkeypatch):
    """The clock gives an hour a day of follow-up, so that the whole is foreseen from the first days."""
    hours = iter(range(10**6))
    monkeypatch.setattr(budget.time, "thread_time", lambda: 36.0 * next(hours))
    told: list[str] = []
    token = NOTICE.set(told.append)
    spec = {"name": "recovery", "kind": "time_to_event", "set": "recovered"}
    try:
        build_endpoint(spec, load_scale("niaid-8"), 100)
        assert told == ["The memories of an endpoint over 100 days take about 60 minutes."]
        monkeypatch.setenv(budget.HOURS, "0.1")
        with pytest.raises(InputError, match=r"over 100 days take about .* fewer days of follow-up"):
            build_endpoint(spec, load_scale("niaid-8"), 100)
    finally:
        NOTICE.reset(token)


def test_an_endpoint_of_many_memories_is_refused_before_its_table_is_made(monkeypatch):
    monkeypatch.setenv(budget.MEMORY, "70MB")
    spec = {"name": "free days", "kind": "free_days", "set": "ventilated"}
    with pytest.raises(InputError, match=r"memories of an endpoint .* over 1,000 days take about"):
        build_endpoint(spec, load_scale("niaid-8"), 1000)
