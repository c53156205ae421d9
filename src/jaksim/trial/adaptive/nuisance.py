"""Nuisance parameters that all patients together show without telling the arms apart."""

from __future__ import annotations

from jaksim.analysis import Method
from jaksim.analysis.nuisance import Nuisance
from jaksim.endpoint.endpoint import Endpoint
from jaksim.errors import InputError

SMALLEST = 1e-6


def nuisance_of(method: Method, endpoint: Endpoint) -> Nuisance:
    """The nuisance parameter of an analysis; InputError where there is none that pooled patients show."""
    if endpoint.kind not in method.nuisance:
        raise InputError(
            f"the patients that {method.name!r} needs depend on nothing that pooled patients show",
            where="adaptation.analysis",
            allowed="rates, hazards, mean day counts or ordered categories",
        )
    return method.nuisance[endpoint.kind]
