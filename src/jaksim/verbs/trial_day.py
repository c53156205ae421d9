"""A day of a trial as people write it: a number from 0, or a date."""

from __future__ import annotations

import datetime

from jaksim.errors import InputError
from jaksim.trial.operations.recruitment import Recruitment


def day_of(by: str | int, recruitment: Recruitment, where: str) -> int:
    """The day of the trial that a number or a date means; `where` names the option that holds it."""
    text = str(by).strip()
    if text.isdigit():
        return int(text)
    start = recruitment.start
    try:
        date = datetime.date.fromisoformat(text)
    except ValueError:
        raise InputError(
            "neither a day of the trial nor a date", where=where, allowed="such as 180 or 2021-06-30", got=by
        ) from None
    if start is None:
        raise InputError(
            "a date means nothing without that of the first day",
            where=where,
            allowed="a day, or operations.start",
            got=by,
        )
    if date < start:
        raise InputError("a date before the trial", where=where, allowed=f"{start.isoformat()} or later", got=by)
    return (date - start).days
