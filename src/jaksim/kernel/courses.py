"""The courses of many patients at once, from where they are to what the automata make of them.

Every step of a sojourn is a loop over all patients who are under way, so that look-ups, which would wait for each
other, become vector instructions. A patient's stream gives two words for each sojourn, so one Philox block for two:
words 0 and 2 are the waiting times, words 1 and 3 the destinations. A waiting time and a destination never share a
word. A course ends as soon as no automaton depends on what follows.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.jit import apart, inlined, inner, merged
from jaksim.kernel.logarithm import exponential
from jaksim.kernel.philox import block
from jaksim.kernel.walk import DECIDED, MEMORY_BITS, PIECE_FIELDS, Memories, Processes

BATCH = 2048
_SHIFT = np.uint64(MEMORY_BITS)
_MEMORY = np.uint64((1 << MEMORY_BITS) - 1)
_DECIDED = np.uint64(DECIDED)
CATEGORY = np.uint64(DECIDED - 1)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_TOP = np.uint64(31)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_TWO = np.uint64(2)
_THREE = np.uint64(3)
_FIELDS = np.uint64(PIECE_FIELDS)


class Courses(NamedTuple):
    """A batch of patients. By place in it: stream uint64 (BATCH,), replicate << 32 | number of the patient, address
    uint64 (BATCH,) of her cell and purpose, and found uint32 (A, BATCH), what each automaton makes of her in the end.

    Of those under way, listed first: place uint64 (BATCH,); at uint64 (BATCH,), node * J + the piece that holds; time
    float64 (BATCH,) since when, first read at the end of day uint64 (BATCH,); memory uint32 (A, BATCH) of each
    automaton, and what it reads if the state lasts, entry uint32 (A, BATCH); see `jaksim.kernel.walk.Memories`.
    """

    stream: Any
    address: Any
    found: Any
    place: Any
    at: Any
    time: Any
    day: Any
    memory: Any
    entry: Any
    last: Any
    chosen: Any
    spent: Any
    words: Any
    open: Any


@inlined
def empty_courses(n_automata: int) -> Any:
    """Room for a batch."""
    return Courses(
        stream=np.empty(BATCH, np.uint64),
        address=np.empty(BATCH, np.uint64),
        found=np.empty((n_automata, BATCH), np.uint32),
        place=np.empty(BATCH, np.uint64),
        at=np.empty(BATCH, np.uint64),
        time=np.empty(BATCH, np.float64),
        day=np.empty(BATCH, np.uint64),
        memory=np.empty((n_automata, BATCH), np.uint32),
        entry=np.empty((n_automata, BATCH), np.uint32),
        last=np.empty(BATCH, np.uint64),
        chosen=np.empty(BATCH, np.uint64),
        spent=np.empty(BATCH, np.float64),
        words=np.empty((4, BATCH), np.uint32),
        open=np.empty(BATCH, np.uint64),
    )


@apart
def draw_words(c: Courses, number: Any, n: int, k0: Any, k1: Any) -> None:
    """Words of block `number` of the n patients under way."""
    for i in range(n):
        own = c.stream[c.place[i]]
        w0, w1, w2, w3 = block(number, own & _LOW, own >> _HALF, c.address[c.place[i]], k0, k1)
        c.words[0, i] = np.uint32(w0)
        c.words[1, i] = np.uint32(w1)
        c.words[2, i] = np.uint32(w2)
        c.words[3, i] = np.uint32(w3)


@apart
def draw_types(c: Courses, n: int, other: Any, k0: Any, k1: Any) -> None:
    """The word of each of the first n patients of a batch in the stream of the patient types into c.chosen, patient i
    having word i; its address is that of the patient, exclusive or `other`."""
    for i in range(n):
        own = c.stream[i]
        w0, w1, w2, w3 = block((own & _LOW) >> _TWO, _ZERO, own >> _HALF, c.address[i] ^ other, k0, k1)
        low = w1 if own & _ONE else w0
        high = w3 if own & _ONE else w2
        c.chosen[i] = high if own & _TWO else low


@apart
def spend(p: Processes, c: Courses, n: int, half: int) -> None:
    """Exit hazard accumulated from day 0 until each patient leaves her state, and the piece that it is counted from."""
    wait = 2 * half
    for i in range(n):
        here = c.at[i] * _FIELDS
        through = p.pieces[here + _ONE] + (c.time[i] - p.pieces[here]) * p.pieces[here + _TWO]
        c.spent[i] = through + exponential(c.words[wait, i])
        c.last[i] = c.at[i]


@apart
def pass_piece(p: Processes, c: Courses, n: int, first: Any) -> Any:
    """Go on to the next of the later pieces, listed from `first` on, where a patient lasts until it; does anybody?"""
    some = _ZERO
    for i in range(n):
        passed = np.uint64(c.spent[i] >= p.later[first + c.at[i]])
        c.last[i] += passed
        some |= passed
    return some


@apart
def leave(p: Processes, c: Courses, n: int, horizon: Any) -> None:
    """The time at which each patient leaves her state, and the first day whose end is not before, at most horizon + 1.

    What is left of the wait at the end of a piece is carried into the next, because the accumulated hazard is inverted.
    """
    latest = np.float64(horizon) + 0.5
    for i in range(n):
        here = c.last[i] * _FIELDS
        until = p.pieces[here] + (c.spent[i] - p.pieces[here + _ONE]) * p.pieces[here + _THREE]
        c.time[i] = max(c.time[i], until)
        c.day[i] = max(c.day[i], np.uint64(np.int64(np.ceil(min(c.time[i], latest)))))
        c.chosen[i] = c.last[i]


@apart
def choose(p: Processes, c: Courses, n: int, half: int, first: Any, rows: Any) -> None:
    """Go on to the next destination, `rows` places further, where a patient's word is not below the threshold, listed
    from `first` on."""
    word = 2 * half + 1
    for i in range(n):
        c.chosen[i] += rows & (_ZERO - np.uint64(np.uint64(c.words[word, i]) >= p.threshold[first + c.last[i]]))


@apart
def arrive(p: Processes, c: Courses, n: int) -> None:
    """Each patient is in the state that was chosen; nothing of it is decided yet."""
    for i in range(n):
        c.at[i] = p.onward[c.chosen[i]]
        c.open[i] = _ZERO


@apart
def change(c: Courses, a: Any, n: int) -> None:
    """The memory of an automaton after it has changed before the day, if it does."""
    for i in range(n):
        known = np.uint64(c.entry[a, i])
        changed = np.uint64(known >> _SHIFT < c.day[i])
        old = np.uint64(c.memory[a, i])
        c.memory[a, i] = np.uint32(old ^ ((old ^ known) & _MEMORY & (_ZERO - changed)))


@apart
def change_on(m: Memories, c: Courses, a: Any, n: int) -> None:
    """As `change`, for a memory that may change again and again while the state lasts."""
    first, width = m.stay_start[a], m.width & _LOW
    for i in range(n):
        known = np.uint64(c.entry[a, i])
        since = np.uint64((known >> _SHIFT) + _ONE)
        changed = _ZERO - np.uint64(since <= c.day[i])
        chain = np.uint64(m.stay[(first + (known & _MEMORY) * width + m.row[c.at[i]] + since) & changed])
        now = np.uint64(m.chain[chain + ((c.day[i] - since) & changed)])
        old = np.uint64(c.memory[a, i])
        c.memory[a, i] = np.uint32(old ^ ((old ^ now) & changed))


@apart
def read(m: Memories, c: Courses, a: Any, n: int) -> None:
    """What an automaton reads from the day on in the state that each patient is in, unless it was decided before."""
    first, width = m.start[a], m.width & _LOW
    for i in range(n):
        old = np.uint64(c.entry[a, i])
        new = np.uint64(m.table[first + np.uint64(c.memory[a, i]) * width + m.row[c.at[i]] + c.day[i]])
        now = new ^ ((new ^ old) & (_ZERO - (old >> _TOP)))
        c.entry[a, i] = np.uint32(now)
        c.open[i] |= ~now & _DECIDED


@apart
def keep(c: Courses, n: int) -> int:
    """Number those who go on; returns how many."""
    left = _ZERO
    for i in range(n):
        c.last[i] = left
        left += c.open[i] >> _TOP
    return int(left)


@apart
def list_first(c: Courses, n: int) -> None:
    """List those first who go on."""
    for i in range(n):
        c.place[c.last[i]] = c.place[i]
    for i in range(n):
        c.at[c.last[i]] = c.at[i]
    for i in range(n):
        c.time[c.last[i]] = c.time[i]
    for i in range(n):
        c.day[c.last[i]] = c.day[i]


@apart
def list_words(c: Courses, n: int) -> None:
    """List the words of the second sojourn of a block as the patients."""
    for w in range(2, 4):
        for i in range(n):
            c.words[w, c.last[i]] = c.words[w, i]


@apart
def list_memories(c: Courses, a: Any, n: int) -> None:
    """Note what the automaton has read so far, and list those first who go on."""
    for i in range(n):
        c.found[a, c.place[i]] = c.entry[a, i]
    for i in range(n):
        c.memory[a, c.last[i]] = c.memory[a, i]
    for i in range(n):
        c.entry[a, c.last[i]] = c.entry[a, i]


@merged
def begin(p: Processes, m: Memories, c: Courses, n: int) -> None:
    """Put the n patients of a batch, whose nodes are in c.at, there on day 0."""
    for a in range(c.memory.shape[0]):
        for i in range(n):
            c.memory[a, i] = m.first[np.uint64(a), p.state[c.at[i]]]
            c.entry[a, i] = 0
    for i in range(n):
        c.at[i] *= p.n_pieces
        c.time[i] = 0.0
        c.day[i] = 1


@merged
def go_on(m: Memories, c: Courses, n: int, words_left: bool) -> int:
    """Read the states of the n patients from their days on; those whom nothing of that decides go on, listed first."""
    n_automata = np.uint64(c.memory.shape[0])
    for a in range(n_automata):
        read(m, c, a, n)
    left = keep(c, n)
    if left < n:
        for a in range(n_automata):
            list_memories(c, a, n)
        list_first(c, n)
        if words_left:
            list_words(c, n)
    return left


@merged
def sojourn(p: Processes, m: Memories, c: Courses, n: int, half: int) -> None:
    """Take the n patients under way through one sojourn each."""
    rows = np.uint64(m.row.shape[0])
    spend(p, c, n, half)
    for j in range(p.n_pieces - _ONE):
        if pass_piece(p, c, n, j * rows) == _ZERO:
            break
    leave(p, c, n, m.horizon)
    for d in range(p.n_destinations - _ONE):
        choose(p, c, n, half, d * rows, rows)
    for a in range(np.uint64(c.memory.shape[0])):
        if m.again[a]:
            change_on(m, c, a, n)
        else:
            change(c, a, n)
    arrive(p, c, n)


@inner
def follow(p: Processes, m: Memories, c: Courses, n: int, k0: Any, k1: Any) -> None:
    """Follow the n patients of a batch until everything is decided, into c.found.

    Their streams, addresses, at, time, day and memories are those in which they start; an entry that is not decided
    is 0.
    """
    for i in range(n):
        c.place[i] = i
        c.open[i] = _ZERO
    turn = 0
    under_way = n
    while True:
        under_way = go_on(m, c, under_way, turn % 2 == 1)
        if under_way == 0:
            break
        if turn % 2 == 0:
            draw_words(c, np.uint64(turn // 2), under_way, k0, k1)
        sojourn(p, m, c, under_way, turn % 2)
        turn += 1
