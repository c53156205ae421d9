"""A small study as a parsed table, and ways to break one thing at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jaksim.evidence.check import Fault, check_study
from jaksim.evidence.reading import study_from

PLACED = {"citation": "paper", "origin": "published", "population": "adults", "baseline_scores": [5]}


def _arm(name: str, event: str, measure: str, arm: str, **figure: Any) -> dict[str, Any]:
    return {"id": f"{name}.{arm}", "event": event, "measure": measure, "arms": [arm], **figure, **PLACED}


def _contrast(
    name: str, event: str, measure: str, values: list[float], favours: str, counts: str | None = None, **more: Any
) -> dict[str, Any]:
    arms = ["active", "control"]
    entry = {"id": name, "event": event, "measure": measure, "arms": arms, "favours_first": favours, **more, **PLACED}
    if counts is not None:
        entry["evidence_counts"] = [f"{counts}.{arm}" for arm in arms]
    return {**entry, "estimate": values[0], "interval": values[1:]}


@pytest.fixture
def table() -> dict[str, Any]:
    """Two arms of 100 patients with one contrast, its counts, medians and a day-14 table."""
    return {
        "id": "small",
        "title": "A small trial",
        "summary": "Randomised.",
        "registry": ["NCT00000000"],
        "scale": "niaid-8",
        "day_of_randomisation": 1,
        "n_randomised": 200,
        "arms": {
            "active": {"label": "active", "treatments": ["drug"], "regimen": "drug", "n": 100},
            "control": {"label": "control", "treatments": [], "regimen": "placebo", "n": 100},
        },
        "events": {
            "death": {"definition": "Death", "desirable": False},
            "recovery": {"definition": "Recovery", "desirable": True},
            "status": {"definition": "Status", "desirable": True},
        },
        "citations": {
            "paper": {"text": "A paper. 2020.", "kind": "primary"},
            "review": {"text": "A review. 2021.", "kind": "review"},
        },
        "records": [
            _arm("deaths", "death", "proportion", "active", count=10, n=100, percent=10.0),
            _arm("deaths", "death", "proportion", "control", count=20, n=100),
            _arm("median", "recovery", "median", "active", estimate=7),
            _arm("median", "recovery", "median", "control", estimate=9),
            _arm("table", "status", "score_counts", "active", scores=[1, 5, 8], counts=[60, 30, 10]),
            _arm("table", "status", "score_counts", "control", scores=[1, 5, 8], counts=[40, 40, 20]),
            _contrast("death_ratio", "death", "hazard_ratio", [0.48, 0.22, 1.05], "below", "deaths", p_value="0.07"),
            _contrast("recovery_ratio", "recovery", "rate_ratio", [1.4, 1.1, 1.8], "above", p_value="<0.02"),
            _contrast("status_ratio", "status", "odds_ratio", [2.2, 1.3, 3.8], "above", "table"),
        ],
    }


@pytest.fixture
def change(table: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """Change keys of one record of the small study in place (a value of None removes the key) and return the table."""

    def changed(record_id: str, **values: Any) -> dict[str, Any]:
        entry = next(entry for entry in table["records"] if entry["id"] == record_id)
        for key, value in values.items():
            if value is None:
                del entry[key]
            else:
                entry[key] = value
        return table

    return changed


@pytest.fixture
def faults(change: Callable[..., dict[str, Any]]) -> Callable[..., list[Fault]]:
    """The faults of the small study after changing one record."""
    return lambda record_id, **values: check_study(study_from(change(record_id, **values), "small.toml"))
