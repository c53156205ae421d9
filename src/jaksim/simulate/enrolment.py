"""The door to trials in calendar time: blocks of replicates whose patients are kept one by one, in order of entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim import rng
from jaksim.arrays import Floats, Integers, for_kernel
from jaksim.budget import check_memory
from jaksim.errors import InputError
from jaksim.rng import Purpose
from jaksim.simulate.alias_table import WHOLE, quantise
from jaksim.simulate.arguments import key_words
from jaksim.simulate.law import LawTables
from jaksim.simulate.reused_memory import reused

if TYPE_CHECKING:
    from jaksim.kernel.entering.enrolment import Entry
    from jaksim.kernel.entering.line import Line
    from jaksim.kernel.law_outcomes import Outcomes

# Threads that each hold a block of patients, at the least.
_HELD: Final = 2
SCHEMES: Final = ("simple", "permuted blocks", "biased coin", "minimisation")


@dataclass(frozen=True, eq=False)
class Cohort:
    """Patients of a block of B replicates, up to N each, in order of entry.

    `n` int64 (B,) patients are enrolled in each replicate; beyond them a row is not filled. `wanted` (B,) are
    those who were asked for, more than `n` where sites brought too few. `day` int32 (B, N) of
    entry; `stratum` and `arm` int8; `category` int32 (E, B, N) of the E automata that are drawn. `exposure`, `number`
    and `word` make it possible to go on from any patient.
    """

    first_replicate: int
    n: Integers
    day: NDArray[np.int32]
    stratum: NDArray[np.int8]
    arm: NDArray[np.int8]
    category: NDArray[np.int32]
    exposure: Floats
    number: NDArray[np.uint32]
    word: NDArray[np.uint32]
    site: NDArray[np.int16]
    late: NDArray[np.int16]
    decision: Integers
    wanted: Integers
    line: Line | None = None

    @property
    def replicates(self) -> int:
        return len(self.n)

    @property
    def most(self) -> int:
        """Patients that a row has room for."""
        return int(self.day.shape[1])


def empty_cohort(
    first_replicate: int,
    replicates: int,
    most: int,
    n_automata: int,
    line: Line | None = None,
    *,
    reuse: bool = False,
    at_once: bool = False,
) -> Cohort:
    """A cohort with room for `most` patients in each replicate, none of them enrolled.

    Its memory is that of a block before with `reuse`, which is quicker; rows then hold anything beyond their patients.
    Patients of a cohort that is enrolled `at_once` do not keep when they came and by which number, which enrolling
    others after them needs; their words give way to their outcomes.
    """
    rng.check_address(replicate=first_replicate)
    rng.check_address(replicate=first_replicate + max(replicates - 1, 0), patient=most)
    shape = (replicates, most)
    with_sites = shape if line is not None else (replicates, 0)
    check_memory(
        _HELD * replicates * most * (26 + 4 * n_automata),
        f"{most:,} patients of a trial in calendar time, kept one by one",
        instead="fewer patients, or a smaller maximum",
    )
    room = reused if reuse else np.zeros
    category = room((n_automata, *shape), np.int32)
    carried = (replicates, 0) if at_once else shape
    return Cohort(
        first_replicate,
        np.zeros(replicates, dtype=np.int64),
        room(shape, np.int32),
        room(shape, np.int8),
        room(shape, np.int8),
        category,
        room(carried, np.float64),
        room(carried, np.uint32),
        category[0].view(np.uint32) if at_once else room(shape, np.uint32),
        np.zeros(with_sites, dtype=np.int16),
        np.zeros(with_sites, dtype=np.int16),
        np.zeros(replicates, dtype=np.int64),
        np.zeros(replicates, dtype=np.int64),
        line,
    )


def compile_entry(
    starts: ArrayLike,
    before: ArrayLike,
    rates: ArrayLike,
    *,
    even: bool,
    stratum_weights: ArrayLike,
    scheme: str,
    coin: float,
    groups: Sequence[int],
    levels: ArrayLike,
    quotas: ArrayLike = (),
) -> Entry:
    """Accrual and randomisation laid out for the kernel, as `jaksim.kernel.entering.enrolment.Entry` describes them.

    quotas (S,) are the candidates of each stratum among every so many in all; strata are drawn by weight without them.
    """
    from jaksim.kernel.entering.enrolment import Entry

    if scheme not in SCHEMES:
        raise InputError("unknown scheme of randomisation", allowed=SCHEMES, got=scheme)
    level = np.ascontiguousarray(levels, dtype=np.int64)
    return Entry(
        np.ascontiguousarray(starts, dtype=np.float64),
        np.ascontiguousarray(before, dtype=np.float64),
        np.ascontiguousarray(rates, dtype=np.float64),
        bool(even),
        np.cumsum(quantise(stratum_weights), dtype=np.uint64),
        SCHEMES.index(scheme),
        float(coin),
        np.asarray(groups, dtype=np.int64),
        max(groups) + 1,
        level,
        int(level.max(initial=-1)) + 1,
        np.ascontiguousarray(quotas, dtype=np.int64),
    )


def enrol_patients(
    cohort: Cohort,
    entry: Entry,
    seed: int,
    *,
    first: ArrayLike,
    last: ArrayLike,
    weights: ArrayLike,
    block_sizes: ArrayLike,
    recruiting: ArrayLike,
    closed: ArrayLike = -1,
    same_blocks: bool = False,
) -> None:
    """Enrol patients first[b] .. last[b] - 1 of each replicate, replacing any that were there; outcomes are not drawn.

    weights (B, A) of the arms and block_sizes (B, A), places of each arm in a permuted block, may differ by replicate;
    recruiting bool (B, S) are the strata that are open, one at least. A trial with sites may end with fewer patients;
    those who come from first[b] on until the end of day closed[b] are turned away, and with `same_blocks`
    the blocks of the patients before are gone on with.
    """
    low, high = key_words(seed)
    begin = for_kernel(first, np.int64)
    end = for_kernel(last, np.int64)
    is_open = for_kernel(recruiting, np.bool_)
    weight = for_kernel(weights, np.float64)
    size = for_kernel(block_sizes, np.int64)
    if cohort.line is None and not cohort.exposure.shape[1] and begin.any():
        raise InputError("patients after others in a cohort that is enrolled at once")
    if (end > cohort.most).any() or (begin < 0).any() or (begin > cohort.n).any():
        raise InputError("patients beyond the room of the cohort", allowed=f"0 to {cohort.most}", got=int(end.max()))
    growing = begin < end
    if not is_open[growing].any(axis=1).all():
        raise InputError("no stratum recruits")
    usable = size.sum(axis=1) > 0 if entry.scheme == SCHEMES.index("permuted blocks") else weight.sum(axis=1) > 0.0
    if not usable[growing].all():
        raise InputError("no arm recruits")

    from jaksim.kernel.entering.enrolment import enrol
    from jaksim.kernel.entering.line import enrol_line

    if cohort.line is not None:
        enrol_line(
            entry, cohort.line, begin, end, weight, size, is_open, _per_replicate(cohort, closed), same_blocks,
            np.uint64(int(Purpose.CANDIDATE) << 24),
            cohort.first_replicate, low, high, cohort.n, cohort.exposure, cohort.number, cohort.day, cohort.stratum,
            cohort.arm, cohort.word, cohort.site,
        )  # fmt: skip
        cohort.wanted[growing] = end[growing]
        return
    address = np.uint64(int(Purpose.ENROLMENT) << 24)
    enrol(
        entry,
        begin,
        end,
        weight,
        size,
        is_open,
        address,
        cohort.first_replicate,
        low,
        high,
        cohort.exposure,
        cohort.number,
        cohort.day,
        cohort.stratum,
        cohort.arm,
        cohort.word,
    )
    cohort.n[:] = end
    cohort.wanted[:] = end


def compile_outcomes(laws: LawTables) -> Outcomes:
    """Laws of joint categories laid out to draw the outcomes of patients one by one."""
    from jaksim.kernel.law_outcomes import MOST_CATEGORIES, Outcomes

    if laws.n_categories > MOST_CATEGORIES:
        raise InputError("too many joint categories", allowed=f"up to {MOST_CATEGORIES:,}", got=laws.n_categories)
    half, low = np.uint64(32), np.uint64(WHOLE - 1)
    starts = [*laws.column_start.tolist(), len(laws.columns)]
    packed = np.empty_like(laws.columns)
    for c in range(laws.n_cells):
        columns = laws.columns[starts[c] : starts[c + 1]]
        category = laws.category[laws.start[c] : laws.start[c + 1]].astype(np.uint64)
        own = np.zeros_like(columns)
        own[: len(category)] = category
        alias = category[(columns & low).astype(np.int64)]
        packed[starts[c] : starts[c + 1]] = columns >> half << half | own << np.uint64(16) | alias
    shift = np.asarray(32 - laws.column_bits, dtype=np.uint64)
    return Outcomes(packed, laws.column_start, shift, (np.uint64(1) << shift) - np.uint64(1))


def law_outcomes(cohort: Cohort, laws: Outcomes, n_strata: int, first: ArrayLike) -> None:
    """Draw the joint category of every patient from first[b] on from the law of the cell, arm * n_strata + stratum."""
    from jaksim.kernel.law_outcomes import law_outcomes as draw

    begin = for_kernel(first, np.int64)
    draw(laws, n_strata, begin, cohort.n, cohort.stratum, cohort.arm, cohort.word, cohort.category[0])


@dataclass(frozen=True, eq=False)
class Counted:
    """The first `n` int64 (B,) patients of each replicate, whose outcomes were complete at a data cut, and their counts
    (B, places): later cuts go on from there. None are counted at first."""

    n: Integers
    counts: Floats

    @classmethod
    def none(cls, replicates: int, places: int) -> Counted:
        """Nobody is counted yet."""
        return cls(np.zeros(replicates, dtype=np.int64), np.zeros((replicates, places)))


def cut(
    cohort: Cohort,
    automaton: int,
    part: NDArray[np.int32],
    known: NDArray[np.int32],
    look: ArrayLike,
    *,
    shape: tuple[int, int, int],
    lag: int = 0,
    first: ArrayLike = 0,
    last: ArrayLike | None = None,
    stratum: NDArray[np.int32] | None = None,
    rows: Integers | None = None,
    counted: Counted | None = None,
) -> Floats:
    """Tables (R, A, S, K) of one endpoint as known on day look[r], of patients first[r] .. last[r] - 1 of rows[r], by
    default of all rows.

    stratum (B, N) are other strata than those of the cohort. `counted`, of earlier cuts of all patients at the same
    endpoint, spares counting patients again.

    shape is (A, S, K); part sends a category of the automaton to a history of the endpoint, known (H + 1, histories) a
    history to the category that it counts as after so many days of follow-up.
    """
    from jaksim.kernel.cut import cut_tables

    row = np.arange(cohort.replicates) if rows is None else for_kernel(rows, np.int64)
    enrolled = cohort.n if rows is None else cohort.n[row]
    progress = Counted(cohort.n, np.empty((cohort.replicates, 0))) if counted is None else counted
    out = reused((len(row), *shape), np.float64)
    cut_tables(
        cohort.day,
        cohort.stratum if stratum is None else stratum,
        cohort.arm,
        cohort.category[automaton],
        part,
        known,
        row,
        _to_each(first, len(row)),
        enrolled if last is None else np.minimum(_to_each(last, len(row)), enrolled),
        _to_each(look, len(row)),
        int(lag),
        cohort.late,
        progress.n,
        progress.counts,
        out,
    )
    return out


def day_reached(
    cohort: Cohort,
    automaton: int,
    part: NDArray[np.int32],
    after: ArrayLike,
    target: ArrayLike,
    *,
    counts: NDArray[np.bool_],
) -> Integers:
    """First day (B,) on which target[b] patients have counted, -1 when they never do.

    A patient counts after[history] days after entry (never when negative), in the cells counts bool (A, S).
    """
    from jaksim.kernel.cut import days_reached

    out = np.empty(cohort.replicates, dtype=np.int64)
    days_reached(
        cohort.day,
        cohort.stratum,
        cohort.arm,
        cohort.category[automaton],
        part,
        for_kernel(after, np.int64),
        counts,
        cohort.n,
        _per_replicate(cohort, target),
        cohort.late,
        out,
    )
    return out


def enrolled_at_decision(cohort: Cohort, look: ArrayLike) -> Integers:
    """Patients (B,) who have entered when what was found in a data cut on day look[b] has been decided upon."""
    return enrolled_by(cohort, _per_replicate(cohort, look) + cohort.decision)


def enrolled_by(cohort: Cohort, look: ArrayLike) -> Integers:
    """Patients (B,) who entered by day look[b]."""
    from jaksim.kernel.cut import entered_by

    out = np.empty(cohort.replicates, dtype=np.int64)
    entered_by(cohort.day, cohort.n, _per_replicate(cohort, look), out)
    return out


def _per_replicate(cohort: Cohort, values: Any) -> Integers:
    return _to_each(values, cohort.replicates)


def _to_each(values: Any, n: int) -> Integers:
    return for_kernel(np.broadcast_to(np.asarray(values), (n,)), np.int64)
