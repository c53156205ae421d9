"""The page is written from what a run has measured, and keeps what a run has left out."""

from __future__ import annotations

import pytest

from benchmarks.figures import FIGURES
from benchmarks.page import PAGE, PICTURES, PLACE, with_tables
from benchmarks.results import Case, Results
from benchmarks.tables import TABLES, about, duration

TEXT = "before\n<!-- table bounds -->\nold\n<!-- end -->\nbetween\n<!-- table memory -->\nkept\n<!-- end -->\nafter\n"


def test_every_table_and_figure_has_its_place():
    text = PAGE.read_text()
    assert sorted(name for _, name, _ in PLACE.findall(text)) == sorted(TABLES)
    for name in FIGURES:
        assert f"({PICTURES.name}/performance-{name}.svg)" in text
        assert (PICTURES / f"performance-{name}.svg").exists()


def test_tables_are_written_where_they_stand():
    cases = [Case("test_boundaries", {"looks": looks}, (0.004, 0.001 * looks, 9.0), 1, {}) for looks in (5, 20)]
    written = with_tables(TEXT, Results({}, tuple(cases)))
    assert "old" not in written
    assert "| analyses | 5 | 20 |" in written
    assert "| boundaries | 5.0 ms | 20 ms |" in written
    assert written.startswith("before\n<!-- table bounds -->\n")
    assert written.endswith("<!-- end -->\nbetween\n<!-- table memory -->\nkept\n<!-- end -->\nafter\n")


def test_ratio_is_that_of_each_round():
    case = Case("test_python", {}, (3.0, 8.0, 100.0), 2, {"own_units": 10, "own_seconds": [1.0, 2.0, 10.0]})
    assert case.ratio == pytest.approx(20.0)  # 15, 20 and 50 times
    assert case.own_cost == pytest.approx(0.2)


def test_speed_up_by_clock_and_processor_time():
    noted = {"width": 2, "one_clock": [1.0] * 3, "one_processor": [1.0] * 3, "processor": [2.0, 2.2, 2.5]}
    case = Case("test_threads", {}, (1.0, 1.25, 2.0), 100, noted)
    assert case.speed_up == pytest.approx((1.6, 2.0 / 1.1))
    assert case.rate == pytest.approx(80.0)
    assert case.processor_rate == pytest.approx(100 / 1.1)


@pytest.mark.parametrize(
    ("value", "words"), [(722_000, "720,000"), (21.6e6, "22 million"), (3.14, "3.1"), (0.0123, "0.012"), (9.96, "10")]
)
def test_numbers_have_two_digits(value, words):
    assert about(value) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(2.51, "2.5 s"), (0.0186, "19 ms"), (3.1e-6, "3.1 µs"), (4.5e-10, "0.45 ns")]
)
def test_durations(seconds, words):
    assert duration(seconds) == words
