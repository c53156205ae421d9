"""What every adaptive design has in common as a part of a trial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from jaksim.trial.protocol import Trial


class Adaptation(Protocol):
    """Rules by which a trial changes while patients come, as a value that checks itself against the trial."""

    @property
    def kind(self) -> str:
        """The word by which a scenario asks for this kind of design."""
        ...

    def check(self, trial: Trial) -> None:
        """Raise InputError where the rules do not fit the trial."""
        ...

    def describe(self) -> tuple[str, ...]:
        """The rules in sentences for a protocol."""
        ...
