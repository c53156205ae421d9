"""How wide the columns of a table are where their longest rows do not fit beside each other."""

from __future__ import annotations

from collections.abc import Container, Sequence


def shared_widths(wanted: Sequence[int], room: int, *, kept: Container[int], least: int) -> list[int]:
    """The widths wanted, or where they are more than the room: those `kept`, and the rest shared by the others.

    A column that wants less than its share has what it wants, and none less than `least`, unless it wants less.
    """
    if sum(wanted) <= room:
        return list(wanted)
    shrinking = sorted((place for place in range(len(wanted)) if place not in kept), key=wanted.__getitem__)
    left = room - sum(width for place, width in enumerate(wanted) if place in kept)
    widths = list(wanted)
    for number, place in enumerate(shrinking):
        share = max(left // (len(shrinking) - number), least)
        widths[place] = min(wanted[place], share)
        left -= widths[place]
    return widths
