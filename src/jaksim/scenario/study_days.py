"""How the study days of a scenario are counted, where a reader could take them for days since randomisation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from jaksim.trial import Assumption

ABOUT: Final = "study days"


def study_day_assumptions(
    follow_up: Mapping[str, Any], endpoints: Sequence[Mapping[str, Any]], horizon: int, day_of_randomisation: int
) -> Iterator[Assumption]:
    """That randomisation is taken for study day 1, and which endpoints end one day before the follow-up does.

    Without `day_of_randomisation` the last day of a 28-day follow-up is study day 29, and an endpoint by day 28 leaves
    a day out, which may be meant or not.
    """
    days = {str(endpoint["name"]): endpoint["day"] for endpoint in endpoints if "day" in endpoint}
    if not days:
        return
    if "day_of_randomisation" not in follow_up:
        day = max(days.values())
        after = _days(day - day_of_randomisation)
        yield Assumption(
            ABOUT,
            f"randomisation is study day {day_of_randomisation}, so that day {day} is {after} after it",
            published=False,
            note="follow_up.day_of_randomisation is not given",
        )
    last = horizon + day_of_randomisation
    short = [f"'{name}'" for name, day in days.items() if day == last - 1]
    if short and horizon > 1:
        yield Assumption(
            ABOUT,
            f"{', '.join(short)}: day {last - 1} is one day before the end of the {_days(horizon)} of follow-up, "
            f"which is study day {last}",
        )


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
