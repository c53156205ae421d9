"""How figures without a finite limit or spread are printed."""

import pytest

from jaksim.report.formats.text import as_text
from jaksim.report.reproduce import reproduction_report


@pytest.mark.parametrize(
    ("statistic", "limits", "z", "shown"),
    [
        ("odds_ratio of death", [0.0, None], 0.5, ("0.00 to infinity", "+0.50")),
        ("risk_ratio of death", [0.25, None], None, ("0.25 to infinity", "-")),
        ("median of recovery", [8.0, None], 0.5, ("8 d to not reached", "+0.50")),
        ("median of recovery", [8.0, 9.0], None, ("8 d to 9 d", "-")),
    ],
)
def test_what_is_not_finite_is_named(statistic, limits, z, shown):
    figure = {"id": "a", "statistic": statistic, "reported": 1.0, "mean": 1.0, "interval": limits}
    document = {
        "title": "T",
        "figures": [{**figure, "percentile": 0.5, "z": z}],
        "parameter_set": {"name": "a", "hash": "b"},
        "replicates": 100,
        "seed": 1,
        "elapsed_seconds": 1.0,
    }
    row = next(line for line in as_text(reproduction_report(document)).splitlines() if line.startswith("  a "))
    interval, last = shown
    assert f" {interval} " in row
    assert row.split()[-1] == last
