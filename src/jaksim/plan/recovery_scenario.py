"""The scenario file that says the same as a planned trial of recovery."""

from __future__ import annotations

from typing import Final

from jaksim.formulas.recovery import CENSORED, RecoveryTrial
from jaksim.plan.allocation import Allocation
from jaksim.plan.rule import EQUIVALENCE, Rule
from jaksim.plan.statistic import Scale

DEATH: Final = {"kept": "at_risk_to_horizon", "censored": "censor"}
ILL: Final = 5
WELL: Final = 2


def recovery_scenario(
    trial: RecoveryTrial, allocation: Allocation, rule: Rule, scale: Scale, *, deaths: str, about: str
) -> str:
    """The file as text: patients at one score of the NIAID scale, who leave it for home or die."""
    reference, active = trial.reference, trial.active
    kept = "stay at risk of recovery to the last day" if deaths != CENSORED else "are censored on the day of death"
    lines = [
        'title = "A trial planned with `jaksim plan recovery`"',
        f'description = "{about}"',
        f"# Median days to recovery: {reference.median:.4g} in the reference arm, {active.median:.4g} in the other.",
        "",
        "[disease]",
        'scale = "niaid-8"',
        "",
        "[disease.natural_history]",
        'assumption = "planned"',
        *_move(f"{ILL}>{WELL}", reference.recovery, "recovery"),
        *([] if reference.death == 0.0 else _move(f"{ILL}>8", reference.death, "death")),
        "",
        "[disease.treatments.drug]",
        'source = "the effect that the plan was made for"',
        *_effect(f"{ILL}>{WELL}", active.recovery / reference.recovery),
        *([] if active.death == reference.death else _effect(f"{ILL}>8", active.death / reference.death)),
        "",
        "[population]",
        f"patients = {round(sum(trial.patients))}",
        "",
        "[[population.stratum]]",
        'name = "all"',
        f"baseline_score = {ILL}",
        "",
        "[follow_up]",
        f"days = {trial.day:.0f}",
        "day_of_randomisation = 0",
        "",
        "[[arm]]",
        'name = "control"',
        "regimen = []",
        f"allocation = {allocation.reference}",
        "reference = true",
        "",
        "[[arm]]",
        'name = "active"',
        'regimen = ["drug"]',
        f"allocation = {allocation.active}",
        *(
            []
            if trial.dropout == 0.0
            else ["", "[[withdrawal]]", f"per_day = {trial.dropout:.8g}", 'assumption = "planned"']
        ),
        "",
        "[[endpoint]]",
        'name = "time to recovery"',
        'kind = "time_to_event"',
        'set = "recovered"',
        f"day = {trial.day:.0f}",
        f'death = "{DEATH[deaths]}"  # those who die {kept}',
        "",
        "[[analysis]]",
        'endpoint = "time to recovery"',
        'method = "log_rank"',
        'role = "primary"',
        f"alpha = {rule.alpha:.10g}",
        f"sides = {1 if rule.hypothesis == EQUIVALENCE else rule.sides}",
    ]
    if rule.margin is not None:
        lines += [f'hypothesis = "{rule.hypothesis}"', f"margin = {rule.nulls(scale)[0]:.10g}"]
    return "\n".join([*lines, ""])


def _move(move: str, intensity: float, of: str) -> list[str]:
    return ["", "[[disease.natural_history.move]]", f'move = "{move}"', f"values = [{intensity:.10g}]  # {of}, per day"]


def _effect(move: str, ratio: float) -> list[str]:
    return ["", "[[disease.treatments.drug.effect]]", f'moves = "{move}"', f"hazard_ratio = {ratio:.10g}"]
