"""jaksim: from published evidence to the operating characteristics of a trial on an ordinal scale.

The verbs are functions of a scenario, imported when first used: `load_scenario`, `power`, `size`, `assurance`,
`compare`, `shoot_out`, `predict`, `simulate_trial`; `analyze` takes trial data; `boundaries` are those of a trial with
interim analyses; `sweep` and `merge` compute many scenarios in a directory.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from jaksim.version import __version__

if TYPE_CHECKING:
    from jaksim.scenario.scenario import Scenario, load_scenario
    from jaksim.verbs.analyze import analyze
    from jaksim.verbs.boundaries import boundaries
    from jaksim.verbs.power import power, predict, shoot_out, simulate_trial
    from jaksim.verbs.size import assurance, compare, size
    from jaksim.verbs.sweep.sweep import merge, sweep

__all__ = [
    "Scenario",
    "__version__",
    "analyze",
    "assurance",
    "boundaries",
    "compare",
    "load_scenario",
    "merge",
    "power",
    "predict",
    "shoot_out",
    "simulate_trial",
    "size",
    "sweep",
]

_HOMES = {
    "Scenario": "jaksim.scenario.scenario",
    "analyze": "jaksim.verbs.analyze",
    "assurance": "jaksim.verbs.size",
    "boundaries": "jaksim.verbs.boundaries",
    "compare": "jaksim.verbs.size",
    "load_scenario": "jaksim.scenario.scenario",
    "merge": "jaksim.verbs.sweep.sweep",
    "power": "jaksim.verbs.power",
    "predict": "jaksim.verbs.power",
    "shoot_out": "jaksim.verbs.power",
    "simulate_trial": "jaksim.verbs.power",
    "size": "jaksim.verbs.size",
    "sweep": "jaksim.verbs.sweep.sweep",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'jaksim' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
