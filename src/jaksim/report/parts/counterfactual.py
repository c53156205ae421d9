"""The report of average effects between worlds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

from jaksim.design.patients.counterfactual import AverageEffect
from jaksim.design.patients.principal import PrincipalStratum, StratumEffect
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import columns, heading, paragraph
from jaksim.report.parts.numbers import APART, gain, standard_errors


def strata_part(strata: Sequence[PrincipalStratum]) -> Iterator[Block]:
    """Principal strata with their shares and the effects in them; nothing without any."""
    if not strata:
        return
    yield heading("Principal strata")
    for (event, regimen), found in groupby(strata, key=lambda one: (one.event, one.regimen)):
        four = list(found)
        yield paragraph(f"{event.replace('_', ' ')}, under the regimen of {regimen} and of {four[0].reference}:")
        rows = [
            ("% of the patients", *(f"{100.0 * one.share:.1f} ± {100.0 * one.mc_se:.1f}" for one in four)),
            ("possible, %", *(f"{100.0 * one.lowest:.1f} to {100.0 * one.highest:.1f}" for one in four)),
            *(
                (f"{effects[0].endpoint}, {effects[0].what}", *(_with_error(one) for one in effects))
                for effects in zip(*(one.effects for one in four), strict=True)
            ),
        ]
        names = ["neither", f"{four[1].stratum} alone", f"{four[2].stratum} alone", "both"]
        yield columns(["Happens under", *names], rows, right=range(1, 5))
    yield paragraph(
        "Endpoints: the mean difference of the regimens among these patients, with its Monte Carlo error. Who they are "
        "is tied together by the same random numbers, and no trial can tell it. Possible: the shares that the exact "
        "risks under each regimen allow, given what is known at randomisation."
    )


def _with_error(one: StratumEffect) -> str:
    return "-" if math.isnan(one.mc_se) else f"{one.difference:+.3f} ± {one.mc_se:.3f}"


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
