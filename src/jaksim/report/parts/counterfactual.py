"""The report of average effects between worlds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jaksim.design.patients.counterfactual import AverageEffect
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import columns, heading, paragraph
from jaksim.report.parts.numbers import APART, gain, standard_errors


def effects_part(effects: Sequence[AverageEffect]) -> Iterator[Block]:
    """The table of average effects with what it means."""
    yield heading("Average effects")
    rows = [
        (
            f"{effect.endpoint}, {effect.what}",
            f"{effect.regimen} less {effect.reference}",
            f"{effect.difference:+.4f} ± {effect.mc_se:.4f}",
            "-" if effect.exact is None else f"{effect.exact:+.4f}",
            standard_errors(effect.z),
            gain(effect.variance_reduction),
        )
        for effect in effects
    ]
    yield columns(["Endpoint", "Regimens", "Difference", "Exact", APART, "Gain"], rows, right=(2, 3, 4, 5))
    yield paragraph(
        "Each patient under both regimens with the same random numbers. ± is the standard error of pairs, Exact the "
        "expectation by the laws, apart how many of these errors lie between. Gain: how many times more "
        "patients two separate groups would need for the same error."
    )
