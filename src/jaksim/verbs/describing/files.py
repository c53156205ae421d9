"""The four kinds of file that people write, with the keys of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from jaksim.calibration.keys import LEVELS, STUDY_KEYS
from jaksim.endpoint.registry import COMMON_KEYS, FAMILIES
from jaksim.evidence.keys import EVIDENCE_KEYS
from jaksim.key import REQUIRED, DescribedKey, Key, described
from jaksim.scale import SCALE_KEYS
from jaksim.scenario.reference import described_keys as scenario_keys

Tables = Mapping[str, Sequence[Key]]

FILES: Final = ("scenario", "scale", "study", "evidence")
_PLAIN: Final[Mapping[str, Tables]] = {"scale": SCALE_KEYS, "study": STUDY_KEYS, "evidence": EVIDENCE_KEYS}
_ENDPOINTS_AFTER: Final = "stratum.NAME"


def keys_of_file(file: str) -> tuple[DescribedKey, ...]:
    """All keys of one of the `FILES`, in the order of such a file."""
    return scenario_keys() if file == "scenario" else tuple(_keys(_PLAIN[file], file))


def _keys(tables: Tables, file: str) -> Iterator[DescribedKey]:
    for place, keys in tables.items():
        yield from described(keys, place)
        if file == "study" and place == _ENDPOINTS_AFTER:
            yield from _endpoints()


def _endpoints() -> Iterator[DescribedKey]:
    """The keys of an endpoint of a study, by kind; its name is that of its table."""
    kind = Key("kind", "text", f"{COMMON_KEYS['kind']} One of {', '.join(FAMILIES)}.", REQUIRED)
    yield from described([kind, LEVELS], "endpoint.NAME")
    for name, family in FAMILIES.items():
        place = f"endpoint.NAME (kind {name})"
        yield DescribedKey(place, "", family.description, False, None)
        yield from described([_in_study_days(key) for key in family.options], place)


def _in_study_days(key: Key) -> Key:
    if key.name != "day":
        return key
    return replace(key, description=f"{key.description} A study day, counted from day_of_randomisation.")
