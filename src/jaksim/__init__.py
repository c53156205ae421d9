"""jaksim: from published evidence to the operating characteristics of a trial on an ordinal scale.

The verbs are functions of a scenario, imported when first used: `load_scenario`, `power`, `size`, `assurance`,
`compare`, `shoot_out`, `predict`, `simulate_trial`; `analyze` takes trial data; `boundaries` are those of a trial with
interim analyses; `sweep` and `merge` compute many scenarios in a directory.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jaksim.scenario.analyze import analyze
    from jaksim.scenario.design_verbs import assurance, compare, size
    from jaksim.scenario.scenario import Scenario, load_scenario
    from jaksim.scenario.sweep.verb import merge, sweep
    from jaksim.scenario.verbs import power, predict, shoot_out, simulate_trial
    from jaksim.trial.monitoring.verb import boundaries

__version__ = "0.1.0"
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
    "analyze": "jaksim.scenario.analyze",
    "assurance": "jaksim.scenario.design_verbs",
    "boundaries": "jaksim.trial.monitoring.verb",
    "compare": "jaksim.scenario.design_verbs",
    "load_scenario": "jaksim.scenario.scenario",
    "merge": "jaksim.scenario.sweep.verb",
    "power": "jaksim.scenario.verbs",
    "predict": "jaksim.scenario.verbs",
    "shoot_out": "jaksim.scenario.verbs",
    "simulate_trial": "jaksim.scenario.verbs",
    "size": "jaksim.scenario.design_verbs",
    "sweep": "jaksim.scenario.sweep.verb",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'jaksim' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
