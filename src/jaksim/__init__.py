"""jaksim: from published evidence to the operating characteristics of a trial on an ordinal scale.

The verbs are functions, imported when first used. Of a scenario (its path, its name or itself): `show`, `show_phases`,
`show_population`, `power`, `size`, `assurance`, `compare`, `shoot_out`, `predict`, `conduct`, `simulate_trial`,
`simulate_replicates`; `sweep` and `merge` compute many in a directory. `keys` describes their files, `scenarios` lists
those that there are, `new` writes one of your own. `forecast` takes the log of a running trial (`simulate_log` makes
one), `analyze` trial data.
`plan.ordinal`, `plan.risks` and so on answer from a formula, without a scenario.
`boundaries` are those of interim analyses, `interim` says what to do at one.
`calibrate`, `calibrate_jointly`, `reproduce` and `backtest` hold the disease model against published figures,
`verify` the whole against worked results of other software; `evidence` is the catalogue. Every answer has `report()`,
`to_pandas()`, `as_dict()` and its `provenance`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from jaksim.version import __version__

if TYPE_CHECKING:
    from jaksim import evidence, plan
    from jaksim.scenario.scenario import Scenario, load_scenario
    from jaksim.verbs.analyze import analyze
    from jaksim.verbs.assurance import assurance
    from jaksim.verbs.backtest import backtest
    from jaksim.verbs.boundaries import boundaries
    from jaksim.verbs.calibrate import calibrate, reproduce
    from jaksim.verbs.compare import compare
    from jaksim.verbs.conduct import conduct
    from jaksim.verbs.forecast import forecast
    from jaksim.verbs.interims.interim import interim
    from jaksim.verbs.keys import keys
    from jaksim.verbs.new.new import new
    from jaksim.verbs.new.scenarios import scenarios
    from jaksim.verbs.pooled.calibrate import calibrate_jointly
    from jaksim.verbs.power import power, shoot_out
    from jaksim.verbs.predict import predict
    from jaksim.verbs.safety.signal import signal
    from jaksim.verbs.showing.phases import show_phases
    from jaksim.verbs.showing.population import show_population
    from jaksim.verbs.showing.show import show
    from jaksim.verbs.simulate import simulate_trial
    from jaksim.verbs.simulate_log import simulate_log
    from jaksim.verbs.simulating.replicates import simulate_replicates
    from jaksim.verbs.size import size
    from jaksim.verbs.sweep.sweep import merge, sweep
    from jaksim.verbs.verify import verify

__all__ = [
    "Scenario",
    "__version__",
    "analyze",
    "assurance",
    "backtest",
    "boundaries",
    "calibrate",
    "calibrate_jointly",
    "compare",
    "conduct",
    "evidence",
    "forecast",
    "interim",
    "keys",
    "load_scenario",
    "merge",
    "new",
    "plan",
    "power",
    "predict",
    "reproduce",
    "scenarios",
    "shoot_out",
    "show",
    "show_phases",
    "show_population",
    "signal",
    "simulate_log",
    "simulate_replicates",
    "simulate_trial",
    "size",
    "sweep",
    "verify",
]

_HOMES = {
    "Scenario": "jaksim.scenario.scenario",
    "analyze": "jaksim.verbs.analyze",
    "assurance": "jaksim.verbs.assurance",
    "backtest": "jaksim.verbs.backtest",
    "boundaries": "jaksim.verbs.boundaries",
    "calibrate": "jaksim.verbs.calibrate",
    "calibrate_jointly": "jaksim.verbs.pooled.calibrate",
    "compare": "jaksim.verbs.compare",
    "conduct": "jaksim.verbs.conduct",
    "forecast": "jaksim.verbs.forecast",
    "interim": "jaksim.verbs.interims.interim",
    "keys": "jaksim.verbs.keys",
    "load_scenario": "jaksim.scenario.scenario",
    "merge": "jaksim.verbs.sweep.sweep",
    "new": "jaksim.verbs.new.new",
    "power": "jaksim.verbs.power",
    "predict": "jaksim.verbs.predict",
    "reproduce": "jaksim.verbs.calibrate",
    "scenarios": "jaksim.verbs.new.scenarios",
    "shoot_out": "jaksim.verbs.power",
    "show": "jaksim.verbs.showing.show",
    "show_phases": "jaksim.verbs.showing.phases",
    "show_population": "jaksim.verbs.showing.population",
    "signal": "jaksim.verbs.safety.signal",
    "simulate_log": "jaksim.verbs.simulate_log",
    "simulate_replicates": "jaksim.verbs.simulating.replicates",
    "simulate_trial": "jaksim.verbs.simulate",
    "size": "jaksim.verbs.size",
    "sweep": "jaksim.verbs.sweep.sweep",
    "verify": "jaksim.verbs.verify",
}


def __getattr__(name: str) -> Any:
    if name in ("evidence", "plan"):
        return import_module(f"jaksim.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'jaksim' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
