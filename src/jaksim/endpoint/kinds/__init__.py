"""The kinds of endpoints, one module each with its record `KIND`, and the table of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from jaksim.endpoint.kind import Kind
from jaksim.endpoint.kinds import binary, day_count, longitudinal, ordinal, time_to_event

KINDS: Final[Mapping[str, Kind]] = {
    module.KIND.name: module.KIND for module in (time_to_event, ordinal, binary, day_count, longitudinal)
}


class OfAKind(Protocol):
    """An endpoint, of a trial or of a data set."""

    @property
    def kind(self) -> str: ...


def kind_of(endpoint: OfAKind) -> Kind:
    """The record of the kind of an endpoint."""
    return KINDS[endpoint.kind]
