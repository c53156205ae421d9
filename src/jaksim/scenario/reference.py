"""Every key that a scenario file may hold, those of endpoints and methods included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from jaksim.analysis import METHODS
from jaksim.endpoint.intercurrent_strategy import STRATEGY_KEYS
from jaksim.endpoint.registry import COMMON_KEYS, FAMILIES
from jaksim.endpoint.safety_reading import SAFETY_KEYS
from jaksim.key import ASSUMPTION, DescribedKey, described
from jaksim.scenario.adaptation import reader
from jaksim.scenario.arms_and_analyses import STUDY_DAY_KEYS
from jaksim.scenario.keys import CATALOGUE
from jaksim.trial.adaptive.kinds import KINDS


def described_keys() -> tuple[DescribedKey, ...]:
    """All keys, in the order of a scenario file."""
    return (*_catalogue_keys(), *_adaptation_keys(), *_endpoint_keys(), *_method_keys())


def _catalogue_keys() -> Iterator[DescribedKey]:
    for section, keys in CATALOGUE.items():
        yield from described(keys, _SHOWN.get(section, section))


def _adaptation_keys() -> Iterator[DescribedKey]:
    yield DescribedKey("adaptation.kind", "text, required", f"One of {', '.join(KINDS)}.", True, None)
    yield from described([ASSUMPTION], "adaptation")
    for kind in KINDS:
        yield from described(reader(kind).KEYS, f"adaptation (kind {kind})")


def _endpoint_keys() -> Iterator[DescribedKey]:
    for name, description in COMMON_KEYS.items():
        kinds = f" One of {', '.join(FAMILIES)}." if name == "kind" else ""
        yield DescribedKey(f"endpoint.{name}", "text, required", description + kinds, True, None)
    for name, description in {**STRATEGY_KEYS, **SAFETY_KEYS}.items():
        yield DescribedKey(f"endpoint.{name}", "text", description, False, None)
    yield from described([ASSUMPTION], "endpoint")
    for kind, family in FAMILIES.items():
        yield DescribedKey(f"endpoint (kind {kind})", "", family.description, False, None)
        for key in family.options:
            about = key.description
            if key.name in STUDY_DAY_KEYS:
                about = f"{about} In a scenario file: a study day, counted from follow_up.day_of_randomisation."
            yield from described([replace(key, description=about)], f"endpoint (kind {kind})")


def _method_keys() -> Iterator[DescribedKey]:
    for name, method in METHODS.items():
        kinds = ", ".join(method.kinds)
        yield DescribedKey(f"analysis (method {name})", "", f"{method.estimand}; for kinds {kinds}.", False, None)
        for key in method.options:
            place = f"analysis (method {name}).options.{key.name}"
            yield DescribedKey(place, f"default {key.default}", key.description, False, key.default)


_SHOWN = {
    "disease.natural_history": "disease.natural_history",
    "disease.treatments": "disease.treatments.NAME",
    "disease.treatments.effect": "disease.treatments.NAME.effect",
    "disease.treatments.reference_onset": "disease.treatments.NAME.reference_onset",
    "disease.window": "disease.*.window",
}
