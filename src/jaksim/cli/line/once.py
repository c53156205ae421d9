"""Options that have one value are given once, and those that set a key once for each key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from jaksim.cli.line.groups import for_each_command
from jaksim.errors import InputError

_SETTING: Final = ("KEY=VALUE", "KEY=VALUES", "COLUMN:OLD=NEW")


def once_each(command: Any) -> Any:
    """The command, or the group whose commands do so, that refuses two values of an option which has one."""
    if for_each_command(command, once_each):
        return command
    parse = command.parse_args

    def parse_args(ctx: Any, args: list[str]) -> Any:
        values, _, given = command.make_parser(ctx).parse_args(args=list(args))
        for option in given:
            if takes_one(option) and given.count(option) > 1:
                raise InputError("is given more than once", where=max(option.opts, key=len), allowed="one value")
            if sets_a_key(option):
                _check_keys(option, values.get(option.name) or ())
        return parse(ctx, args)

    command.parse_args = parse_args
    return command


def takes_one(option: Any) -> bool:
    """Whether it is an option with a single value."""
    is_flag, multiple = getattr(option, "is_flag", True), getattr(option, "multiple", True)
    return option.param_type_name == "option" and not is_flag and not multiple


def sets_a_key(option: Any) -> bool:
    """Whether it is an option with values KEY=VALUE, of which two with the same key contradict each other."""
    return option.param_type_name == "option" and str(getattr(option, "metavar", "")).endswith(_SETTING)


def _check_keys(option: Any, values: Iterable[Any]) -> None:
    keys = [key.strip() for key, equals, _ in (str(value).partition("=") for value in values) if equals]
    for key in keys:
        if keys.count(key) > 1:
            where = max(option.opts, key=len)
            raise InputError(f"{key!r} is given more than once", where=where, allowed="one value for each key")
