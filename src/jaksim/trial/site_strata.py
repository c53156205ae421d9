"""Whether the sites of a trial are strata of an analysis, and which methods can have so many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jaksim.analysis.counts import Options
from jaksim.errors import InputError

if TYPE_CHECKING:
    from jaksim.analysis.method import Method

POOLED, CROSSED, ONLY = "pooled", "crossed", "only"
SITES: Final = (POOLED, CROSSED, ONLY)
"""Sites are not looked at; each stratum at each site is a stratum; each site is one, whatever the strata of its
patients."""
WORDS: Final = {POOLED: "", CROSSED: "by stratum and site", ONLY: "by site"}
"""What is added to the name of an analysis in reports."""


def supports_sites(method: Method, options: Options) -> bool:
    """Whether a method compares within strata, without a parameter for each."""
    return not (method.without_strata({**method.defaults, **options}) or method.factor_seconds or method.free_cuts)


def check_sites(sites: str, method: Method, options: Options) -> None:
    """Refuse sites as strata of a method that sees no strata, or has a parameter for each."""
    if sites == POOLED or supports_sites(method, options):
        return
    factor = method.factor_seconds or method.free_cuts
    raise InputError(
        f"method {method.name!r} "
        + ("has a parameter for each stratum, and sites are too many and too small" if factor else "sees no strata"),
        where="sites",
        allowed='"pooled", or a method that compares within strata, such as van_elteren, log_rank, cox, '
        "odds_ratio_mh or risk_difference_mh",
        got=sites,
    )
