"""Power, size or detectable effect of a trial from a formula, in one call: `jaksim.plan.ordinal(...)` and so on.

Of power, size and effect two are given and the third is solved for. Every answer is a `Plan`: it names its formula, the
formula's source and limits, and tells where the formula is known to be off.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from jaksim.plan.kinds import KINDS

if TYPE_CHECKING:
    from jaksim.plan.kinds.means import means
    from jaksim.plan.kinds.ordinal import ordinal
    from jaksim.plan.kinds.recovery import recovery
    from jaksim.plan.kinds.risks import risks
    from jaksim.plan.kinds.survival import survival
    from jaksim.plan.kinds.wins import wins

__all__ = ["means", "ordinal", "recovery", "risks", "survival", "wins"]


def __getattr__(name: str) -> Any:
    if name not in KINDS:
        raise AttributeError(f"module 'jaksim.plan' has no attribute {name!r}")
    value = getattr(import_module(KINDS[name][0]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
