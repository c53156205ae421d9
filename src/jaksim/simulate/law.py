"""The law door: replicates as tables of counts, drawn from one finite law per cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim import rng
from jaksim.errors import InputError
from jaksim.rng import Purpose
from jaksim.simulate.alias_table import WHOLE, alias_columns, quantise
from jaksim.simulate.arguments import checked_output, checked_sizes, key_words
from jaksim.simulate.poisson_tables import PoissonTables
from jaksim.simulate.split_tree import split_shares

if TYPE_CHECKING:
    from jaksim.kernel.law import Laws, Targets

MOVES_PAY: Final = 3
"""A patient that is put in or taken out costs as much as so many that are drawn."""


@dataclass(frozen=True)
class LawTables:
    """Laws of C cells over K joint categories, ready to draw from; exact for weights that are multiples of 2**-32.

    weights (C, K) uint64 sum to 2**32 in each cell. Cell c's positive categories are category[start[c]:start[c + 1]].
    The other arrays describe the alias columns and the split tree of each cell, flattened over cells.
    """

    weights: NDArray[np.uint64]
    category: NDArray[np.int64]
    start: NDArray[np.int64]
    columns: NDArray[np.uint64]
    column_start: NDArray[np.uint64]
    column_bits: NDArray[np.int64]
    share: NDArray[np.float64]
    log_rest: NDArray[np.float64]
    mirrored: NDArray[np.bool_]
    _targets: dict[bytes, Targets] = field(default_factory=dict, repr=False, compare=False)
    _poissons: PoissonTables = field(default_factory=PoissonTables, repr=False, compare=False)

    @property
    def n_cells(self) -> int:
        return int(self.weights.shape[0])

    @property
    def n_categories(self) -> int:
        return int(self.weights.shape[1])

    @property
    def law(self) -> NDArray[np.float64]:
        """The probabilities (C, K) that are really drawn from."""
        return self.weights / float(WHOLE)


def compile_laws(laws: Sequence[ArrayLike]) -> LawTables:
    """Prepare one law (K,) of joint categories per cell; InputError if a law is no probability vector."""
    if len(laws) == 0:
        raise InputError("no laws given", allowed="one law for each cell")
    weights = np.stack([quantise(law, where=f"law of cell {c}") for c, law in enumerate(checked_lengths(laws))])
    kept = [np.flatnonzero(row) for row in weights]
    alias = [alias_columns(row[k]) for row, k in zip(weights, kept, strict=True)]
    splits = [split_shares(row[k]) for row, k in zip(weights, kept, strict=True)]
    return LawTables(
        weights=weights,
        category=np.concatenate(kept).astype(np.int64),
        start=np.cumsum([0, *(len(k) for k in kept)], dtype=np.int64),
        columns=np.concatenate(alias),
        column_start=np.cumsum([0, *(len(a) for a in alias[:-1])], dtype=np.uint64),
        column_bits=np.array([len(a).bit_length() - 1 for a in alias], dtype=np.int64),
        share=np.concatenate([s.share for s in splits]),
        log_rest=np.concatenate([s.log_rest for s in splits]),
        mirrored=np.concatenate([s.mirrored for s in splits]),
    )


def checked_lengths(laws: Sequence[ArrayLike]) -> list[NDArray[np.float64]]:
    """The laws as arrays of one common length."""
    arrays = [np.asarray(law, dtype=np.float64) for law in laws]
    for c, law in enumerate(arrays):
        if law.ndim != 1 or law.shape != arrays[0].shape:
            raise InputError(
                "laws differ in their number of categories",
                where=f"law of cell {c}",
                allowed=str(arrays[0].shape),
                got=law.shape,
            )
    return arrays


def draw_tables(
    laws: LawTables,
    parts: ArrayLike,
    n_categories: ArrayLike,
    sizes: ArrayLike,
    seed: int,
    first_replicate: int,
    out: NDArray[np.float64],
    *,
    purposes: tuple[Purpose, Purpose] = (Purpose.LAW, Purpose.LAW_SPLIT),
    single_splits: bool = False,
) -> None:
    """Draw the tables of counts of replicates first_replicate .. first_replicate + B - 1 into `out`.

    parts (E, K) sends a joint category to the category of each endpoint, n_categories (E,) says how many each
    endpoint has, sizes (B, C) how many patients each cell has. `out` float64 is endpoint-major: endpoint e holds a
    C-contiguous array (B, C, K_e) after those of the endpoints before it. A replicate depends on (seed, replicate,
    cell, size) alone. Cells are drawn patient by patient, by Poissons topped up, or by binomial splits, whichever is
    cheapest for the cell's size, from separate streams (`purposes`); as long as it is patient by patient, adding one
    leaves the others unchanged. `single_splits` draws splits one by one: for a few of them, whose kernel is then
    compiled sooner; the counts are the same.
    """
    patients = checked_sizes(sizes, laws.n_cells)
    for_kernels, meant = _for_kernels(laws, parts, n_categories, patients, first_replicate, out)
    low, high = key_words(seed)

    from jaksim.kernel.law import draw_by_alias

    positive = np.diff(laws.start)
    drawn = patients, np.array(purposes, dtype=np.uint64), int(first_replicate), low, high, out
    one_by_one, by_poissons, by_splits = ways_to_draw(patients, positive)
    if one_by_one:
        draw_by_alias(for_kernels, meant, *drawn)
    if by_poissons is not None:
        from jaksim.kernel.counts.poisson import draw_by_poissons

        weights = [row[row > 0] for row in laws.weights]
        draw_by_poissons(for_kernels, meant, laws._poissons.serving(weights, patients, by_poissons), *drawn)
    if by_splits:
        from jaksim.kernel.counts.split import draw_by_single_splits, draw_by_splits

        (draw_by_single_splits if single_splits else draw_by_splits)(for_kernels, meant, *drawn)


def move_tables(
    laws: LawTables,
    parts: ArrayLike,
    n_categories: ArrayLike,
    before: NDArray[np.int64],
    sizes: ArrayLike,
    seed: int,
    first_replicate: int,
    out: NDArray[np.float64],
    *,
    purpose: Purpose = Purpose.LAW,
) -> bool:
    """Make `out`, which holds the tables that `draw_tables` drew of cells of other sizes `before` (B, C), those of
    `sizes`, patient by patient.

    False, with `out` as it was, where cells are too large to be drawn patient by patient, or differ so much that to
    draw all is quicker.
    """
    patients = checked_sizes(sizes, laws.n_cells)
    if MOVES_PAY * int(np.abs(patients - before).sum()) > int(patients.sum()):
        return False
    for some in (before, patients):
        _, by_poissons, by_splits = ways_to_draw(some, np.diff(laws.start))
        if by_poissons is not None or by_splits:
            return False
    for_kernels, meant = _for_kernels(laws, parts, n_categories, patients, first_replicate, out)
    low, high = key_words(seed)

    from jaksim.kernel.counts.moved import move_by_alias

    move_by_alias(for_kernels, meant, before, patients, np.uint64(purpose), int(first_replicate), low, high, out)
    return True


def _for_kernels(
    laws: LawTables,
    parts: ArrayLike,
    n_categories: ArrayLike,
    patients: NDArray[np.int64],
    first_replicate: int,
    out: NDArray[np.float64],
) -> tuple[Laws, Targets]:
    """Laws and targets as kernels take them; InputError for what does not go together."""
    targets = np.ascontiguousarray(parts, dtype=np.int32)
    table_size = np.ascontiguousarray(n_categories, dtype=np.int64)
    check_parts(targets, table_size, laws.n_categories)
    table_start = checked_output(out, patients.shape, table_size)
    rng.check_address(replicate=first_replicate)
    rng.check_address(replicate=first_replicate + max(len(patients) - 1, 0), cell=laws.n_cells - 1)

    from jaksim.kernel.law import Laws

    for_kernels = Laws(
        int(np.diff(laws.start).max()),
        laws.start,
        laws.columns,
        laws.column_start,
        laws.column_bits,
        laws.share,
        laws.log_rest,
        laws.mirrored,
    )
    return for_kernels, kept_targets(laws, targets, table_size)._replace(table_start=table_start)


def ways_to_draw(
    patients: NDArray[np.int64], n_categories: NDArray[np.int64]
) -> tuple[bool, NDArray[np.bool_] | None, bool]:
    """Whether any of the cells' sizes (B, C) are drawn patient by patient, which by Poissons, whether any by splits;
    None for which where none are.
    """
    from jaksim.kernel.law import POISSON_COST, poissons_pay, splits_pay

    if patients.max(initial=0) <= POISSON_COST * n_categories.min():
        return True, None, False
    by_poissons = poissons_pay.py_func(patients, n_categories)  # type: ignore[attr-defined]
    by_splits = splits_pay.py_func(patients, n_categories)  # type: ignore[attr-defined]
    one_by_one = not (by_poissons | by_splits).all()
    return one_by_one, by_poissons if by_poissons.any() else None, bool(by_splits.any())


def kept_targets(laws: LawTables, parts: NDArray[np.int32], table_size: NDArray[np.int64]) -> Targets:
    """`lay_out_targets`, laid out once for each way to split the joint categories."""
    key = parts.tobytes() + table_size.tobytes()
    if key not in laws._targets:
        laws._targets[key] = lay_out_targets(laws, parts, table_size)
    return laws._targets[key]


def lay_out_targets(laws: LawTables, parts: NDArray[np.int32], table_size: NDArray[np.int64]) -> Targets:
    """The arrays of `jaksim.kernel.law.Targets`, as for tables of no rows."""
    from jaksim.kernel.law import Targets

    target = np.ascontiguousarray(parts[:, laws.category])  # in one layout, so that the kernel is compiled once
    order = np.empty(target.shape, dtype=np.int64)
    first = np.zeros((len(target), laws.n_cells, int(table_size.max()) + 1), dtype=np.int64)
    for c, (low, high) in enumerate(pairwise(laws.start)):
        for e, row in enumerate(target[:, low:high]):
            order[e, low:high] = np.argsort(row, kind="stable")
            first[e, c, 1:] = np.cumsum(np.bincount(row, minlength=first.shape[2] - 1))
    single = np.diff(first, axis=2).max(axis=2) <= 1
    place = (target + np.cumsum([0, *table_size[:-1]])[:, None]).astype(np.uint32)
    return Targets(
        np.zeros_like(table_size),
        table_size,
        single,
        target.astype(np.uint64),
        order,
        first,
        place,
        int(table_size.sum()),
    )


def check_parts(parts: NDArray[np.int32], n_categories: NDArray[np.int64], n_joint: int) -> None:
    """Refuse parts that do not match the laws or point outside an endpoint's categories."""
    if parts.shape != (len(n_categories), n_joint):
        raise InputError(
            "parts do not match the laws", allowed=f"shape ({len(n_categories)}, {n_joint})", got=parts.shape
        )
    for e, size in enumerate(n_categories):
        if parts[e].min(initial=0) < 0 or parts[e].max(initial=0) >= size:
            raise InputError(
                "a joint category points outside the endpoint", where=f"endpoint {e}", allowed=f"0 to {size - 1}"
            )
