"""The verb `show`: what a scenario expects of its patients, without simulation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from jaksim.checks import is_whole
from jaksim.design.engine.cells import Cells
from jaksim.design.expected.endpoints import expected_endpoints
from jaksim.design.expected.move_counts import move_counts
from jaksim.design.expected.moves import move_intensities
from jaksim.design.expected.occupation import occupations
from jaksim.design.expected.turns import turn_shares
from jaksim.design.expected.windows import window_effects
from jaksim.errors import InputError
from jaksim.verbs.asked import AskedScenario, about, scenario_of
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.show import ShowOptions
from jaksim.verbs.provenance import command, provenance_of
from jaksim.verbs.showing.shown import ShownArm, ShownScenario

_PARTS: Final = 4
"""The follow-up is tabled at its quarters when no days are asked for."""


@takes(ShowOptions)
def show(scenario: AskedScenario, options: ShowOptions) -> ShownScenario:
    """What a scenario (its path, its name or itself) expects, by the exact law and so at once.

    State occupation by day, arm and baseline score; every endpoint and its distribution in each arm; the moves of the
    disease with their intensities in each arm; and what the windows of effects do. Raises `InputError` for days outside
    the follow-up.
    """
    asked = scenario_of(scenario, options.changes)
    trial = asked.trial
    days = _days(options.days, trial.horizon)
    cells = Cells(trial)
    words = [f"--days {','.join(map(str, options.days))}"] if options.days else []
    found = ShownScenario(
        scenario=asked.path,
        title=trial.title,
        scale=trial.scale.name,
        scores=dict(zip(trial.scale.scores, trial.scale.labels, strict=True)),
        sets=dict(trial.scale.sets),
        higher_is_worse=trial.scale.higher_is_worse,
        horizon=trial.horizon,
        day_of_randomisation=trial.day_of_randomisation,
        arms=tuple(
            ShownArm(arm.name, str(arm.regimen), share, arm.reference)
            for arm, share in zip(cells.arms, cells.shares.tolist(), strict=True)
        ),
        endpoints=expected_endpoints(cells),
        occupation=occupations(cells),
        moves=move_intensities(trial, cells.arms),
        move_counts=move_counts(cells),
        windows=window_effects(trial, cells.arms),
        treatment_changes=turn_shares(cells),
        tabled=days,
        assumptions=asked.assumptions,
        provenance=provenance_of(asked, command("show", asked, words)),
    )
    return about(found, asked)


def _days(asked: Sequence[int], horizon: int) -> tuple[int, ...]:
    """The days to be tabled, in order; InputError for one that is not among those of the follow-up."""
    for day in asked:
        if not is_whole(day) or not 0 <= day <= horizon:
            raise InputError("is no day of the follow-up", where="‹days›", allowed=f"0 to {horizon}", got=day)
    return tuple(sorted(set(asked))) or tuple(sorted({round(horizon * n / _PARTS) for n in range(1, _PARTS + 1)} - {0}))
