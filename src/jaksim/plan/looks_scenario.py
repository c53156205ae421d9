"""The scenario of a plan with its interim analyses written in."""

from __future__ import annotations

from typing import Final

from jaksim.plan.question import Question
from jaksim.plan.rule import Rule
from jaksim.trial.monitoring.plan import MonitoringPlan

ACCRUAL_DAYS: Final = 730.0
_ACCRUAL: Final = """\
# An assumption, as the plan knows no calendar: patients enter evenly over two years. What is known of the patients
# with a complete outcome is analysed.
[accrual]
rates = [{rate!r}]"""


def scenario_with_looks(
    question: Question, effect: float, size: int, rule: Rule, plan: MonitoringPlan, spending: str, futility: str | None
) -> str:
    """The scenario of the question with the interim analyses of a plan, whose spending and futility are given as they
    were asked for, and an accrual where it has none."""
    text = question.sequential_scenario(effect, size, rule)
    trigger = getattr(question, "trigger_at", None)
    blocks = [] if "\n[accrual]\n" in text else [_ACCRUAL.format(rate=size / ACCRUAL_DAYS)]
    keys = [f'spending = "{spending}"']
    if futility is not None:
        keys += [f'futility = "{futility}"', f"beta = {plan.beta:.12g}"]
        keys += ["binding = true"] if plan.binding else []
    if "\n[monitoring]\n" in text:
        text = text.replace("\n[monitoring]\n", "\n".join(["\n[monitoring]", *keys, ""]))
    else:
        blocks.append("\n".join(["[monitoring]", *keys]))
    for share in plan.information[:-1]:
        when = f"complete >= {100.0 * share:.10g} %" if trigger is None else trigger(effect, size, share)
        blocks.append(f'[[monitoring.interim]]\nwhen = "{when}"\ninformation = {share:.15g}')
    return "\n\n".join([text.rstrip("\n"), *blocks]) + "\n"
