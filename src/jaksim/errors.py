"""Errors a user of jaksim can meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

from jaksim.escapes import one_line
from jaksim.mention import in_flags, in_python

_LONGEST_VALUE = 80
_LONGEST_LINE = 300
_LONGEST_LIST = 1_000
_MOST_LINES = 50


class JaksimError(Exception):
    """Base of every error that jaksim raises on purpose."""


class InputError(JaksimError):
    """Something given by the user cannot be used; the message says what, where, what is allowed, the nearest spelling.

    `what` states the fault, `where` the file, key or argument, `allowed` either the allowed words or a sentence about
    them, and `got` the value that was given. A nearest spelling is offered when `allowed` lists words and `got` is
    text. `details` are lines of their own below the message, such as each of several faults. `flags` are those of the
    command line whose spelling differs from the parameter's, by parameter, as far as who raised it knows.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        allowed: Iterable[object] | str | None = None,
        got: object = None,
        details: Iterable[str] = (),
    ) -> None:
        self.what = what
        self.details = tuple(details)
        self.where = where
        self.allowed: tuple[str, ...] | str | None = (
            allowed if allowed is None or isinstance(allowed, str) else tuple(str(word) for word in allowed)
        )
        self.got = got
        self.flags: dict[str, str] = {}
        super().__init__(what)

    @property
    def suggestion(self) -> str | None:
        """The allowed word nearest to the one given, if there is one."""
        if isinstance(self.got, str) and isinstance(self.allowed, tuple):
            return nearest(self.got, self.allowed)
        return None

    def at(self, where: str) -> InputError:
        """The same error placed inside an outer location, such as the file that holds the key."""
        known = self.where is not None and (self.where == where or self.where.startswith(f"{where}, "))
        inner = where if self.where is None else self.where if known else f"{where}, {self.where}"
        moved = InputError(self.what, where=inner, allowed=self.allowed, got=self.got, details=self.details)
        moved.flags = self.flags
        return moved

    def __str__(self) -> str:
        return in_python(self._message())

    def in_flags(self) -> str:
        """The message with the parameters that it mentions as flags of the command line."""
        return in_flags(self._message(), self.flags)

    def _message(self) -> str:
        what = in_brief(one_line(self.what))
        message = what if self.where is None else f"{in_brief(one_line(self.where))}: {what}"
        if self.got is not None:
            message += f" (got {_shortened(self.got)})"
        if self.allowed is not None:
            allowed = self.allowed if isinstance(self.allowed, str) else _listed(self.allowed) or "nothing"
            message += f"; allowed: {in_brief(one_line(allowed), _LONGEST_LIST)}"
        if self.suggestion is not None:
            message += f"; did you mean {_shortened(self.suggestion)}?"
        lines = [in_brief(one_line(line)) for line in self.details[:_MOST_LINES]]
        more = len(self.details) - _MOST_LINES
        return "\n  ".join([message, *lines, *([f"and {more} more"] if more > 0 else [])])

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (self.what, self.where, self.allowed, self.got, self.details)


@contextmanager
def located(where: str) -> Iterator[None]:
    """Put a place, such as the file that holds the key, in front of any `InputError` raised inside."""
    try:
        yield
    except InputError as error:
        raise error.at(where) from None


def nearest(word: str, allowed: Iterable[object]) -> str | None:
    """The member of `allowed` whose spelling is nearest to `word`, or None when nothing is near."""
    folded = {str(candidate).casefold(): str(candidate) for candidate in allowed}
    close = get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def _listed(words: tuple[str, ...]) -> str:
    """The words with commas between them, in quotes where one holds a comma itself."""
    return ", ".join(repr(word) for word in words) if any("," in word for word in words) else ", ".join(words)


def _shortened(value: object) -> str:
    try:
        # Numbers without the last digits that arithmetic leaves.
        text = repr(float(f"{value:.12g}")) if isinstance(value, float) else repr(value)
    except (ValueError, RecursionError):  # more digits than Python writes, or lists inside lists without end
        return "a value too long to be shown"
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."


def in_brief(text: str, longest: int = _LONGEST_LINE) -> str:
    """The text with its middle left out where it is longer than anyone would read."""
    half = longest // 2
    return text if len(text) <= longest else f"{text[:half]} ... {text[-half:]}"


def _rebuilt(
    what: str, where: str | None, allowed: Iterable[object] | str | None, got: object, details: tuple[str, ...] = ()
) -> InputError:
    return InputError(what, where=where, allowed=allowed, got=got, details=details)
