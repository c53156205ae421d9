"""What is done to every command of a group, when each is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from typer.core import TyperGroup


def for_each_command(command: Any, change: Callable[[Any], Any]) -> bool:
    """Let a group hand out its commands changed; False where it is no group."""
    if not isinstance(command, TyperGroup):
        return False
    inner = command.get_command

    def get_command(ctx: Any, name: str) -> Any:
        found = inner(ctx, name)
        return None if found is None else change(found)

    command.get_command = get_command  # type: ignore[method-assign, assignment]
    return True
