"""The power of a design by simulating the scenario that says the same."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import NormalDist
from tempfile import TemporaryDirectory

from jaksim.plan.question import Beside, Question
from jaksim.plan.rule import Rule
from jaksim.plan.test import Test


def simulated(question: Question, test: Test, effect: float, size: int, replicates: int, seed: int) -> Beside:
    """The share of simulated trials that show the hypothesis, and how far the formula is from it.

    NoScenario where no scenario says the same. Two-sided tests are counted in both directions, so the formula's power
    is compared with its other direction added.
    """
    formula = test.power(question, effect, size)
    drawn = question.draws(effect, size, test.rule, test.shares, replicates, seed)
    if drawn is not None:
        share = float(test.shown(question, effect, size, drawn).mean())
        return compared(share, math.sqrt(share * (1.0 - share) / replicates), formula, replicates, seed)
    own = question.simulated(effect, size, test.rule, replicates, seed)
    if own is not None:
        return own if own.why else compared(own.power, own.mc_se or 0.0, formula, replicates, seed)
    from jaksim.scenario.scenario import load_scenario
    from jaksim.verbs.power import power

    with TemporaryDirectory() as folder:
        file = Path(folder) / "trial.toml"
        file.write_text(test.scenario(question, effect, size), "utf-8")
        scenario = load_scenario(file)
    (found,) = power(scenario, replicates=replicates, seed=seed).analyses
    formula += other_direction(question, effect, size, test.rule)
    return compared(found.power, found.mc_se, formula, replicates, seed)


def compared(power: float, mc_se: float, formula: float, replicates: int, seed: int) -> Beside:
    """A simulated power with its distance from the formula."""
    error = mc_se if mc_se > 0.0 else math.sqrt(formula * (1.0 - formula) / replicates)
    off = (formula - power) / error if error > 0.0 else 0.0
    side = "above" if off >= 0.0 else "below"
    why = f"the formula is {abs(off):.1f} Monte Carlo standard errors {side} it"
    return Beside(power, f"simulated, {replicates:,} trials, seed {seed}", why, mc_se)


def other_direction(question: Question, effect: float, size: float, rule: Rule) -> float:
    """The probability that a two-sided test rejects in the direction that does not count."""
    if not rule.either_way:
        return 0.0
    law = question.statistic(effect, size, question.scale.neutral)
    return NormalDist().cdf((-abs(law.mean) - rule.critical) / law.sd)
