"""To how many patients of an arm a change of the treatment happens, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TurnShare:
    """The `share` of the patients of an arm to whom a change has happened by the end of each day from 0 on.

    Days count from randomisation. Who has died before stays among those to whom it has not happened; withdrawal takes
    nobody out. Of missed doses it is the share of the living who are in a pause. `event` is the table of the scenario,
    `treatments` what begins or ends: everything that the arm gives when empty. Of a safety event it is the share of
    those who have had one, and `event` is its name.
    """

    arm: str
    event: str
    treatments: tuple[str, ...]
    share: tuple[float, ...]

    @property
    def what(self) -> str:
        """The change in words."""
        event = self.event.replace("_", " ")
        if self.event == "missed_doses":
            event = "in a pause of doses"
        return f"{event}: {' + '.join(self.treatments)}" if self.treatments else event
