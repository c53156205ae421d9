"""What is said of a new trial, read and checked: scale, patients, control distribution, effects."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from jaksim.errors import InputError, located
from jaksim.scale import OrdinalScale, load_scale
from jaksim.verbs.options.new import NewOptions

EFFECTS: Final = ("odds_ratio", "recovery_rate_ratio", "mortality_ratio")
CONTROL_PATIENTS: Final = 200
PATIENTS: Final = 500
_DEAD: Final = frozenset({"dead", "death", "died"})
_LEAST, _MOST = 0.02, 50.0


@dataclass(frozen=True)
class Given:
    """What is known of the control patients and stated of the drug.

    `own` tells whether the scale is one of the user's. `baseline` are shares by score at randomisation, `counts` those
    of control patients by score on `day`, by score at randomisation or of all under None.
    """

    title: str
    drug: str
    scale: OrdinalScale
    scale_name: str
    own: bool
    recovered: tuple[int, ...]
    baseline: Mapping[int, float]
    counts: Mapping[int | None, tuple[int, ...]]
    day: int
    mortality: tuple[float, int] | None
    recovery_time: float | None
    effects: Mapping[str, float]
    patients: int
    source: str

    @property
    def control_patients(self) -> int:
        """Control patients behind the numbers."""
        return sum(map(sum, self.counts.values()))

    @property
    def horizon(self) -> int:
        """Days of follow-up."""
        last = 0 if self.mortality is None else self.mortality[1]
        return max(self.day, last)

    @property
    def mortality_day(self) -> int:
        """The day by which deaths are counted."""
        return self.day if self.mortality is None else self.mortality[1]

    @property
    def dead(self) -> tuple[int, ...]:
        """Scores of the dead."""
        return self.scale.absorbing


def given(options: NewOptions) -> Given:
    """What the options say; InputError for what is missing, or cannot be."""
    missing = [f"‹{name}›" for name in ("scale", "baseline", "day") if getattr(options, name) is None]
    missing += [] if options.control else ["‹control›"]
    stated = {name: getattr(options, name) for name in EFFECTS if getattr(options, name) is not None}
    missing += [] if stated else ["‹odds_ratio›, ‹recovery_rate_ratio› or ‹mortality_ratio›"]
    if missing:
        raise InputError(f"not said: {', '.join(missing)}", where="new", allowed="all of these, or ‹copy=NAME›")
    assert options.scale is not None
    assert options.baseline is not None
    assert options.day is not None
    with located("‹scale›"):
        scale, own = read_scale(options.scale)
    with located("‹baseline›"):
        baseline = _baseline(options.baseline, scale)
    with located("‹control›"):
        counts = _control(options.control, scale, baseline, options.control_patients)
    with located("‹mortality›"):
        mortality = _mortality(options.mortality, options.day, scale, counts)
    recovered = _recovered(options.recovered, scale)
    if own:
        scale = replace(scale, sets={**scale.sets, "recovered": recovered})
    for score in baseline:
        if score in recovered and (options.recovery_time or "recovery_rate_ratio" in stated):
            raise InputError(
                "patients have recovered at randomisation", where="‹recovered›", allowed="better scores", got=score
            )
    if options.recovery_time is not None and not 0.5 <= options.recovery_time <= options.day:
        raise InputError(
            "the median lies outside the follow-up",
            where="‹recovery_time›",
            allowed=f"0.5 to {options.day} days",
            got=options.recovery_time,
        )
    _check_effects(stated, scale)
    drug = options.drug or "drug"
    if not re.fullmatch(r"[A-Za-z0-9_-]+( [A-Za-z0-9_-]+)*", drug) or drug == "control":
        raise InputError("not a name", where="‹drug›", allowed="letters, digits, - and _, other than control", got=drug)
    return Given(
        title=options.title or f"{drug} against control",
        drug=drug,
        scale=scale,
        scale_name="scale.toml" if own else options.scale.strip(),
        own=own,
        recovered=recovered,
        baseline=baseline,
        counts=counts,
        day=options.day,
        mortality=mortality,
        recovery_time=options.recovery_time,
        effects=stated,
        patients=options.patients or PATIENTS,
        source=options.source or "not named yet: put the publication here",
    )


def read_scale(text: str) -> tuple[OrdinalScale, bool]:
    """The scale of a name or of categories, and whether it is one of the user's own."""
    names = [name.strip() for name in text.split(",")]
    if len(names) == 1 and not names[0].isdecimal():
        return load_scale(names[0]), False
    if names[0].isdecimal() and len(names) == 1:
        number = int(names[0])
        if not 2 <= number <= 20:
            raise InputError("a scale has 2 to 20 categories", allowed="their names with commas", got=text)
        names = [*(f"category {position}" for position in range(1, number)), "dead"]
    for name in names:
        if not name or [one.casefold() for one in names].count(name.casefold()) > 1:
            raise InputError("each category needs a name of its own", allowed="names with commas, best first", got=name)
    last = len(names)
    dead = (last,) if names[-1].casefold() in _DEAD else ()
    if any(name.casefold() in _DEAD for name in names[:-1]):
        raise InputError("death is the last category", allowed="names with commas, best first", got=text)
    scores = tuple(range(1, last + 1))
    if len(names) - len(dead) < 2:
        raise InputError("patients cannot move", allowed="two categories of the living or more", got=text)
    sets = {"recovered": (1,), **({"dead": dead} if dead else {})}
    return OrdinalScale("own scale", scores, tuple(names), True, dead, sets, ""), True


