"""Whatever stands in a study file, reading and checking it ends in faults or in one readable refusal."""

import math
import tomllib
from contextlib import suppress
from copy import deepcopy
from functools import cache
from importlib import resources
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jaksim.errors import InputError
from jaksim.evidence import study_ids
from jaksim.evidence.check import check_study
from jaksim.evidence.reading import record_entries, study_from
from jaksim.report.evidence.studies import record_page, study_page

ODD = [0, -1, 1, 1e-300, 1e300, math.nan, math.inf, 10**30, 2.5, "", "x", "<0", True, [], {}, [1], [1, 2], ["a"], [{}]]


@cache
def _table(study_id: str) -> dict[str, Any]:
    text = (resources.files("jaksim.evidence") / "catalog" / f"{study_id}.toml").read_text("utf-8")
    table = tomllib.loads(text)
    return table | {"groups": [], "records": record_entries(table, study_id)}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_value_in_a_study_file_breaks_the_reader(data):
    table = deepcopy(_table(data.draw(st.sampled_from([name for name in study_ids() if _table(name).get("records")]))))
    places = [
        table,
        *table["records"],
        *(entry for key in ("arms", "events", "citations") for entry in table[key].values()),
    ]
    entry = data.draw(st.sampled_from(places))
    key = data.draw(st.sampled_from(sorted(entry)))
    entry[key] = data.draw(st.sampled_from(ODD))
    with suppress(InputError):
        study = study_from(table, "edited.toml")
        for fault in check_study(study):
            assert fault.study == study.id
        study_page(study)
        for record in study:
            record_page(study, record)


RATIOS = ("rate_ratio", "hazard_ratio", "odds_ratio", "risk_ratio", "subdistribution_hazard_ratio")
SYMMETRIC = [
    (name, number)
    for name in study_ids()
    for number, entry in enumerate(_table(name).get("records", ()))
    if entry["measure"] in RATIOS and "interval" in entry and entry.get("interval_kind", "wald") == "wald"
]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_printed_interval_moved_by_half_its_width_is_noticed(data):
    """The upper limit of any ratio with a symmetric interval, raised by half its log width, fails the check."""
    study_id, number = data.draw(st.sampled_from(SYMMETRIC))
    table = deepcopy(_table(study_id))
    entry = table["records"][number]
    lower, upper = entry["interval"]
    entry["interval"] = [lower, upper * (upper / lower) ** 0.5]
    study = study_from(table, "edited.toml")
    assert entry["id"] in {fault.record for fault in check_study(study)}
