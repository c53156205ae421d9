"""The report of every answer of a verb, by the name of its class."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Final

from jaksim.errors import InputError
from jaksim.report.formats.formats import Format, document, known_format
from jaksim.result import Result

if TYPE_CHECKING:
    from jaksim.report.blocks import Block

REPORTS: Final[dict[str, tuple[str, str]]] = {
    "Plan": ("jaksim.report.plan", "plan_answer"),
    "ShownScenario": ("jaksim.report.showing.scenario", "shown_report"),
    "ShownPopulation": ("jaksim.report.showing.population", "population_report"),
    "ShownPhases": ("jaksim.report.showing.phases", "phases_report"),
    "PowerResult": ("jaksim.report.power", "power_answer"),
    "ShootOut": ("jaksim.report.shoot_out", "shoot_out_answer"),
    "SampleSize": ("jaksim.report.size", "size_report"),
    "AssuranceResult": ("jaksim.report.assurance", "assurance_report"),
    "Comparison": ("jaksim.report.comparison", "comparison_report"),
    "SideBySide": ("jaksim.report.designs.side_by_side", "side_by_side_report"),
    "SweepState": ("jaksim.report.sweep", "sweep_report"),
    "PredictedTrial": ("jaksim.report.prediction", "prediction_answer"),
    "ConductResult": ("jaksim.report.conduct", "conduct_report"),
    "ForecastResult": ("jaksim.report.forecast", "forecast_report"),
    "SimulatedTrial": ("jaksim.report.simulated", "simulated_report"),
    "SimulatedReplicates": ("jaksim.report.simulated", "replicates_report"),
    "SimulatedLog": ("jaksim.report.simulated", "log_report"),
    "AnalyzedData": ("jaksim.report.analysis", "analysis_answer"),
    "Boundaries": ("jaksim.report.boundaries", "boundaries_answer"),
    "MonitoringCharter": ("jaksim.report.charter", "charter_report"),
    "SafetySignal": ("jaksim.report.safety.signal", "signal_report"),
    "InterimResult": ("jaksim.report.interim", "interim_report"),
    "CalibratedStudy": ("jaksim.report.calibration", "calibration_answer"),
    "JointlyCalibrated": ("jaksim.report.joint_calibration", "joint_answer"),
    "ReproducedStudy": ("jaksim.report.reproduce", "reproduction_answer"),
    "BacktestedOutcomes": ("jaksim.report.backtest", "backtests_answer"),
    "BacktestResult": ("jaksim.report.backtest", "backtest_answer"),
    "MechanisticResult": ("jaksim.report.mechanistic", "mechanistic_answer"),
    "Verification": ("jaksim.report.verification", "verification_answer"),
    "ScenarioList": ("jaksim.report.new.scenarios", "scenarios_report"),
    "NewTrial": ("jaksim.report.new.new", "new_report"),
    "KeyList": ("jaksim.report.keys", "keys_report"),
    "StudyList": ("jaksim.report.evidence.studies", "list_report"),
    "StudyPage": ("jaksim.report.evidence.studies", "study_report"),
    "EvidenceCheck": ("jaksim.report.evidence.studies", "check_report"),
    "FactPages": ("jaksim.report.evidence.facts", "facts_report"),
    "Pathway": ("jaksim.report.evidence.pathway", "pathway_report"),
    "BalanceQuestions": ("jaksim.report.evidence.balance", "balance_questions_report"),
    "Balance": ("jaksim.report.evidence.balance", "balance_report"),
    "SubgroupQuestions": ("jaksim.report.evidence.subgroups", "questions_report"),
    "Subgroups": ("jaksim.report.evidence.subgroups", "subgroups_report"),
    "SynthesisList": ("jaksim.report.evidence.synthesis", "outcomes_report"),
    "SynthesisResult": ("jaksim.report.evidence.synthesis", "synthesis_report"),
}
"""By class of an answer, the module and the function that makes the parts of its report from it."""


def parts_of(answer: Result) -> Iterable[Block]:
    """The parts of the report of an answer; InputError for a class without one."""
    name = type(answer).__name__
    if name not in REPORTS:
        raise InputError("there is no report of this", where="report", allowed=REPORTS, got=name)
    module, function = REPORTS[name]
    parts: Iterable[Block] = getattr(import_module(module), function)(answer)
    return parts


def text_of(answer: Result) -> str:
    """The report as plain text."""
    from jaksim.report.formats.text import as_text

    return as_text(parts_of(answer))


def report_of(answer: Result, format: str, table: str | None = None) -> str | bytes:
    """The report in a format: text, or bytes of a binary one; a `table` of it by name in CSV."""
    if format == "json":
        return json.dumps(answer.as_dict(), indent=2, ensure_ascii=False, allow_nan=False)
    if format == "text" and table is None:
        return text_of(answer)
    return document(with_figures(answer, known_format(format)), format, table)


def with_figures(answer: Result, format: Format) -> Iterable[Block]:
    """The parts of the report, with figures behind them where the format shows them."""
    yield from parts_of(answer)
    if format.figures:
        from jaksim.report.plots.of import figures_of

        yield from figures_of(answer)


def html_of(answer: Result) -> str:
    """The report without figures as a notebook shows it."""
    from jaksim.report.formats.html import fragment

    return fragment(parts_of(answer))