def _baseline(text: str, scale: OrdinalScale) -> dict[int, float]:
    parts = [part.partition("=") for part in text.split(",")]
    found: dict[int, float] = {}
    for score, equals, value in parts:
        if bool(equals) != (len(parts) > 1) and len(parts) > 1:
            raise InputError("each score needs its share", allowed="such as 4=0.3,5=0.7", got=text)
        number = _score(score, scale)
        if number in found:
            raise InputError("a score stands twice", allowed="each once", got=score)
        found[number] = _number(value) if equals else 1.0
    total = sum(found.values())
    if min(found.values()) <= 0.0 or not any(abs(total - whole) <= 0.02 * whole for whole in (1.0, 100.0)):
        raise InputError("the shares do not sum to one", allowed="shares above 0", got=text)
    return {score: share / total for score, share in found.items()}


def _score(text: str, scale: OrdinalScale) -> int:
    living = [str(score) for score in scale.scores if score not in scale.absorbing]
    if text.strip() not in living:
        raise InputError("not a score in which patients can start", allowed=living, got=text.strip())
    return int(text)


def _number(text: str) -> float:
    word = text.strip().rstrip("%").strip()
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0.0:
        raise InputError("not a number of 0 or more", allowed="numbers with commas between them", got=text.strip())
    return value / 100.0 if text.strip().endswith("%") else value


def _control(
    texts: Sequence[str], scale: OrdinalScale, baseline: Mapping[int, float], patients: int | None
) -> dict[int | None, tuple[int, ...]]:
    by_score: dict[int | None, list[float]] = {}
    for text in texts:
        score, equals, numbers = text.rpartition("=")
        key = _score(score, scale) if equals else None
        if key in by_score:
            raise InputError("a distribution is given twice", allowed="one of all, or one for each score", got=text)
        by_score[key] = [_number(part) for part in numbers.split(",")]
        if len(by_score[key]) != len(scale.scores):
            raise InputError(
                f"{len(by_score[key])} numbers for {len(scale.scores)} scores",
                allowed=f"a number for each of {', '.join(f'{s} {scale.label(s)}' for s in scale.scores)}",
                got=numbers,
            )
    if (None in by_score and len(by_score) > 1) or (None not in by_score and set(by_score) != set(baseline)):
        raise InputError(
            "the distributions are not those of the scores at randomisation",
            allowed=f"one of all, or one for each of {', '.join(map(str, baseline))}",
            got=", ".join(str(key) for key in by_score),
        )
    shares = {None: 1.0} if None in by_score else dict(baseline)
    return {key: _counts(values, shares[key], patients) for key, values in by_score.items()}  # type: ignore[index]


def _counts(values: list[float], share: float, patients: int | None) -> tuple[int, ...]:
    """Whole numbers of patients with these shares, percentages, or counts."""
    total = sum(values)
    if total <= 0.0:
        raise InputError("nobody is anywhere", allowed="numbers above 0")
    shares_given = any(abs(total - whole) <= 0.03 * whole for whole in (1.0, 100.0))
    if not shares_given and any(value != round(value) for value in values):
        raise InputError(
            f"the numbers sum to {total:g}", allowed="shares that sum to 1, percentages to 100, or whole counts"
        )
    counted = all(value == round(value) for value in values) and not abs(total - 1.0) <= 0.03
    number = patients if patients is not None else (round(total) if counted and total != 100.0 else CONTROL_PATIENTS)
    number = number if counted and patients is None and total != 100.0 else max(round(number * share), 1)
    exact = [number * value / total for value in values]
    counts = [math.floor(one + 1e-9) for one in exact]
    order = sorted(range(len(exact)), key=lambda position: counts[position] - exact[position])
    for position in order[: number - sum(counts)]:
        counts[position] += 1
    return tuple(counts)


def _mortality(
    text: str | None, day: int, scale: OrdinalScale, counts: Mapping[int | None, tuple[int, ...]]
) -> tuple[float, int] | None:
    if text is None:
        return None
    if not scale.absorbing:
        raise InputError("the scale has no category of the dead", allowed="a last category called dead", got=text)
    number, at, by = text.partition("@")
    share = _number(number)
    if not 0.0 < share < 1.0:
        raise InputError("not a share", allowed="above 0 and below 1, such as 0.12 or 12%", got=number)
    if at and not (by.strip().isdecimal() and int(by) >= 1):
        raise InputError("not a day", allowed="a whole number of 1 or more after @", got=by)
    last = int(by) if at else day
    dead = [position for position, score in enumerate(scale.scores) if score in scale.absorbing]
    total = sum(map(sum, counts.values()))
    died = sum(one[position] for one in counts.values() for position in dead) / total
    if last == day and abs(died - share) > 0.5 / total + 0.005:
        raise InputError(
            f"the distribution has {died:.3g} dead on the same day", allowed="the same number, or another day", got=text
        )
    if (last > day and share < died - 0.005) or (last < day and share > died + 0.005):
        raise InputError(
            f"fewer have died on day {max(last, day)} than on day {min(last, day)}",
            allowed="deaths that grow with the days",
            got=text,
        )
    return share, last


def _recovered(text: str | None, scale: OrdinalScale) -> tuple[int, ...]:
    if text is None:
        best = scale.scores[int(scale.rank.argmin())]
        return scale.sets.get("recovered", (best,))
    with located("‹recovered›"):
        return tuple(sorted({_score(part, scale) for part in text.split(",")}))


def _check_effects(stated: Mapping[str, float], scale: OrdinalScale) -> None:
    for name, value in stated.items():
        if not (_LEAST <= value <= _MOST) or value == 1.0:
            what = "a ratio of 1 is no effect" if value == 1.0 else "no such ratio"
            raise InputError(what, where=f"‹{name}›", allowed=f"{_LEAST:g} to {_MOST:g}, but 1", got=value)
    if "mortality_ratio" in stated and not scale.absorbing:
        raise InputError("the scale has no category of the dead", where="‹mortality_ratio›", allowed="another effect")
